import { expect, it } from 'vitest';
import { manualClock } from '../base/clock.ts';
import { countCall, countDenial, newFigures, readFigures, watchRules } from './monitor.ts';

it('counts calls, their errors, and how many there were of late', () => {
  const clock = manualClock(1_000_000);
  const figures = newFigures();
  for (let second = 0; second < 30; second += 1) {
    for (let call = 0; call < 4; call += 1) countCall(figures, clock.now(), call === 3 ? 'TIMEOUT' : undefined);
    clock.advance(1_000);
  }
  expect(readFigures(figures, [], clock)).toMatchObject({ calls: 120, callsPerSecond: 4, errors: { TIMEOUT: 30 } });
  clock.advance(60_000);
  expect(readFigures(figures, [], clock)).toMatchObject({ calls: 120, callsPerSecond: 0 });
});

it('adds up what instances take, and what those that are gone took', () => {
  const figures = { ...newFigures(), pastCpuMs: 100 };
  const usages = [
    { cpuMs: 1, memoryBytes: 10 },
    { cpuMs: 2, memoryBytes: 20 },
  ];
  expect(readFigures(figures, usages, manualClock(0))).toMatchObject({ cpuMs: 103, memoryBytes: 30 });
});

it('tells a burst of denials from the same number over a longer time', () => {
  const burst = newFigures();
  const told = Array.from({ length: watchRules.denials }, (_, at) => countDenial(burst, at));
  expect(told).toEqual([...told.slice(1).map(() => false), true]);
  const slow = newFigures();
  const spread = Math.ceil(watchRules.denialsWithinMs / (watchRules.denials - 1));
  for (let at = 0; at < 100; at += 1) expect(countDenial(slow, at * spread)).toBe(false);
  expect(slow.denials).toBe(100);
});
