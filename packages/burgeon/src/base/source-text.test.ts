import { describe, expect, it } from 'vitest';
import { doubtSource } from './source-text.ts';

describe('doubtSource', () => {
  const nested = (open: string, close: string, times: number): string => open.repeat(times) + close.repeat(times);
  it.each([
    ['parentheses', `export const a = ${nested('(', ')', 300)}`],
    ['arrays in templates', `export const a = ${nested('`${[', ']}`', 150)}`],
    ['type arguments', `type A = ${nested('B<', '>', 300)};`],
    ['type arguments over lines', `type A = ${nested('B<[],\n', '>', 300)};`],
    ['brackets hidden behind a regular expression', `const a = /\`/;\n${nested('[', ']', 1_100)}`],
    ['arrows', `export const a = ${'b=>'.repeat(1_100)}1`],
    ['negations', `export const a = ${'!'.repeat(1_100)}1`],
    ['length', ' '.repeat(2 * 1024 * 1024 + 1)],
  ])('doubts %s', (_name, text) => {
    expect(doubtSource(text)).toMatchObject({ message: expect.any(String), offset: expect.any(Number) as number });
  });
  it.each([
    ['comparisons without end', Array.from({ length: 500 }, (_, index) => `if (a < ${index}) b();`).join('\n')],
    ['brackets in strings', `export const a = ${JSON.stringify('('.repeat(500))};`],
    ['brackets in comments', `/* ${'['.repeat(500)} */ // ${'{'.repeat(400)}\nexport {};`],
    ['many siblings', '(a);[b];{c}`${d}`;\n'.repeat(5_000)],
    ['an escaped quote', `const a = '\\'';\n${'f(() => ({ a: [1] }));\n'.repeat(500)}`],
    ['closing too often', ')'.repeat(3_000)],
  ])('lets %s through', (_name, text) => {
    expect(doubtSource(text)).toBeUndefined();
  });
});
