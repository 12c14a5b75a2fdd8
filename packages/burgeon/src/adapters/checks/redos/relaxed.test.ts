import { describe, expect, it } from 'vitest';
import { relax } from './relaxed.ts';

describe('a relaxed expression', () => {
  it.each([
    ['a(?!b)', String.raw`a\x00`, ['b']],
    ['(?<=a[)]\\))b', String.raw`\x00b`, ['a[)]\\)']],
    ['(?=(a+)+b)c', String.raw`\x00c`, ['(a+)+b']],
    ['a{0,100}b', 'a*b', []],
    ['a{2,100}?b', 'a+?b', []],
    ['a{1,3}(?<!x)', String.raw`a{1,3}\x00`, ['x']],
  ])('of %s', (source, expected, inner) => expect(relax(source)).toEqual({ source: expected, inner }));

  it.each([
    'abc',
    'a{1,3}',
    '[{1,99}]',
    String.raw`\{1,99}`,
    String.raw`(a)\1(?=b)`,
    String.raw`(?<x>a)\k<x>(?=b)`,
    '(?=a',
    '(?:a)',
    '(?<x>a)',
  ])('of %s there is none', (source) => expect(relax(source)).toBeUndefined());
});
