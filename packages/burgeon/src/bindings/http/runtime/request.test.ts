import { describe, expect, it } from 'vitest';
import { type Handler, clientOf, operationOf, query, serve } from '../fixtures/web.ts';
import { createClient } from './client.ts';
import { InputError } from './errors.ts';
import type { HttpOperation, WireBinding, ClientOptions } from './types.ts';

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

  it('says that a payload cannot go with a method', async () => {
    const operation = operationOf({
      method: 'GET',
      body: { property: 'body', required: true, contents: [{ mediaType: 'text/plain' }] },
    });
    await expect(clientOf(await serve(echo), operation, { fetch }).call('test', { body: 'x' })).rejects.toBeInstanceOf(
      InputError,
    );
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
