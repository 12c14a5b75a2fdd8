import { describe, expect, it } from 'vitest';
import { type Figure, bestOf, quantile, reachText, reached, withUnit } from './figures.ts';

const figure = (value: number, unit: Figure['unit'], reach?: number): Figure => ({
  name: 'call',
  contender: 'isolate',
  what: 'JSON in and out',
  value,
  unit,
  ...(reach === undefined ? {} : { reach }),
});

describe('figures', () => {
  it('finds the value below which a share lies', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile(hundred, 1), quantile([], 0.5)]).toEqual([51, 100, 100, 0]);
  });

  it('takes the best round', () => {
    expect(bestOf([[3, 3, 9], [1, 2, 8], [4]], 0.5)).toBe(2);
    expect(bestOf([], 0.5)).toBe(0);
  });

  it.each([
    [figure(20, 'us', 20), true, '20.0 us', '<= 20 us'],
    [figure(20.1, 'us', 20), false, '20.1 us', '<= 20 us'],
    [figure(121_000, '/s', 100_000), true, '121,000 /s', '>= 100,000 /s'],
    [figure(99_000, '/s', 100_000), false, '99,000 /s', '>= 100,000 /s'],
    [figure(0, '', 0), true, '0', '<= 0'],
    [figure(1.234, 'MB'), undefined, '1.23 MB', ''],
  ])('judges and shows %o', (each, judged, value, reach) => {
    expect([reached(each), withUnit(each.value, each.unit), reachText(each)]).toEqual([judged, value, reach]);
  });
});
