import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { characterCount } from './characters.ts';
import { patternOf } from './generate.ts';
import { matches } from './match.ts';
import { type PatternNode, parsePattern } from './parse.ts';

const parse = (text: string): PatternNode => parsePattern(text) as PatternNode;

/** Pattern, then texts it matches and texts it does not: the same verdicts as the engine of the language. */
const table: readonly (readonly [pattern: string, matching: string[], other: string[]])[] = [
  ['abc', ['abc', 'xabcx'], ['ab', '']],
  ['^a|b$', ['ax', 'xb'], ['xa', 'bx']],
  ['^(a|bc){2,3}$', ['aa', 'abc', 'bcbcbc'], ['a', 'aaaa']],
  ['^a*?b+?c?$', ['b', 'aab', 'bbc'], ['c', 'a']],
  ['^[a-c\\d_-]+$', ['a1_-'], ['d', '']],
  ['^[^a-c]$', ['d', '\u00e9'], ['a', '']],
  ['^[\\w\\-.]+$', ['a-b.c_1'], ['a b']],
  ['^[\\D]$', ['x'], ['1']],
  ['^[a-\\d]+$', ['a-1'], ['b']],
  ['^\\S\\s\\W$', ['a !'], ['a b', 'abc']],
  ['^\\u0041\\x42\\u{43}\\cA\\n\\t$', ['ABC\u0001\n\t'], ['ABC']],
  ['^\\p{Lu}\\P{L}\\pL$', ['\u00c91\u00e9'], ['e1e', 'Eee']],
  ['\\bcat\\b', ['a cat!'], ['cats', 'concat']],
  ['\\Bat', ['cat'], ['at']],
  ['^(\\w)(\\w)\\2\\1$', ['abba'], ['abab']],
  ['^(?<x>a|b)\\k<x>$', ['aa', 'bb'], ['ab']],
  ['^(?=.*\\d)(?!.*x).{3}$', ['ab1'], ['abc', '1xa']],
  ['(?<=a)b(?<!ab)|(?<!c)d', ['d', 'ad'], ['ab', 'cd']],
  ['^.$', ['\ud83d\ude00', 'a'], ['ab', '\n']],
  ['^a{2}b{,3}$', ['aab', 'aabbb'], ['ab', 'aabbbb']],
  ['^\\/\\$\\^$', ['/$^'], ['/']],
  ['^[[:alpha:][:digit:]]+$', ['aZ9'], ['-']],
  ['\\Aabc\\z', ['abc'], ['abcd']],
  ['^(?:(?:a?){3}){2}$', ['', 'aaaaaa'], ['aaaaaaa']],
  ['^[\\b]$', ['\b'], ['b']],
  ['a{x', ['a{x'], ['a']],
];

describe('patterns', () => {
  it.each(table)('%s', (pattern, matching, other) => {
    for (const text of matching) expect(matches(parse(pattern), text), text).toBe(true);
    for (const text of other) expect(matches(parse(pattern), text), text).toBe(false);
  });

  it.each([
    '(',
    ')',
    '[a',
    'a**b(',
    '*',
    '[z-a]',
    'a{3,2}',
    '(?x)',
    '\\p{Nonsense}',
    '\\p',
    'a'.repeat(9_000),
    '('.repeat(80) + ')'.repeat(80),
    '\\',
  ])('refuses %j', (text) => {
    expect(parsePattern(text)).toBe(undefined);
    expect(patternOf(text)).toBe(undefined);
  });

  it('gives up in bounded time where others would backtrack for ever', () => {
    expect(matches(parse('^(a+)+$'), `${'a'.repeat(60)}!`)).toBe(undefined);
    expect(matches(parse('^(.*)*$'), 'a'.repeat(4_000))).not.toBe(false);
    expect(patternOf('a')?.test('b'.repeat(5_000))).toBe(undefined);
  });
});

const lengths = [
  ['^[a-z]+$', 5, 5],
  ['^(a|bb|ccc)+$', 7, 7],
  ['^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)[A-Za-z\\d]{8,}$', 8, 12],
  ['^x$|^[0-9]{4,}$', 6, 9],
  ['abc', 10, 12],
  ['abc$', 8, 8],
  ['^(ab)*$', 6, 7],
  ['^((a{1,2}b?){2}c)*d$', 4, 20],
  ['^.{300}$', 0, Infinity],
  ['^(\\d{1,3}\\.){3}\\d{1,3}$', 0, 15],
  ['^[\\u4e00-\\u9fff]{2}$', 2, 2],
  ['^[^\\x00-\\x7f]{3}$', 0, 9],
  ['^(a)\\1{2}$', 0, 9],
  ['^\\s{3}$', 0, 9],
] as const;

describe('generation', () => {
  it.each(lengths)('%s of %d to %d characters', (source, minLength, maxLength) => {
    for (const salt of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const text = patternOf(source)?.generate(createRandom(1, salt), { minLength, maxLength }) ?? '';
      expect(new RegExp(source, 'u').test(text), text).toBe(true);
      expect(characterCount(text)).toBeGreaterThanOrEqual(minLength);
      expect(characterCount(text)).toBeLessThanOrEqual(maxLength);
    }
  });

  it('gives the nearest where the length cannot be had, nothing where too much is asked', () => {
    expect(patternOf('^aa$')?.generate(createRandom(1, ''), { minLength: 5, maxLength: 9 })).toBe('aa');
    expect(patternOf('^.{100000}$')?.generate(createRandom(1, ''), { minLength: 0, maxLength: 9 })).toBe(undefined);
    expect(patternOf('^a\\b\\Ba$')?.generate(createRandom(1, ''), { minLength: 0, maxLength: 9 })).toBe(undefined);
    expect(patternOf('^[^\\s\\S]$')?.generate(createRandom(1, ''), { minLength: 0, maxLength: 9 })).toBe(undefined);
  });

  it('agrees with the engine of the language on random patterns', () => {
    const atom = fc.constantFrom('a', 'b', '[ab]', '[^a]', '\\d', '\\w', '.', '(a|b)', '(?:ab)', '(a*b)');
    const quantified = fc
      .tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}'))
      .map(([item, times]) => item + times);
    const patterns = fc.array(quantified, { minLength: 1, maxLength: 5 }).map((items) => items.join(''));
    fc.assert(
      fc.property(
        patterns,
        fc.boolean(),
        fc.string({ unit: fc.constantFrom('a', 'b', '1', ' '), maxLength: 8 }),
        (body, anchored, text) => {
          const source = anchored ? `^${body}$` : body;
          const expression = new RegExp(source, 'u');
          expect(matches(parse(source), text) ?? expression.test(text)).toBe(expression.test(text));
          const made = patternOf(source)?.generate(createRandom(1, text), { minLength: 0, maxLength: 40 });
          expect(expression.test(made as string), made).toBe(true);
        },
      ),
    );
  });
});
