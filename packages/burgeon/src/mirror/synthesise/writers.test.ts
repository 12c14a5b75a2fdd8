import { describe, expect, it } from 'vitest';
import { rangeByName, writeWord, writerByName } from './names.ts';
import { type NumberRule, numberFits, writeNumber } from './numbers.ts';
import { createRandom } from './random.ts';
import { repair } from './repair.ts';

const open: NumberRule = { low: -Infinity, high: Infinity, lowExclusive: false, highExclusive: false, steps: [], whole: false };

describe('numbers', () => {
  const rules: Record<string, Partial<NumberRule>> = {
    'nothing asked': {},
    whole: { whole: true },
    'between two': { low: 3, high: 4 },
    'one value': { low: 3.5, high: 3.5 },
    'far below': { high: -1e12 },
    'far above': { low: 1e12 },
    'above a little': { low: 0.25 },
    'below zero': { high: 0, highExclusive: true },
    'a hair between': { low: 1, high: 1 + 1e-12, lowExclusive: true, highExclusive: true },
    'smallest range': { low: 0.1, high: 0.1 + 1e-9, lowExclusive: true },
    cents: { low: 0.05, high: 0.09, steps: [0.01] },
    'a large step': { steps: [1e6], low: 1 },
    'a tiny step': { steps: [1e-7], low: 0, high: 1e-5 },
    'odd fractions': { steps: [0.3], low: 1, high: 2 },
    'steps with one answer': { steps: [7, 11], whole: true, low: 1, high: 77 },
    'a step and a fraction': { steps: [0.5], whole: true, low: 1, high: 2 },
    'negative multiples': { steps: [25], high: -1 },
    'exclusive multiples': { steps: [10], low: 10, high: 20, lowExclusive: true, whole: true },
    'beyond what is exact': { whole: true, low: 2 ** 53, high: 2 ** 60 },
  };
  it.each(Object.entries(rules))('%s', (_, rule) => {
    for (const salt of ['a', 'b', 'c', 'd']) {
      const value = writeNumber({ ...open, ...rule }, createRandom(1, salt));
      expect(numberFits({ ...open, ...rule }, value), String(value)).toBe(true);
    }
  });

  it('finds the multiple that floating point all but misses', () => {
    expect(writeNumber({ ...open, low: 0.07, high: 0.07, steps: [0.01] }, createRandom(1, 'a'))).toBe(0.07);
  });

  it('gives a bound where nothing fits', () => {
    expect(writeNumber({ ...open, low: 2, high: 1 }, createRandom(1, 'a'))).toEqual(expect.any(Number));
    expect(writeNumber({ ...open, low: 1, high: 1, lowExclusive: true }, createRandom(1, 'a'))).toBe(1);
    expect(writeNumber({ ...open, low: 1, high: 2, steps: [5], whole: true }, createRandom(1, 'a'))).toEqual(expect.any(Number));
    expect(writeNumber({ ...open, steps: [1e-30] }, createRandom(1, 'a'))).toEqual(expect.any(Number));
  });
});

describe('names', () => {
  const names =
    'email firstName last_name username hostname fileName city countryCode country street zipCode phone currency language timezone company customerName homepageUrl createdAt birthDate userUuid ipAddress color description version title';
  it.each(names.split(' '))('%s', (name) => {
    expect(writerByName(name)?.(createRandom(1, name), { minLength: 0, maxLength: Infinity })).toMatch(/^\S.*\S$/);
  });

  it('that say nothing get nothing', () => {
    expect(writerByName('xyzzy')).toBe(undefined);
    expect(rangeByName('xyzzy')).toBe(undefined);
    expect(rangeByName('')).toBe(undefined);
    expect(rangeByName('latitude')).toEqual([-90, 90]);
    expect(writeWord(createRandom(1, 'a'))).toMatch(/^[a-z]+-[a-z]+$/);
  });
});

describe('draws', () => {
  it('spread evenly and never repeat for close seeds', () => {
    const random = createRandom(1, 'a');
    const counts = [0, 0, 0, 0];
    for (let draw = 0; draw < 4_000; draw++) {
      const index = random.below(4);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
    expect([random.below(0), random.below(1)]).toEqual([0, 0]);
    const firsts = new Set(Array.from({ length: 500 }, (_, seed) => createRandom(seed, '').next()));
    expect(firsts.size).toBe(500);
  });
});

describe('repair', () => {
  const forbid =
    (...paths: string[]) =>
    (value: unknown) => {
      const text = JSON.stringify(value);
      return paths.filter((path) => text.includes(`"${path.split('/').at(-1)}"`)).map((path) => ({ path }));
    };

  it('takes out what is complained about, from the inside outward', () => {
    expect(repair({ a: { b: 1, c: 2 } }, forbid('/a/b'))).toEqual({ a: { c: 2 } });
    expect(repair({ a: [{ x: 1 }, 'y'] }, forbid('/a/0/x'))).toEqual({ a: [{}, 'y'] });
    expect(repair({ a: { b: 1 } }, (value) => (JSON.stringify(value) === '{}' ? [] : [{ path: '/a/b' }]))).toEqual({});
    expect(repair({ a: ['x', 'y'] }, (value) => (JSON.stringify(value).includes('x') ? [{ path: '/a/0' }] : []))).toEqual({
      a: ['y'],
    });
  });

  it('gives up on the whole and on what never ends', () => {
    expect(repair({ a: 1 }, () => [{ path: '' }])).toBe(undefined);
    expect(repair({ a: 1 }, () => [{ path: '/a' }])).toBe(undefined);
    const wide = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`p${index}`, 1]));
    expect(repair(wide, (value) => Object.keys(value as object).map((name) => ({ path: `/${name}` })))).toBe(undefined);
  });
});
