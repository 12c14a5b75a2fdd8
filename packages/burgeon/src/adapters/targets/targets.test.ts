import { describe, expect, it } from 'vitest';
import type { Interface, JsonSchema } from '@burgeon/kit';
import { targetSuite } from '@burgeon/kit/suites';
import { fingerprint } from '../../interface/fingerprint.ts';
import { openapi as openapiSource } from '../sources/openapi/index.ts';
import { foreign, interfaces, options, pets, read } from './fixtures/interfaces.ts';
import { openapi } from './openapi.ts';
import { skillMd } from './skill-md.ts';
import { typescript } from './typescript/index.ts';

for (const target of [typescript, openapi, skillMd]) targetSuite({ describe, it, expect }, { target, interfaces });

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

  it('loses nothing of what HTTP can say', async () => {
    const string = { type: 'string' };
    const document = {
      openapi: '3.2.0',
      info: { title: 'All', version: '1' },
      servers: [
        { url: 'https://{host}/v1', description: 'Main.', variables: { host: { default: 'a.example', enum: ['a.example'] } } },
      ],
      paths: {
        '/things/{id}': {
          put: {
            operationId: 'putThing',
            security: [{ cookie: [] }, { flow: ['write'] }, {}],
            parameters: [
              { name: 'id', in: 'path', required: true, schema: { ...string, description: 'Which.' } },
              { name: 'X-Trace', in: 'header', schema: string },
              { name: 'filter', in: 'query', style: 'deepObject', allowReserved: true, schema: { type: 'object' } },
            ],
            requestBody: {
              description: 'The thing.',
              required: true,
              content: {
                'multipart/form-data': {
                  schema: { type: 'object', properties: { file: string, note: string } },
                  encoding: {
                    file: { contentType: 'image/png', headers: { 'X-A': { schema: string } } },
                    note: { contentType: 'text/html' },
                  },
                },
                'application/json': { schema: { type: 'object' }, examples: { one: { value: { a: 1 } } } },
              },
            },
            responses: {
              200: {
                description: 'ok',
                headers: { ETag: { required: true, schema: string } },
                content: { 'application/jsonl': { itemSchema: string } },
              },
              default: { description: 'Else.', content: { 'application/json': { schema: string } } },
            },
          },
        },
      },
      webhooks: {
        changed: {
          post: {
            summary: 'Changed.',
            responses: { 204: { description: 'Seen.' } },
            requestBody: { content: { 'application/json': { schema: string } } },
          },
        },
      },
      components: {
        securitySchemes: {
          cookie: { type: 'apiKey', in: 'cookie', name: 'sid', description: 'A cookie.' },
          plain: { type: 'http', scheme: 'basic' },
          token: { type: 'http', scheme: 'bearer' },
          other: { type: 'http', scheme: 'dpop' },
          flow: {
            type: 'oauth2',
            flows: { clientCredentials: { tokenUrl: 'https://a.example/t', scopes: { write: 'Writes.' } } },
          },
          discovery: { type: 'openIdConnect', openIdConnectUrl: 'https://a.example/.well-known' },
          certificate: { type: 'mutualTLS' },
        },
      },
    };
    const first = await read(openapiSource, 'all.json', JSON.stringify(document));
    const again = await read(openapiSource, 'all.json', await written(first));
    expect(again.diagnostics).toEqual([]);
    for (const part of ['locations', 'auth', 'operations', 'channels', 'types'] as const)
      expect(again[part]).toEqual(first[part]);
  });

  it('tells channels of the same name apart, and leaves out those that HTTP cannot tell', async () => {
    const channel = (id: string, more: object = {}, direction: 'in' | 'out' = 'in') => ({
      id,
      direction,
      message: true as const,
      auth: [],
      bindings: { http: { method: 'POST', path: '', parameters: [], responses: [], ...more } as never },
    });
    const channels = [
      channel('named'),
      channel('a', { path: 'same', body: { property: 'body', required: false, contents: [] } }),
      channel('b', { path: 'same' }),
      channel('c', {}, 'out'),
      channel('d', { method: 'PURGE' }),
      { ...channel('e'), bindings: {} },
    ] as unknown as Interface['channels'];
    const { webhooks } = JSON.parse(await written({ ...pets, channels })) as { webhooks: object };
    expect(Object.keys(webhooks)).toEqual(['named', 'same', 'same#b']);
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
      operations: Array.from({ length: 100 }, () => pets.operations[5] as Interface['operations'][number]),
    };
    expect((await skillMd.write(many, options('stub')))[0]?.text).toContain('And 40 more:');
    const wordy = {
      ...many,
      operations: many.operations.map((operation) => ({ ...operation, ...pets.operations[0], summary: 'Word '.repeat(100) })),
    };
    expect((await skillMd.write(wordy, options('stub')))[0]?.text.length).toBeLessThan(18_000);
  });
});
