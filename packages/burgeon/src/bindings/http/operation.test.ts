import type { Interface, JsonSchema, JsonValue, Operation } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import type { HttpContent } from './binding.ts';
import { library } from './fixtures/library.ts';
import { httpBinding, httpOperation, httpOperations, httpSchemes, propertiesOf } from './operation.ts';

const bytes: JsonSchema = { type: 'string', contentEncoding: 'base64' };
const types: Record<string, JsonSchema> = { Bytes: bytes, Loop: { allOf: [{ $ref: '#/types/Loop' }], properties: { a: true } } };

const content = (mediaType: string, schema: JsonSchema, more: Partial<HttpContent> = {}): HttpContent => ({
  mediaType,
  schema,
  ...more,
});
const operationOf = (contents: HttpContent[], more: Partial<Operation> = {}): Operation => ({
  id: 'x',
  effect: 'write',
  idempotent: false,
  input: { type: 'object', properties: {} },
  output: true,
  errors: [],
  auth: [],
  examples: [],
  bindings: {
    http: {
      method: 'POST',
      path: '/',
      parameters: [],
      responses: [{ status: '200', contents, headers: {} }],
      body: { property: 'body', required: true, contents },
    } as unknown as JsonValue,
  },
  ...more,
});

const wireContent = (each: HttpContent): unknown => httpOperation(operationOf([each]), types)?.binding.responses[0]?.contents[0];

describe('what the client is told', () => {
  it.each([
    ['nothing about JSON', content('application/json', true), {}],
    ['bytes under a media type of text', content('text/csv', { $ref: '#/types/Bytes' }), { bytes: true }],
    ['bytes as JSON text', content('application/json', bytes), { bytes: true }],
    ['nothing about bytes that say so themselves', content('image/png', bytes), {}],
    ['numbers as text', content('text/plain', { type: 'integer' }), { structured: true }],
    ['objects as text', content('text/plain', { properties: {} }), { structured: true }],
    ['lists as text', content('text/plain', { allOf: [{ items: true }] }), { structured: true }],
    [
      'one of several, none of them text',
      content('text/plain', { oneOf: [{ type: 'null' }, { type: 'object' }] }),
      { structured: true },
    ],
    ['one of several, with text', content('text/plain', { anyOf: [{ type: ['string', 'null'] }, { type: 'object' }] }), {}],
    ['anything as text', content('text/plain', true), {}],
    ['a reference without an end', content('text/plain', { $ref: '#/types/Loop' }), { structured: true }],
  ])('%s', (_name, each, told) => expect(wireContent(each)).toEqual({ mediaType: each.mediaType, ...told }));

  it('says which properties of a form are bytes', () => {
    const schema: JsonSchema = {
      allOf: [{ properties: { a: bytes, n: { type: 'number' } } }],
      properties: { list: { type: 'array', items: { $ref: '#/types/Bytes' } } },
    };
    const encoding = { a: { contentType: 'image/png', headers: { 'X-A': true } }, n: { style: 'form' as const } };
    expect(wireContent(content('multipart/form-data', schema, { encoding }))).toEqual({
      mediaType: 'multipart/form-data',
      encoding: { a: { contentType: 'image/png', bytes: true }, n: { style: 'form' }, list: { bytes: true } },
    });
    expect(wireContent(content('multipart/form-data', true))).toEqual({ mediaType: 'multipart/form-data' });
  });

  it('keeps what else there is and drops the schemas', () => {
    const pagination = { style: 'page' as const, input: { position: 'page' }, output: { items: '' } };
    const operation = operationOf([content('application/json', true)], { pagination, auth: [{ a: [] }] });
    const binding = {
      ...(operation.bindings['http'] as object),
      query: [['a', 'b']],
      locations: [{ url: 'https://x' }],
    } as unknown as JsonValue;
    const made = httpOperation({ ...operation, bindings: { http: binding } }, types);
    expect(made).toMatchObject({
      pagination,
      auth: [{ a: [] }],
      idempotent: false,
      binding: { query: [['a', 'b']], locations: [{ url: 'https://x' }] },
    });
    expect(JSON.stringify(httpOperations(library))).not.toContain('schema');
  });

  it('tells events from their data', () => {
    const stream = (item: JsonSchema): unknown => httpOperation(operationOf([], { stream: { item } }), types)?.stream;
    expect([stream({ properties: { data: true } }), stream(true), httpOperation(operationOf([]), types)?.stream]).toEqual([
      { item: 'event' },
      { item: 'data' },
      undefined,
    ]);
  });

  it('leaves out what has no binding, and takes hostile names as they are', () => {
    const foreign: Operation = { ...operationOf([]), id: 'foreign', bindings: {} };
    const hostile: Operation = { ...operationOf([]), id: '__proto__' };
    expect(httpBinding(foreign)).toBeUndefined();
    expect(httpBinding({ ...foreign, bindings: { http: 'x' } })).toBeUndefined();
    expect(Object.keys(httpOperations({ ...library, operations: [foreign, hostile] }))).toEqual(['__proto__']);
  });

  it('puts schemes where they say, else where their kind usually goes', () => {
    const auth: Interface['auth'] = {
      key: { kind: 'apiKey', bindings: { http: { place: 'query', name: 'k' } } },
      basic: { kind: 'basic', bindings: {} },
      oauth: { kind: 'oauth2', bindings: {} },
    };
    expect(httpSchemes({ ...library, auth })).toEqual({
      key: { kind: 'apiKey', place: 'query', name: 'k' },
      basic: { kind: 'basic', place: 'authorization', name: 'Basic' },
      oauth: { kind: 'oauth2', place: 'authorization', name: 'Bearer' },
    });
  });

  it('sees the properties of all members, the outer ones first, and ends in a circle', () => {
    expect(propertiesOf({ allOf: [{ properties: { a: true, b: false } }], properties: { a: { type: 'string' } } }, {})).toEqual({
      a: { type: 'string' },
      b: false,
    });
    expect(propertiesOf({ $ref: '#/types/Loop' }, types)).toEqual({ a: true });
    expect(propertiesOf(true, types)).toEqual({});
  });
});
