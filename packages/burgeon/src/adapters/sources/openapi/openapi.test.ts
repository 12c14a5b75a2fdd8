import { readFileSync } from 'node:fs';
import { sourceSuite } from '@burgeon/kit/suites';
import type { SourceInput } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { bindingOf, codesOf, read, readPaths } from './fixtures/read.ts';
import { openapi } from './index.ts';

const document = (text: string, location = 'api.json'): SourceInput => ({ kind: 'document', location, text });
const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
const library = fixture('library.yaml');
const garden = fixture('garden-2.0.json');
const late = JSON.stringify({
  info: { title: 'Late', version: '1' },
  paths: { '/x': { get: { description: 'x'.repeat(9_000), responses: {} } } },
  openapi: '3.0.0',
});

sourceSuite(
  { describe, it, expect },
  {
    source: openapi,
    own: [
      { name: 'YAML of 3.1', input: document(library, 'library.yaml') },
      { name: 'JSON of 2.0', input: document(garden) },
      { name: 'a version at the end', input: document(late) },
      { name: 'a version as a number', input: document('openapi: 3.0\ninfo: {title: x, version: 1}\npaths: {}\n') },
      { name: 'no version at all', input: document('info: {title: x, version: 1}\npaths:\n  /x: {get: {responses: {}}}\n') },
    ],
    foreign: [
      { name: 'an AsyncAPI document', input: document('asyncapi: 3.0.0\nchannels: {}\n') },
      { name: 'a HAR', input: document('{"log":{"version":"1.2","entries":[]}}') },
      {
        name: 'a Postman collection',
        input: document('{"info":{"schema":"https://schema.getpostman.com/json/collection/v2.1.0/"},"item":[]}'),
      },
      { name: 'a GraphQL schema', input: document('type Query { openapi: String }') },
      { name: 'a web page', input: document('<!doctype html><p>openapi: 3.0.0') },
      { name: 'nothing', input: document('') },
      { name: 'a connection', input: { kind: 'connection', location: 'postgres://localhost/x' } },
      { name: 'a package card', input: document('{"name":"openapi","version":"3.0.0"}') },
    ],
    invalid: [
      { name: 'nothing', input: document(''), code: 'SOURCE_INVALID' },
      { name: 'a web page', input: document('<html><body>Not found</body></html>'), code: 'SOURCE_INVALID' },
      { name: 'a list', input: document('[1, 2]'), code: 'SOURCE_INVALID' },
      { name: 'a sentence', input: document('hello there'), code: 'SOURCE_INVALID' },
      { name: 'null', input: document('null'), code: 'SOURCE_INVALID' },
      { name: 'something else', input: document('{"name": "left-pad"}'), code: 'SOURCE_INVALID' },
      { name: 'an AsyncAPI document', input: document('{"asyncapi": "3.0.0", "components": {}}'), code: 'SOURCE_INVALID' },
      { name: 'Swagger 1.2', input: document('{"swaggerVersion": "1.2", "apis": []}'), code: 'SOURCE_INVALID' },
      { name: 'paths that are none', input: document('{"openapi": "3.0.0", "paths": []}'), code: 'SOURCE_INVALID' },
      { name: 'text that ends early', input: document('{"openapi": "3.0.0", "paths": {'), code: 'SOURCE_INVALID' },
      { name: 'a pit', input: document('['.repeat(100_000)), code: 'SPEC_TOO_COMPLEX' },
    ],
  },
);

describe('a whole description', () => {
  it('reads 3.1', async () => {
    const found = await read(library, { location: 'library.yaml' });
    expect(found).toMatchObject({
      name: 'public-library',
      title: 'Public Library',
      version: '2.4.0',
      description: 'Books and their readers.',
    });
    expect(found.locations).toEqual([
      { url: 'https://{region}.library.example/v1', variables: { region: { default: 'eu', enum: ['eu', 'us'] } } },
    ]);
    expect(found.operations.map(({ id }) => id)).toEqual([
      'listBooks',
      'createBook',
      'getBook',
      'updateBook',
      'deleteBook',
      'listBookLoans',
      'createBookLoan',
      'getBookLoan',
    ]);
    expect(Object.keys(found.types)).toEqual(['NewBook', 'Book', 'Loan', 'Problem']);
    expect(found.auth).toEqual({ key: { kind: 'apiKey', bindings: { http: { place: 'header', name: 'X-Key' } } } });
    expect(found.diagnostics).toEqual([]);
    const [list] = found.operations;
    expect(list).toMatchObject({
      tags: ['books'],
      effect: 'read',
      idempotent: true,
      outputCode: '200',
      auth: [{ key: [] }],
      pagination: {
        style: 'cursor',
        input: { limit: 'limit', position: 'cursor' },
        output: { items: '/items', next: '/next_cursor' },
      },
      errors: [{ code: 'default', schema: { $ref: '#/types/Problem' } }],
    });
    expect(list?.examples).toEqual([{ name: 'first', input: { limit: 20 }, output: { items: [], next_cursor: null } }]);
    expect(Object.keys(list?.input.properties ?? {})).toEqual(['limit', 'cursor', 'genre', 'xTraceId']);
    expect(found.operations[4]).toMatchObject({
      auth: [],
      output: { type: 'null' },
      outputCode: '204',
      effect: 'delete',
      idempotent: true,
    });
    expect(found.channels).toMatchObject([{ id: 'onBookReturned', direction: 'in', message: { $ref: '#/types/Loan' } }]);
    expect(found.origins).toMatchObject({
      '/operations/0': '/paths/~1books/get',
      '/operations/0/input/properties/xTraceId': '/components/parameters/Trace',
      '/types/Book': '/components/schemas/Book',
      '/auth/key': '/components/securitySchemes/key',
      '/channels/0': '/webhooks/bookReturned/post',
      '/entities/0': '/paths/~1books~1{bookId}',
    });
  });

  it('reads 2.0', async () => {
    const found = await read(garden);
    expect(found.locations).toEqual([{ url: 'https://garden.example/api' }, { url: 'http://garden.example/api' }]);
    expect(found.auth).toMatchObject({
      oauth: { kind: 'oauth2', flows: { authorizationCode: { scopes: { 'write:plants': 'grow' } } } },
      login: { kind: 'basic' },
    });
    expect(found.types['Plant']).toEqual({
      type: 'object',
      discriminator: { propertyName: 'kind' },
      required: ['name'],
      properties: {
        id: { type: 'integer', format: 'int64', exclusiveMinimum: 0 },
        name: { type: ['string', 'null'], examples: ['Fern'] },
        kind: { type: 'string' },
      },
    });
    const [add, , get, photo] = found.operations;
    expect(add?.input).toEqual({
      type: 'object',
      properties: {
        body: { $ref: '#/types/Plant', description: 'What to plant.' },
        contentType: {
          type: 'string',
          enum: ['application/json', 'application/xml'],
          default: 'application/json',
          description: 'Media type of the payload.',
        },
      },
      required: ['body'],
      additionalProperties: false,
    });
    expect(add?.auth).toEqual([{ oauth: ['write:plants'] }, { login: [] }]);
    expect(add?.examples).toEqual([{ name: 'example', output: { id: 1 } }]);
    expect(bindingOf(get!).parameters).toMatchObject([
      { name: 'plantId', required: true, style: 'simple' },
      { name: 'parts', style: 'pipeDelimited', explode: false },
      { name: 'tags', style: 'form', explode: false },
    ]);
    expect(bindingOf(photo!).body?.contents[0]).toMatchObject({
      mediaType: 'multipart/form-data',
      schema: { required: ['photo'] },
    });
    expect(photo?.input.properties['body']).toMatchObject({
      properties: { photo: { type: 'string', contentEncoding: 'base64' } },
    });
    expect(photo?.output).toMatchObject({ type: 'string', contentEncoding: 'base64' });
    expect(found.entities).toMatchObject([
      {
        name: 'Plant',
        key: ['id'],
        operations: {
          get: { operation: 'getPlant', key: { plantId: 'id' }, result: '' },
          create: { operation: 'addPlant', key: {}, record: '/body', result: '' },
          replace: { operation: 'replacePlant', key: {}, record: '/body' },
        },
      },
    ]);
  });

  it('stands where its document stood', async () => {
    const found = await read(
      { openapi: '3.0.0', info: {}, paths: {}, servers: [{ url: '../v2' }, { url: '' }, { url: '//cdn.example/' }] },
      { location: 'https://user:secret@api.example/docs/openapi.json?access_token=secret' },
    );
    expect(found.source.location).toBe('https://api.example/docs/openapi.json');
    expect(JSON.stringify(found)).not.toContain('secret');
  });
});

/** One small case for each way in which other readers were seen to fail. */
describe('what breaks others', () => {
  const ok = { responses: { '200': { description: 'ok' } } };
  const cases: { name: string; document: unknown; codes: string[]; operations: number }[] = [
    {
      name: 'swagger: "3.0"',
      document: { swagger: '3.0', paths: { '/a': { get: ok } }, servers: [] },
      codes: ['location-missing', 'version-coerced'],
      operations: 1,
    },
    {
      name: 'openapi as a number',
      document: { openapi: 3.1, paths: { '/a': { get: ok } } },
      codes: ['location-missing', 'version-coerced'],
      operations: 1,
    },
    {
      name: 'a version of tomorrow',
      document: { openapi: '4.0.0', paths: { '/a': { get: ok } } },
      codes: ['location-missing', 'version-coerced'],
      operations: 1,
    },
    {
      name: 'a dangling reference',
      document: {
        openapi: '3.0.0',
        paths: {
          '/a': {
            get: { responses: { '200': { content: { 'application/json': { schema: { $ref: '#/components/schemas/No' } } } } } },
          },
        },
      },
      codes: ['dangling-ref', 'location-missing'],
      operations: 1,
    },
    {
      name: 'misplaced keys',
      document: {
        openapi: '3.0.0',
        logo: 'x',
        info: { extensions: {} },
        paths: { '/a': { get: ok, logo: {} } },
        components: { schemas: { A: { type: 'object', get: {}, logo: 1 } } },
      },
      codes: ['location-missing', 'unknown-key', 'unknown-keyword'],
      operations: 1,
    },
    {
      name: 'a list as request body',
      document: {
        openapi: '3.0.0',
        paths: { '/a': { post: { ...ok, requestBody: [{ content: { 'application/json': {} } }] } } },
      },
      codes: ['invalid-body', 'location-missing'],
      operations: 1,
    },
    {
      name: 'a 2.0 body in 3.0',
      document: {
        openapi: '3.0.0',
        paths: { '/a': { post: { ...ok, parameters: [{ in: 'body', name: 'x', schema: { type: 'string' } }] } } },
      },
      codes: ['location-missing'],
      operations: 1,
    },
    {
      name: 'a 3.0 body in 2.0',
      document: {
        swagger: '2.0',
        host: 'h',
        paths: { '/a': { post: { ...ok, requestBody: { content: { 'application/json': { schema: {} } } } } } },
      },
      codes: [],
      operations: 1,
    },
    {
      name: 'broken operations beside a good one',
      document: { openapi: '3.0.0', paths: { '/a': { get: ok, put: 'later', post: null }, '/b': 7, '/c': null, 'x-c': 1 } },
      codes: ['invalid-operation', 'invalid-path-item', 'location-missing'],
      operations: 1,
    },
    {
      name: 'methods in upper case',
      document: { openapi: '3.0.0', paths: { '/a': { GET: ok, get: ok, POST: ok } } },
      codes: ['location-missing', 'method-case'],
      operations: 2,
    },
    {
      name: 'types alone',
      document: { openapi: '3.0.0', components: { schemas: { A: { type: 'string' } } } },
      codes: ['location-missing', 'no-operations'],
      operations: 0,
    },
    {
      name: 'circular path items',
      document: { openapi: '3.0.0', paths: { '/a': { $ref: '#/paths/~1b' }, '/b': { $ref: '#/paths/~1a' }, '/c': { get: ok } } },
      codes: ['location-missing', 'reference-cycle'],
      operations: 1,
    },
    {
      name: 'a response that is no status',
      document: { openapi: '3.0.0', paths: { '/a': { get: { responses: { success: {}, '200 OK': {}, '404': 'no' } } } } },
      codes: ['invalid-response', 'invalid-status', 'location-missing'],
      operations: 1,
    },
    {
      name: 'an unknown security scheme',
      document: { openapi: '3.0.0', security: [{ nope: [] }, 'x'], paths: { '/a': { get: ok } } },
      codes: ['invalid-security', 'location-missing', 'unknown-security'],
      operations: 1,
    },
  ];
  it.each(cases)('$name', async ({ document: given, codes, operations }) => {
    const found = await read(given);
    expect(codesOf(found.diagnostics)).toEqual(codes);
    expect(found.operations).toHaveLength(operations);
    for (const { path, position, code } of found.diagnostics)
      if (path !== '') expect([code, position]).toEqual([code, { line: 1, column: expect.any(Number) }]);
  });

  it('lists at most a hundred findings of a kind', async () => {
    const paths = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`/${index}`, 'x']));
    const found = await readPaths(paths);
    expect(found.diagnostics.filter(({ code }) => code === 'invalid-path-item')).toHaveLength(100);
    expect(found.diagnostics.find(({ code }) => code === 'findings-cut')?.message).toContain('50 more');
  });

  it('reads 3.2', async () => {
    const found = await readPaths(
      {
        '/feed': {
          query: { responses: { '200': { content: { 'text/event-stream': { itemSchema: { type: 'object' } } } } } },
          additionalOperations: { COPY: { ...ok, operationId: 'copyFeed' }, 'not a method': ok },
          get: {
            parameters: [
              {
                in: 'querystring',
                name: 'all',
                content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } },
              },
            ],
            ...ok,
          },
        },
      },
      { openapi: '3.2.0', $self: 'https://api.example/openapi.json' },
    );
    expect(found.operations.map(({ id, effect, idempotent }) => [id, effect, idempotent])).toEqual([
      ['queryFeed', 'read', true],
      ['copyFeed', 'write', false],
      ['getFeed', 'read', true],
    ]);
    expect(found.operations[0]).toMatchObject({
      output: { type: 'array', items: { type: 'object' } },
      stream: { item: { type: 'object' } },
    });
    expect(bindingOf(found.operations[2]!).parameters).toMatchObject([
      { in: 'querystring', mediaType: 'application/x-www-form-urlencoded' },
    ]);
  });

  it('hears callbacks and webhooks', async () => {
    const found = await readPaths(
      {
        '/subscribe': {
          post: {
            operationId: 'subscribe',
            ...ok,
            callbacks: {
              onEvent: {
                '{$request.body#/url}': {
                  post: { requestBody: { content: { 'application/json': { schema: { type: 'string' } } } }, ...ok },
                },
              },
              'x-skip': {},
            },
          },
        },
      },
      { 'x-webhooks': { ping: { post: { summary: 'Ping.', description: 'Now and then.', ...ok } } } },
    );
    expect(found.channels).toMatchObject([
      { id: 'onPing', summary: 'Ping.', description: 'Now and then.', message: true },
      {
        id: 'subscribeOnOnEvent',
        direction: 'in',
        message: { type: 'string' },
        bindings: { http: { path: '{$request.body#/url}', method: 'POST' } },
      },
    ]);
  });
});
