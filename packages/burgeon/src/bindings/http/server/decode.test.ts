import type { JsonSchema, JsonValue, Operation } from '@burgeon/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpBinding, HttpContent, HttpParameter } from '../binding.ts';
import { httpOperation } from '../operation.ts';
import { writeRequest } from '../runtime/request.ts';
import { type Decoded, type RequestParts, createDecoder } from './decode.ts';
import { bodyOf, content, decode, list, operationOf, parameter, query } from './fixtures/decoding.ts';
import { createRouter } from './router.ts';

/** Sends an input through the client's writer, a Request as `fetch` makes it, and the server's reader. */
const roundTrip = async (operation: Operation, input: Record<string, unknown>): Promise<Decoded> => {
  const wire = httpOperation(operation, {});
  if (!wire) throw new TypeError('no binding');
  const context = { id: operation.id, baseUrl: 'http://h', ownLocations: false, headers: {}, random: () => 0.5 };
  const written = writeRequest(wire, input, context);
  const url = new URL(written.url);
  const router = createRouter([{ method: 'POST', path: wire.binding.path, value: null }]);
  const found = router.find('POST', url.pathname, url.search.slice(1));
  const headers = Object.fromEntries(new Headers(written.headers));
  const parts: RequestParts = { path: found?.matches[0]?.path ?? {}, query: url.search.slice(1), headers };
  if (written.payload) parts.body = Buffer.from(await new Response(written.payload.body).arrayBuffer());
  return createDecoder(operation, operation.bindings['http'] as unknown as HttpBinding, {})(parts);
};

const number: JsonSchema = { type: 'number' };
const text: JsonSchema = { type: 'string' };
const mixed: JsonSchema = {
  type: 'object',
  properties: { n: number, s: text, b: { type: 'boolean' } },
  additionalProperties: false,
};

const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const headerSafe = fc
  .string({ unit: fc.constantFrom(...Array.from('abcXYZ0159 -_.~!é漢😀')), minLength: 1, maxLength: 12 })
  .map((value) => `x${value}x`);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value));
const record = (values: fc.Arbitrary<string>): fc.Arbitrary<JsonValue> =>
  fc.record({ n: finite, s: values, b: fc.boolean() }, { requiredKeys: ['n'] }) as fc.Arbitrary<JsonValue>;

/** Style, explode, and the characters that are the style's own delimiters though they need no encoding. */
type Row = [place: HttpParameter['in'], style: HttpParameter['style'], explode: boolean, without?: RegExp];
const rows: Row[] = [
  ['path', 'simple', false],
  ['path', 'simple', true],
  ['path', 'label', false],
  ['path', 'label', true, /[.=+]/],
  ['path', 'matrix', false],
  ['path', 'matrix', true],
  ['query', 'form', false],
  ['query', 'form', true],
  ['query', 'spaceDelimited', false, / /],
  ['query', 'pipeDelimited', false, /\|/],
  ['query', 'tabDelimited', false, /\t/],
  ['query', 'deepObject', true],
  ['header', 'simple', false, /[,=]/],
  ['header', 'simple', true, /[,=]/],
  ['cookie', 'form', false],
  ['cookie', 'form', true],
];

describe('decode is the inverse of encode', () => {
  for (const [place, style, explode, without] of rows) {
    const binding = { path: place === 'path' ? '/a/{value}/b' : '/a', parameters: [parameter({ in: place, style, explode })] };
    const texts = (place === 'header' ? headerSafe : anyText).filter(
      (value) => !without?.test(value) && !(place === 'path' && /^\.{1,2}$/.test(value)),
    );
    const numbers = finite.filter((value) => !without?.test(String(value)));
    const cases: [string, JsonSchema, fc.Arbitrary<JsonValue>][] = [
      ['text', text, texts],
      ['numbers', number, numbers],
      ['booleans', { type: 'boolean' }, fc.boolean()],
      ['lists of texts', { type: 'array', items: text }, fc.array(texts, { minLength: 1 })],
      ['lists of numbers', { type: 'array', items: number }, fc.array(numbers, { minLength: 1 })],
      ['objects', mixed, record(texts).filter((value) => !without?.test(String((value as { n: number }).n)))],
    ];
    for (const [kind, schema, values] of cases) {
      it(`${place} ${style} explode=${explode}: ${kind}`, async () => {
        const operation = operationOf(binding, { value: schema });
        await fc.assert(
          fc.asyncProperty(values, async (value) => {
            expect(await roundTrip(operation, { value })).toEqual({ input: { value }, issues: [] });
          }),
          { numRuns: 60 },
        );
      });
    }
  }

  const deepSchema: JsonSchema = {
    type: 'object',
    properties: {
      list: { type: 'array', items: { type: 'object', properties: { a: number } } },
      map: { type: 'object', additionalProperties: text },
    },
  };
  it('deepObject: nested lists and maps', async () => {
    const operation = operationOf(
      { parameters: [parameter({ in: 'query', style: 'deepObject', explode: true })] },
      { value: deepSchema },
    );
    const values = fc.record({
      list: fc.array(fc.record({ a: finite }), { minLength: 1, maxLength: 12 }),
      map: fc.dictionary(
        anyText.filter((key) => !/[[\]]/.test(key) && Number.isNaN(Number(key))),
        anyText,
        { minKeys: 1 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        expect((await roundTrip(operation, { value })).input).toEqual({ value });
      }),
      { numRuns: 60 },
    );
  });

  it('parameters written as JSON, in every place', async () => {
    for (const place of ['path', 'query', 'header', 'cookie', 'querystring'] as const) {
      const path = place === 'path' ? '/a/{value}' : '/a';
      const operation = operationOf(
        { path, parameters: [parameter({ in: place, style: 'form', explode: false, mediaType: 'application/json' })] },
        { value: true },
      );
      await fc.assert(
        fc.asyncProperty(fc.record({ a: headerSafe, b: fc.array(finite) }), async (value) => {
          expect((await roundTrip(operation, { value })).input).toEqual({ value });
        }),
        { numRuns: 30 },
      );
    }
  });

  it('a whole query string as a form', async () => {
    const schema: JsonSchema = {
      type: 'object',
      properties: { n: number, tags: { type: 'array', items: text } },
      additionalProperties: text,
    };
    const operation = operationOf(
      {
        parameters: [
          parameter({ in: 'querystring', style: 'form', explode: true, mediaType: 'application/x-www-form-urlencoded' }),
        ],
      },
      { value: schema },
    );
    const value = { n: 1.5, tags: ['a b', 'c&d'], other: 'é' };
    expect((await roundTrip(operation, { value })).input).toEqual({ value });
  });
});

const bytes: JsonSchema = { type: 'string', contentEncoding: 'base64' };
const formSchema: JsonSchema = {
  type: 'object',
  properties: {
    n: number,
    s: text,
    tags: { type: 'array', items: text },
    o: { type: 'object', properties: { a: number } },
    file: bytes,
    files: { type: 'array', items: bytes },
  },
};
const base64 = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value).toString('base64'));

describe('bodies', () => {
  const cases: [string, HttpContent, fc.Arbitrary<unknown>][] = [
    ['json', content('application/json', true), fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)],
    [
      'vendor json',
      content('application/vnd.a+json', true),
      fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
    ],
    ['text', content('text/plain', text), anyText],
    ['numbers as text', content('text/plain', number), finite],
    ['bytes', content('application/octet-stream', bytes), base64],
    ['an image of any kind', content('image/*', bytes), base64],
    ['bytes under a text type', content('text/csv', bytes), base64],
    ['json lines', content('application/x-ndjson', { type: 'array' }), fc.array(fc.record({ a: anyText }))],
    ['json sequence', content('application/json-seq', { type: 'array' }), fc.array(fc.record({ a: finite }), { minLength: 1 })],
    [
      'form',
      content('application/x-www-form-urlencoded', formSchema),
      fc.record({ n: finite, s: anyText, tags: fc.array(anyText, { minLength: 1 }), o: fc.record({ a: finite }) }),
    ],
    [
      'multipart',
      content('multipart/form-data', formSchema),
      fc.record({
        n: finite,
        s: anyText,
        tags: fc.array(anyText, { minLength: 1 }),
        o: fc.record({ a: finite }),
        file: base64,
        files: fc.array(base64, { minLength: 1 }),
      }),
    ],
    [
      'form with styles',
      content('application/x-www-form-urlencoded', formSchema, {
        encoding: { tags: { style: 'pipeDelimited', explode: false }, o: { style: 'deepObject', explode: true } },
      }),
      fc.record({
        tags: fc.array(
          anyText.filter((value) => !value.includes('|')),
          { minLength: 2 },
        ),
        o: fc.record({ a: finite }),
      }),
    ],
    [
      'multipart with types',
      content('multipart/form-data', formSchema, {
        encoding: {
          o: { contentType: 'application/json' },
          tags: { contentType: 'application/json' },
          s: { contentType: 'text/html' },
        },
      }),
      fc.record({ s: anyText, o: fc.record({ a: finite }), tags: fc.array(anyText) }),
    ],
    [
      'xml',
      content('application/xml', { type: 'object', properties: { n: number, s: text, l: { type: 'array', items: number } } }),
      fc.record({ n: fc.integer(), s: headerSafe, l: fc.array(fc.integer(), { minLength: 1 }) }),
    ],
    [
      'multipart mixed',
      content('multipart/mixed', { type: 'array', items: { type: 'object' } }),
      fc.array(fc.record({ a: finite }), { minLength: 1 }),
    ],
  ];
  for (const [name, each, values] of cases) {
    it(name, async () => {
      const operation = operationOf(bodyOf(each), { body: each.schema });
      await fc.assert(
        fc.asyncProperty(values, async (body) => {
          expect(await roundTrip(operation, { body })).toEqual({ input: { body }, issues: [] });
        }),
        { numRuns: 60 },
      );
    });
  }

  it('tells which of several contents came', async () => {
    const operation = operationOf(bodyOf(content('application/json', true), content('text/*', text)), {
      body: true,
      contentType: text,
    });
    expect((await roundTrip(operation, { body: { a: 1 } })).input).toEqual({ body: { a: 1 }, contentType: 'application/json' });
    expect((await roundTrip(operation, { body: 'x', contentType: 'text/csv' })).input).toEqual({
      body: 'x',
      contentType: 'text/csv',
    });
  });
});

describe('what other clients write', () => {
  const cases: [string, Partial<HttpBinding>, JsonSchema, string, JsonValue | undefined][] = [
    ['a plus as a space', query('form', true), text, 'value=a+b%2B', 'a b+'],
    ['encoded commas between numbers', query('form', false), list(number), 'value=1%2C2%2C3', [1, 2, 3]],
    ['commas in an exploded list of numbers', query('form', true), list(number), 'value=1,2', [1, 2]],
    ['an encoded comma inside a text', query('form', false), list(text), 'value=a%2Cb', ['a,b']],
    [
      'empty brackets',
      query('deepObject', true),
      { type: 'object', properties: { a: list(number) } },
      'value[a][]=1&value[a][]=2',
      { a: [1, 2] },
    ],
    [
      'numbered brackets out of order',
      query('deepObject', true),
      { type: 'object', properties: { a: list(text) } },
      'value[a][10]=k&value[a][2]=c',
      { a: ['c', 'k'] },
    ],
    ['a repeated bare name for a deep list', query('deepObject', true), list(number), 'value=1&value=2', [1, 2]],
    ['an empty list', query('form', true), list(text), 'value=', []],
    ['an empty deep list', query('deepObject', true), list(text), 'value=', []],
    ['an empty deep object', query('deepObject', true), { type: 'object' }, 'value=', {}],
    ['JSON where an object is meant', query('form', false), mixed, 'value=%7B%22n%22%3A1%7D', { n: 1 }],
    ['JSON where a list is meant', query('form', true), list(number), 'value=[1,2]', [1, 2]],
    ['text that is no number', query('form', true), number, 'value=abc', 'abc'],
    ['a fraction that is no integer', query('form', true), { type: 'integer' }, 'value=1.5', '1.5'],
    ['nothing where null may be', query('form', true), { type: ['integer', 'null'] }, 'value=', null],
    ['a member of an enumeration', query('form', true), { enum: [1, 'a', true, null] }, 'value=1', 1],
    ['one of several types', query('form', true), { anyOf: [{ type: 'integer' }, { type: 'string' }] }, 'value=7', 7],
    ['a list or a single text', query('form', true), { oneOf: [{ type: 'string' }, list(text)] }, 'value=a', 'a'],
    [
      'properties of all members',
      query('form', true),
      { allOf: [mixed, { properties: { extra: number } }] },
      'n=1&extra=2',
      { n: 1, extra: 2 },
    ],
    ['names that nobody knows', query('form', true), { type: 'object', additionalProperties: number }, 'a=1&b=2', { a: 1, b: 2 }],
    [
      'a prototype key',
      query('form', true),
      { type: 'object', additionalProperties: text },
      '__proto__=x',
      JSON.parse('{"__proto__":"x"}') as JsonValue,
    ],
    ['broken percent signs', query('form', true), text, 'value=%zz', '%zz'],
    ['absence', query('form', true), mixed, '', undefined],
  ];
  it.each(cases)('%s', (...[, binding, schema, given, expected]) => {
    const { input } = decode(binding, { value: schema }, { query: given });
    expect(input).toEqual(expected === undefined ? {} : { value: expected });
  });

  it('reads Latin-1 and UTF-8 headers, lists with spaces, and repeated cookies', () => {
    const header = { parameters: [parameter({ in: 'header', style: 'simple', explode: false })] };
    expect(decode(header, { value: text }, { headers: { value: 'caf\u00e9' } }).input).toEqual({ value: 'café' });
    expect(decode(header, { value: text }, { headers: { value: Buffer.from('漢').toString('latin1') } }).input).toEqual({
      value: '漢',
    });
    expect(decode(header, { value: list(number) }, { headers: { value: ['1, 2', '3'] } }).input).toEqual({ value: [1, 2, 3] });
    const cookie = { parameters: [parameter({ in: 'cookie', style: 'cookie', explode: true })] };
    expect(decode(cookie, { value: list(text) }, { headers: { cookie: 'value=a%20b; other; value=c' } }).input).toEqual({
      value: ['a%20b', 'c'],
    });
  });

  it('leaves the names of other parameters to them', () => {
    const binding = {
      parameters: [
        parameter({ in: 'query', style: 'form', explode: true }),
        parameter({ name: 'page', property: 'page', in: 'query', style: 'form', explode: true }),
      ],
    };
    expect(decode(binding, { value: { type: 'object' }, page: number }, { query: 'page=2&a=b' }).input).toEqual({
      value: { a: 'b' },
      page: 2,
    });
  });
});

describe('payloads that do not fit', () => {
  const json = bodyOf(content('application/json', true));
  it.each([
    ['broken JSON', json, 'application/json', '{"a":', /is not JSON/],
    ['JSON nested too deeply', json, 'application/json', '['.repeat(600), /nested deeper/],
    ['broken XML', bodyOf(content('text/xml', { type: 'object' })), 'text/xml', '<a>', /is not XML/],
    ['a broken item', bodyOf(content('application/jsonl', true)), 'application/jsonl', '1\n{', /is not JSON/],
    ['a broken multipart', bodyOf(content('multipart/form-data', true)), 'multipart/form-data; boundary=x', 'abc', /multipart/],
  ])('%s', (...[, binding, mediaType, body, message]) => {
    const { issues } = decode(binding, { body: true }, { headers: { 'content-type': mediaType }, body: Buffer.from(body) });
    expect(issues).toEqual([{ path: expect.stringMatching(/^\/body/), message: expect.stringMatching(message) }]);
  });

  it('names the media types that are taken', () => {
    expect(decode(json, {}, { headers: { 'content-type': 'text/csv' }, body: Buffer.from('a') }).unsupported).toEqual([
      'application/json',
    ]);
  });

  it('takes brackets in strings for what they are, other charsets, byte order marks and missing types', () => {
    const brackets = `"${'['.repeat(600)}\\"["`;
    expect(decode(json, {}, { headers: { 'content-type': 'application/json' }, body: Buffer.from(brackets) }).issues).toEqual([]);
    const plain = bodyOf(content('text/plain', text));
    const read = (type: string, body: Buffer): unknown =>
      decode(plain, {}, { headers: { 'content-type': type }, body }).input['body'];
    expect(read('text/plain; charset=iso-8859-1', Buffer.from([0xe9]))).toBe('é');
    expect(read('text/plain; charset=none', Buffer.from('é'))).toBe('é');
    expect(read('text/plain', Buffer.from('\ufeffa'))).toBe('a');
    expect(read('text/plain', Buffer.alloc(0))).toBe('');
    expect(decode(json, {}, { body: Buffer.from('1') }).input).toEqual({ body: 1 });
    expect(decode(json, {}, { headers: { 'content-type': 'application/json' } }).input).toEqual({});
  });

  it('says which parameter is not the JSON it should be', () => {
    const binding = { parameters: [parameter({ in: 'query', style: 'form', explode: true, mediaType: 'application/json' })] };
    expect(decode(binding, { value: true }, { query: 'value=%7B' }).issues).toEqual([
      { path: '/value', message: expect.stringMatching(/is not JSON/) },
    ]);
    expect(decode(binding, { value: true }, {}).input).toEqual({});
  });
});
