import { describe, expect, it } from 'vitest';
import { manualClock } from '../base/clock.ts';
import { parseRule } from './host-rules.ts';
import { createNameBudget } from './name-budget.ts';

const wildcard = [parseRule({ host: '*.cdn.example' })];

describe('names under a wildcard', () => {
  it('are bounded in a minute, and free again after it', () => {
    const clock = manualClock(1_000);
    const budget = createNameBudget({ clock });
    const take = (name: string): void => budget.take(wildcard, `${name}.cdn.example`, 443);
    for (let n = 0; n < 60; n += 1) take(`n${n}`);
    for (let n = 0; n < 60; n += 1) take(`n${n}`);
    clock.advance(10_000);
    expect(() => take('secret')).toThrow(
      expect.objectContaining({
        code: 'RATE_LIMITED',
        data: expect.objectContaining({ rule: 'names', host: '*.cdn.example', retryAfterMs: 50_000 }) as unknown,
      }),
    );
    clock.advance(50_000);
    expect(() => take('secret')).not.toThrow();
  });

  it('count for each domain by itself, and not at all where something else allows the name', () => {
    const budget = createNameBudget({ clock: manualClock(0) });
    const other = [parseRule({ host: '*.other.example' })];
    const exact = [...wildcard, parseRule({ host: 'a.cdn.example' })];
    for (let n = 0; n < 60; n += 1) budget.take(wildcard, `n${n}.cdn.example`, 443);
    expect(() => budget.take(other, 'a.other.example', 443)).not.toThrow();
    expect(() => budget.take(exact, 'a.cdn.example', 443)).not.toThrow();
    for (let n = 0; n < 200; n += 1) budget.take([parseRule({ host: '*' })], `n${n}.example`, 443);
  });

  it('are not kept back by a clock that was set back', () => {
    const clock = manualClock(1_000_000);
    const budget = createNameBudget({ clock });
    for (let n = 0; n < 60; n += 1) budget.take(wildcard, `n${n}.cdn.example`, 443);
    clock.set(0);
    expect(() => budget.take(wildcard, 'later.cdn.example', 443)).not.toThrow();
  });
});
