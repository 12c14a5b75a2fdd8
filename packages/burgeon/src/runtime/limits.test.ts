import { BurgeonError, defaultLimits, type Limits } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { withinLimits } from './limits.ts';

const call = { module: 'api/x', operation: 'op', input: { text: 'hello' }, options: {} };
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'ok',
    (error: unknown) => ({ code: BurgeonError.from(error).code, data: BurgeonError.from(error).data }),
  );
const limited = (more: Partial<Limits>): Limits => ({ ...defaultLimits, ...more });
const exceeded = (limit: string, value: number): unknown => ({
  code: 'LIMIT_EXCEEDED',
  data: { limit, value, module: 'api/x', operation: 'op' },
});

describe('withinLimits', () => {
  it('lets a call through', async () => {
    expect(await withinLimits(defaultLimits, call, async () => ({ output: 1 }))).toEqual({ output: 1 });
  });

  it('ends a call that never answers', async () => {
    expect(await codeOf(withinLimits(limited({ wallMs: 5 }), call, () => new Promise(() => {})))).toEqual(exceeded('wallMs', 5));
  });

  it('names the limit of arguments and results, counted in bytes of UTF-8', async () => {
    expect(await codeOf(withinLimits(limited({ argumentBytes: 5 }), call, async () => ({ output: 1 })))).toEqual(
      exceeded('argumentBytes', 5),
    );
    expect(await codeOf(withinLimits(limited({ resultBytes: 6 }), call, async () => ({ output: 'żółw' })))).toEqual(
      exceeded('resultBytes', 6),
    );
    expect(await codeOf(withinLimits(limited({ resultBytes: 9 }), call, async () => ({ output: 'żółw' })))).toBe('ok');
  });

  it('does not weigh a stream', async () => {
    const stream = (async function* () {
      yield 1;
    })();
    expect(await codeOf(withinLimits(limited({ resultBytes: 0 }), call, async () => ({ output: null, stream })))).toBe('ok');
  });

  it('ends when the caller gives up', async () => {
    const controller = new AbortController();
    const running = codeOf(
      withinLimits(defaultLimits, { ...call, options: { signal: controller.signal } }, () => new Promise(() => {})),
    );
    controller.abort();
    expect(await running).toMatchObject({ code: 'CANCELLED' });
  });

  it('passes on what the call throws', async () => {
    const failing = withinLimits(defaultLimits, call, async () => {
      throw new BurgeonError('REMOTE_ERROR', { message: 'no' });
    });
    expect(await codeOf(failing)).toMatchObject({ code: 'REMOTE_ERROR' });
  });
});
