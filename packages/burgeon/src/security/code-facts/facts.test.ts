import { describe, expect, it } from 'vitest';
import { type CodeFacts, factsOf } from './facts.ts';

const facts = (text: string, more: Record<string, string> = {}): CodeFacts =>
  factsOf({
    entry: 'index.ts',
    files: [{ path: 'index.ts', text }, ...Object.entries(more).map(([path, other]) => ({ path, text: other }))],
  });

describe('regular expressions of code', () => {
  it.each([
    ['a literal', 'const a = /x+/gi;', ['x+ gi']],
    ['RegExp', `new RegExp('a' + 'b', 'u'); RegExp(\`c\`);`, ['ab u', 'c ']],
    ['a constant', `const source = String.raw\`\\d\`; new RegExp(source);`, [String.raw`\d `]],
    ['a name that stands for two', `const s = 'a'; { const s = 'b'; } new RegExp(s);`, []],
    ['text given to methods', `x.match('a'); x.matchAll('b'); x?.search('c'); y!['match']('d');`, ['a ', 'b ', 'c ', 'd ']],
    ['casts', `new RegExp('a' as string); new RegExp(('b')!);`, ['a ', 'b ']],
    [
      'what is computed',
      'new RegExp(text); x.match(/a/); x[name]("b"); `${a}`.match(`${b}`); new RegExp(a + "b"); new RegExp(tag`x`);',
      ['a '],
    ],
    ['what is no code', 'const match = 1; "new RegExp(1)"; x.test("a");', []],
    ['code that does not parse', 'const = /x/;', []],
  ])('%s', (_, text, expected) =>
    expect(facts(text).expressions.map(({ source, flags }) => `${source} ${flags}`)).toEqual(expected),
  );

  it('have a place', () => {
    expect(
      facts('\n  const a = /x/;', { 'b.js': '/y/' }).expressions.map(({ file, line, column }) => `${file}:${line}:${column}`),
    ).toEqual(['index.ts:2:13', 'b.js:1:1']);
  });
});

describe('deeds of operations', () => {
  const head = `import { http } from 'burgeon:cap/http' with { hosts: 'a.b' };\nimport { db as store } from 'burgeon:cap/db';\n`;
  const deeds = (text: string, more: Record<string, string> = {}): string[] =>
    facts(head + text, more).deeds.map(({ operation, power, method, verb = '' }) =>
      `${operation} ${power}.${method} ${verb}`.trim(),
    );

  it.each([
    [
      'directly',
      `export const operations = { a: () => http.fetch('x'), b() { store.insert(1); } };`,
      ['a http.fetch GET', 'b db.insert'],
    ],
    [
      'by a function',
      `function go() { http.fetch('x', { method: 'put' }); }\nexport const operations = { a: go };`,
      ['a http.fetch PUT'],
    ],
    [
      'by a constant of a constant',
      `const one = async () => http.fetch('x', { 'method': \`DELETE\` });\nconst two = one;\nexport const operations = { a: two };`,
      ['a http.fetch DELETE'],
    ],
    [
      'by a member',
      `const api = { go: () => store.delete(1), stay: () => store.select(1) };\nexport const operations = { a: () => api.stay() };`,
      ['a db.select'],
    ],
    [
      'in a circle',
      `const a = () => b();\nconst b = () => { a(); store.insert(1); };\nexport const operations = { a };`,
      ['a db.insert'],
    ],
    [
      'with options that are not plain',
      `export const operations = { a: () => http.fetch('x', options), b: () => http.fetch('x', { ...options }), c: () => http.fetch('x', { method: name }) };`,
      ['a http.fetch ?', 'b http.fetch ?', 'c http.fetch ?'],
    ],
    [
      'not what is only there',
      `const unused = () => store.insert(1);\nexport const operations = { a: () => 1, [name]: unused, ...others };`,
      [],
    ],
    [
      'not what is computed',
      `export const operations = { a: () => store[name](1), b: () => other.go(), c: () => (0, http.fetch)('x') };`,
      [],
    ],
    ['not without a table', `export const other = { a: () => store.insert(1) };`, []],
    ['not of a table that is made', `export const operations = make();`, []],
  ])('%s', (_, text, expected) => expect(deeds(text)).toEqual(expected));

  it('through other files', () => {
    const more = {
      'lib/api.ts': `import { http } from '../power.ts';\nexport { go } from './x.ts';\nimport { http as web } from 'burgeon:cap/http';\nexport const send = () => web.fetch('x', { method: 'POST' });`,
      'table.ts': `import { send } from './lib/api.ts';\nexport const operations = { a: () => send() };`,
    };
    expect(deeds(`import { operations as table } from './table.ts';\nexport const operations = table;`, more)).toEqual([
      'a http.fetch POST',
    ]);
    expect(
      deeds(
        `import { missing } from './nowhere.ts';\nimport all from './table.ts';\nexport const operations = { a: () => missing() };`,
        more,
      ),
    ).toEqual([]);
  });
});
