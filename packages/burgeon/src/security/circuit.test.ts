import type { BurgeonError } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../base/clock.ts';
import { type Circuits, createCircuits } from './circuit.ts';

const place = 'api.example:443';

/** `n` attempts that fail one after another. */
const fail = (circuits: Circuits, n: number): void => {
  for (let each = 0; each < n; each += 1) circuits.enter(place)('failed');
};

/** How long is to be waited; 0 when an attempt may pass. It is given up at once. */
const waitOf = (circuits: Circuits): number => {
  try {
    circuits.enter(place)('unknown');
    return 0;
  } catch (error) {
    expect(error).toMatchObject({ code: 'CIRCUIT_OPEN', retryable: true });
    return ((error as BurgeonError).data as { retryAfterMs: number }).retryAfterMs;
  }
};

const made = (): { clock: ReturnType<typeof manualClock>; circuits: Circuits; openings: number[] } => {
  const clock = manualClock(1_000_000);
  const openings: number[] = [];
  const opened = (_place: string, pauseMs: number): void => void openings.push(pauseMs);
  return { clock, openings, circuits: createCircuits({ clock, opened, failures: 3, pauseMs: 1_000, longestPauseMs: 4_000 }) };
};

describe('a circuit', () => {
  it('opens after failures in a row, and one that goes well between them begins the row anew', () => {
    const { circuits } = made();
    fail(circuits, 2);
    circuits.enter(place)('ok');
    fail(circuits, 2);
    expect(waitOf(circuits)).toBe(0);
    fail(circuits, 1);
    expect(waitOf(circuits)).toBe(1_000);
  });

  it('is one for each place', () => {
    const { circuits } = made();
    fail(circuits, 3);
    expect(() => circuits.enter('other.example:443')).not.toThrow();
  });

  it('lets one attempt through after the pause, and closes when it goes well', () => {
    const { circuits, clock } = made();
    fail(circuits, 3);
    clock.advance(1_000);
    const settle = circuits.enter(place);
    expect(() => circuits.enter(place)).toThrow(expect.objectContaining({ code: 'CIRCUIT_OPEN' }));
    settle('ok');
    fail(circuits, 2);
    expect(waitOf(circuits)).toBe(0);
  });

  it('pauses longer each time that attempt fails, up to a bound', () => {
    const { circuits, clock, openings } = made();
    fail(circuits, 3);
    for (const pauseMs of [1_000, 2_000, 4_000]) {
      clock.advance(pauseMs);
      circuits.enter(place)('failed');
    }
    expect(openings).toEqual([1_000, 2_000, 4_000, 4_000]);
  });

  it('lets the next one try when the attempt said nothing, or never ended', () => {
    const { circuits, clock } = made();
    fail(circuits, 3);
    clock.advance(1_000);
    circuits.enter(place)('unknown');
    expect(waitOf(circuits)).toBe(0);
    circuits.enter(place);
    clock.advance(4_000);
    expect(waitOf(circuits)).toBe(0);
  });

  it('is opened once by attempts that ran at the same time', () => {
    const { circuits, openings } = made();
    const running = Array.from({ length: 8 }, () => circuits.enter(place));
    for (const settle of running) settle('failed');
    expect(openings).toEqual([1_000]);
  });

  it('does not stay open because the clock was set back', () => {
    const { circuits, clock } = made();
    fail(circuits, 3);
    clock.set(0);
    expect(waitOf(circuits)).toBe(0);
  });

  it('remembers so many places only, and opens by its own rules when none are given', () => {
    const clock = manualClock(0);
    const circuits = createCircuits({ clock, failures: 1, places: 2 });
    for (const each of ['a:1', 'b:1', 'c:1']) circuits.enter(each)('failed');
    expect(() => circuits.enter('a:1')).not.toThrow();
    expect(() => circuits.enter('c:1')).toThrow(expect.objectContaining({ code: 'CIRCUIT_OPEN' }));
    const usual = createCircuits({ clock });
    fail(usual, 9);
    expect(waitOf(usual)).toBe(0);
    fail(usual, 1);
    expect(waitOf(usual)).toBe(5_000);
  });
});
