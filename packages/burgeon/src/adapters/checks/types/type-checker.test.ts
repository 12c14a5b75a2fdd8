import type { BundleFile, Diagnostic } from '@burgeon/kit';
import { beforeAll, describe, expect, it } from 'vitest';
import { ambientDeclarations } from './ambient.ts';
import { type TypeChecker, answerWith } from './type-checker.ts';
import { openTypeScript6 } from './typescript6.ts';
import { isLanguage, openTypeScript7 } from './typescript7.ts';

const ambient = { path: 'burgeon-ambient.d.ts', text: ambientDeclarations() };
const one = (text: string): BundleFile[] => [{ path: 'index.ts', text }];

/** What is compiled, and where which findings are expected. */
const table: readonly (readonly [name: string, files: BundleFile[], expected: readonly string[]])[] = [
  ['nothing wrong', one('export const a: number = 1;'), []],
  ['a wrong type', one('export const a: number = "x";'), ['TS2322 index.ts:1:14']],
  [
    'text beyond ASCII before it',
    one('/* za\u017c\u00f3\u0142\u0107 \u{1f600} */ export const a: number = "x";'),
    ['TS2322 index.ts:1:30'],
  ],
  ['every kind of line end', one('// a\r\n// b\r// c\u2028// d\u2029export const a: number = "x";\n'), ['TS2322 index.ts:5:14']],
  [
    'an explanation of several lines',
    one('interface A { b: { c: number } }\nexport const a: A = JSON.parse("") as { b: { c: string } };'),
    ['TS2322 index.ts:2:14'],
  ],
  [
    'no overload that fits',
    one('declare function f(a: string): void;\ndeclare function f(a: number): void;\nf(true);\nexport {};'),
    ['TS2769 index.ts:3:3'],
  ],
  ['a property too many', one('export const a: { b: number } = { b: 1, c: 2 };'), ['TS2353 index.ts:1:41']],
  ['an index that may be undefined', one('export const f = (a: number[]): number => a[0];'), ['TS2322 index.ts:1:43']],
  ['an explicit undefined', one('export const a: { b?: number } = { b: undefined };'), ['TS2375 index.ts:1:14']],
  ['an implicit any', one('export const f = (a) => a;'), ['TS7006 index.ts:1:19']],
  ['a name that is missing', one('export const a = missing;'), ['TS2304 index.ts:1:18']],
  ['a module that is missing', one(`import { a } from './missing.ts';\nexport const b = a;`), ['TS2307 index.ts:1:19']],
  ['Node', one(`import 'node:fs';\nexport const a = process;`), ['TS2882 index.ts:1:8', 'TS2591 index.ts:2:18']],
  [
    'an export that is missing',
    [...one(`export { b } from './a.ts';`), { path: 'a.ts', text: 'export const a = 1;' }],
    ['TS2305 index.ts:1:10'],
  ],
  [
    'a type that is imported as a value',
    [...one(`import { A } from './a.ts';\nexport const a: A = 1;`), { path: 'a.ts', text: 'export type A = number;' }],
    ['TS1484 index.ts:1:10'],
  ],
  ['syntax that is not erased', one('export enum A { b }'), ['TS1294 index.ts:1:13']],
  ['what does not parse', one('export const a = (1;\nexport const b: number = "x";'), ['TS1005 index.ts:1:20']],
  ['a name used twice', one('const a = 1;\nconst a = 2;\nexport {};'), ['TS2451 index.ts:1:7', 'TS2451 index.ts:2:7']],
  [
    'a branch that falls through',
    one('export const f = (a: number): void => {\n  switch (a) {\n    case 1: a.toFixed();\n    case 2: break;\n  }\n};'),
    ['TS7029 index.ts:3:5'],
  ],
  [
    'an override that does not say so',
    one('class A { a(): void {} }\nexport class B extends A { a(): void {} }'),
    ['TS4114 index.ts:2:28'],
  ],
  [
    'a declaration that is broken',
    [...one('export {};'), { path: 'a.d.ts', text: 'export const a: Missing;' }],
    ['TS2304 a.d.ts:1:17'],
  ],
  ['a type that never ends', one('export type A = A | B;\nexport type B = A;'), ['TS2456 index.ts:1:13', 'TS2456 index.ts:2:13']],
  [
    'an instantiation that is too deep',
    one(`type A<N extends unknown[]> = N['length'] extends 900 ? N : [...A<[...N, 1]>];\nexport const a: A<[]> = [];`),
    ['TS2589 index.ts:2:17'],
  ],
  [
    'a new meaning for the language',
    one('declare global { interface Array<T> { length: string } }\nexport const a = [].length;'),
    ['TS2717 index.ts:1:39'],
  ],
  ['a file of the disk', one('/// <reference path="/etc/passwd" />\nexport {};'), ['TS6231 index.ts:1:22']],
  ['a folder above', one(`import '../../../../etc/passwd.ts';\nexport {};`), ['TS2882 index.ts:1:8']],
  [
    'code with power',
    one(`import { clock } from 'burgeon:cap/clock';\nexport const a: string = await clock.now();`),
    ['TS2322 index.ts:2:14'],
  ],
];

/** TypeScript 7 explains the last overload only; everything else of every finding is the same. */
const comparable = (found: Diagnostic): Diagnostic =>
  found.code === 'TS2769' ? { ...found, message: found.message.split('\n')[0] ?? '' } : found;

const places = (found: readonly Diagnostic[]): string[] => found.map(({ code, path }) => `${code} ${path}`);

describe('the compilers', () => {
  let [seven, six]: (TypeChecker | undefined)[] = [];
  beforeAll(async () => {
    [seven, six] = [await openTypeScript7(), await openTypeScript6()];
  });
  const both = (files: readonly BundleFile[]): Diagnostic[][] =>
    [seven, six].map((checker) => checker?.check([...files, ambient]) ?? []);

  it.each(table)('tell the same of %s', (_name, files, expected) => {
    const [found = [], other = []] = both(files);
    expect(found.map(comparable)).toEqual(other.map(comparable));
    expect(places(found)).toEqual(expected);
  });

  it('show a bounded number of findings', () => {
    const many = Array.from({ length: 300 }, (_, index) => `export const a${index}: number = "x";`).join('\n');
    for (const found of both(one(many))) expect(found).toHaveLength(200);
  });

  it('see nothing of what they were given before', () => {
    both([{ path: 'index.ts', text: 'declare global { var left: number }\nexport const secret = 1;' }]);
    const roots = Array.from({ length: 60 }, (_, index) => `../${String(index).padStart(7, '0')}/index.ts`);
    const peeking = `${roots.map((path, index) => `import { secret as a${index} } from '${path}';`).join('\n')}\nexport const b = left;`;
    // The one folder of its own that it may well see is its own.
    for (const found of both([{ path: 'index.ts', text: peeking }])) {
      expect(places(found).filter((place) => place.startsWith('TS2307')).length).toBeGreaterThanOrEqual(59);
      expect(places(found)).toContain('TS2304 index.ts:61:18');
    }
  });
});

describe('a compiler that cannot be opened', () => {
  it('says why', async () => {
    const answer = answerWith(async () => {
      throw new RangeError('no binary');
    });
    expect(await answer([])).toEqual({ missing: 'RangeError: no binary' });
  });
});

describe('what a compiler reads from the disk', () => {
  it.each([
    ['/c/lib/lib.es5.d.ts', true],
    ['/c/lib/lib.esnext.d.ts', true],
    ['/c/lib/lib.es5.ts', false],
    ['/c/lib/lib.x/../../etc/a.d.ts', false],
    ['/c/lib/library.d.ts', false],
    ['/c/lib.es5.d.ts', false],
    ['/etc/passwd', false],
  ])('%s: %s', (path, allowed) => expect(isLanguage(path, '/c/lib')).toBe(allowed));
});
