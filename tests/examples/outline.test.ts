import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Declaration } from '../../examples/outline/declaration.ts';
import { operations } from '../../examples/outline/index.ts';
import { javascriptImports, javascriptOutline } from '../../examples/outline/javascript.ts';
import { languageOf } from '../../examples/outline/language.ts';
import { pythonImports } from '../../examples/outline/python-imports.ts';
import { pythonOutline } from '../../examples/outline/python.ts';
import { root } from '../source-tree.ts';

const fixture = (name: string): string => readFileSync(join(root, 'tests/examples/fixtures', name), 'utf8');
const garden = fixture('garden.py');

/** What Python's own parser sees in the garden; `origin` in the file says how it was made. */
const known = JSON.parse(fixture('garden.json')) as { summary: string; declarations: unknown[]; imports: unknown[] };

interface Row {
  path: string;
  [fact: string]: unknown;
}

const rowsOf = (list: readonly Declaration[], path = ''): Row[] =>
  list.flatMap(({ name, children, exported: _, signature: __, decorators, ...facts }) => [
    { path: path + name, ...facts, ...(decorators ? { decorators: decorators.map(({ line }) => line) } : {}) },
    ...rowsOf(children, `${path}${name}.`),
  ]);

const only = (source: string): Declaration | undefined => pythonOutline(source).declarations[0];
const names = (source: string): string[] => pythonOutline(source).declarations.map(({ name }) => name);

describe('the outline of Python', () => {
  it('is what its own parser sees', () => {
    const { summary, declarations } = pythonOutline(garden);
    expect(summary).toBe(known.summary);
    expect(rowsOf(declarations)).toEqual(known.declarations);
    expect(pythonImports(garden).flatMap(({ kind, typeOnly: _, ...facts }) => (kind === 'import' ? [facts] : []))).toEqual(
      known.imports,
    );
  });

  it('is the same with the line breaks of other systems', () => {
    for (const end of ['\r\n', '\r']) expect(pythonOutline(garden.replaceAll('\n', end))).toEqual(pythonOutline(garden));
  });

  it('folds signatures and leaves their comments out', () => {
    const water = pythonOutline(garden).declarations.find(({ name }) => name === 'water');
    expect(water).toMatchObject({
      signature: 'async def water(bed: Bed = None, *, amount: dict[str, list[int]] = {"litres": [1, 2]},) -> "int"',
      decorators: [
        { text: 'decorate("a", b=")")', line: 54 },
        { text: 'decorate()', line: 56 },
      ],
    });
  });

  it('tells what is exported by __all__, or else by underscores', () => {
    const exported = pythonOutline(garden).declarations.filter((each) => each.exported);
    expect(exported.map(({ name }) => name)).toEqual(['LITRES', 'Kind', 'water', 'Bed', 'sow', 'sow']);
    expect(pythonOutline('_a = 1\nb = 2').declarations.map((each) => each.exported)).toEqual([false, true]);
  });

  it('tells imports for types, and those by a literal name', () => {
    const found = pythonImports(garden);
    expect(found.filter(({ typeOnly }) => typeOnly).map(({ specifier }) => specifier)).toEqual(['collections.abc', 'decimal']);
    expect(found.filter(({ kind }) => kind === 'dynamic')).toEqual([
      { specifier: 'tail', line: 114, kind: 'dynamic', typeOnly: false },
      { specifier: 'plug.in', line: 118, kind: 'dynamic', typeOnly: false },
    ]);
  });

  it.each<[string, string, Partial<Declaration>]>([
    ['a type with parameters', 'type Pair[T] = tuple[T, T]', { name: 'Pair', kind: 'type' }],
    ['a function with them', 'def f[T: (int, str)](x: T) -> T: ...', { name: 'f', signature: 'def f[T: (int, str)](x: T) -> T' }],
    ['the same quotes in a formatted text', `def f():\n  f"{x["a:}"]!r:>{"2"}}"; f"{{"\nx = 1`, { name: 'f', endLine: 2 }],
    ['a format with quotes', `def f():\n  return f"{d:%H'%M}"\nx = 'def g(): pass'`, { name: 'f', endLine: 2 }],
    ['a comment in a formatted text', `def f():\n  f"""{\n  1 # }"""\n  }"""\nx = 1`, { name: 'f', endLine: 4 }],
    ['names by their characters', 'def f():\n  f"\\N{LEFT CURLY BRACKET}"\nx = 1', { name: 'f', endLine: 2 }],
    ['a letter beyond ASCII', 'żółw = 1', { name: 'żółw', kind: 'variable' }],
    ['an empty docstring', 'def f():\n  """  """', { name: 'f' }],
    ['a docstring in bytes', 'def f():\n  b"no"', { name: 'f' }],
  ])('knows %s', (_name, source, declaration) => {
    expect(only(source)).toMatchObject(declaration);
    expect(only(source)).not.toHaveProperty('summary');
  });

  it.each([
    ['an open bracket', 'x = (1,\ndef f(): pass\nclass A: pass'],
    ['an open quote', `x = 'a\ndef f(): pass\nclass A: pass`],
    ['an open formatted text', `x = f"{a\ndef f(): pass\nclass A: pass`],
    ['a bracket too many', 'x = 1)\ndef f(): pass\nclass A: pass'],
    ['a stray character', 'x = $?\ndef f(): pass\nclass A: pass'],
  ])('goes on behind %s', (_name, source) => {
    expect(names(source)).toEqual(['x', 'f', 'A']);
  });
});

/** Pieces that mean something to the reader, so that chance meets its corners. */
const pieces = [
  "def f(~class A~async def g():~@d~:~(~)~[~]~{~}~\"~'~\"\"\"~'''~f\"~f'''~\\~\n~\n  ~\n\t~\n    ~#~=~:=~,~;~x~lambda~import a.b as c",
  '~from . import~match x:~`~${~/~//~/*~*/~const ~export ~function ~=>~<~>~type ~\r~\f~\u{1f600}~\ud800',
]
  .join('')
  .split('~');

const soup = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 60 });
const damaged = fc
  .tuple(fc.nat(garden.length), fc.nat(200), fc.constantFrom(...pieces, ''))
  .map(([at, count, piece]) => garden.slice(0, at) + piece + garden.slice(at + count));
const texts = fc.oneof(
  soup.map((parts) => parts.join('')),
  damaged,
);

const expectInside = (list: readonly Declaration[], from: number, to: number): void => {
  let before = from;
  for (const { line, endLine, children, decorators = [] } of list) {
    expect(line).toBeGreaterThanOrEqual(before);
    expect(endLine).toBeGreaterThanOrEqual(line);
    expect(endLine).toBeLessThanOrEqual(to);
    for (const decorator of decorators) expect(decorator.line).toBeLessThanOrEqual(line);
    expectInside(children, line, endLine);
    before = line;
  }
};

describe('any outline', () => {
  it.each([
    ['Python', pythonOutline],
    ['JavaScript', javascriptOutline],
  ])('of %s is in the lines of its text, parts within the whole', (_name, outline) => {
    fc.assert(
      fc.property(texts, (source) => {
        expectInside(outline(source).declarations, 1, source.split(/\r\n?|\n/).length);
      }),
      { numRuns: 500 },
    );
  });

  it('comes with imports that are in its lines, too', () => {
    fc.assert(
      fc.property(texts, (source) => {
        const last = source.split(/\r\n?|\n/).length;
        for (const { line } of [...pythonImports(source), ...javascriptImports(source)]) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(last);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('ends soon, however texts are nested or broken off', () => {
    const hostile = ['f"{', "f'''{", '(', 'def f():', '"""', 'x = ', 'a\\', '`${', '@', '  '.repeat(20) + 'class A:\n'];
    for (const piece of hostile) {
      const text = piece.repeat(20_000);
      expect(pythonOutline(text).declarations.length).toBeLessThan(text.length);
      expect(pythonImports(text)).toEqual([]);
    }
    const stairs = Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}def f():`).join('\n');
    expect(rowsOf(pythonOutline(stairs).declarations)).toHaveLength(16);
  });
});

describe('the language of a text', () => {
  it.each([
    ['python', garden],
    ['python', '#!/usr/bin/env python3\n'],
    ['python', 'x = 1\nif x:\n    print({"a": 1})\n'],
    ['typescript', readFileSync(join(root, 'examples/outline/python.ts'), 'utf8')],
    ['typescript', "import a from 'b'\nconst c = () => {\n  return a\n}\n"],
    ['typescript', ''],
  ])('is %s', (language, source) => {
    expect(languageOf(source)).toBe(language);
  });

  it('can be said', async () => {
    const source = 'def f():\n  pass\n';
    expect((await operations.outline({ source, language: 'javascript' })).declarations).toEqual([]);
    expect((await operations.outline({ source })).declarations).toHaveLength(1);
    expect((await operations.imports({ source: "import 'a'" })).imports).toHaveLength(1);
    expect((await operations.imports({ source: 'import a' })).imports).toHaveLength(1);
  });
});

describe('the outline of JavaScript', () => {
  it('tells what is async', () => {
    const source =
      'export async function a() {}\nconst b = async () => 1;\nclass C { async d() {} e = async () => 1; }\nconst f = (g = async () => 1) => 2;';
    const rows = rowsOf(javascriptOutline(source).declarations);
    expect(rows.filter(({ async }) => async).map(({ path }) => path)).toEqual(['a', 'b', 'C.d']);
  });
});
