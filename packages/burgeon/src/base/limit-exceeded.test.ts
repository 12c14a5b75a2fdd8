import { defaultLimits } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { limitExceeded } from './limit-exceeded.ts';

describe('limitExceeded', () => {
  it('names the limit, its value and the line of the manifest that set it', () => {
    const own = { wallMs: 50 };
    const error = limitExceeded({ name: 'skill/x', limits: { ...defaultLimits, ...own }, limit: 'wallMs', own, operation: 'op' });
    const line = 'plugin.json /extensions/dev.burgeon.module/limits/wallMs';
    expect(error.toJSON()).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: `skill/x.op reached its limit wallMs = 50 (${line}).`,
      data: { limit: 'wallMs', value: 50, module: 'skill/x', operation: 'op', set: line },
    });
    expect(error.hint).toContain(line);
  });

  it.each([
    ['a value that nobody set', {}, {}, 'default limit'],
    ['a value that nobody set, the manifest unknown', {}, undefined, 'default limit'],
    ['a value tightened for a trial', { cpuMs: 2_000 }, {}, 'limit of the trial'],
    [
      'a value of its own, the manifest unknown',
      { cpuMs: 9 },
      undefined,
      'plugin.json /extensions/dev.burgeon.module/limits/cpuMs',
    ],
  ])('tells who set %s', (_name, more, own, set) => {
    const error = limitExceeded({ name: 'skill/x', limits: { ...defaultLimits, ...more }, limit: 'cpuMs', own });
    expect(error.data).toMatchObject({ set });
    expect(error.message).toContain(`(${set})`);
  });
});
