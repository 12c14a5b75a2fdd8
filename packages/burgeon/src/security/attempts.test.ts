import { describe, expect, it } from 'vitest';
import { manualClock } from '../base/clock.ts';
import { createAttempts } from './attempts.ts';

describe('attempts', () => {
  it('let so many through within a time, and more when the time is over', () => {
    const clock = manualClock(0);
    const attempts = createAttempts({ clock, most: 2, withinMs: 1_000 });
    attempts.take();
    clock.advance(400);
    attempts.take();
    expect(() => attempts.take()).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', data: { retryAfterMs: 600 } }));
    clock.advance(599);
    expect(() => attempts.take()).toThrow();
    clock.advance(1);
    attempts.take();
    expect(() => attempts.take()).toThrow(expect.objectContaining({ hint: 'Try again in 1 s.' }));
  });

  it('take none at all where none is allowed, and forget those of a clock that was put back', () => {
    const clock = manualClock(10_000);
    expect(() => createAttempts({ clock, most: 0, withinMs: 10 }).take()).toThrow();
    const attempts = createAttempts({ clock, most: 1, withinMs: 1_000 });
    attempts.take();
    clock.set(0);
    attempts.take();
  });
});
