import { describe, expect, it } from 'vitest';
import { bindingOf, codesOf, readOne, readPaths } from './fixtures/read.ts';

const string = { type: 'string' };

describe('parameters', () => {
  it('become properties, with a suffix only where names meet', async () => {
    const operation = await readOne(
      {
        parameters: [
          { name: 'id', in: 'query', schema: string },
          { name: 'id', in: 'header', schema: string },
          { name: 'id', in: 'path', schema: { type: 'integer' } },
          { name: 'X-Request-ID', in: 'header', schema: string },
          { name: 'x_request_id', in: 'header', schema: string },
          { name: 'x-request_id', in: 'header', schema: string },
          { name: 'filter[name]', in: 'query', style: 'deepObject', schema: { type: 'object' } },
          { name: '$top', in: 'query', schema: { type: 'integer' } },
          { name: '__proto__', in: 'query', schema: string },
          { name: 'delete', in: 'cookie', schema: string },
          { name: 'body', in: 'query', schema: string },
        ],
        requestBody: { content: { 'application/json': { schema: string } } },
      },
      {},
      '/things/{id}',
      'put',
    );
    const names = bindingOf(operation).parameters.map(({ name, in: place, property }) => `${place} ${name} ${property}`);
    expect(names).toEqual([
      'query id idQuery',
      'header id idHeader',
      'path id id',
      'header X-Request-ID xRequestId',
      'header x_request_id x_request_id',
      expect.stringMatching(/^header x-request_id xRequestIdHeader$/),
      'query filter[name] filterName',
      'query $top $top',
      'query __proto__ proto',
      'cookie delete delete',
      'query body body',
    ]);
    expect(bindingOf(operation).body?.property).toBe('requestBody');
    expect(operation.input.required).toEqual(['id']);
  });

  it.each([
    ['path', {}, 'simple', false],
    ['query', {}, 'form', true],
    ['query', { explode: false }, 'form', false],
    ['query', { style: 'spaceDelimited' }, 'spaceDelimited', false],
    ['query', { style: 'sparkles' }, 'form', true],
    ['header', {}, 'simple', false],
    ['cookie', {}, 'form', true],
    ['cookie', { style: 'cookie' }, 'cookie', true],
    ['query', { style: 'deepObject' }, 'deepObject', true],
    ['query', { collectionFormat: 'multi' }, 'form', true],
    ['query', { collectionFormat: 'ssv' }, 'spaceDelimited', false],
    ['query', { collectionFormat: 'tsv' }, 'tabDelimited', false],
    ['header', { collectionFormat: 'csv' }, 'simple', false],
    ['Query', {}, 'form', true],
  ])('in %s with %j are written in style %s, explode %s', async (place, more, style, explode) => {
    const operation = await readOne({ parameters: [{ name: 'p', in: place, schema: { type: 'array' }, ...more }] }, {}, '/x/{p}');
    expect(bindingOf(operation).parameters.find(({ in: where }) => where === place.toLowerCase())).toMatchObject({
      style,
      explode,
    });
  });

  it('keep what is said about them', async () => {
    const operation = await readOne(
      {
        parameters: [
          {
            name: 'a',
            in: 'query',
            description: 'The a.',
            deprecated: true,
            example: 1,
            allowReserved: true,
            allowEmptyValue: true,
            schema: { type: 'integer', default: 2 },
          },
          {
            name: 'b',
            in: 'query',
            examples: { one: { $ref: '#/components/examples/One' }, two: { value: 2 }, three: { externalValue: 'x' } },
            schema: true,
          },
          { name: 'c', in: 'query', content: { 'application/JSON': { schema: { type: 'object' } } } },
          { name: 'd', in: 'query', examples: [4], type: 'integer', format: 'int32' },
          { name: 'e', in: 'query', content: {} },
          { name: 'f', in: 'query', schema: false },
        ],
      },
      { components: { examples: { One: { value: 1 } } } },
    );
    expect(operation.input.properties).toEqual({
      a: { type: 'integer', default: 2, description: 'The a.', deprecated: true, examples: [1] },
      b: { examples: [1, 2] },
      c: { type: 'object' },
      d: { type: 'integer', format: 'int32', examples: [4] },
      e: { type: 'string' },
      f: false,
    });
    expect(bindingOf(operation).parameters[0]).toMatchObject({ allowReserved: true, allowEmptyValue: true });
    expect(bindingOf(operation).parameters[2]).toMatchObject({ mediaType: 'application/json' });
  });

  it('of the path give way to those of the operation, and broken ones are left out', async () => {
    const found = await readPaths({
      '/x': {
        parameters: [
          { name: 'A', in: 'header', schema: { type: 'integer' } },
          { name: 'q', in: 'query', schema: string },
        ],
        get: { parameters: { a: { in: 'header', schema: { type: 'boolean' } }, broken: 7 } },
        put: { parameters: [{ in: 'query' }, { name: 'n', in: 'nowhere' }, 'text', { $ref: '#/lost' }] },
        post: { parameters: 'none' },
      },
    });
    const [get, put, post] = found.operations;
    expect(get?.input.properties).toEqual({ a: { type: 'boolean' }, q: string });
    expect(Object.keys(put?.input.properties ?? {})).toEqual(['A', 'q']);
    expect(Object.keys(post?.input.properties ?? {})).toEqual(['A', 'q']);
    expect(codesOf(found.diagnostics)).toEqual([
      'dangling-ref',
      'invalid-parameter',
      'invalid-parameters',
      'location-missing',
      'responses-missing',
    ]);
  });

  it('that are media types and credentials have other places', async () => {
    const header = (name: string, required = false) => ({ parameters: [{ name, in: 'header', required, schema: string }] });
    const found = await readPaths({
      '/a': { get: header('Accept') },
      '/b': { get: header('Authorization', true) },
      '/c': { get: header('authorization') },
    });
    expect(found.operations.map(({ auth }) => auth)).toEqual([
      [],
      [{ authorizationHeader: [] }],
      [{ authorizationHeader: [] }, {}],
    ]);
    expect(found.auth['authorizationHeader']).toMatchObject({
      kind: 'apiKey',
      bindings: { http: { place: 'header', name: 'Authorization' } },
    });
    expect(found.operations.every(({ input }) => Object.keys(input.properties).length === 0)).toBe(true);
  });

  it('agree with the variables of the path', async () => {
    const path = (name: string) => ({ name, in: 'path', schema: { type: 'integer' } });
    const found = await readPaths({
      '/a/{x}/{y}': { get: { parameters: [path('x'), path('z')] } },
      '/b/{pet_id}': { get: { parameters: [path('petId')] } },
      '/c/:id': { get: { parameters: [path('id')] } },
      'd?fixed=1&as={kind}&by={other}#part': { get: { parameters: [path('kind')] } },
    });
    expect(
      found.operations
        .map((each) => bindingOf(each))
        .map(({ path: template, query, parameters }) => [
          template,
          query,
          parameters.map(({ name, in: place, property }) => `${place} ${name} ${property}`),
        ]),
    ).toEqual([
      ['/a/{x}/{y}', undefined, ['path y y', 'path x x']],
      ['/b/{pet_id}', undefined, ['path pet_id pet_id']],
      ['/c/{id}', undefined, ['path id id']],
      ['/d', [['fixed', '1']], ['query as as', 'query by by']],
    ]);
    expect(codesOf(found.diagnostics)).toContain('path-parameter-unused');
    expect(codesOf(found.diagnostics)).toContain('path-parameter-missing');
  });
});

describe('payloads', () => {
  const body = async (content: unknown, more: Record<string, unknown> = {}) => {
    const operation = await readOne({ requestBody: { content, required: true, ...more } }, {}, '/x', 'post');
    return { operation, property: operation.input.properties['body'], body: bindingOf(operation).body };
  };

  it('put JSON first and let the media type be chosen', async () => {
    const found = await body(
      {
        'text/plain': {},
        'application/xml': { schema: { type: 'object' } },
        'application/json': { schema: { type: 'object' } },
        'x-note': {},
      },
      { description: 'It.' },
    );
    expect(found.operation.input.properties['contentType']).toMatchObject({
      enum: ['application/json', 'text/plain', 'application/xml'],
      default: 'application/json',
    });
    expect(found.property).toEqual({ anyOf: [{ type: 'object' }, { type: 'string' }], description: 'It.' });
    expect(found.body?.mediaTypeProperty).toBe('contentType');
  });

  it.each([
    ['application/octet-stream', {}, { type: 'string', contentEncoding: 'base64', contentMediaType: 'application/octet-stream' }],
    [
      'image/PNG; q=1',
      { schema: { type: 'object' } },
      { type: 'string', contentEncoding: 'base64', contentMediaType: 'image/png' },
    ],
    ['text/plain', {}, string],
    ['application/json', {}, true],
    ['applicatoin/json', { schema: string }, string],
    ['*/*', {}, { type: 'string', contentEncoding: 'base64', contentMediaType: 'application/octet-stream' }],
    ['*/*', { schema: { type: 'object' } }, { type: 'object' }],
    ['text/*', { schema: string }, string],
    ['application/x-ndjson', { schema: { type: 'object' } }, { type: 'array', items: { type: 'object' } }],
  ])('of %s with %j', async (mediaType, media, expected) => {
    expect((await body({ [mediaType]: media })).property).toEqual(expected);
  });

  it('know how their parts are written', async () => {
    const found = await body({
      'multipart/form-data': {
        schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' }, meta: { type: 'object' } } },
        encoding: {
          meta: { contentType: 'application/json', headers: { 'X-A': { schema: string } } },
          tags: { style: 'form', explode: false, allowReserved: true },
          odd: 1,
        },
      },
    });
    expect(found.body?.contents[0]?.encoding).toEqual({
      meta: { contentType: 'application/json', headers: { 'X-A': string } },
      tags: { style: 'form', explode: false, allowReserved: true },
    });
    expect(found.property).toMatchObject({ properties: { file: { contentEncoding: 'base64' } } });
  });

  it('survive what is no payload', async () => {
    const found = await readPaths({
      '/a': {
        post: { requestBody: 'x' },
        put: { requestBody: {} },
        patch: { requestBody: { schema: string } },
        delete: { requestBody: { content: [] } },
        get: { requestBody: { content: { 'application/json': {} } } },
      },
      '/b': {
        post: {
          parameters: [
            { in: 'body', name: 'a' },
            { in: 'body', name: 'b' },
            { in: 'formData', name: 'c', type: 'string' },
          ],
        },
      },
      '/c': { post: { requestBody: { $ref: '#/lost' } } },
    });
    expect(found.operations.map(({ input }) => Object.hasOwn(input.properties, 'body'))).toEqual([
      false,
      false,
      true,
      false,
      true,
      true,
      false,
    ]);
    expect(codesOf(found.diagnostics)).toEqual(
      expect.arrayContaining(['body-and-form', 'body-of-read', 'invalid-body', 'invalid-content', 'second-body', 'dangling-ref']),
    );
  });

  it('of 2.0 forms become one object', async () => {
    const form = [
      { in: 'formData', name: 'tags', type: 'array', items: string, collectionFormat: 'multi', description: 'T.' },
      { in: 'form', name: 'n', type: 'integer', required: true, example: 2 },
    ];
    const found = await readPaths(
      {
        '/a': {
          post: { parameters: form },
          put: { consumes: ['multipart/form-data', 'application/x-www-form-urlencoded'], parameters: form },
        },
      },
      { openapi: undefined, swagger: '2.0', host: 'h' },
    );
    const [post, put] = found.operations.map((each) => bindingOf(each));
    expect(post?.body).toMatchObject({
      required: true,
      contents: [{ mediaType: 'application/x-www-form-urlencoded', encoding: { tags: { style: 'form', explode: true } } }],
    });
    expect(post?.body?.contents[0]?.schema).toEqual({
      type: 'object',
      required: ['n'],
      properties: { tags: { type: 'array', items: string, description: 'T.' }, n: { type: 'integer', examples: [2] } },
    });
    expect(put?.body?.contents.map(({ mediaType }) => mediaType)).toEqual([
      'application/x-www-form-urlencoded',
      'multipart/form-data',
    ]);
  });
});
