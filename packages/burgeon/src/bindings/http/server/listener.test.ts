import {
  type CallOptions,
  type CallResult,
  type Interface,
  type JsonObject,
  type JsonValue,
  type Logger,
  type Provider,
  BurgeonError,
} from '@burgeon/kit';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, type Server, createServer, request as sendRequest } from 'node:http';
import { type AddressInfo, connect as openSocket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { library } from '../fixtures/library.ts';
import { type HttpListenerOptions, createHttpListener } from './listener.ts';

type Call = (operation: string, input: JsonObject, options: CallOptions) => Promise<CallResult> | CallResult;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Stands up a provider that answers as `call` does; requests that pass through get 599. */
const stand = async (
  call: Call,
  options: Partial<HttpListenerOptions> = {},
  description: Interface = library,
): Promise<number> => {
  const provider: Provider = {
    interface: description,
    call: async (operation, input, given = {}) => call(operation, input, given),
  };
  return standProvider(provider, options);
};

const standProvider = async (provider: Provider, options: Partial<HttpListenerOptions> = {}): Promise<number> => {
  const listener = createHttpListener(provider, { clock: manualClock(0), log: silentLogger, unmatched: 'answer', ...options });
  const server = createServer(
    (request, response) => void listener(request, response).then((done) => done || response.writeHead(599).end()),
  );
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  json: () => Record<string, JsonValue>;
}

const send = (
  port: number,
  line: string,
  given: { headers?: OutgoingHttpHeaders; body?: string | Buffer } = {},
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const [method = 'GET', path = '/'] = line.split(' ', 2);
    const request = sendRequest(
      { port, host: '127.0.0.1', method, path, headers: given.headers ?? {}, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: () => JSON.parse(text) as Record<string, JsonValue>,
          });
        });
      },
    );
    request.on('error', reject);
    request.end(given.body);
  });

const echo: Call = (operation, input) => ({ output: { operation, input } as unknown as JsonValue });
const jsonBody = (value: unknown): { headers: OutgoingHttpHeaders; body: string } => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

describe('finding the operation', () => {
  it.each([
    ['GET /books/newest', 'newestBook', {}],
    ['GET /books/5', 'getBook', { bookId: 5 }],
    ['GET /v1/books/5', 'getBook', { bookId: 5 }],
    ['GET /books/5/', 'getBook', { bookId: 5 }],
    ['GET /b%6Foks/%35', 'getBook', { bookId: 5 }],
    ['GET http://other.example/books/5', 'getBook', { bookId: 5 }],
    ['DELETE /books/6', 'removeBook', { id: 6 }],
    ['DELETE /books/newest', 'removeBook', { id: 'newest' }],
    ['POST /books/5:lend', 'lendBook', { bookId: 5, verb: 'lend' }],
    ['GET /books?tags=a,b&filter[pages][min]=2', 'listBooks', { tags: ['a', 'b'], filter: { pages: { min: 2 } } }],
    ['GET /matrix;x=1;y=2/end', 'matrix', { point: { x: 1, y: 2 } }],
    ['GET /action?do=b', 'actionB', {}],
    ['GET /action?do=a&x=1', 'actionA', {}],
  ])('%s', async (line, operation, input) => {
    let asked: unknown;
    const port = await stand(
      (id, given) => {
        asked = { operation: id, input: given };
        return { output: null };
      },
      { validation: 'off' },
    );
    expect((await send(port, line)).status).toBeLessThan(300);
    expect(asked).toEqual({ operation, input });
  });

  it('answers 404 with the paths that look alike', async () => {
    const port = await stand(echo);
    const answer = await send(port, 'GET /bookz/5');
    expect([answer.status, answer.headers['content-type']]).toEqual([404, 'application/problem+json']);
    expect(answer.json()).toMatchObject({
      status: 404,
      detail: expect.stringContaining('/bookz/5'),
      near: expect.arrayContaining(['/books/{bookId}']),
    });
    expect((await send(port, 'GET /%')).status).toBe(404);
    expect((await send(port, 'GET /zzz/zzz/zzz/zzz/zzz/zzz/zzz/zzz')).json()).toMatchObject({ near: [] });
  });

  it('answers 405 with what is allowed, and preflights', async () => {
    const port = await stand(echo);
    const wrong = await send(port, 'PATCH /books/5');
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'DELETE, GET, HEAD, OPTIONS']);
    const preflight = await send(port, 'OPTIONS /books/5', { headers: { 'access-control-request-headers': 'x-a' } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-headers': 'x-a',
      'access-control-allow-methods': 'DELETE, GET, HEAD, OPTIONS',
      'access-control-allow-origin': '*',
    });
    const closed = await send(await stand(echo, { cors: false }), 'OPTIONS /books');
    expect([closed.headers.allow, closed.headers['access-control-allow-origin']]).toEqual([
      'GET, HEAD, OPTIONS, POST',
      undefined,
    ]);
  });

  it('answers HEAD as GET without a body', async () => {
    const port = await stand(() => ({ output: { title: 'x' } }));
    const answer = await send(port, 'HEAD /books/5');
    expect([answer.status, answer.headers['content-length'], answer.text]).toEqual([200, '13', '']);
    expect((await send(port, 'HEAD /nothing')).text).toBe('');
    expect((await send(port, 'HEAD /upload')).status).toBe(405);
  });

  it('leaves other paths to its caller, and keeps to its mount', async () => {
    const port = await stand(echo, { unmatched: 'pass', mount: '/mods/library' });
    const statuses = await Promise.all(
      ['GET /books/newest', 'GET /mods/library/books/newest', 'GET /mods/library', 'GET /mods/libraryx/books'].map((line) =>
        send(port, line),
      ),
    );
    expect(statuses.map(({ status }) => status)).toEqual([599, 200, 599, 599]);
  });

  it('follows a change of the description', async () => {
    let changed = (): void => {};
    let description: Interface = { ...library, operations: [] };
    const provider: Provider = {
      get interface() {
        return description;
      },
      call: async () => ({ output: null }),
      subscribe: (listener) => ((changed = listener), () => {}),
    };
    const port = await standProvider(provider);
    expect((await send(port, 'GET /books/newest')).status).toBe(404);
    description = library;
    changed();
    expect((await send(port, 'GET /books/newest')).status).toBe(200);
  });

  it('takes the first of two like paths whose input fits', async () => {
    const twin = library.operations.find(({ id }) => id === 'getBook');
    if (!twin) throw new TypeError('no twin');
    const byName = { ...twin, id: 'getByName', input: { ...twin.input, properties: { bookId: { type: 'string' } } } };
    const port = await stand(
      (id) => ({ output: { title: id } }),
      {},
      { ...library, operations: [...library.operations, byName] },
    );
    expect((await send(port, 'GET /books/7')).json()).toEqual({ title: 'getBook' });
    expect((await send(port, 'GET /books/dune')).json()).toEqual({ title: 'getByName' });
  });
});

describe('judging requests', () => {
  it.each([
    ['a wrong type in the path', 'GET /books/x', {}, 422, '/bookId'],
    ['a wrong payload', 'POST /books', jsonBody({ title: '' }), 422, '/body/title'],
    ['no payload', 'POST /books', {}, 422, '/body'],
    ['broken JSON', 'POST /books', { headers: { 'content-type': 'application/json' }, body: '{' }, 400, '/body'],
  ])('%s', async (_name, line, given, status, path) => {
    let called = false;
    const port = await stand(() => ((called = true), { output: null }));
    const answer = await send(port, line, given);
    expect(answer.status).toBe(status);
    expect(answer.json()).toMatchObject({ code: 'INPUT_INVALID', issues: [{ path: expect.stringContaining(path) }] });
    expect(called).toBe(false);
  });

  it('uses 400 where the description knows only that', async () => {
    const operations = library.operations.map((operation) => {
      if (operation.id !== 'getBook') return operation;
      const binding = operation.bindings['http'] as { responses: JsonValue[] };
      return {
        ...operation,
        bindings: { http: { ...binding, responses: [...binding.responses, { status: '400', contents: [], headers: {} }] } },
      };
    });
    expect((await send(await stand(echo, {}, { ...library, operations }), 'GET /books/x')).status).toBe(400);
  });

  it('reports without refusing, or does not look at all', async () => {
    const warnings: [string, JsonValue | undefined][] = [];
    const log: Logger = { ...silentLogger, warn: (message, data) => void warnings.push([message, data]) };
    const port = await stand(() => ({ output: null }), { validation: 'report', log });
    expect((await send(port, 'GET /books/x')).status).toBe(200);
    expect((await send(port, 'POST /books', { headers: { 'content-type': 'text/csv' }, body: 'a' })).status).toBe(201);
    expect((await send(port, 'GET /books/1')).status).toBe(200);
    expect(warnings.map(([message]) => message)).toEqual([
      'GET /books/x does not match getBook',
      'POST /books does not match addBook',
    ]);
    expect((await send(await stand(() => ({ output: null }), { validation: 'off' }), 'POST /books')).status).toBe(201);
  });

  it('answers 415 and 406 with what there is', async () => {
    const port = await stand(() => ({ output: null }));
    const type = await send(port, 'POST /books', { headers: { 'content-type': 'text/csv' }, body: 'a' });
    expect([type.status, type.headers.accept]).toEqual([415, 'application/json, application/x-www-form-urlencoded']);
    const accept = await send(port, 'GET /books/1', { headers: { accept: 'image/png' } });
    expect([accept.status, accept.json()['types']]).toEqual([
      406,
      ['application/json', 'text/plain', 'application/problem+json'],
    ]);
  });

  it('asks for a credential of the right place when told to', async () => {
    const port = await stand(() => ({ output: null }), { requireAuth: true });
    const refused = await send(port, 'POST /books', jsonBody({ title: 'x' }));
    expect([refused.status, refused.headers['www-authenticate'], refused.json()['schemes']]).toEqual([
      401,
      'Bearer realm="mirror"',
      ['key'],
    ]);
    expect((await send(port, 'POST /books?key=1', jsonBody({ title: 'x' }))).status).toBe(201);
    const { headers, body } = jsonBody({ title: 'x' });
    expect((await send(port, 'POST /books', { headers: { ...headers, authorization: 'Bearer x' }, body })).status).toBe(201);
    expect((await send(port, 'POST /books', { headers: { ...headers, authorization: 'Bearer ' }, body })).status).toBe(401);
  });

  it('knows every place of a credential', async () => {
    const auth: Interface['auth'] = {
      head: { kind: 'apiKey', bindings: { http: { place: 'header', name: 'X-Key' } } },
      cookie: { kind: 'apiKey', bindings: { http: { place: 'cookie', name: 'sid' } } },
      basic: { kind: 'basic', bindings: {} },
      tls: { kind: 'mutualTls', bindings: {} },
    };
    const needing = (auths: Record<string, string[]>[]): Interface => ({
      ...library,
      auth,
      operations: library.operations.map((each) => ({ ...each, auth: auths })),
    });
    const status = async (auths: Record<string, string[]>[], headers: OutgoingHttpHeaders): Promise<number> =>
      (await send(await stand(() => ({ output: null }), { requireAuth: true }, needing(auths)), 'GET /books/newest', { headers }))
        .status;
    expect(await status([{ head: [] }], { 'x-key': 'k' })).toBe(200);
    expect(await status([{ head: [] }], {})).toBe(401);
    expect(await status([{ cookie: [], head: [] }], { cookie: 'a=b; sid=1', 'x-key': 'k' })).toBe(200);
    expect(await status([{ basic: [] }], { authorization: 'Basic eA==' })).toBe(200);
    expect(await status([{ basic: [] }], {})).toBe(401);
    expect(await status([{ tls: [] }], {})).toBe(200);
    expect(await status([{ unknown: [] }], {})).toBe(401);
    expect(await status([{ head: [] }, {}], {})).toBe(200);
  });

  it('refuses payloads that are too large, announced or not', async () => {
    const port = await stand(() => ({ output: null }), { bodyLimitBytes: 10 });
    const announced = await send(port, 'POST /books', {
      headers: { 'content-type': 'application/json', 'content-length': '11' },
      body: '{"a":12345}',
    });
    expect([announced.status, announced.headers.connection]).toEqual([413, 'close']);
    const chunked = await send(port, 'POST /books', {
      headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
      body: '{"a":12345}',
    });
    expect(chunked.status).toBe(413);
  });
});

describe('answering', () => {
  it('passes the wishes of a Prefer header on', async () => {
    const asked: unknown[] = [];
    const port = await stand(
      (_id, _input, { variant }) => (
        asked.push(variant),
        { output: { title: 'x' }, ...(variant?.code ? { code: variant.code } : {}) }
      ),
    );
    const answer = await send(port, 'GET /books/1', { headers: { prefer: 'code=404, example="a b"; dynamic=true' } });
    expect([answer.status, answer.headers['content-type']]).toEqual([404, 'application/problem+json']);
    await send(port, 'GET /books/1', { headers: { prefer: 'return=minimal' } });
    await send(port, 'GET /books/1', { headers: { prefer: 'dynamic=false, code=banana' } });
    expect(asked).toEqual([{ code: '404', example: 'a b', dynamic: true }, undefined, { dynamic: false }]);
  });

  it.each([
    ['application/json', 'GET /books/1', { title: 'é' }, 'application/json', '{"title":"é"}'],
    ['text/plain', 'GET /books/1', 'é', 'text/plain; charset=utf-8', 'é'],
    ['text/plain', 'GET /books/1', { title: 'x' }, 'text/plain; charset=utf-8', '{"title":"x"}'],
    ['text/plain', 'GET /books/1', null, 'text/plain; charset=utf-8', ''],
    ['*/*', 'GET /books/1.pdf', 'AAEC', 'application/octet-stream', '\0\u0001\u0002'],
    ['*/*', 'GET /books/1.pdf', { no: 'bytes' }, 'application/octet-stream', '{"no":"bytes"}'],
    ['*/*', 'GET /form', { a: 'b c', d: [1, 2] }, 'application/x-www-form-urlencoded', 'a=b%20c&d=1&d=2'],
    ['*/*', 'GET /form', 'a=1', 'application/x-www-form-urlencoded', 'a=1'],
    ['*/*', 'GET /silent', [1], 'application/json', '[1]'],
    [
      'text/event-stream',
      'GET /events',
      [{ data: 'a\nb', event: 'x', id: 1 }, { title: 't' }, 'line'],
      'text/event-stream',
      'event: x\nid: 1\ndata: a\ndata: b\n\ndata: {"title":"t"}\n\ndata: line\n\n',
    ],
    ['*/*', 'GET /log', ['a', 1], 'application/x-ndjson', '"a"\n1\n'],
    ['*/*', 'GET /log', { no: 'list' }, 'application/x-ndjson', '{"no":"list"}'],
  ])('as %s: %s %o', async (accept, line, output, type, text) => {
    const answer = await send(await stand(() => ({ output: output as JsonValue })), line, { headers: { accept } });
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([200, type, text]);
  });

  it('gives codes, attributes and no body where there is none', async () => {
    const attributes = { location: '/books/7', 'x-note': 'ü\u0001', 'content-length': '999', 'bad name': 'x' };
    const port = await stand((id) => (id === 'addBook' ? { output: { title: 'x' }, code: '202', attributes } : { output: null }));
    const accepted = await send(port, 'POST /books', jsonBody({ title: 'x' }));
    expect([accepted.status, accepted.headers.location, accepted.headers['content-length'], accepted.text]).toEqual([
      202,
      '/books/7',
      '0',
      '',
    ]);
    expect(Buffer.from(String(accepted.headers['x-note']), 'latin1').toString()).toBe('ü');
    const gone = await send(port, 'DELETE /books/1');
    expect([gone.status, gone.headers['content-length'], gone.headers['content-type']]).toEqual([204, undefined, undefined]);
  });

  it.each([
    ['a documented error', '404', { title: 'gone' }, 404, 'application/problem+json', '{"title":"gone"}'],
    ['one documented as text', '410', 'gone', 410, 'text/plain; charset=utf-8', 'gone'],
    ['one that is not documented', '418', { a: 1 }, 418, 'application/problem+json', '{"a":1}'],
    ['one without a body', '404', null, 404, undefined, ''],
    ['a class', '4XX', { a: 1 }, 400, 'application/problem+json', '{"a":1}'],
  ])('carries %s of the other side', async (_name, code, body, ...expected) => {
    const port = await stand(() => {
      throw new BurgeonError('REMOTE_ERROR', { message: 'x', data: { code, body } });
    });
    const answer = await send(port, 'GET /books/1', { headers: { accept: 'application/json' } });
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual(expected);
  });

  it.each([
    ['NAME_INVALID', 422, { code: 'NAME_INVALID', detail: 'told', hint: 'do' }],
    ['TIMEOUT', 504, { code: 'TIMEOUT' }],
    ['REMOTE_ERROR', 502, { code: 'REMOTE_ERROR', data: { a: 1 } }],
  ] as const)('writes %s as a problem', async (code, status, expected) => {
    const port = await stand(() => {
      throw new BurgeonError(code, { message: 'told', hint: 'do', data: { a: 1 } });
    });
    const answer = await send(port, 'GET /books/1');
    expect([answer.status, answer.json()]).toEqual([status, expect.objectContaining(expected)]);
  });

  it('keeps a defect to its log', async () => {
    const told: (JsonValue | undefined)[] = [];
    const port = await stand(() => Promise.reject(new TypeError('private')), {
      log: { ...silentLogger, warn: (_message, data) => void told.push(data) },
    });
    const answer = await send(port, 'GET /books/1');
    expect([answer.status, answer.text.includes('private'), told]).toEqual([500, false, [{ message: 'private' }]]);
  });

  it('waits and fails as told, the same way for the same seed', async () => {
    const clock = manualClock(0);
    const run = async (seed: number): Promise<string> => {
      const port = await stand(() => ({ output: null }), { latencyMs: 10, errorRate: 0.5, seed, clock });
      const statuses: string[] = [];
      for (let count = 0; count < 12; count += 1) statuses.push(String((await send(port, 'GET /books/1')).status));
      return statuses.join(' ');
    };
    const [first, second, third] = [await run(1), await run(1), await run(2)];
    expect(first).toBe(second);
    expect(first).not.toBe(third);
    expect(new Set(first.split(' ')).size).toBeGreaterThan(2);
    expect(clock.now()).toBe(360);
  });
});

describe('clients that leave', () => {
  it('ends the call when the client hangs up', async () => {
    let ended = (): void => {};
    const over = new Promise<void>((resolve) => (ended = resolve));
    const port = await stand(
      (_id, _input, { signal }) =>
        new Promise((resolve) => signal?.addEventListener('abort', () => (resolve({ output: null }), ended()))),
    );
    const socket = openSocket(port, '127.0.0.1', () => socket.write('GET /books/1 HTTP/1.1\r\nhost: x\r\n\r\n'));
    setTimeout(() => socket.destroy(), 30);
    await over;
  });

  it('returns a stream that nobody reads any more, and stops in the middle of one', async () => {
    let returned = 0;
    async function* endless(): AsyncGenerator<JsonValue> {
      try {
        for (;;) yield await new Promise<JsonValue>((resolve) => setImmediate(resolve, 'x'.repeat(100_000)));
      } finally {
        returned += 1;
      }
    }
    const port = await stand(() => ({ output: null, stream: endless() }));
    await new Promise<void>((resolve) => {
      const socket = openSocket(port, '127.0.0.1', () => socket.write('GET /log HTTP/1.1\r\nhost: x\r\n\r\n'));
      socket.once('data', () => (socket.destroy(), resolve()));
    });
    await expect.poll(() => returned).toBe(1);
  });

  it('breaks the connection when a stream fails', async () => {
    async function* failing(): AsyncGenerator<JsonValue> {
      yield await Promise.resolve(1);
      throw new TypeError('broken');
    }
    const port = await stand(() => ({ output: null, stream: failing() }));
    await expect(send(port, 'GET /log')).rejects.toThrow();
  });

  it('collects a stream for a client that wants one document', async () => {
    async function* two(): AsyncGenerator<JsonValue> {
      yield await Promise.resolve({ title: 'a' });
    }
    const port = await stand(() => ({ output: null, stream: two() }));
    expect((await send(port, 'GET /books')).text).toBe('[{"title":"a"}]');
  });

  it('survives a client that stops in the middle of its payload', async () => {
    const port = await stand(() => ({ output: null }));
    await new Promise<void>((resolve) => {
      const socket = openSocket(port, '127.0.0.1', () =>
        socket.write('POST /books HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{', () => (socket.destroy(), resolve())),
      );
    });
    expect((await send(port, 'GET /books/1')).status).toBe(200);
  });
});
