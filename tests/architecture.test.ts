import { describe, expect, it } from 'vitest';
import { checkFloors, findCycles, floors } from './floors.ts';
import { type SourceFile, readSources } from './source-tree.ts';
import { checkStyle, findProtocolWords } from './style.ts';

const files = readSources();
const src = 'packages/burgeon/src';
const file = (path: string, source: string): SourceFile => ({ path, source });
const seed = (name: string, path: string, source: string, says: RegExp) => ({ name, file: file(path, source), says });

const violations = [
  seed('a run back up', `${src}/base/log.ts`, `import { load } from '../runtime/load.ts';`, /runs up/),
  seed('a type-only run up', `${src}/interface/merge.ts`, `import type { Mirror } from '../mirror/mirror.ts';`, /runs up/),
  seed('a type named by import()', `${src}/base/ids.ts`, `export type I = import('../interface/types.ts').I;`, /runs up/),
  seed('a dynamic import up', `${src}/runtime/load.ts`, `await import('../pipeline/add.ts');`, /runs up/),
  seed('a dynamic import in a template', `${src}/runtime/load.ts`, 'await import(`../server/serve.ts`);', /runs up/),
  seed('a re-export from above', `${src}/security/vault.ts`, `export * from '../registry/registry.ts';`, /runs up/),
  seed('a named re-export from above', `${src}/management/add.ts`, `export { createBurgeon } from '../burgeon.ts';`, /runs up/),
  seed('a require from above', `${src}/approval/ask.ts`, `const x = require('../need/need.ts');`, /runs up/),
  seed('a worker started from above', `${src}/base/run.ts`, `new URL('../runtime/run.ts', import.meta.url);`, /runs up/),
  seed('a test that reaches up', `${src}/base/log.test.ts`, `import { run } from '../cli/main.ts';`, /runs up/),
  seed('two rooms of a floor', `${src}/registry/store.ts`, `import { ask } from '../approval/ask.ts';`, /share a floor/),
  seed('entry points that know each other', `${src}/hook/register.ts`, `await import('../cli/main.ts');`, /share a floor/),
  seed('the command line with a server in hand', `${src}/cli/serve.ts`, `import '../server/serve.ts';`, /share a floor/),
  seed('the command line with figures in hand', `${src}/cli/bench.ts`, `import '../measure/measure.ts';`, /share a floor/),
  seed('figures that know the command line', `${src}/measure/home.ts`, `await import('../cli/run.ts');`, /share a floor/),
  seed('a mirror that knows bindings', `${src}/mirror/state.ts`, `import type { B } from '../bindings/http.ts';`, /may not know/),
  seed('a sibling adapter', `${src}/adapters/sources/har.ts`, `import { x } from './openapi.ts';`, /knows adapter/),
  seed('an adapter of another family', `${src}/adapters/targets/sdk/a.ts`, `import '../../sources/har.ts';`, /knows adapter/),
  seed("another family's list", `${src}/adapters/hosts/wasm.ts`, `import { checks } from '../checks/index.ts';`, /knows adapter/),
  seed('a list that knows another family', `${src}/adapters/hosts/index.ts`, `import('../checks/types.ts');`, /knows adapter/),
  seed('a list that loads at once', `${src}/adapters/hosts/index.ts`, `import { wasm } from './wasm.ts';`, /lazily/),
  seed('a kit with a dependency', 'packages/kit/src/errors.ts', `import { parse } from 'yaml';`, /imports nothing/),
  seed('a kit that needs Node', 'packages/kit/src/json.ts', `import type { Stats } from 'node:fs';`, /imports nothing/),
  seed('a kit that knows the runtime', 'packages/kit/src/define.ts', `import type { B } from 'burgeon';`, /imports nothing/),
  seed('a test library at run time', `${src}/runtime/load.ts`, `import { it } from 'vitest';`, /no run-time dependency/),
  seed("the package's own name", `${src}/runtime/load.ts`, `import { B } from 'burgeon';`, /no run-time dependency/),
  seed('a reach into another package', `${src}/base/json.ts`, `import '../../../kit/src/json.ts';`, /another package/),
  seed('a test that does', `${src}/base/json.test.ts`, `import '../../../kit/src/json.ts';`, /another package/),
  seed('a reach behind the exports', `${src}/base/json.ts`, `import '@burgeon/kit/src/json.ts';`, /behind the exports/),
  seed('a reach out of the packages', `${src}/base/json.ts`, `import '../../../../tests/services.ts';`, /out of the packages/),
  seed('a room on no floor', `${src}/utils/text.ts`, `export {};`, /on no floor/),
];

const allowed = [
  file(`${src}/runtime/load.ts`, `import { a } from '@burgeon/kit'; import '../base/log.ts'; import 'node:fs'; import 'undici';`),
  file(`${src}/adapters/sources/index.ts`, `export const sources = { har: async () => (await import('./har.ts')).har };`),
  file(`${src}/adapters/sources/har/index.ts`, `import { read } from './read.ts'; import '../../../bindings/http.ts';`),
  file(
    `${src}/adapters/sources/har.test.ts`,
    `import './openapi.ts'; import { it } from 'vitest'; import '../../../../../tests/services.ts';`,
  ),
  file(`${src}/cli/serve.ts`, `const { serve } = await import('../server/serve.ts');`),
  file(`${src}/cli/bench.ts`, `const { measure } = await import('../measure/measure.ts');`),
  file(`${src}/burgeon.ts`, `import '../package.json'; import './management/add.ts'; import './adapters/hosts/index.ts';`),
  file(`${src}/burgeon.test.ts`, `import { createBurgeon } from './burgeon.ts';`),
  file(`${src}/index.ts`, `export { createBurgeon } from './burgeon.ts';`),
];

describe('floors', () => {
  it('names every room once', () => {
    expect(new Set(floors.flat()).size).toBe(floors.flat().length);
  });

  it.each(violations)('sees $name', ({ file, says }) => {
    const found = checkFloors([file]);
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toMatch(says);
  });

  it.each(allowed)('lets $path be', (file) => {
    expect(checkFloors([file])).toEqual([]);
  });

  it('holds in the tree', () => {
    expect(files.length).toBeGreaterThan(0);
    expect(checkFloors(files).map(({ path, line, specifier, message }) => `${path}:${line} "${specifier}" ${message}`)).toEqual(
      [],
    );
  });
});

describe('cycles', () => {
  const a = file(`${src}/base/a.ts`, `import type { B } from './b.ts';`);
  const b = file(`${src}/base/b.ts`, `export { c } from './c.ts';`);
  const c = file(`${src}/base/c.ts`, `export const c = () => import('./a.ts');`);

  it('sees a circle closed by types, a re-export and a dynamic import', () => {
    expect(findCycles([a, b, c]).map((group) => group.toSorted())).toEqual([[a.path, b.path, c.path]]);
  });

  it('sees a file that imports itself, and an inner file that imports its entry', () => {
    expect(findCycles([file('packages/kit/src/a.ts', `import './a.ts';`)])).toHaveLength(1);
    const entry = file('packages/kit/src/index.ts', `export * from './x.ts';`);
    expect(findCycles([entry, file('packages/kit/src/x.ts', `import '@burgeon/kit';`)])).toHaveLength(1);
  });

  it('sees two circles apart, and none in a line', () => {
    const line = [file(`${src}/base/x.ts`, `import './a.ts';`), a, b, file(c.path, 'export const c = 1;')];
    expect(findCycles(line)).toEqual([]);
    const pair = [file(`${src}/need/a.ts`, `import './b.ts';`), file(`${src}/need/b.ts`, `import './a.ts';`)];
    expect(findCycles([a, b, c, ...pair])).toHaveLength(2);
  });

  it('has none in the tree', () => {
    expect(findCycles(files)).toEqual([]);
  });
});

describe('words of protocols', () => {
  const neutral = (path: string) => path.startsWith('packages/kit/src/') || path.startsWith(`${src}/interface/`);

  it.each([
    ['const httpMethod = 1;', 'http'],
    ["const kind = 'GraphQL';", 'graphql'],
    ['// read from toOpenApiDocument', 'openapi'],
    ['class WebSocketServer {}', 'websocket'],
    ['const mySqlTable = 1;', 'sql'],
    ['const url = "http://a.example";', 'http'],
    ['type HTTPStatus = 1; // RFC 9110', 'http'],
  ])('sees %s', (source, word) => {
    expect(findProtocolWords(file('packages/kit/src/x.ts', source))).toEqual([`packages/kit/src/x.ts:1 ${word}`]);
  });

  it.each(['// see https://spec.openapis.org/oas/v3.2.0.html', 'const secret = lite;', 'const SQLite = 1;'])(
    'allows %s',
    (source) => {
      expect(findProtocolWords(file('packages/kit/src/x.ts', source))).toEqual([]);
    },
  );

  it('stand neither in the kit nor in the interface', () => {
    const read = files.filter(({ path }) => neutral(path) && !path.endsWith('.test.ts'));
    expect(read.flatMap(findProtocolWords)).toEqual([]);
  });
});

describe('style', () => {
  const lines = (count: number) => 'let a = 1;\n'.repeat(count);

  it.each([
    ['a long file', lines(401), 'file of 401 code lines'],
    ['a long function', `const f = () => {\n${lines(59)}};`, 'function of 61 code lines'],
    ['a long method', `class C {\n m() {\n${lines(59)}}\n}`, 'function of 61 code lines'],
    ['five parameters', 'const f = (a, b, c, d, ...e) => a;', 'function of 5 parameters'],
    ['any', 'let a: Map<string, any>;', 'any'],
    ['a bare error', 'function f() { throw new Error("x"); }', 'throw new Error'],
    ['an export without a docstring', '// not one\nexport const a = 1;', 'export "a" has no docstring'],
    ['a listed export without one', 'interface A {}\nexport { type A };', 'export "A" has no docstring'],
    ['a docstring of something else', '/** Of b. */\nconst b = 1;\nexport class A {}', 'export "A" has no docstring'],
  ])('sees %s', (_, source, says) => {
    const found = checkStyle(file('packages/kit/src/x.ts', source));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^packages/kit/src/x.ts:\\d+ ${says}$`));
  });

  it.each([
    ['comments and blank lines', `${'// why\n\n'.repeat(400)}${lines(400)}`],
    [
      'an overload',
      '/** Gives. */\nexport function f(a: 1): 1;\nexport function f(a: 2): 2;\nexport function f(a: unknown) { return a; }',
    ],
    ['a comment after a docstring', '/** Gives. */\n// oxlint-disable-next-line x -- why\nexport const a = 1;'],
    ['a re-export', `export { a } from './a.ts';`],
  ])('allows %s', (_, source) => {
    expect(checkStyle(file('packages/kit/src/x.ts', source))).toEqual([]);
  });

  it('holds in the tree', () => {
    expect(files.flatMap(checkStyle)).toEqual([]);
  });
});
