import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BundleFile } from '@burgeon/kit';
import { folderOfFile } from '../../../base/fixtures/afterwards.ts';
import { circles, empty, foreign, interfaces, layShop, options, pets, shop } from '../fixtures/interfaces.ts';
import { typescript } from './index.ts';

const folder = folderOfFile('typescript');

const save = async (name: string, files: BundleFile[]): Promise<string> => {
  const place = join(folder(), name);
  for (const { path, text } of files) {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), text);
  }
  return place;
};

const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

const strict = {
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  isolatedModules: true,
  isolatedDeclarations: true,
  declaration: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  noUnusedLocals: true,
  target: 'esnext',
  module: 'nodenext',
  lib: ['esnext', 'dom'],
  types: [],
};

/** What the compiler says; empty when it is content. */
const compile = async (place: string, compilerOptions: object = strict): Promise<string> => {
  // Whatever lies above it, the code is meant as a module.
  await writeFile(join(place, 'package.json'), '{"type":"module"}', { flag: 'wx' }).catch(() => {});
  await writeFile(join(place, 'tsconfig.test.json'), JSON.stringify({ compilerOptions, include: ['**/*.ts'] }));
  return promisify(execFile)(process.execPath, [compiler, '-p', join(place, 'tsconfig.test.json')]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
};

describe('typescript', () => {
  it('writes stubs that the strictest compiler accepts', async () => {
    for (const [name, description] of Object.entries(interfaces)) {
      await save(`stubs/${name}`, await typescript.write(description, options('stub')));
    }
    expect(await compile(join(folder(), 'stubs'))).toBe('');
  });

  it('ends every type', async () => {
    const types = (await typescript.write(circles, options('stub'))).find(({ path }) => path === 'types.ts')?.text ?? '';
    expect(types.replace(/\s+/g, ' ')).toContain(
      'export type Animal = Dog & { name?: string; }; export type Dog = { name?: string; } & { owner?: Animal; }; export type Self = unknown;',
    );
    expect(types).toContain('export type Bark = Plain;');
    expect(types).toMatch(/export type Blob_ = number;/);
  });

  it('gives every function a name that is no word of the language and makes no promise of the module', async () => {
    const named = pets.operations.map((operation) => ({ ...operation, id: operation.id.replace(/_$/, '') }));
    const [index] = await typescript.write({ ...pets, operations: named }, options('stub'));
    expect(index?.text).toContain('export function delete_(input: types.DeleteInput');
    expect(index?.text).toContain('export function then_(');
    expect(index?.text).toContain("['delete']: delete_,");
    expect(index?.text).toContain('export function listPetsPages(');
    expect(index?.text).toContain("return stream(moduleId, 'watch', input, options);");
    expect(index?.text).toContain('@deprecated');
  });

  it('tells the way in from the way out only where it matters', async () => {
    const types = (await typescript.write(pets, options('stub'))).find(({ path }) => path === 'types.ts')?.text ?? '';
    expect(types).toMatch(
      /export interface Pet \{\n {2}\/\*\* Format: int64 \*\/\n {2}readonly id: number;\n {2}kind: string;\n {2}secret\?: string;/,
    );
    expect(types).toMatch(
      /export interface PetInput \{\n {2}\/\*\* Format: int64 \*\/\n {2}readonly id\?: number;\n {2}kind: string;\n {2}secret: string;/,
    );
    expect(types).toContain('export type Cat = PetInput & {');
    expect(types).toContain('pair?: [string, number?];');
    expect(types).toContain("(Bird & { sort: 'bird' })".replace('{ sort', '{\n  sort').replace(' }', ';\n}'));
    expect(types).not.toContain('BirdInput');
    expect(types).toContain('export interface DeleteErrors {\n  /** Taken *\\/ */\n');
  });

  it('writes stand-alone packages that the strictest compiler accepts', async () => {
    for (const [name, description] of Object.entries({ pets, shop, empty: empty(pets) })) {
      await save(`packages/${name}`, await typescript.write(description, options('standalone')));
    }
    const { isolatedDeclarations: _declarations, noPropertyAccessFromIndexSignature: _access, ...rest } = strict;
    expect(await compile(join(folder(), 'packages'), rest)).toBe('');
  });

  it('refuses what it cannot reach, and says what to do instead', async () => {
    await expect(typescript.write(foreign(pets), options('standalone'))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      data: { protocols: ['carrier'] },
    });
    await expect(typescript.write({ ...shop, bindings: {} }, options('standalone'))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});

type Call = (input?: unknown) => Promise<unknown>;

const load = async (place: string, settings: object): Promise<Record<string, Call>> => {
  const { createApi } = (await import(pathToFileURL(join(place, 'index.ts')).href)) as { createApi: (settings: object) => never };
  return createApi(settings);
};

describe('a stand-alone client over HTTP', () => {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const json = (status: number, body: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/events')
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"id":1}\n\ndata: {"id":2}\n\n');
    if (url.pathname === '/raw' || url.pathname.endsWith('/photo')) {
      response.writeHead(url.pathname === '/raw' ? 200 : 204, { 'content-type': 'application/octet-stream' });
      return void request.pipe(response);
    }
    if (request.method === 'POST') return json(request.headers['x-key'] === 'k' ? 201 : 409, { id: 1, title: 'taken' });
    return url.searchParams.get('cursor') === 'b'
      ? json(200, { items: [{ id: 2 }] })
      : json(200, { items: [{ id: 1 }], nextCursor: 'b' });
  });
  let api: Awaited<ReturnType<typeof load>>;
  let place = '';

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    place = await save('client', await typescript.write(pets, options('standalone')));
    api = await load(place, { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, auth: () => 'k' });
  });
  afterAll(() => void server.close());

  it('calls, sends credentials, and gives the output', async () => {
    expect(await api['delete_']?.({ body: { kind: 'cat' } })).toEqual({ id: 1, title: 'taken' });
    expect(await api['listPets']?.({ limit: 1 })).toEqual({ items: [{ id: 1 }], nextCursor: 'b' });
  });

  it('throws the error of the other side with its body', async () => {
    const other = await load(place, {
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      auth: () => 'wrong',
    });
    await expect(other['delete_']?.({ body: {} })).rejects.toMatchObject({
      name: 'HttpError',
      status: 409,
      body: { title: 'taken' },
    });
  });

  it('walks pages and streams', async () => {
    const pages = await Array.fromAsync(api['listPetsPages']?.({}) as unknown as AsyncIterable<unknown>);
    expect(pages).toEqual([{ items: [{ id: 1 }], nextCursor: 'b' }, { items: [{ id: 2 }] }]);
    expect(await Array.fromAsync(api['watch']?.() as unknown as AsyncIterable<unknown>)).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('sends and receives bytes as bytes', async () => {
    const bytes = new Uint8Array([0, 255, 1]);
    expect(await api['sendRaw']?.({ body: bytes })).toEqual(bytes);
    expect(await api['then_']?.({ petId: '1', body: { file: bytes, more: [bytes] } })).toBeNull();
  });
});

describe('a stand-alone client of a database', () => {
  it('creates, reads, lists page by page and refuses', async () => {
    const api = await (async () => {
      const path = join(folder(), 'shop.sqlite');
      layShop(path);
      const database = new DatabaseSync(path);
      const query = async (text: string, parameters: never[]) => {
        const statement = database.prepare(text);
        statement.setReadBigInts(true);
        return { rows: statement.all(...parameters) };
      };
      return load(await save('database', await typescript.write(shop, options('standalone'))), { query });
    })();
    const id = (role: 'create' | 'get' | 'list'): string =>
      shop.entities.find(({ name }) => /pet/i.test(name))?.operations[role]?.operation ?? '';
    for (const name of ['Rex', 'Tom', 'Kim']) expect(await api[id('create')]?.({ name })).toMatchObject({ name });
    expect(await api[id('get')]?.({ id: 2 })).toMatchObject({ id: 2, name: 'Tom', weight: null });
    await expect(api[id('get')]?.({ id: 9 })).rejects.toMatchObject({ name: 'SqlError', failure: { code: 'not-found' } });
    const pages = await Array.fromAsync(
      api[`${id('list')}Pages`]?.({ limit: 2 }) as unknown as AsyncIterable<{ items: unknown[] }>,
    );
    expect(pages.map(({ items }) => items.length)).toEqual([2, 1]);
  });
});
