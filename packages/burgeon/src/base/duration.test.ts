import { describe, expect, it } from 'vitest';
import { readDuration } from './duration.ts';

describe('spans of time', () => {
  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['12h', 43_200_000],
    [' 30d ', 2_592_000_000],
    ['3650d', 315_360_000_000],
  ])('%j is %d ms', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });

  it.each(['', '0s', '5', 'd', '-1d', '1.5h', '5y', '3651d', '99999999999s', '1 d', '1d1h'])('%j is none', (text) => {
    expect(() => readDuration(text)).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
  });
});
