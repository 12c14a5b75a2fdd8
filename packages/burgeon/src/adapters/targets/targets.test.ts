import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultBudget, type BundleFile, type Interface, type JsonSchema, type Source, type TargetOptions } from '@burgeon/kit';
import { targetSuite } from '@burgeon/kit/suites';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { fingerprint } from '../../interface/fingerprint.ts';
import { normaliseInterface } from '../../interface/normalise.ts';
import { openapi as openapiSource } from '../sources/openapi/index.ts';
import { sql as sqlSource } from '../sources/sql/index.ts';
import { openapi } from './openapi.ts';
import { skillMd } from './skill-md.ts';
import { typescript } from './typescript/index.ts';

const read = async (source: Source, location: string, text?: string): Promise<Interface> => {
  const signal = new AbortController().signal;
  const input = { kind: source.reads, location, ...(text === undefined ? {} : { text }) };
  return normaliseInterface(await source.read(input, { budget: defaultBudget, clock: systemClock, log: silentLogger, signal }));
};

/** Everything that makes types hard: circles, inheritance, indexes, tuples, one-way properties, discriminators, odd names. */
const document = {
  openapi: '3.1.0',
  info: { title: 'Pet & <Shop>', version: '1.0', description: 'Everything about pets. More text.' },
  servers: [{ url: 'http://{host}/v1', variables: { host: { default: 'localhost' } } }],
  paths: {
    '/pets': {
      get: {
        operationId: 'listPets',
        tags: ['pets'],
        summary: 'Lists pets',
        parameters: [
          { name: 'limit', in: 'query', schema: { type: 'integer' } },
          { name: 'cursor', in: 'query', schema: { type: 'string' } },
        ],
        responses: {
          200: {
            description: 'A page',
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: {
                    items: { type: 'array', items: { $ref: '#/components/schemas/Pet' } },
                    nextCursor: { type: 'string' },
                  },
                  required: ['items'],
                },
              },
            },
          },
        },
      },
      post: {
        operationId: 'delete',
        deprecated: true,
        security: [{ key: [] }],
        requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/Cat' } } } },
        responses: {
          201: { description: 'Made', content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } } },
          409: {
            description: 'Taken */',
            content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
          },
          default: { description: 'Else' },
        },
      },
    },
    '/pets/{petId}/photo': {
      put: {
        operationId: 'then',
        parameters: [{ name: 'petId', in: 'path', required: true, schema: { type: 'string' } }],
        requestBody: {
          content: {
            'multipart/form-data': {
              schema: {
                type: 'object',
                properties: {
                  file: { type: 'string', contentMediaType: 'image/png', format: 'binary' },
                  more: { type: 'array', items: { type: 'string', format: 'binary' } },
                  note: { type: 'string' },
                },
                required: ['file'],
              },
            },
          },
        },
        responses: { 204: { description: 'Stored' } },
      },
      get: {
        operationId: 'getPhoto',
        parameters: [{ name: 'petId', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { 200: { description: 'Bytes', content: { 'image/png': {} } } },
      },
    },
    '/events': {
      get: {
        operationId: 'watch',
        responses: {
          200: { description: 'Events', content: { 'text/event-stream': { schema: { $ref: '#/components/schemas/Pet' } } } },
        },
      },
    },
    '/raw': {
      post: {
        operationId: 'sendRaw',
        requestBody: { required: true, content: { 'application/octet-stream': {} } },
        responses: { 200: { description: 'Same', content: { 'application/octet-stream': {} } } },
      },
    },
  },
  webhooks: {
    petBorn: {
      post: {
        summary: 'A pet was born',
        requestBody: {
          description: 'The pet',
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/Pet' } },
            'application/xml': { schema: { $ref: '#/components/schemas/Pet' } },
          },
        },
        responses: { 200: { description: 'Seen' } },
      },
    },
  },
  components: {
    securitySchemes: {
      key: { type: 'apiKey', in: 'header', name: 'x-key', description: 'The key' },
      login: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'http://localhost/token', scopes: { read: 'Reads' } } } },
      basic: { type: 'http', scheme: 'basic' },
      open: { type: 'openIdConnect', openIdConnectUrl: 'http://localhost/oidc' },
      tls: { type: 'mutualTLS' },
      digest: { type: 'http', scheme: 'digest' },
    },
    schemas: {
      Pet: {
        type: 'object',
        required: ['id', 'kind', 'secret'],
        properties: {
          id: { type: 'integer', format: 'int64', readOnly: true },
          kind: { type: 'string' },
          secret: { type: 'string', writeOnly: true },
          parent: { $ref: '#/components/schemas/Pet' },
          'odd-name': { type: ['string', 'null'] },
          constructor: { type: 'string' },
        },
        additionalProperties: { type: 'number' },
      },
      Cat: {
        allOf: [
          { $ref: '#/components/schemas/Pet' },
          {
            type: 'object',
            properties: {
              lives: { enum: [1, 7, 9] },
              any: { $ref: '#/components/schemas/Any' },
              pair: { prefixItems: [{ type: 'string' }, { type: 'number' }], minItems: 1, items: false },
            },
          },
        ],
      },
      Animal: {
        oneOf: [{ $ref: '#/components/schemas/Dog' }, { $ref: '#/components/schemas/Bird' }],
        discriminator: { propertyName: 'sort', mapping: { dog: '#/components/schemas/Dog', bird: '#/components/schemas/Bird' } },
        type: 'object',
        properties: { sort: { type: 'string' } },
      },
      Dog: { allOf: [{ $ref: '#/components/schemas/Animal' }, { type: 'object', properties: { bark: { type: 'boolean' } } }] },
      Bird: { type: 'object', properties: { sort: { type: 'string' }, sings: { type: 'boolean' } } },
      Any: {
        anyOf: [
          { type: 'array', items: { $ref: '#/components/schemas/Any' } },
          { type: 'object', additionalProperties: { $ref: '#/components/schemas/Any' } },
          { type: 'string' },
          { $ref: '#/components/schemas/Animal' },
        ],
      },
      Problem: {
        type: 'object',
        properties: { title: { type: 'string', description: 'ends */ here\n@ts-ignore' } },
        title: 'Problem',
      },
      string: { type: 'string' },
    },
  },
};

/** A protocol nobody knows. */
const foreign = (description: Interface): Interface => ({
  ...description,
  operations: description.operations.map((operation) => ({
    ...operation,
    bindings: { carrier: {} },
    errors: [
      { code: 'taken', schema: { type: 'string' } },
      { code: '404', schema: true },
    ],
  })),
});

const empty = (description: Interface): Interface => ({
  ...description,
  operations: [],
  channels: [],
  entities: [],
  types: {},
  auth: {},
  locations: [],
});

const pets = await read(openapiSource, 'pets.json', JSON.stringify(document));
const folder = await mkdtemp(join(tmpdir(), 'burgeon-targets-'));
const shop = await (async () => {
  const path = join(folder, 'shop.sqlite');
  const database = new DatabaseSync(path);
  database.exec(
    'CREATE TABLE pets (id INTEGER PRIMARY KEY, name TEXT NOT NULL, weight REAL, photo BLOB); CREATE TABLE notes (text TEXT)',
  );
  database.close();
  return read(sqlSource, `sqlite:${path}`);
})();
afterAll(() => rm(folder, { recursive: true }));

/** Types that would be nothing but themselves. */
const circles: Interface = {
  ...empty(pets),
  types: {
    Animal: { oneOf: [{ $ref: '#/types/Dog' }], properties: { name: { type: 'string' } } },
    Dog: { allOf: [{ $ref: '#/types/Animal' }, { properties: { owner: { $ref: '#/types/Animal' } } }] },
    Self: { $ref: '#/types/Self' },
    Nameless: { oneOf: [{ $ref: '#/types/Bark' }] },
    Bark: { allOf: [{ $ref: '#/types/Nameless' }, { $ref: '#/types/Plain' }] },
    Plain: { type: 'object', properties: { a: true } },
    One: { anyOf: [{ $ref: '#/types/Two' }, { $ref: '#/types/Yes' }] },
    Two: { anyOf: [{ $ref: '#/types/One' }, { type: 'string' }] },
    Yes: true,
    blob: { type: 'null' },
    Blob: { type: 'number' },
  },
};

const interfaces = { pets, shop, foreign: foreign(pets), empty: empty(pets), circles };
for (const target of [typescript, openapi, skillMd]) targetSuite({ describe, it, expect }, { target, interfaces });

const options = (form: TargetOptions['form']): TargetOptions => ({ module: 'api/pets', version: '1.2.3', form });

const save = async (name: string, files: BundleFile[]): Promise<string> => {
  const place = join(folder, name);
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
    expect(await compile(join(folder, 'stubs'))).toBe('');
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
    expect(await compile(join(folder, 'packages'), rest)).toBe('');
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
      const database = new DatabaseSync(join(folder, 'shop.sqlite'));
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

describe('openapi', () => {
  const written = async (description: Interface): Promise<string> =>
    (await openapi.write(description, options('stub')))[0]?.text ?? '';

  it('gives what it was read from', async () => {
    const again = await read(openapiSource, 'pets.json', await written(pets));
    expect(again.operations).toEqual(pets.operations);
    expect(fingerprint(again)).toBe(fingerprint(pets));
  });

  it('describes what is not reached over HTTP as calls', async () => {
    const text = await written(foreign(pets));
    const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, { responses: Record<string, unknown> }>> };
    expect(Object.keys(paths)).toEqual(pets.operations.map(({ id }) => `/operations/${id}`));
    expect(Object.keys(paths['/operations/delete_']?.['post']?.responses ?? {})).toEqual(['200', '404', 'default']);
    expect((await read(openapiSource, 'x.json', text)).operations.map(({ id }) => id)).toEqual(
      pets.operations.map(({ id }) => id),
    );
  });

  it('finds a place for everything HTTP can say', async () => {
    const [first] = pets.operations;
    if (!first) return;
    const operation = (id: string, method: string, more: object = {}) => ({
      ...first,
      id,
      bindings: {
        http: {
          method,
          path: '/same',
          query: [
            ['a', '1'],
            ['b', ''],
          ],
          parameters: [
            { name: 't', property: 'limit', in: 'query', style: 'tabDelimited', explode: false },
            { name: 'j', property: 'cursor', in: 'query', style: 'form', explode: true, mediaType: 'application/json' },
          ],
          responses: [],
          locations: [{ url: '/x' }],
          ...more,
        } as never,
      },
    });
    const description: Interface = {
      ...pets,
      types: { 'odd name': true as JsonSchema },
      auth: { 'odd key': { kind: 'apiKey', bindings: {} }, pass: { kind: 'password', bindings: {} } },
      operations: [
        operation('a', 'GET'),
        operation('b', 'GET'),
        operation('c', 'QUERY'),
        operation('d', 'PURGE'),
        operation('e', 'PURGE'),
      ],
    };
    const result = JSON.parse(await written(description)) as {
      openapi: string;
      paths: Record<string, object>;
      components: { schemas: object; securitySchemes: object };
    };
    expect(result.openapi).toBe('3.2.0');
    expect(Object.entries(result.paths).map(([path, item]) => [path, Object.keys(item)])).toEqual([
      ['/same?a=1&b', ['get', 'query', 'additionalOperations']],
      ['/same?a=1&b#b', ['get']],
      ['/same?a=1&b#e', ['additionalOperations']],
    ]);
    expect([Object.keys(result.components.schemas), Object.keys(result.components.securitySchemes)]).toEqual([
      ['odd_name'],
      ['pass', 'odd_key'].toSorted(),
    ]);
  });
});

describe('skill-md', () => {
  it('says what there is, within bounds', async () => {
    const [page] = await skillMd.write(pets, options('stub'));
    expect(page?.text.split('\n').slice(0, 6)).toEqual([
      '---',
      'name: "pets"',
      'description: "Calls Pet & <Shop> (6 operations). Use when a task concerns pets. Everything about pets."',
      'metadata:',
      '  burgeon-module: "burgeon:api/pets@1.2.3"',
      '---',
    ]);
    expect(page?.text).toContain('- `listPets(input?: {');
    expect(page?.text).toContain('[writes] (deprecated)');
    const many = {
      ...pets,
      operations: Array.from({ length: 100 }, () => pets.operations[0] as Interface['operations'][number]),
    };
    expect((await skillMd.write(many, options('stub')))[0]?.text).toContain('And 40 more:');
  });
});
