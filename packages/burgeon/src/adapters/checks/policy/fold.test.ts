import { runInNewContext } from 'node:vm';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { foldedName } from './fold.ts';
import { findScopes } from './scopes.ts';
import { type SyntaxNode, nodeIn, nodesIn } from './syntax.ts';

/** What the last statement of some code folds to. */
const folded = (code: string): { name: string; sure: boolean } | undefined => {
  const program = parseSync('a.ts', code).program as unknown as SyntaxNode;
  const last = nodesIn(program, 'body').at(-1)!;
  return foldedName(nodeIn(last, 'expression')!, findScopes(program).root);
};

/** What the language itself says of it, as the name of a property. */
const truth = (code: string): string => runInNewContext(`String(eval(code))`, { code, atob }) as string;

describe('folding', () => {
  it.each(
    [
      ['literals', '"a"', '1', 'null', '(undefined)', '2n', 'true'],
      ['templates', '`a${1}b${[1, [2, null]]}`', '`a\\x41`', 'String.raw`x`', '(null, `${void 0}`)'],
      [
        'lists',
        '[1, , 2]',
        '[..."ab", ...["c"]].join("-")',
        '["a", "b"].join()',
        '["ab"][0][1]',
        '[null, "a", undefined].join("")',
        '["a"].length',
        '"abc".length',
      ],
      ['big integers', '`${1n}`', '["a", "b"][1n]', 'typeof 1n', '!0n', '1n + "a"'],
      ['several in a row', '("a", "b")', '(1, 2, [3])'],
      ['one operand', '!1', '![]', '!""', '+"3"', '-"3"', '-[4]', 'typeof []', 'typeof 1', 'typeof ""', 'void 1'],
      ['two operands', '1 + 2', '"a" + 1', '[1] + [2]', 'null + 1', '7 - 2', '7 * 2', '7 / 2', '7 % 4', '5 ^ 3', 'true + true'],
      [
        'a choice',
        '1 ? "a" : "b"',
        '0 ? "a" : "b"',
        '"" || "b"',
        '"a" || "b"',
        '"a" && "b"',
        '0 && "b"',
        'null ?? "b"',
        '0 ?? "b"',
      ],
      ['an assignment', 'let a; (a = "b")'],
      ['constants', 'const a = "x"; a + a', 'const a = "b"; const c = { b: "d" }; c[a]', 'const { length: a } = [1]; ("b")'],
      ['members', '({ a: "x" }).a', '({ a: "x", "a": "y" })["a"]', '({ "1": "x" })[1]'],
      [
        'rearranged',
        '["a", "b"].reverse().join("")',
        '["a", "b"].toReversed()[0]',
        '"a-b".split("-")[1]',
        '["a"].concat("b", ["c"])',
      ],
      ['joined', '"a".concat("b", 1)', '"ab".at(-1)', '["a", "b"].at()', '"abc".charAt()', '"abc".charAt(1)'],
      [
        'cut',
        '"abc".slice(1)',
        '"abc".slice()',
        '"abcd".slice(1, -1)',
        '["a", "b"].slice(1)',
        '"abc".substring(1)',
        '"abc".substring()',
      ],
      [
        'cut from the end',
        '"xabc".substr(-3, 3)',
        '"abc".slice(-2)',
        '"aXb".replace("X", "$&$&")',
        '"xxxa".slice("x".repeat(3).length)',
      ],
      ['cut by count', '"abc".substr(1)', '"abc".substr()', '"abc".substr(1, 1)', '"abc".substring(0, 2)'],
      [
        'changed',
        '"A".toLowerCase()',
        '"a".toUpperCase()',
        '" a ".trim()',
        '"a".toString()',
        '"a".valueOf()',
        '"é".normalize("NFKC")',
      ],
      [
        'replaced',
        '"aXbX".replace("X", "")',
        '"aXbX".replaceAll("X", "-")',
        '"a".padStart(3)',
        '"a".padStart(3, "xy")',
        '"ab".repeat(2)',
      ],
      ['functions', 'String(1)', 'String([1])', 'decodeURIComponent("%61")', 'decodeURI("%61")', 'unescape("%61")'],
      [
        'built',
        'String.fromCharCode(97, 98)',
        'String.fromCodePoint(97)',
        'Array.of("a", "b")',
        'Array.from("ab")',
        'Array.from(["a"])',
      ],
      ['read', 'atob("YWI=")', 'JSON.parse(\'"a"\')', 'JSON.parse("1")', 'JSON["parse"]("true")', '"A"["toLower" + "Case"]()'],
    ].flatMap(([what, ...codes]) => codes.map((code) => [what, code] as const)),
  )('agrees with the language on %s: %s', (_what, code) => {
    expect(folded(code)?.name).toBe(truth(code));
  });

  it.each([
    ['names nobody declared', 'a'],
    ['a constant that changes', 'let a = "x"; a = "y"; a'],
    ['an argument', 'globalThis.a("x")'],
    ['regular expressions', '/a/'],
    ['tags of others', 'globalThis.tag`a`'],
    ['a part that is not known', '`a${globalThis.b}`'],
    ['a list with such a part', '[globalThis.b]'],
    ['what is spread', '[...globalThis.b]'],
    ['numbers spread', '[...1]'],
    ['an unknown operand', '-globalThis.a'],
    ['an unknown side', '"a" + globalThis.b'],
    ['an unknown condition', 'globalThis.a ? 1 : 2'],
    ['an unknown side of a choice', 'globalThis.a || "b"'],
    ['comparisons', '1 < 2'],
    ['complements', '~1'],
    ['arithmetic of big integers', '7n / 2n'],
    ['signs of big integers', '-(2n)'],
    ['sums that are kept', 'let a = "b"; a += "c"'],
    ['a key that is not known', '({ a: 1 })[globalThis.b]'],
    ['a property that is not there', '({ a: "x" }).b'],
    ['a computed property', '({ ["a"]: "x" }).a'],
    ['a method by its name alone', '["a"].push'],
    ['methods that are not for this value', '"a".join("")'],
    ['lists cut apart', '["a"].split("")'],
    ['a text turned round', '"ab".reverse()'],
    ['a text turned round in a copy', '"ab".toReversed()'],
    ['methods that do more', '"a".match("a")'],
    ['inherited methods of this table', '"a".hasOwnProperty("length")'],
    ['methods of what is not known', 'globalThis.a.slice(1)'],
    ['methods whose name is not known', '"a"[globalThis.b]()'],
    ['arguments that are not known', '"a".slice(globalThis.b)'],
    ['functions that are declared here', 'const atob = (a) => a; atob("YQ==")'],
    ['functions of a name declared here', 'const JSON = { parse: (a) => a }; JSON.parse("1")'],
    ['calls of calls', '(() => "a")()'],
    ['broken escapes', 'decodeURIComponent("%")'],
    ['broken JSON', 'JSON.parse("{")'],
    ['records in JSON', 'JSON.parse("{}")'],
    ['texts beyond a bound', '"a".padStart(5000).concat("b")'],
    ['expressions beyond a depth', `${'!'.repeat(40)}1`],
    ['circles', 'const a = b; const b = a; a'],
  ])('does not guess %s: %s', (_what, code) => {
    expect(folded(code)).toBeUndefined();
  });

  it('says when a list or record may have changed since', () => {
    expect(folded('const a = ["x"]; a[0]')).toEqual({ name: 'x', sure: false });
    expect(folded('const a = { b: "x" }; a.b')).toEqual({ name: 'x', sure: false });
    expect(folded('const a = "x"; a')).toEqual({ name: 'x', sure: true });
  });
});
