import type { Interface, JsonValue, Logger, Provider } from '@burgeon/kit';
import type { OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../base/log.ts';
import { library } from '../fixtures/library.ts';
import { echo, jsonBody, send, stand, standProvider } from '../fixtures/stand.ts';

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
  ])('%s', async (...[, line, given, status, path]) => {
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

  it('is heard by clients that send on while it refuses', async () => {
    const port = await stand(() => ({ output: null }), { bodyLimitBytes: 10 });
    const rest = Buffer.alloc(4_000_000, 'x');
    for (const framing of [`content-length: ${rest.length}`, 'transfer-encoding: chunked']) {
      const body = framing.startsWith('t') ? [`${rest.length.toString(16)}\r\n`, rest, '\r\n0\r\n\r\n'] : [rest];
      const socket = connect({ port, host: '127.0.0.1' });
      for (const part of [`POST /books HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`, ...body])
        socket.write(part);
      expect(await text(socket)).toMatch(/^HTTP\/1.1 413 [^]*\{"type":[^]*\}$/);
    }
  });
});
