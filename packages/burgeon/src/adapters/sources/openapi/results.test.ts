import { describe, expect, it } from 'vitest';
import { bindingOf, readOne, readPaths } from './fixtures/read.ts';

const json = (schema: unknown, more: Record<string, unknown> = {}) => ({
  description: 'd',
  content: { 'application/json': { schema, ...more } },
});

describe('results', () => {
  it('sort into the ordinary one, further good ones and errors', async () => {
    const operation = await readOne({
      responses: {
        default: json({ type: 'integer' }),
        '4xx': json(false),
        '202': json(true),
        '201': json({ type: 'string' }),
        '304': {},
        'x-a': 1,
      },
    });
    expect(operation).toMatchObject({ output: { type: 'string' }, outputCode: '201' });
    expect(operation.alternatives?.map(({ code }) => code)).toEqual(['202', '304']);
    expect(operation.errors).toEqual([
      { code: '4XX', description: 'd', schema: false },
      { code: 'default', description: 'd', schema: { type: 'integer' } },
    ]);
  });

  it.each([
    ['default alone', { default: json({ type: 'string' }) }, { type: 'string' }, 'default'],
    ['nothing in it', { '204': { description: 'gone' } }, { type: 'null' }, '204'],
    ['errors alone', { '400': {} }, { type: 'null' }, undefined],
    ['a range', { '2xx': json({ type: 'string' }) }, { type: 'string' }, '2XX'],
    ['a lost reference', { '200': { $ref: '#/lost' } }, true, '200'],
    ['CSV before bytes', { '200': { content: { 'application/pdf': {}, 'text/csv': {} } } }, { type: 'string' }, '200'],
    [
      'bytes',
      { '200': { content: { 'application/pdf': { schema: { type: 'string', description: 'The file.' } } } } },
      { type: 'string', contentEncoding: 'base64', contentMediaType: 'application/pdf', description: 'The file.' },
      '200',
    ],
    [
      'headers',
      {
        '200': {
          headers: {
            'Content-Type': {},
            ETag: { required: true, schema: { type: 'string' } },
            Link: { content: { 'text/plain': { schema: { type: 'string' } } } },
          },
        },
      },
      { type: 'null' },
      '200',
    ],
  ])('of %s', async (_, responses, output, code) => {
    const operation = await readOne({ responses });
    expect(operation.output).toEqual(output);
    expect(operation.outputCode).toBe(code);
  });

  it.each([
    ['get', '204'],
    ['get', '205'],
    ['get', '304'],
    ['head', '200'],
  ])('of %s with %s carry no content, whatever is described', async (method, status) => {
    const { operations, diagnostics } = await readPaths({
      '/x': { [method]: { responses: { [status]: json({ type: 'string' }) } } },
    });
    expect(operations[0] && bindingOf(operations[0]).responses[0]?.contents).toEqual([]);
    expect(operations[0]?.output).toEqual({ type: 'null' });
    expect(diagnostics.map(({ code }) => code)).toContain('content-impossible');
  });

  it('of no responses are unknown', async () => {
    expect((await readOne({})).output).toBe(true);
    expect((await readOne({ responses: 'none' })).output).toBe(true);
  });

  it.each([
    ['text/event-stream', { schema: { type: 'object' } }],
    ['application/jsonl', { schema: { type: 'array', items: { type: 'object' } } }],
    ['application/json-seq', { itemSchema: { type: 'object' } }],
  ])('of %s arrive item by item', async (mediaType, media) => {
    const operation = await readOne({ responses: { '200': { content: { [mediaType]: media } } } });
    expect(operation).toMatchObject({
      output: { type: 'array', items: { type: 'object' } },
      stream: { item: { type: 'object' } },
    });
  });

  it('have worked examples', async () => {
    const operation = await readOne(
      {
        parameters: [{ name: 'q', in: 'query', required: true, example: 'x', schema: { type: 'string' } }],
        requestBody: {
          content: {
            'application/json': {
              schema: { type: 'object' },
              examples: { one: { value: '{"a":1}' }, two: { dataValue: { a: 2 } } },
            },
          },
        },
        responses: {
          '200': json({ type: 'object' }, { examples: { one: { value: { b: 1 } }, other: 3, lost: { $ref: '#/lost' } } }),
          '404': json({}, { example: '{not json' }),
          '405': json({}, { examples: [1] }),
        },
      },
      {},
      '/x',
      'post',
    );
    expect(operation.examples).toEqual([
      { name: 'one', input: { q: 'x', body: { a: 1 } }, output: { b: 1 } },
      { name: 'two', input: { q: 'x', body: { a: 2 } } },
      { name: 'other', output: 3 },
      { name: '404 example', output: '{not json', code: '404' },
      { name: '405 example-1', output: 1, code: '405' },
    ]);
  });
});

describe('auth', () => {
  it('reads every kind', async () => {
    const found = await readPaths(
      {
        '/x': {
          get: { security: [{ a: [] }, {}] },
          put: { security: [] },
          post: { security: null },
          patch: { security: { b: ['s', 1] } },
        },
      },
      {
        security: [{ a: [] }],
        components: {
          securitySchemes: {
            a: { type: 'http', scheme: 'Bearer' },
            b: { type: 'http', scheme: 'basic', description: 'Old.' },
            c: { type: 'http', scheme: 'digest' },
            d: { type: 'openIdConnect', openIdConnectUrl: 'https://id.example' },
            e: { type: 'mutualTLS' },
            f: { type: 'apiKey', in: 'cookie', name: 'sid' },
            g: { type: 'oauth2', flows: { application: { tokenUrl: 't', scopes: ['s'] }, 'x-a': 1, implicit: 3 } },
            h: { type: 'apiKey', in: 'nowhere' },
            i: { type: 'riddle' },
            j: { type: 'http', scheme: 'not a word' },
            k: 7,
          },
        },
      },
    );
    expect(found.operations.map(({ auth }) => auth)).toEqual([[{ a: [] }, {}], [], [{ a: [] }], [{ b: ['s'] }]]);
    expect(found.auth).toMatchObject({
      a: { kind: 'bearer', bindings: { http: { place: 'authorization', name: 'Bearer' } } },
      b: { kind: 'basic', description: 'Old.' },
      c: { kind: 'other', bindings: { http: { name: 'digest' } } },
      d: { kind: 'openIdConnect', discoveryUrl: 'https://id.example' },
      e: { kind: 'mutualTls', bindings: {} },
      f: { kind: 'apiKey', bindings: { http: { place: 'cookie', name: 'sid' } } },
      g: { kind: 'oauth2', flows: { clientCredentials: { tokenUrl: 't', scopes: { s: '' } } } },
    });
    expect(Object.keys(found.auth)).toHaveLength(7);
    expect(found.diagnostics.filter(({ code }) => code === 'invalid-security')).toHaveLength(5);
  });
});

describe('addresses', () => {
  const locations = async (more: Record<string, unknown>, paths: unknown = {}) => (await readPaths(paths, more)).locations;
  const old = { openapi: undefined, swagger: '2.0' };
  it.each([
    [{ servers: [{ url: '/v1' }, { url: 'https://a.example/' }] }, ['https://a.example', '/v1']],
    [
      { servers: [{}, 'x', { url: 'api.example.com/v1' }, { url: '{base}/x' }] },
      ['{base}/x', 'https://api.example.com/v1'].toReversed(),
    ],
    [{ ...old, host: 'https://h.example/', basePath: 'v1/', schemes: ['http', 'ws', 7] }, ['http://h.example/v1']],
    [{ ...old, basePath: '/v1' }, ['/v1']],
    [{ ...old }, []],
    [{ ...old, host: 'h' }, ['https://h']],
  ])('%j', async (more, urls) => {
    expect((await locations(more)).map(({ url }) => url)).toEqual(urls);
  });

  it('of one operation stand in its binding', async () => {
    const found = await readPaths({
      '/x': {
        servers: [{ url: 'https://item.example' }],
        get: {},
        put: { servers: [{ url: 'https://own.example', description: 'Own.' }] },
      },
    });
    expect(found.operations.map((each) => bindingOf(each).locations)).toEqual([
      [{ url: 'https://item.example' }],
      [{ url: 'https://own.example', description: 'Own.' }],
    ]);
    const other = await readPaths(
      { '/x': { get: { schemes: ['http'] } } },
      { ...old, host: 'h.example', basePath: '/v1/', schemes: ['https'] },
    );
    expect(bindingOf(other.operations[0]!).locations).toEqual([{ url: 'http://h.example/v1' }]);
  });
});
