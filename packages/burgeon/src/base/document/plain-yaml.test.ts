import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readPlainYaml } from './plain-yaml.ts';
import { readYaml } from './yaml.ts';

const read = (text: string): unknown => readPlainYaml(text, 64)?.value;

describe('ordinary YAML', () => {
  it.each([
    [
      'plain scalars',
      'a: x y\nb: http://x\nc: a#b # c\n"d e": -1.5\nf: 0x1f\ng: ~\nh: True\n',
      { a: 'x y', b: 'http://x', c: 'a#b', 'd e': -1.5, f: 31, g: null, h: true },
    ],
    [
      'what looks like numbers',
      '- 1_000\n- 12:30\n- 1.2.3\n- .5\n- +1\n- 0o17\n- -\n- .inf\n',
      ['1_000', '12:30', '1.2.3', 0.5, 1, 15, [null], null],
    ],
    ['lists under their key', 'a:\n- 1\n- b: 2\n  c: 3\n-\n  - d\nz:\n', { a: [1, { b: 2, c: 3 }, ['d']], z: null }],
    ['lists in lists', '- - 1\n  - 2\n- - 3\n', [[1, 2], [3]]],
    ['folded plain text', 'a: one\n  two\n\n  three\nb: 1\n', { a: 'one two\nthree', b: 1 }],
    ['a value on its own line', 'a:\n  one\nb:\n  "two"\n', { a: 'one', b: 'two' }],
    [
      'folded quotes',
      "a: \"one \\\n  two\n\n  three\\x41\\u00e9\\U0001F600\\t\"\nb: 'it''s\n  so'\n",
      { a: 'one two\nthreeAé😀\t', b: "it's so" },
    ],
    ['quotes that are not indented', "- 'foo\n\nbar'\n", ['foo\nbar']],
    [
      'block scalars',
      'a: |\n  x\n   y\n\nb: >-\n  one\n  two\n\n  three\n    more\n  end\nc: |+\n  k\n\nd: |-\n',
      { a: 'x\n y\n', b: 'one two\nthree\n  more\nend', c: 'k\n\n', d: '' },
    ],
    [
      'flow',
      'a: {b: [1, two, "3"], "c": {}, d: []}\ne: [\n  x,\n  y,\n]\n',
      { a: { b: [1, 'two', '3'], c: {}, d: [] }, e: ['x', 'y'] },
    ],
    ['a document mark and comments', '# head\n---\n# more\na: 1 # tail\n', { a: 1 }],
    ['space before a colon', 'a b : 1\n', { 'a b': 1 }],
    ['text alone', 'just words', 'just words'],
  ])('%s', (_, text, value) => {
    expect(read(text)).toEqual(value);
    const full = readYaml(text, '1.2');
    if (full.errors.length === 0 && !text.includes('.inf')) expect(full.value).toEqual(value);
  });

  it.each([
    'a: &x 1',
    'a: *x',
    'a: !t 1',
    '? a\n: b',
    '<<: x',
    'a: 1\na: 2',
    '%YAML 1.2\n---\na: 1',
    'a: 1\n---\nb: 2',
    '--- a',
    '...',
    '\ta: 1',
    'a:\t1',
    'a: b: c',
    'a: "x" y',
    'a: [1, 2',
    'a: {b}',
    'a: {b: 1, b: 2}',
    'a: [x # c\n]',
    'a: [x\n y]',
    'a: |2\n  x',
    'a: |\n    x\n  y\n',
    'a: >\n     \n  x\n',
    '|\n x',
    '1.0: a',
    'null: a',
    'a: @x',
    'a: - b',
    'a: "\\q"',
    'a: "\\xZZ"',
    'a: "open',
    "a: 'open",
    '  a: 1\n b: 2',
    'a: 1\n  b: 2',
    '- a\nb: 1',
    '"a" : 1',
    'a: x # c\n  y',
    'a: x\n  y: z',
    '{1.0: a}',
    '{a: 1} b',
    '- \tx',
    '[a: 1]',
    '',
    '# only',
    'a: "x\\\n\n y"',
    'a: |x\n  y',
    '&a b: 1',
    'a: [?x, ? y]',
    'a #b: 1',
    'a: |\n\tx\n',
    '- |+\n ',
    'a: |\n  b\n    ',
    'a: {b: 1,\nc: 2}',
    'a:\n  b: [\n  1]',
    '- [\n[x\n]]',
    '[\n--- a]',
  ])('leaves %j to the full reader', (text) => {
    expect(readPlainYaml(text, 64)).toBeUndefined();
  });

  it('gives up below a depth', () => {
    expect(readPlainYaml('a:\n b:\n  c: 1', 1)).toBeUndefined();
    expect(readPlainYaml('a: [[[]]]', 2)).toBeUndefined();
  });

  const agrees = (text: string): boolean => {
    const plain = readPlainYaml(text, 64);
    if (plain === undefined) return false;
    const full = readYaml(text, '1.2');
    // The full reader minds the indentation of quoted lines; everything else must be the same.
    if (full.errors.length > 0) expect(full.errors[0]?.message).toMatch(/quote/);
    else expect(plain.value).toEqual(full.value);
    return true;
  };

  it('means what it says in any mixture of its signs', () => {
    const pieces =
      'a|b:|c: |- |-|\n|\n|\n  |\n    |\n | |"|\'|"x y"|\'it\'\'s\'|>|>+|#| # c|{|}|[|]|,|1|-1|1.50|true|null|~|k: v|? |: |!t |&a |*a|@|%|word word|"k": 1|{a: 1, b: [2]}|[x, y]|\\|---|...|<<: x|é|.5|1e3|1_000|0o7|- - x'.split(
        '|',
      );
    const piece = fc.constantFrom(...pieces, '|', '|-', '\t', '"a\\\n  b"');
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 9 }), (parts) => void agrees(parts.join(''))),
      { numRuns: 3_000 },
    );
  });

  it('reads what others write', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'a\nb\n',
        'a\n\n  b\nc',
        'x: y',
        '# z',
        ' lead',
        'trail ',
        '- a',
        'multi\nline\n\n',
        'null',
        '1.0',
        '',
        "it's",
        '"q"',
        'long '.repeat(40),
      ),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4 }),
      ),
    }));
    const options = fc.constantFrom(
      {},
      { lineWidth: 20 },
      { defaultStringType: 'QUOTE_SINGLE' as const, lineWidth: 20 },
      { defaultStringType: 'QUOTE_DOUBLE' as const, lineWidth: 20 },
      { indentSeq: false },
      { collectionStyle: 'flow' as const },
    );
    fc.assert(
      fc.property(tree, options, (value, style) => void agrees(stringify(value, style))),
      { numRuns: 1_000 },
    );
  });
});
