import { describe, expect, it } from 'vitest';
import { bindingOf, codesOf, read, readOne, readPaths } from './fixtures/read.ts';

const string = { type: 'string' };

describe('where an interface lives', () => {
  const at = 'https://docs.example.com/v1/api.json';
  it.each<[string, unknown[], string | undefined, unknown[]]>([
    [
      'relative to the description',
      [{ url: 'v2' }, { url: '/v3/' }],
      at,
      ['https://docs.example.com/v1/v2', 'https://docs.example.com/v3'],
    ],
    ['an empty address is the root', [{ url: '' }], at, ['https://docs.example.com']],
    ['an empty address of a file', [{ url: '' }], undefined, ['/']],
    [
      'without a scheme',
      [{ url: '//api.example.com/' }, { url: 'api.example.com:8080/v1/' }],
      undefined,
      ['https://api.example.com', 'https://api.example.com:8080/v1'],
    ],
    [
      'a template on the server of the description',
      [{ url: '/{stage}' }, { url: '{stage}/x' }],
      at,
      ['https://docs.example.com/{stage}', 'https://docs.example.com/{stage}/x'],
    ],
    [
      'addresses that lead somewhere come first',
      [{ url: '/v1' }, { url: 'https://a.example' }],
      undefined,
      ['https://a.example', '/v1'],
    ],
    ['an address that is none', [{ url: 'http:' }], at, ['https://docs.example.com/http:']],
    ['a scheme that is a variable', [{ url: '{scheme}://a.example/' }], undefined, ['{scheme}://a.example']],
  ])('%s', async (_, servers, location, urls) => {
    const found = await read(
      { openapi: '3.1.0', info: { title: 'T', version: '1' }, servers, paths: { '/a': { get: {} } } },
      location === undefined ? {} : { location },
    );
    expect(found.locations.map(({ url }) => url)).toEqual(urls);
  });

  it('leaves out servers that are none, and says so', async () => {
    const found = await readPaths(
      { '/a': { get: {} } },
      { servers: [null, 'https://a.example', {}, { url: true }, { url: 'https://b.example' }] },
    );
    expect(found.locations).toEqual([{ url: 'https://b.example' }]);
    expect(found.diagnostics.filter(({ code }) => code === 'invalid-server').map(({ path }) => path)).toHaveLength(4);
  });

  it('reads variables as far as they are described', async () => {
    const url = 'https://{region}.a.example/{stage}/{lost}/{__proto__}';
    const variables = { region: { enum: ['eu', 1], description: 'Where.' }, stage: { default: 2 }, broken: 'x' };
    const found = await readPaths({ '/a': { get: {} } }, { servers: [{ url, description: 'Main.', variables }] });
    expect(found.locations).toEqual([
      {
        url,
        description: 'Main.',
        variables: JSON.parse(
          '{"region":{"default":"eu","enum":["eu","1"],"description":"Where."},"stage":{"default":"2"},"lost":{"default":""},"__proto__":{"default":""}}',
        ) as unknown,
      },
    ]);
  });

  it.each<[string, Record<string, unknown>, string | undefined, string[]]>([
    ['nothing said', {}, undefined, []],
    ['nothing said, read from the web', {}, 'http://a.example/x/api.json', ['http://a.example']],
    ['a base path alone', { basePath: 'v1/' }, undefined, ['/v1']],
    ['schemes no browser knows', { host: 'a.example', schemes: ['wss', 7] }, undefined, ['https://a.example']],
    [
      'schemes twice',
      { host: 'a.example', schemes: ['http', 'HTTPS', 'http'] },
      undefined,
      ['https://a.example', 'http://a.example'],
    ],
    ['a host with a scheme', { host: 'https://a.example/', basePath: '/v1' }, undefined, ['https://a.example/v1']],
    ['a template', { host: '{region}.a.example' }, undefined, ['https://{region}.a.example']],
  ])('before servers: %s', async (_, more, location, urls) => {
    const found = await read(
      { swagger: '2.0', info: { title: 'T', version: '1' }, paths: { '/a': { get: {} } }, ...more },
      location === undefined ? {} : { location },
    );
    expect(found.locations.map(({ url }) => url)).toEqual(urls);
    expect(codesOf(found.diagnostics).includes('location-missing')).toBe(urls.length === 0);
  });
});

describe('ways in', () => {
  const auth = async (schemes: unknown, more: Record<string, unknown> = {}) =>
    readPaths({ '/a': { get: {} } }, { components: { securitySchemes: schemes }, ...more });

  it('of every kind', async () => {
    const found = await auth({
      key: { type: 'apiKey', in: 'cookie', name: 'sid', description: 'A cookie.' },
      plain: { type: 'basic' },
      word: { type: 'http', scheme: 'Basic' },
      bearer: { type: 'bearer' },
      other: { type: 'http', scheme: 'DPoP' },
      discovery: { type: 'openIdConnect', openIdConnectUrl: 'https://a.example/.well-known' },
      blind: { type: 'openIdConnect' },
      certificate: { type: 'mutualTLS' },
      device: {
        type: 'oauth2',
        flows: {
          deviceAuthorization: { tokenUrl: 'https://a.example/t', scopes: ['read', 7] },
          'x-a': {},
          own: { scopes: { a: 1 } },
          broken: 'x',
        },
      },
      none: { type: 'oauth2' },
      'x-note': 'not a scheme',
    });
    expect(Object.entries(found.auth ?? {}).map(([name, { kind }]) => `${name} ${kind}`)).toEqual([
      'key apiKey',
      'plain basic',
      'word basic',
      'bearer bearer',
      'other other',
      'discovery openIdConnect',
      'blind openIdConnect',
      'certificate mutualTls',
      'device oauth2',
      'none oauth2',
    ]);
    expect(found.auth?.['device']?.flows).toEqual({
      deviceAuthorization: { tokenUrl: 'https://a.example/t', scopes: { read: '', '7': '' } },
      own: { scopes: { a: '' } },
    });
    expect(found.auth?.['discovery']).toMatchObject({ discoveryUrl: 'https://a.example/.well-known' });
    expect(found.auth?.['blind']).not.toHaveProperty('discoveryUrl');
  });

  it.each([
    ['a scheme that is no object', { a: 'x' }],
    ['a scheme that leads nowhere', { a: { $ref: '#/components/securitySchemes/b' } }],
    ['an unknown type', { a: { type: 'magic' } }],
    ['a key without a name', { a: { type: 'apiKey', in: 'header' } }],
    ['a key in an unknown place', { a: { type: 'apiKey', in: 'body', name: 'k' } }],
    ['a word that no header can hold', { a: { type: 'http', scheme: 'two words' } }],
    ['a missing word', { a: { type: 'http' } }],
  ])('leaves out %s', async (_, schemes) => {
    const found = await auth(schemes);
    expect(found.auth ?? {}).toEqual({});
    expect(codesOf(found.diagnostics)).toContain('invalid-security');
  });

  it('takes a requirement without its list, and leaves out what is none', async () => {
    const found = await auth(
      { key: { type: 'apiKey', in: 'header', name: 'k' } },
      { security: [{ key: null }, 'key', { lost: [] }, { key: ['a', 7] }] },
    );
    expect(found.operations[0]?.auth).toEqual([{ key: [] }, { key: ['a'] }]);
    expect(codesOf(found.diagnostics)).toEqual(expect.arrayContaining(['invalid-security', 'unknown-security']));
    const single = await auth({ key: { type: 'apiKey', in: 'header', name: 'k' } }, { security: { key: [] } });
    expect(single.operations[0]?.auth).toEqual([{ key: [] }]);
    expect((await auth({}, { security: null })).operations[0]?.auth).toEqual([]);
  });

  it('passes over groups that are none', async () => {
    expect((await auth('x')).auth ?? {}).toEqual({});
    expect((await readPaths({ '/a': { get: {} } }, { components: 'x', securityDefinitions: [] })).auth ?? {}).toEqual({});
  });
});

describe('contents', () => {
  const answer = async (content: unknown) => {
    const found = await readPaths({ '/a': { get: { operationId: 'a', responses: { 200: { description: '', content } } } } });
    return { found, response: bindingOf(found.operations[0]!).responses[0]! };
  };

  it.each<[string, unknown, string[], string[]]>([
    ['none', null, [], []],
    ['a list', ['application/json'], [], ['invalid-content']],
    ['extensions', { 'x-a': {}, 'text/plain': {} }, ['text/plain'], []],
    ['a bare word', { json: {} }, ['application/json'], ['invalid-media-type']],
    ['an empty word', { '': {} }, ['application/octet-stream'], ['invalid-media-type']],
    ['a star', { '*': {} }, ['*/*'], []],
    ['capitals and parameters', { 'Text/HTML ; Charset=UTF-8 ;': {} }, ['text/html; Charset=UTF-8'], []],
    ['nothing said of it', { 'text/plain': null }, ['text/plain'], []],
    ['a reference to nothing', { 'text/plain': { $ref: '#/components/mediaTypes/a' } }, ['text/plain'], ['dangling-ref']],
  ])('%s', async (_, content, mediaTypes, codes) => {
    const { found, response } = await answer(content);
    expect((response.contents ?? []).map(({ mediaType }) => mediaType)).toEqual(mediaTypes);
    expect(codesOf(found.diagnostics).filter((code) => code !== 'location-missing')).toEqual(codes);
  });

  it.each<[string, unknown, unknown]>([
    ['an item of its own', { itemSchema: string }, string],
    ['the array of all', { schema: { type: 'array', items: string } }, string],
    ['one item', { schema: string }, string],
    ['anything', {}, true],
  ])('of a stream: %s', async (_, media, item) => {
    const { response } = await answer({ 'application/jsonl': media });
    expect(response.contents?.[0]).toMatchObject({ itemSchema: item, schema: { type: 'array', items: item } });
  });

  it('read how each property is written', async () => {
    const encoding = {
      a: { contentType: 'image/png', headers: { 'X-A': { schema: string }, 'Content-Type': { schema: string } } },
      b: { style: 'pipeDelimited', allowReserved: true },
      c: 'x',
      d: {},
    };
    const media = { schema: { type: 'object', properties: { a: string, b: { type: 'array' }, c: string } }, encoding };
    const operation = await readOne({ requestBody: { content: { 'multipart/form-data': media } } }, {}, '/a', 'post');
    expect(bindingOf(operation).body?.contents[0]?.encoding).toEqual({
      a: { contentType: 'image/png', headers: { 'X-A': string } },
      b: { style: 'pipeDelimited', explode: false, allowReserved: true },
      d: {},
    });
    const bare = await readOne(
      { requestBody: { content: { 'multipart/form-data': { ...media, encoding: { c: 1 } } } } },
      {},
      '/a',
      'post',
    );
    expect(bindingOf(bare).body?.contents[0]).not.toHaveProperty('encoding');
  });

  it('read headers by schema, by content, and required', async () => {
    const headers = {
      A: { schema: string, required: true },
      B: { content: { 'application/json': { schema: { type: 'integer' } } } },
      C: { content: { 'application/json': 'x' } },
      D: { $ref: '#/components/headers/lost' },
      E: 'x',
    };
    const found = await readPaths({ '/a': { get: { responses: { 200: { description: '', headers } } } } });
    expect(bindingOf(found.operations[0]!).responses[0]?.headers).toMatchObject({
      A: { schema: string, required: true },
      B: { schema: { type: 'integer' } },
      C: { schema: true },
    });
  });

  it('gather examples in all their forms', async () => {
    const requestBody = (media: unknown) => ({ requestBody: { content: { 'application/json': media } } });
    const names = async (media: unknown): Promise<unknown[]> =>
      (await readOne(requestBody(media), {}, '/a', 'post')).examples.map(({ input }) => input);
    expect(await names({ schema: string, example: 'a' })).toEqual([{ body: 'a' }]);
    expect(await names({ schema: string, examples: ['a', 'b'] })).toEqual([{ body: 'a' }, { body: 'b' }]);
    expect(
      await names({
        schema: string,
        examples: { a: { value: 'a' }, b: { dataValue: 'b' }, c: { summary: 'nothing' }, d: 'bare', e: { externalValue: 'x' } },
      }),
    ).toEqual([{ body: 'a' }, { body: 'b' }, { body: 'bare' }]);
  });
});

describe('types', () => {
  it('passes over groups that are none, and extensions', async () => {
    const found = await readPaths({ '/a': { get: {} } }, { components: { schemas: [] }, definitions: null });
    expect(found.diagnostics.filter(({ code }) => code === 'invalid-schemas').map(({ path }) => path)).toHaveLength(1);
    expect(found.types).toEqual({});
    const some = await readPaths(
      { '/a': { get: {} } },
      { components: { schemas: { 'x-note': 'x', 'x-type': { type: 'object' }, Pet: true } } },
    );
    expect(Object.keys(some.types)).toHaveLength(2);
  });

  it('are named after where they stand when they have no name', async () => {
    const schema = { $ref: '#/paths/~1a/get/responses/200/content/application~1json/schema/properties/owner' };
    const content = {
      'application/json': { schema: { type: 'object', properties: { owner: { type: 'object', properties: { boss: schema } } } } },
    };
    const { types } = await readPaths({ '/a': { get: { responses: { 200: { description: '', content } } } } });
    expect(Object.keys(types)).toEqual([expect.stringMatching(/Owner$/)]);
  });

  it('that are made of themselves are taken apart', async () => {
    const schemas = { A: { $ref: '#/components/schemas/B' }, B: { allOf: [{ $ref: '#/components/schemas/A' }] } };
    const found = await readPaths({ '/a': { get: {} } }, { components: { schemas } });
    expect(codesOf(found.diagnostics)).toContain('reference-cycle');
  });
});
