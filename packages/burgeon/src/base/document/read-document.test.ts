import { BurgeonError } from '@burgeon/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointerOf, valueAt } from '../json.ts';
import { readDocument } from './read-document.ts';

const budget = { bytes: 1_000_000, depth: 64, nodes: 10_000 };
const read = (text: string) => readDocument(text, budget);
const fault = async (text: string, more: Partial<typeof budget> = {}, mediaType?: string): Promise<BurgeonError> => {
  const thrown: unknown = await readDocument(text, { ...budget, ...more }, mediaType === undefined ? {} : { mediaType }).catch(
    (error: unknown) => error,
  );
  if (!BurgeonError.is(thrown)) throw thrown;
  return thrown;
};

describe('what is read', () => {
  const table: [name: string, text: string, value: unknown, codes?: string[]][] = [
    ['JSON', '{"a": [1, true, null, "x"]}', { a: [1, true, null, 'x'] }],
    ['JSON with a mark at its head', '\uFEFF{"a": 1}', { a: 1 }],
    ['commas too many', '{"a": [1, 2,],}', { a: [1, 2] }, ['not-strict-json']],
    ['comments and single quotes', "{/* a */ 'a': 1, // b\n b: 0x10}", { a: 1, b: 16 }, ['not-strict-json']],
    ['JSON with a bare text, as YAML', '{"a": not quoted, "b": 1}', { a: 'not quoted', b: 1 }, ['not-strict-json']],
    ['YAML', 'a:\n  - 1\n  - b: yes\n', { a: [1, { b: 'yes' }] }],
    ['a YAML text', 'just words', 'just words'],
    ['a moment as text', 'a: 2020-01-01\nb: 2020-01-01T00:00:00Z', { a: '2020-01-01', b: '2020-01-01T00:00:00Z' }],
    ['tagged values', 'a: !!str 3\nb: !mine x\nc: !!timestamp 2020-01-01\n', { a: '3', b: 'x', c: '2020-01-01' }, ['yaml-fault']],
    ['keys that are no texts', '200: a\ntrue: b\n1.5: c\nnull: d\n', { 200: 'a', true: 'b', 1.5: 'c', '': 'd' }],
    ['a key twice', 'a: 1\na: 2\n', { a: 2 }, ['yaml-fault']],
    ['parts used again', 'a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2\n', { a: { b: 1 }, c: { b: 1 }, d: { b: 1, e: 2 } }],
    ['numbers JSON has not', 'a: .inf\nb: [.nan]\n', { a: null, b: [null] }],
    ['the first of many', 'a: 1\n---\nb: 2\n', { a: 1 }, ['yaml-fault']],
    ['a lost bracket', '{\n  "a": {\n    "b": [\n      1\n  },\n  "c": 2\n}', { a: { b: [1] }, c: 2 }, ['bracket-repaired']],
    ['a doubled bracket', '{\n  "a": {\n    "b": 1\n    }\n  },\n  "c": 2\n}', { a: { b: 1 }, c: 2 }, ['bracket-repaired']],
    [
      'an object never closed',
      '{\n  "a": [\n    {\n      "b": 1,\n    {\n      "c": 2\n    }\n  ]\n}',
      { a: [{ b: 1 }, { c: 2 }] },
      ['bracket-repaired'],
    ],
  ];
  it.each(table)('%s', async (_, text, value, codes = []) => {
    const found = await read(text);
    expect(found.value).toEqual(value);
    expect([...new Set(found.diagnostics.map(({ code }) => code))]).toEqual(codes);
    for (const { position } of found.diagnostics)
      expect(position).toEqual({ line: expect.any(Number), column: expect.any(Number) });
  });

  it.each(['{"__proto__": {"a": 1}}', "{'__proto__': {a: 1}}", '__proto__: {a: 1}\n'])('%j as plain data', async (text) => {
    const { value } = await read(text);
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  it('what a broken YAML text still says', async () => {
    const found = await read('a: 1\nb: [1, 2\nc: 3\nd:\n  - x\n e: 4\n');
    expect(found.value).toMatchObject({ a: 1 });
    expect(found.diagnostics[0]).toMatchObject({
      code: 'yaml-fault',
      position: { line: expect.any(Number), column: expect.any(Number) },
    });
  });
});

describe('line ends and leftovers', () => {
  it.each<[string, string, unknown]>([
    ['of Windows', 'a: 1\r\nb:\r\n  - |\r\n    x\r\n    y\r\n', { a: 1, b: ['x\ny\n'] }],
    ['of an old Mac are none', 'a: 1\rb', { a: '1\rb' }],
    ['numbers JSON has not, alone', '!!float .inf', null],
    [
      'numbers JSON has not, in what is shared',
      'a: &x [.inf, {b: .nan}]\nc: *x\n',
      { a: [null, { b: null }], c: [null, { b: null }] },
    ],
  ])('%s', async (_, text, value) => {
    expect((await read(text)).value).toEqual(value);
  });

  it('stand where they stood', async () => {
    const found = await read('a: 1\r\nb:\r\n  c: 2\r\n');
    expect(found.positionOf('/b/c')).toEqual({ line: 3, column: 3 });
    expect([...found.positionsOf(['/a', '/a/x', '/b/d', '', '/b']).keys()]).toEqual(['/a', '', '/b']);
  });

  it.each([
    [
      'the budget, in JSON that needed repair',
      `{\n  "a": {\n    "b": [\n      ${'[1],'.repeat(8)}\n      1\n  },\n  "c": 2\n}`,
      6,
    ],
    ['the budget, in JSON with comments', '{/* */ a: [1, 2, 3, 4, 5, 6, 7]}', 6],
  ])('keep %s', async (_, text, nodes) => {
    expect((await fault(text, { nodes })).code).toBe('SPEC_TOO_COMPLEX');
  });

  it('are not judged by the slow reader when there is too much', async () => {
    const text = `a: &x 1\nb: |\n${'  some text of a long document\n'.repeat(300_000)}`;
    const error = await fault(text, { bytes: 100_000_000, nodes: 1_000_000 });
    expect(error).toMatchObject({ code: 'SPEC_TOO_COMPLEX', message: expect.stringContaining('unusual YAML') });
  });

  it('of a broken text that is no object are refused', async () => {
    expect(await fault('- a\n- b: [1\n')).toMatchObject({ code: 'SOURCE_INVALID', data: { line: expect.any(Number) } });
    expect(await fault('a: "x\n')).toMatchObject({ code: 'SOURCE_INVALID' });
  });
});

describe('what is refused', () => {
  it.each([
    ['nothing', '', 'empty'],
    ['white space', ' \n\t\n', 'empty'],
    ['a page', '\n<!DOCTYPE html>\n<html></html>', 'web page'],
    ['XML', '<?xml version="1.0"?><a/>', 'XML'],
    ['a PDF', '%PDF-1.7', 'PDF'],
    ['an archive', 'PK\u0003\u0004abc', 'archive'],
    ['bytes', 'ab\u0000\u0001', 'UTF-8'],
    ['broken text', '\uFFFD\uFFFD\uFFFDabc', 'UTF-8'],
    ['JSON that ends early', '{"a": {"b": [1, 2', 'line 1'],
    ['a text that ends early', '{"a": "b', 'ends early'],
    ['a value twice', '{"a": 1} {"b": 2}', 'line 1, column 10'],
    ['tangled YAML', '"a\n- b: [', 'line'],
    ['an alias to itself', 'a: &a [*a]', 'itself'],
    ['an alias to nothing', 'a: *b', 'Unresolved'],
  ])('%s', async (_, text, says) => {
    const error = await fault(text);
    expect(error.code).toBe('SOURCE_INVALID');
    expect(error.message).toContain(says);
    expect(error.hint).toBeTruthy();
  });

  it('says as what it came', async () => {
    expect((await fault('', {}, 'text/html')).message).toContain('text/html');
  });
});

describe('what is too complex', () => {
  const laughs = [
    'a: &a [x, x, x, x, x, x, x, x]',
    ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${Array(8).fill(`*${'abcdefg'[index]}`).join(', ')}]`),
  ].join('\n');
  it.each([
    ['bytes', `"${'ü'.repeat(600_000)}"`],
    ['deep JSON', '['.repeat(100_000)],
    ['deep flow', `a: ${'['.repeat(100_000)}`],
    ['deep flow on many lines', `a:\n${' [\n'.repeat(20_000)}`],
    ['deep dashes', '- '.repeat(100_000)],
    ['deep lines', Array.from({ length: 200 }, (_, index) => `${' '.repeat(index)}a:`).join('\n')],
    ['many values', `[${'1,'.repeat(20_000)}1]`],
    ['many lines', 'a\n'.repeat(20_000)],
    ['laughs', laughs],
    ['deep almost-JSON', `{a: ${'['.repeat(70)}${']'.repeat(70)}}`],
  ])('%s', async (_, text) => {
    expect((await fault(text)).code).toBe('SPEC_TOO_COMPLEX');
  });

  it('is not what only looks so', async () => {
    await expect(read(`{"a": "${'[{'.repeat(500)}", "b": "\\\\"}`)).resolves.toBeDefined();
    await expect(read(`a: |\n${'  [ - text\n'.repeat(500)}`)).resolves.toBeDefined();
    await expect(read('-'.repeat(200))).resolves.toBeDefined();
  });
});

describe('positions', () => {
  it.each([
    ['JSON', '{\n  "a": {"b/c": [1,\n    {"d": 2}]},\n  "a\\u0062": "}"\n}'],
    ['JSON5', "{ // first\n  a: {'b/c': [1, /* ] */\n    {d: 2,},]},\n  'ab': '}',\n}"],
    ['YAML', 'a:\n  b/c:\n    - 1\n    - d: 2\nab: "}"\n'],
  ])('of %s', async (kind, text) => {
    const found = await read(text);
    const lineOf = (pointer: string) => found.positionOf(pointer)?.line;
    expect(found.positionOf('')).toEqual({ line: 1, column: 1 });
    expect(lineOf('/a/b~1c')).toBe(2);
    expect(lineOf('/a/b~1c/1/d')).toBe(kind === 'YAML' ? 4 : 3);
    expect(lineOf('/ab')).toBe(kind === 'YAML' ? 5 : 4);
    expect(found.positionOf('/lost')).toBeUndefined();
    expect(found.positionOf('/a/b~1c/7/x')).toBeUndefined();
    expect(found.positionOf('/ab/x')).toBeUndefined();
  });

  it('look through aliases', async () => {
    const found = await read('a: &x\n  b: 1\nc: *x\n');
    expect(found.positionOf('/c/b')).toEqual({ line: 2, column: 3 });
  });

  it('of any JSON are those of its keys and items', async () => {
    const key = fc.string({ maxLength: 4 });
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        fc.string(),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, tree, { minKeys: 1, maxKeys: 4 }), async (value) => {
        const text = JSON.stringify(value, null, 1);
        const found = await read(text);
        const lines = text.split('\n');
        for (const name of Object.keys(value)) {
          const { line, column } = found.positionOf(pointerOf([name]))!;
          expect(lines[line - 1]?.slice(column - 1).startsWith(JSON.stringify(name))).toBe(true);
          expect(valueAt(found.value, pointerOf([name]))).toEqual(value[name]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
