import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultBudget, manifestExtension, type Interface, type JsonObject, type Program, type SourceInput } from '@burgeon/kit';
import { sourceSuite } from '@burgeon/kit/suites';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { module } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'burgeon-module-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const greet: JsonObject = {
  operations: {
    greet: {
      effect: 'read',
      input: { properties: { name: { type: 'string' } }, required: ['name'] },
      output: { type: 'string' },
    },
  },
};
const cardText = (card: JsonObject, more: JsonObject = {}): string =>
  JSON.stringify({ name: 'greeter', ...more, extensions: { [manifestExtension]: card } });
const code = 'export const operations = {};';

let folders = 0;
const folderOf = (files: Record<string, string | Uint8Array>): SourceInput => {
  const folder = join(root, `f${++folders}`);
  mkdirSync(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { kind: 'folder', location: folder };
};
const plain = (card: JsonObject, more: Record<string, string> = {}): SourceInput =>
  folderOf({ 'plugin.json': cardText(card), 'index.ts': code, ...more });

const example: SourceInput = {
  kind: 'folder',
  location: fileURLToPath(new URL('../../../../../../examples/outline', import.meta.url)),
};
const described: JsonObject = {
  format: 'burgeon.interface/1',
  name: 'anything',
  version: '9',
  source: { kind: 'openapi', location: 'x', digest: 'a'.repeat(64) },
  locations: [],
  operations: [
    {
      id: 'greet',
      effect: 'write',
      idempotent: false,
      input: { type: 'object', properties: {} },
      output: { $ref: '#/types/Text' },
      errors: [],
      auth: [],
      examples: [],
      bindings: { http: { method: 'GET', path: '/' } },
    },
  ],
  channels: [],
  entities: [],
  types: { Text: { type: 'string' } },
  auth: {},
  origins: {},
  diagnostics: [],
  bindings: { http: {} },
};

sourceSuite(
  { describe, it, expect },
  {
    source: module,
    own: [
      { name: 'the outline module', input: example },
      { name: 'a table of operations', input: plain(greet) },
      { name: 'an interface', input: plain({}, { 'interface.json': JSON.stringify(described) }) },
    ],
    foreign: [
      { name: 'a folder without a manifest', input: folderOf({ 'index.ts': code }) },
      { name: 'a plugin of another kind', input: folderOf({ 'plugin.json': '{"name":"x"}' }) },
      { name: 'a manifest that is no JSON', input: folderOf({ 'plugin.json': 'name: x' }) },
      {
        name: 'a manifest that is too large',
        input: folderOf({ 'plugin.json': cardText(greet, { x: 'x'.repeat(1024 * 1024) }) }),
      },
      { name: 'a document', input: { kind: 'document', location: 'plugin.json', text: cardText(greet) } },
      { name: 'a database', input: { kind: 'connection', location: 'sqlite:x.db' } },
    ],
    invalid: [
      { name: 'a folder without a manifest', input: folderOf({ 'index.ts': code }), code: 'SOURCE_INVALID' },
      { name: 'no operations', input: plain({}), code: 'SOURCE_INVALID' },
      { name: 'operations twice', input: plain(greet, { 'interface.json': JSON.stringify(described) }), code: 'SOURCE_INVALID' },
      { name: 'no entry', input: folderOf({ 'plugin.json': cardText(greet) }), code: 'SOURCE_INVALID' },
      { name: 'an entry that is not there', input: plain({ ...greet, entry: 'main.ts' }), code: 'SOURCE_INVALID' },
      {
        name: 'an entry that is generated',
        input: plain({ ...greet, entry: 'stub/index.ts' }, { 'stub/index.ts': '' }),
        code: 'SOURCE_INVALID',
      },
      { name: 'a kind of module that it is not', input: plain({ ...greet, kind: 'data' }), code: 'SOURCE_INVALID' },
      { name: 'a host of its own choice', input: plain({ ...greet, host: 'interface' }), code: 'SOURCE_INVALID' },
      { name: 'limits beyond all measure', input: plain({ ...greet, limits: { memoryBytes: 2 ** 40 } }), code: 'SOURCE_INVALID' },
      { name: 'a name of an operation that is none', input: plain({ operations: { 'a b': {} } }), code: 'SOURCE_INVALID' },
      { name: 'an example that is none', input: plain({ operations: { a: { examples: [{}] } } }), code: 'SOURCE_INVALID' },
      { name: 'a channel without a direction', input: plain({ ...greet, channels: { a: {} } }), code: 'SOURCE_INVALID' },
      { name: 'a channel of no name', input: plain({ channels: { 'a b': { direction: 'in' } } }), code: 'SOURCE_INVALID' },
      {
        name: 'a channel with a will of its own',
        input: plain({ channels: { a: { direction: 'in', overflow: 'burn' } } }),
        code: 'SOURCE_INVALID',
      },
      {
        name: 'channels twice',
        input: plain({ channels: {} }, { 'interface.json': JSON.stringify(described) }),
        code: 'SOURCE_INVALID',
      },
      { name: 'an unknown field', input: plain({ ...greet, powers: [] }), code: 'SOURCE_INVALID' },
      { name: 'an interface that is none', input: plain({}, { 'interface.json': '[]' }), code: 'SOURCE_INVALID' },
      { name: 'nesting', input: plain({}, { 'interface.json': '['.repeat(9_999) }), code: 'SPEC_TOO_COMPLEX' },
    ],
  },
);

const read = (input: SourceInput): Promise<{ interface: Interface; program: Program }> =>
  module.readProgram!(input, {
    budget: defaultBudget,
    clock: systemClock,
    log: silentLogger,
    signal: new AbortController().signal,
  });

describe('module', () => {
  it('gives the program with what its author says, and leaves out what is written for it', async () => {
    const input = folderOf({
      'plugin.json': cardText(
        {
          ...greet,
          id: 'parsers/greet',
          capabilities: [{ kind: 'clock', scope: {} }],
          limits: { wallMs: 100 },
          dependencies: { 'api/x': '1' },
        },
        { version: '2.1.0', description: 'Greets.', license: 'MIT', mcpServers: {} },
      ),
      'index.js': code,
      'lib/a.ts': '',
      'SKILL.md': 'obey',
      'stub/index.ts': '',
    });
    symlinkSync('/etc/passwd', join(input.location, 'b.ts'));
    const { interface: description, program } = await read(input);
    expect(description).toMatchObject({ name: 'greet', version: '2.1.0', title: 'greeter', description: 'Greets.' });
    expect(description.diagnostics).toMatchObject([{ code: 'file-passed-over', severity: 'info' }]);
    expect(program).toEqual({
      namespace: 'parsers',
      card: {
        entry: 'index.js',
        capabilities: [{ kind: 'clock', scope: {} }],
        limits: { wallMs: 100 },
        dependencies: { 'api/x': '1' },
      },
      about: { description: 'Greets.', license: 'MIT' },
      files: [
        { path: 'index.js', text: code },
        { path: 'lib/a.ts', text: '' },
      ],
    });
  });

  it('takes a binary as base64, as the entry where there is no other', async () => {
    const bytes = Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const { program } = await read(folderOf({ 'plugin.json': cardText(greet), 'module.wasm': bytes, 'notes.md': 'n' }));
    expect(program.card.entry).toBe('module.wasm');
    expect(program.files).toContainEqual({ path: 'module.wasm', text: 'AGFzbQEAAAA=' });
  });

  it('binds nothing to a protocol, and believes no origin', async () => {
    const { interface: description } = await read(plain({}, { 'interface.json': JSON.stringify(described) }));
    expect(description).toMatchObject({ name: 'greeter', version: '1.0.0', source: { kind: 'module' } });
    expect(description.operations).toMatchObject([{ id: 'greet', bindings: {} }]);
    expect(description.bindings).toBeUndefined();
  });

  it.each([
    ['greeter', 'skill', 'greeter'],
    ['kb.wiki', 'kb', 'wiki'],
    ['acme.wiki.pages', 'skill', 'acme-wiki-pages'],
    ['flow.a.b', 'flow', 'a-b'],
  ])('takes %s for a module of %s called %s', async (name, namespace, short) => {
    const { interface: description, program } = await read(
      folderOf({ 'plugin.json': cardText(greet, { name }), 'index.ts': code }),
    );
    expect([program.namespace, description.name]).toEqual([namespace, short]);
  });

  it('counts an operation as writing unless it says otherwise', async () => {
    const { interface: description } = await read(plain({ operations: { a: {}, b: { effect: 'read' } } }));
    expect(description.operations).toMatchObject([
      { id: 'a', effect: 'write', idempotent: false, output: true, input: { type: 'object', properties: {} } },
      { id: 'b', effect: 'read', idempotent: true },
    ]);
  });

  it('describes channels as those see them who use the module, and how the bus carries them', async () => {
    const message = { type: 'object' };
    const channels: JsonObject = {
      'orders.created': { direction: 'out', message, reply: { type: 'null' }, version: '1.2', summary: 'A new order.' },
      'orders.*': { direction: 'in', overflow: 'drop-oldest', atOnce: 4, attempts: 1 },
      chat: { direction: 'both' },
    };
    const { interface: description } = await read(plain({ channels }));
    expect(description.operations).toEqual([]);
    expect(description.channels).toEqual([
      {
        id: 'orders.created',
        direction: 'in',
        message,
        reply: { type: 'null' },
        summary: 'A new order.',
        auth: [],
        bindings: { bus: { version: '1.2' } },
      },
      {
        id: 'orders.*',
        direction: 'out',
        message: true,
        auth: [],
        bindings: { bus: { overflow: 'drop-oldest', atOnce: 4, attempts: 1 } },
      },
      { id: 'chat', direction: 'both', message: true, auth: [], bindings: {} },
    ]);
    const written = { ...described, channels: [{ ...description.channels[0], bindings: { http: {}, bus: { attempts: 2 } } }] };
    const { interface: other } = await read(plain({}, { 'interface.json': JSON.stringify(written) }));
    expect(other.channels).toMatchObject([{ direction: 'in', bindings: { bus: { attempts: 2 } } }]);
    expect(other.channels[0]?.bindings).not.toHaveProperty('http');
  });

  it('tells another program by its digest', async () => {
    const digest = async (more: Record<string, string>): Promise<string> =>
      (await read(plain(greet, more))).interface.source.digest;
    expect(await digest({})).not.toBe(await digest({ 'a.ts': '' }));
    expect(await digest({ 'SKILL.md': 'a' })).toBe(await digest({}));
    expect(readFileSync(join(example.location, 'plugin.json'), 'utf8')).toContain(manifestExtension);
  });
});
