import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from './client.ts';
import { AnswerError, AuthError, HttpError, InputError, NetworkError } from './errors.ts';
import { nextLink } from './pages.ts';
import type { Client, ClientOptions, HttpOperation, HttpScheme, WireBinding } from './types.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const serve = async (handler: Handler): Promise<string> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handler(request, response, Buffer.concat(chunks)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const operationOf = (binding: Partial<WireBinding> = {}, more: Partial<Omit<HttpOperation, 'binding'>> = {}): HttpOperation => ({
  binding: { method: 'GET', path: '/x', parameters: [], responses: [], ...binding },
  auth: [],
  idempotent: true,
  ...more,
});

const clientOf = (baseUrl: string, operation: HttpOperation, options: Partial<ClientOptions> = {}): Client =>
  createClient({ operations: { test: operation }, baseUrl, sleep: async () => {}, ...options });

const query = (name: string): WireBinding['parameters'][number] => ({
  name,
  property: name,
  in: 'query',
  style: 'form',
  explode: true,
});

describe('requests', () => {
  const echo: Handler = (request, response, body) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body: body.toString() }));
  };
  type Echoed = { method: string; url: string; headers: Record<string, string>; body: string };
  const sent = async (
    operation: HttpOperation,
    input: Record<string, unknown>,
    options: Partial<ClientOptions> = {},
  ): Promise<Echoed> => {
    const url = (await serve(echo)) + (options.baseUrl ?? '');
    return (await clientOf(url, operation, { ...options, baseUrl: url }).call('test', input)).output as Echoed;
  };

  it('joins the base address, its query, fixed parameters and given ones', async () => {
    const operation = operationOf({
      path: '/a b/{id}',
      query: [['v', '1 2']],
      parameters: [{ name: 'id', property: 'id', in: 'path', style: 'simple', explode: false, required: true }, query('q')],
    });
    expect((await sent(operation, { id: 'ü/?', q: ['a', 'b'] }, { baseUrl: '/base/?key=k' })).url).toBe(
      '/base/a%20b/%C3%BC%2F%3F?key=k&v=1%202&q=a&q=b',
    );
  });

  it('prefers JSON, sends fixed headers, and lets a call add its own', async () => {
    const operation = operationOf({
      parameters: [
        { name: 'X-Name', property: 'n', in: 'header', style: 'simple', explode: false },
        { name: 'c', property: 'c', in: 'cookie', style: 'form', explode: true },
      ],
      responses: [{ status: '200', contents: [{ mediaType: 'text/plain' }, { mediaType: 'application/json' }] }],
    });
    const url = await serve(echo);
    const result = await clientOf(url, operation, { headers: { 'X-Fixed': '1', 'X-Own': 'a' } }).call(
      'test',
      { n: 'é漢', c: 'a b' },
      { headers: { 'x-own': 'b' } },
    );
    const { headers } = result.output as Echoed;
    expect(headers).toMatchObject({
      accept: 'application/json, text/plain;q=0.9, */*;q=0.5',
      'x-fixed': '1',
      'x-own': 'b',
      cookie: 'c=a%20b',
    });
    expect(Buffer.from(headers['x-name'] ?? '', 'latin1').toString()).toBe('é漢');
  });

  it('goes to the addresses of an operation only when told to', async () => {
    const own = await serve((_request, response) => response.end('own'));
    const other = await serve((_request, response) => response.end('base'));
    const operation = operationOf({ locations: [{ url: '{where}', variables: { where: { default: own } } }] });
    expect((await clientOf(other, operation).call('test')).output).toBe('base');
    expect((await clientOf(other, operation, { ownLocations: true }).call('test')).output).toBe('own');
    const relative = operationOf({ locations: [{ url: '/v2' }] });
    expect(
      ((await clientOf(`${await serve(echo)}/v1`, relative, { ownLocations: true }).call('test')).output as Echoed).url,
    ).toBe('/v2/x');
  });

  it.each([
    ['a missing parameter', { parameters: [{ ...query('q'), required: true }] }, {}, [{ path: '/q', message: 'is required' }]],
    [
      'an empty path parameter',
      {
        path: '/{a~b}',
        parameters: [{ name: 'a~b', property: 'a~b', in: 'path', style: 'simple', explode: false, required: true }],
      },
      { 'a~b': '' },
      [{ path: '/a~0b', message: 'must not be empty' }],
    ],
    [
      'a dot segment',
      { path: '/{a}/b', parameters: [{ name: 'a', property: 'a', in: 'path', style: 'simple', explode: false }] },
      { a: '..' },
      [{ path: '/a', message: 'must not be "." or ".."' }],
    ],
    [
      'a header with a line end',
      { parameters: [{ name: 'h', property: 'h', in: 'header', style: 'simple', explode: false }] },
      { h: 'a\r\nx: y' },
      [{ path: '/h', message: 'must not hold control characters' }],
    ],
    [
      'a raw cookie with a semicolon',
      { parameters: [{ name: 'c', property: 'c', in: 'cookie', style: 'cookie', explode: false }] },
      { c: 'a;b' },
      [{ path: '', message: expect.stringContaining('cookie') }],
    ],
    [
      'a missing payload',
      { body: { property: 'body', required: true, contents: [{ mediaType: 'application/json' }] } },
      {},
      [{ path: '/body', message: 'is required' }],
    ],
    [
      'an unknown media type',
      { body: { property: 'body', required: true, contents: [{ mediaType: 'application/json' }], mediaTypeProperty: 't' } },
      { body: 1, t: 'text/csv' },
      [{ path: '/t', message: 'must be one of application/json' }],
    ],
    [
      'bytes that are no base64',
      { body: { property: 'body', required: true, contents: [{ mediaType: 'image/png' }] } },
      { body: '?' },
      [{ path: '/body', message: expect.stringContaining('base64') }],
    ],
    [
      'a multipart that is no object',
      { body: { property: 'body', required: true, contents: [{ mediaType: 'multipart/form-data' }] } },
      { body: 'x' },
      [{ path: '/body', message: expect.stringContaining('object') }],
    ],
    [
      'a function as JSON',
      { body: { property: 'body', required: true, contents: [{ mediaType: 'application/json' }] } },
      { body: () => 1 },
      [{ path: '/body', message: expect.stringContaining('cannot be written') }],
    ],
  ] as [string, Partial<WireBinding>, Record<string, unknown>, unknown][])(
    'refuses %s',
    async (_name, binding, input, issues) => {
      const call = clientOf('http://127.0.0.1:1', operationOf(binding)).call('test', input);
      await expect(call).rejects.toBeInstanceOf(InputError);
      await expect(call).rejects.toMatchObject({ issues, operation: 'test' });
    },
  );

  it('refuses an operation it does not know, own or inherited', async () => {
    for (const id of ['nothing', 'toString', '__proto__'])
      await expect(clientOf('http://h', operationOf()).call(id)).rejects.toBeInstanceOf(InputError);
    const lazy = createClient({ operations: () => undefined, baseUrl: 'http://h' });
    await expect(lazy.call('x')).rejects.toBeInstanceOf(InputError);
  });

  it('leaves braces that no parameter fills encoded', async () => {
    expect((await sent(operationOf({ path: '/a/{b}' }), {})).url).toBe('/a/%7Bb%7D');
  });

  const bodyOf = (mediaType: string, encoding?: WireBinding['body'] extends infer B ? B : never): HttpOperation =>
    operationOf({ method: 'POST', body: encoding ?? { property: 'body', required: false, contents: [{ mediaType }] } });

  it.each([
    ['application/json', { a: [1, null] }, 'application/json', '{"a":[1,null]}'],
    ['application/json', null, 'application/json', 'null'],
    ['text/plain', 5, 'text/plain', '5'],
    ['application/xml', '<a/>', 'application/xml', '<a/>'],
    ['application/octet-stream', 'AAE', 'application/octet-stream', '\0\u0001'],
    ['application/octet-stream', new Uint8Array([65]), 'application/octet-stream', 'A'],
    ['image/*', new Blob(['x'], { type: 'image/gif' }), 'image/gif', 'x'],
    ['*/*', { a: 1 }, 'application/json', '{"a":1}'],
    ['*/*', new Uint8Array([65]), 'application/octet-stream', 'A'],
    ['text/*', 'x', 'text/plain', 'x'],
    ['application/x-ndjson', [1, 'a'], 'application/x-ndjson', '1\n"a"\n'],
    ['application/json-seq', [1], 'application/json-seq', '\u001e1\n'],
    ['text/event-stream', ['a\nb'], 'text/event-stream', 'data: a\ndata: b\n\n'],
    [
      'application/x-www-form-urlencoded',
      { a: 'b c', l: [1, 2], o: { x: 1 }, n: null },
      'application/x-www-form-urlencoded',
      'a=b%20c&l=1&l=2&o=%7B%22x%22%3A1%7D',
    ],
    ['application/x-www-form-urlencoded', 'a=1', 'application/x-www-form-urlencoded', 'a=1'],
  ])('writes %s from %o', async (mediaType, body, contentType, text) => {
    const echoed = await sent(bodyOf(mediaType), { body });
    expect([echoed.headers['content-type'], echoed.body]).toEqual([contentType, text]);
  });

  it('sends no payload when there is none', async () => {
    const echoed = await sent(bodyOf('application/json'), {});
    expect([echoed.headers['content-type'], echoed.body]).toEqual([undefined, '']);
  });

  it('writes multipart parts with their types and file names', async () => {
    const contents = [
      {
        mediaType: 'multipart/form-data',
        encoding: { photo: { bytes: true, contentType: 'image/png, image/jpeg' }, meta: { contentType: 'application/json' } },
      },
    ];
    const operation = operationOf({ method: 'POST', body: { property: 'body', required: true, contents } });
    const body = {
      'a"b': 'x',
      photo: ['AAE=', new Blob(['z'], { type: 'image/gif' })],
      meta: [1],
      when: new Date(0),
      file: new File(['f'], 'ü.txt', { type: 'text/plain' }),
      raw: new Uint8Array([65]),
      none: null,
    };
    const echoed = await sent(operation, { body }, { random: () => 0 });
    const boundary = `burgeon-${'0'.repeat(32)}`;
    expect(echoed.headers['content-type']).toBe(`multipart/form-data; boundary=${boundary}`);
    const part = (head: string, data: string): string =>
      `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${data}\r\n`;
    expect(echoed.body).toBe(
      part('name="a%22b"', 'x') +
        part('name="photo"; filename="photo"\r\nContent-Type: image/png', '\0\u0001') +
        part('name="photo"; filename="photo"\r\nContent-Type: image/png', 'z') +
        part('name="meta"\r\nContent-Type: application/json', '[1]') +
        part('name="when"', '1970-01-01T00:00:00.000Z') +
        part('name="file"; filename="ü.txt"\r\nContent-Type: text/plain', 'f') +
        part('name="raw"; filename="raw"\r\nContent-Type: application/octet-stream', 'A') +
        `--${boundary}--\r\n`,
    );
  });

  it('passes FormData and streams on, and sends a stream once', async () => {
    const form = new FormData();
    form.set('a', 'b');
    expect((await sent(bodyOf('multipart/form-data'), { body: form })).headers['content-type']).toMatch(
      /^multipart\/form-data; boundary=/,
    );
    let count = 0;
    const url = await serve((_request, response, body) => {
      count += 1;
      response.writeHead(503).end(body);
    });
    const stream = new Blob(['abc']).stream();
    await expect(clientOf(url, bodyOf('application/octet-stream')).call('test', { body: stream })).rejects.toMatchObject({
      status: 503,
    });
    expect(count).toBe(1);
  });
});

describe('answers', () => {
  const given = async (
    headers: Record<string, string>,
    body: string | Buffer,
    options: { status?: number; responses?: WireBinding['responses'] } & Partial<ClientOptions> = {},
  ): Promise<unknown> => {
    const url = await serve((_request, response) => response.writeHead(options.status ?? 200, headers).end(body));
    return (await clientOf(url, operationOf({ responses: options.responses ?? [] }), options).call('test')).output;
  };
  const documented = (mediaType: string, more: object = {}): WireBinding['responses'] => [
    { status: '2XX', contents: [{ mediaType, ...more }] },
  ];

  it.each([
    ['application/json', '{"a":1}', { a: 1 }],
    ['application/vnd.x+json; charset=utf-8', '[1]', [1]],
    ['application/json', '', null],
    ['text/plain', '', ''],
    ['text/html; charset=iso-8859-1', Buffer.from([0xe9]), 'é'],
    ['text/plain; charset=unheard-of', 'x', 'x'],
    ['application/xml', '<a/>', '<a/>'],
    ['image/png', Buffer.from([1, 2]), new Uint8Array([1, 2])],
    ['application/x-www-form-urlencoded', 'a=1&b=2&b=3', { a: '1', b: ['2', '3'] }],
    ['application/x-ndjson', '1\n\n{"a":2}\r\n', [1, { a: 2 }]],
    ['application/json-seq', '\u001e1\n\u001e{"a":\n2}\n', [1, { a: 2 }]],
    ['text/event-stream', 'data: 1\n\ndata: x\n\n', [1, 'x']],
  ])('%s', async (type, body, output) => expect(await given({ 'content-type': type }, body)).toEqual(output));

  it('goes by the description where the answer does not say what it is', async () => {
    expect(await given({}, '{"a":1}', { responses: documented('application/json') })).toEqual({ a: 1 });
    expect(await given({}, '{"a":1}')).toEqual({ a: 1 });
    expect(await given({}, 'plain', { responses: documented('*/*') })).toBe('plain');
    expect(await given({}, 'ab', { responses: documented('image/png'), bytes: 'base64' })).toBe('YWI=');
    expect(await given({}, '')).toBeNull();
  });

  it('believes the description about bytes and structured text', async () => {
    expect(
      await given({ 'content-type': 'text/csv' }, 'ab', { responses: documented('text/csv', { bytes: true }), bytes: 'base64' }),
    ).toBe('YWI=');
    expect(
      await given({ 'content-type': 'text/plain' }, '5', { responses: documented('text/plain', { structured: true }) }),
    ).toBe(5);
    expect(await given({ 'content-type': 'text/html' }, '{"a":1}', { responses: documented('application/json') })).toEqual({
      a: 1,
    });
  });

  it('gives null for a status without content, and redirects that are documented', async () => {
    expect(await given({ 'content-type': 'text/plain' }, '', { status: 204 })).toBeNull();
    expect(await given({}, '', { status: 304, responses: [{ status: '304', contents: [] }] })).toBeNull();
    await expect(given({}, '', { status: 304 })).rejects.toMatchObject({ status: 304 });
  });

  it('throws the status with the parsed body and its text', async () => {
    const call = given({ 'content-type': 'application/problem+json', 'x-a': 'b' }, '{"title":"no"}', { status: 404 });
    await expect(call).rejects.toBeInstanceOf(HttpError);
    await expect(call).rejects.toMatchObject({
      status: 404,
      body: { title: 'no' },
      raw: '{"title":"no"}',
      operation: 'test',
      headers: { 'x-a': 'b' },
    });
    await expect(given({ 'content-type': 'application/json' }, '<html>', { status: 400 })).rejects.toMatchObject({
      body: '<html>',
    });
  });

  it('says that a success is not what it claims to be', async () => {
    await expect(given({ 'content-type': 'application/json' }, '<html>')).rejects.toBeInstanceOf(AnswerError);
    await expect(given({ 'content-type': 'application/x-ndjson' }, '{')).rejects.toMatchObject({
      message: expect.stringContaining('x-ndjson'),
    });
  });
});

describe('retries', () => {
  const failing = async (
    statuses: (number | 'reset')[],
    headers: Record<string, string> = {},
  ): Promise<{ url: string; count: () => number }> => {
    let count = 0;
    const url = await serve((request, response) => {
      const status = statuses[count++] ?? 200;
      if (status === 'reset') return void request.socket.destroy();
      response.writeHead(status, headers).end();
    });
    return { url, count: () => count };
  };

  it('tries idempotent operations again, with full jitter between growing bounds', async () => {
    const waits: number[] = [];
    const { url, count } = await failing([503, 'reset', 429, 408]);
    const options = {
      retry: { attempts: 5, baseDelayMs: 100, maxDelayMs: 300 },
      random: () => 0.5,
      sleep: async (ms: number) => void waits.push(ms),
    };
    expect((await clientOf(url, operationOf(), options).call('test')).status).toBe(200);
    expect([count(), waits]).toEqual([5, [50, 100, 150, 150]]);
  });

  it('does not try others, nor what cannot help', async () => {
    for (const [operation, status] of [
      [operationOf({}, { idempotent: false }), 503],
      [operationOf(), 501],
      [operationOf(), 404],
    ] as const) {
      const { url, count } = await failing([status]);
      await expect(clientOf(url, operation).call('test')).rejects.toMatchObject({ status });
      expect(count()).toBe(1);
    }
    const { url, count } = await failing(['reset']);
    await expect(clientOf(url, operationOf({}, { idempotent: false })).call('test')).rejects.toBeInstanceOf(NetworkError);
    expect(count()).toBe(1);
  });

  it('gives the last answer when nothing helps', async () => {
    const { url, count } = await failing([500, 500, 500, 500]);
    await expect(clientOf(url, operationOf()).call('test')).rejects.toMatchObject({ status: 500 });
    expect(count()).toBe(3);
    const broken = await failing(['reset', 'reset', 'reset']);
    await expect(clientOf(broken.url, operationOf()).call('test')).rejects.toMatchObject({
      name: 'NetworkError',
      timedOut: false,
    });
  });

  it.each([
    ['2', 2_000],
    ['Thu, 01 Jan 1970 00:00:05 GMT', 5_000],
    ['Wed, 31 Dec 1969 00:00:00 GMT', 0],
    ['soon', 125],
  ])('honours Retry-After: %s', async (header, expected) => {
    const waits: number[] = [];
    const { url } = await failing([429], { 'retry-after': header });
    await clientOf(url, operationOf(), { now: () => 0, random: () => 0.5, sleep: async (ms) => void waits.push(ms) }).call(
      'test',
    );
    expect(waits).toEqual([expected]);
  });

  it('does not wait beyond its total time', async () => {
    const { url, count } = await failing([503], { 'retry-after': '3600' });
    await expect(clientOf(url, operationOf()).call('test')).rejects.toMatchObject({ status: 503 });
    expect(count()).toBe(1);
  });

  it('ends in time when there is no answer, or only half of one', async () => {
    const silent = await serve(() => {});
    await expect(clientOf(silent, operationOf(), { retry: { totalMs: 40 } }).call('test')).rejects.toMatchObject({
      name: 'NetworkError',
      timedOut: true,
    });
    const half = await serve((_request, response) => void response.writeHead(200, { 'content-length': '10' }).write('x'));
    await expect(clientOf(half, operationOf(), { retry: { totalMs: 60 } }).call('test')).rejects.toMatchObject({
      timedOut: true,
    });
  });

  it('gives the reason of the caller who cancels', async () => {
    const url = await serve(() => {});
    const reason = new TypeError('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    await expect(clientOf(url, operationOf()).call('test', {}, { signal: controller.signal })).rejects.toBe(reason);
    await expect(clientOf(url, operationOf()).call('test', {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const busy = await failing([503, 503]);
    const later = new AbortController();
    setTimeout(() => later.abort(reason), 20);
    const slow = createClient({
      operations: { test: operationOf() },
      baseUrl: busy.url,
      retry: { baseDelayMs: 60_000, maxDelayMs: 50_000 },
      random: () => 0.5,
    });
    await expect(slow.call('test', {}, { signal: later.signal })).rejects.toBe(reason);
  });

  it('waits on a real timer when none is given', async () => {
    const { url } = await failing([503]);
    const client = createClient({ operations: { test: operationOf() }, baseUrl: url, retry: { baseDelayMs: 1 } });
    expect((await client.call('test')).status).toBe(200);
  });

  it('passes the verdict of whoever fetches on, at once when it is final', async () => {
    for (const [retryable, tries] of [
      [false, 1],
      [true, 3],
    ] as const) {
      let count = 0;
      const verdict = Object.assign(new TypeError('denied'), { retryable });
      const fetch = async (): Promise<Response> => {
        count += 1;
        throw verdict;
      };
      await expect(clientOf('http://h', operationOf(), { fetch }).call('test')).rejects.toBe(verdict);
      expect(count).toBe(tries);
    }
  });
});

describe('credentials', () => {
  const schemes: Record<string, HttpScheme> = {
    basic: { kind: 'basic', place: 'authorization', name: 'Basic' },
    bearer: { kind: 'oauth2', place: 'authorization', name: 'Bearer' },
    head: { kind: 'apiKey', place: 'header', name: 'X-Key' },
    query: { kind: 'apiKey', place: 'query', name: 'k' },
    cookie: { kind: 'apiKey', place: 'cookie', name: 'sid' },
    tls: { kind: 'mutualTls', place: 'header', name: '' },
  };
  const seen = async (auth: HttpOperation['auth'], vault: Record<string, string>): Promise<Record<string, unknown>> => {
    const url = await serve((request, response) => {
      const { authorization, cookie, 'x-key': key } = request.headers;
      response.end(JSON.stringify({ url: request.url, authorization, cookie, key }));
    });
    const client = clientOf(url, operationOf({}, { auth }), { schemes, auth: async (scheme) => vault[scheme] });
    return (await client.call('test')).output as Record<string, unknown>;
  };

  it.each([
    ['basic', 'Żaneta:pa:ss', { authorization: `Basic ${Buffer.from('Żaneta:pa:ss').toString('base64')}` }],
    ['bearer', 'abc', { authorization: 'Bearer abc' }],
    ['bearer', 'bearer abc', { authorization: 'bearer abc' }],
    ['head', 'abc', { key: 'abc' }],
    ['query', 'a b&', { url: '/x?k=a%20b%26' }],
    ['cookie', 'abc', { cookie: 'sid=abc' }],
  ])('%s', async (scheme, value, expected) =>
    expect(await seen([{ [scheme]: [] }], { [scheme]: value })).toMatchObject(expected),
  );

  it('takes the first complete alternative, and none only when no other is complete', async () => {
    expect(await seen([{ basic: [], head: [] }, { query: [] }], { basic: 'x', query: 'q' })).toEqual({ url: '/x?k=q' });
    expect(await seen([{ query: [], cookie: [] }], { query: 'q', cookie: 'c' })).toEqual({ url: '/x?k=q', cookie: 'sid=c' });
    expect(await seen([{}, { query: [] }], { query: 'q' })).toEqual({ url: '/x?k=q' });
    expect(await seen([{}, { query: [] }], {})).toEqual({ url: '/x' });
    expect(await seen([{ tls: [] }], {})).toEqual({ url: '/x' });
  });

  it('names the schemes without a credential', async () => {
    const call = seen([{ basic: [], head: [] }, { unknown: [] }], { basic: 'x' });
    await expect(call).rejects.toBeInstanceOf(AuthError);
    await expect(call).rejects.toMatchObject({ missing: ['head'], message: 'test needs a credential for "head"' });
    await expect(clientOf('http://h', operationOf({}, { auth: [{ query: [] }] })).call('test')).rejects.toMatchObject({
      missing: ['query'],
    });
  });
});

describe('streams', () => {
  const streaming = (item: 'event' | 'data'): HttpOperation => operationOf({}, { stream: { item } });
  const all = async (stream: AsyncIterable<unknown> | undefined): Promise<unknown[]> => {
    const items: unknown[] = [];
    for await (const item of stream ?? []) items.push(item);
    return items;
  };
  /** Sends a body byte by byte, so that every character and line end comes apart. */
  const bytewise =
    (type: string, text: string): Handler =>
    (_request, response) => {
      response.writeHead(200, { 'content-type': type });
      const bytes = Buffer.from(text);
      let at = 0;
      const next = (): void => {
        if (at >= bytes.length) return void response.end();
        response.write(bytes.subarray(at, ++at));
        setImmediate(next);
      };
      next();
    };

  const events =
    ': comment\r\nevent: tick\r\nid: 1\r\ndata: {"a":\rdata: "é"}\n\nretry: 7\ndata\n\nid: a\0b\ndata:x\n\nevent: lost\n\ndata: unfinished';
  it('reads events whatever the chunks and line ends', async () => {
    const result = await clientOf(await serve(bytewise('text/event-stream', events)), streaming('event')).call('test');
    expect(result.output).toBeNull();
    expect(await all(result.stream)).toEqual([
      { event: 'tick', id: '1', data: '{"a":\n"é"}' },
      { id: '1', data: '' },
      { id: '1', data: 'x' },
    ]);
  });

  it('reads the data of events, up to the sentinel', async () => {
    const url = await serve(bytewise('text/event-stream', 'data: {"a":1}\n\ndata: plain\n\ndata: [DONE]\n\ndata: 2\n\n'));
    expect(await all((await clientOf(url, streaming('data')).call('test')).stream)).toEqual([{ a: 1 }, 'plain']);
  });

  it.each([
    ['application/x-ndjson', '{"a":"é"}\r\n\n2\n3', [{ a: 'é' }, 2, 3]],
    ['application/jsonl', '1\r', [1]],
    ['application/json-seq', '\u001e{"a":\n1}\n\u001e2\n', [{ a: 1 }, 2]],
  ])('reads %s', async (type, text, expected) => {
    expect(await all((await clientOf(await serve(bytewise(type, text)), streaming('data')).call('test')).stream)).toEqual(
      expected,
    );
  });

  it('gives one document when the other side sends one', async () => {
    const url = await serve((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('[1]'));
    const result = await clientOf(url, streaming('data')).call('test');
    expect([result.output, result.stream]).toEqual([[1], undefined]);
  });

  it('says that an item is not JSON', async () => {
    const { stream } = await clientOf(await serve(bytewise('application/jsonl', '{\n')), streaming('data')).call('test');
    await expect(all(stream)).rejects.toBeInstanceOf(AnswerError);
  });

  it('cancels the request when its reader leaves', async () => {
    let closed = (): void => {};
    const over = new Promise<void>((resolve) => (closed = resolve));
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/jsonl' });
      response.write('1\n2\n');
      response.on('close', closed);
    });
    for await (const item of (await clientOf(url, streaming('data')).call('test')).stream ?? []) {
      expect(item).toBe(1);
      break;
    }
    await over;
  });

  const breaking =
    (parts: string[], asked: (string | undefined)[]): Handler =>
    (request, response) => {
      asked.push(request.headers['last-event-id'] as string | undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(parts[asked.length - 1] ?? '', () => (asked.length < parts.length ? response.destroy() : response.end()));
    };

  it('takes a broken stream of events up again after its last id', async () => {
    const asked: (string | undefined)[] = [];
    const waits: number[] = [];
    const url = await serve(breaking(['retry: 9\nid: 1\ndata: a\n\n', 'id: 2\ndata: b\n\ndata: half', 'data: c\n\n'], asked));
    const result = await clientOf(url, streaming('data'), { sleep: async (ms) => void waits.push(ms) }).call('test');
    expect(await all(result.stream)).toEqual(['a', 'b', 'c']);
    expect([asked, waits]).toEqual([
      [undefined, '1', '2'],
      [9, 9],
    ]);
  });

  it('does not take up a stream without ids, of an operation that changes something, or one that is gone', async () => {
    const broken = await clientOf(await serve(breaking(['data: a\n\n', ''], [])), streaming('data')).call('test');
    await expect(all(broken.stream)).rejects.toThrow();
    const changing = { ...streaming('data'), idempotent: false };
    const other = await clientOf(await serve(breaking(['id: 1\ndata: a\n\n', ''], [])), changing).call('test');
    await expect(all(other.stream)).rejects.toThrow();
    let count = 0;
    const url = await serve((_request, response) => {
      if (count++ > 0) return void response.writeHead(204).end();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: 1\ndata: a\n\n', () => response.destroy());
    });
    expect(await all((await clientOf(url, streaming('data')).call('test')).stream)).toEqual(['a']);
  });
});

describe('pages', () => {
  it('refuses an operation it does not know', async () => {
    await expect(clientOf('http://h', operationOf()).pages('none').next()).rejects.toBeInstanceOf(InputError);
    await expect(clientOf('http://h', operationOf()).items('none').next()).rejects.toBeInstanceOf(InputError);
  });

  const rows = [1, 2, 3, 4, 5, 6, 7];
  const paged = (pagination: HttpOperation['pagination']): HttpOperation =>
    operationOf({ parameters: ['limit', 'offset', 'page', 'cursor'].map(query) }, pagination ? { pagination } : {});
  const listing = async (
    answer: (at: URLSearchParams, url: string) => { body: unknown; link?: string },
  ): Promise<{ url: string; asked: string[] }> => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url ?? '');
      const { body, link } = answer(new URLSearchParams(request.url?.split('?')[1]), url);
      response.writeHead(200, { 'content-type': 'application/json', ...(link ? { link } : {}) }).end(JSON.stringify(body));
    });
    return { url, asked };
  };
  const collected = async (url: string, operation: HttpOperation, input: Record<string, unknown> = {}): Promise<unknown[]> => {
    const items: unknown[] = [];
    for await (const item of clientOf(url, operation).items('test', input)) items.push(item);
    return items;
  };

  it('walks offsets until a short page, or the total', async () => {
    const byOffset = (at: URLSearchParams): { body: unknown } => ({
      body: { items: rows.slice(Number(at.get('offset')), Number(at.get('offset')) + 3), total: 7 },
    });
    const { url, asked } = await listing(byOffset);
    const pagination = { style: 'offset' as const, input: { limit: 'limit', position: 'offset' }, output: { items: '/items' } };
    expect(await collected(url, paged(pagination), { limit: 3 })).toEqual(rows);
    expect(asked).toEqual(['/x?limit=3', '/x?limit=3&offset=3', '/x?limit=3&offset=6']);
    const total = await listing(byOffset);
    expect(await collected(total.url, paged({ ...pagination, output: { items: '/items', total: '/total' } }))).toEqual(rows);
    expect(total.asked).toHaveLength(3);
  });

  it('walks pages until an empty one', async () => {
    const { url, asked } = await listing((at) => ({
      body: rows.slice((Number(at.get('page') ?? 1) - 1) * 3, Number(at.get('page') ?? 1) * 3),
    }));
    expect(await collected(url, paged({ style: 'page', input: { position: 'page' }, output: { items: '' } }))).toEqual(rows);
    expect(asked).toEqual(['/x', '/x?page=2', '/x?page=3', '/x?page=4']);
    const counted = await listing((at) => ({
      body: { items: rows.slice((Number(at.get('page') ?? 1) - 1) * 3, Number(at.get('page') ?? 1) * 3), total: 7 },
    }));
    expect(
      await collected(
        counted.url,
        paged({ style: 'page', input: { position: 'page' }, output: { items: '/items', total: '/total' } }),
      ),
    ).toEqual(rows);
    expect(counted.asked).toHaveLength(3);
  });

  it('follows cursors, addresses as cursors, and stops at a repeated one', async () => {
    const cursor = { style: 'cursor' as const, input: { position: 'cursor' }, output: { items: '/items', next: '/next' } };
    const plain = await listing((at) =>
      at.get('cursor') === 'b' ? { body: { items: [3], next: null } } : { body: { items: [1, 2], next: 'b' } },
    );
    expect(await collected(plain.url, paged(cursor))).toEqual([1, 2, 3]);
    const address = await listing((at, url) =>
      at.get('cursor') ? { body: { items: [3] } } : { body: { items: [1, 2], next: `${url}/x?cursor=b` } },
    );
    expect(await collected(address.url, paged(cursor))).toEqual([1, 2, 3]);
    let count = 0;
    const circle = await listing(() => ({ body: { items: [count++], next: count % 2 === 0 ? 'a' : 'b' } }));
    expect(await collected(circle.url, paged(cursor))).toEqual([0, 1, 2]);
    const unnamed = await listing(() => ({ body: { items: [1] } }));
    expect(await collected(unnamed.url, paged({ ...cursor, output: { items: '/items' } }))).toEqual([1]);
  });

  it('follows links of its own origin only', async () => {
    const link = { style: 'link' as const, input: {}, output: { items: '' } };
    const own = await listing((at) =>
      at.get('page') === '2' ? { body: [3] } : { body: [1, 2], link: '</x?page=2>; rel="prev next"' },
    );
    expect(await collected(own.url, paged(link))).toEqual([1, 2, 3]);
    const foreign = await listing(() => ({ body: [1], link: '<http://other.example/x>; rel=next' }));
    expect(await collected(foreign.url, paged(link))).toEqual([1]);
    const broken = await listing(() => ({ body: [1], link: '<http://[>; rel=next' }));
    expect(await collected(broken.url, paged(link))).toEqual([1]);
  });

  it('stops when a server ignores the position', async () => {
    const { url, asked } = await listing(() => ({ body: rows }));
    expect(await collected(url, paged({ style: 'page', input: { position: 'page' }, output: { items: '' } }))).toEqual(rows);
    expect(asked).toHaveLength(2);
  });

  it('gives whole pages, one without pagination, and ends with its reader', async () => {
    const { url, asked } = await listing(() => ({ body: rows }));
    const pages: unknown[] = [];
    for await (const page of clientOf(url, paged(undefined)).pages('test')) pages.push(page.output);
    expect([pages, await collected(url, paged(undefined))]).toEqual([[rows], rows]);
    for await (const _page of clientOf(url, paged({ style: 'page', input: { position: 'page' }, output: { items: '' } })).pages(
      'test',
    ))
      break;
    expect(asked).toHaveLength(3);
    const odd = await listing(() => ({ body: { items: 'none' } }));
    expect(await collected(odd.url, paged({ style: 'offset', input: {}, output: { items: '/items' } }))).toEqual([]);
  });

  it.each([
    ['<a>; rel="next"', 'a'],
    ['<a>; rel=prev, <b>; title="x, y"; rel=next', 'b'],
    ['<a>; rel="first"', undefined],
    ['nonsense', undefined],
    [undefined, undefined],
    [`<${';'.repeat(50_000)}`, undefined],
  ])('reads a Link header: %s', (header, expected) => expect(nextLink(header)).toBe(expected));
});
