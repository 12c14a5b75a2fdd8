import {
  BurgeonError,
  type ConnectContext,
  type Connection,
  type ExposeOptions,
  type Exposure,
  type Interface,
  type JsonObject,
  type Provider,
} from '@burgeon/kit';
import { protocolSuite } from '@burgeon/kit/suites';
import { afterEach, describe, expect, it } from 'vitest';
import { library } from '../../../bindings/http/fixtures/library.ts';
import { serve } from '../../../bindings/http/fixtures/web.ts';
import { systemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { http } from './index.ts';

const context = (location: string | undefined, more: Partial<ConnectContext> = {}): ConnectContext => ({
  egress: { fetch: (url, init) => fetch(url, init), resolve: (host, port) => Promise.resolve({ address: host, port }) },
  clock: systemClock,
  log: silentLogger,
  ...(location === undefined ? {} : { location }),
  credential: async (scheme) => (scheme === 'token' ? { value: 'secret' } : undefined),
  ...more,
});

const options: ExposeOptions = { clock: systemClock, log: silentLogger, extra: { requireAuth: true } };
const book = { id: 1, title: 'Solaris', tags: ['a,b', 'c d'] };
const data = Buffer.from([0, 1, 254, 255]).toString('base64');

protocolSuite(
  { describe, it, expect },
  {
    protocol: http,
    description: library,
    expose: options,
    context,
    cases: [
      {
        operation: 'listBooks',
        input: { tags: ['a,b', 'ü'], filter: { pages: { min: 3 } }, 'X-Shelf': 7, session: 'x y' },
        output: [book],
      },
      { operation: 'addBook', input: { body: book, contentType: 'application/json' }, output: book },
      {
        operation: 'addBook',
        input: { body: book, contentType: 'application/x-www-form-urlencoded' },
        output: null,
        code: '202',
      },
      { operation: 'getBook', input: { bookId: 5 }, output: { title: '漢字' } },
      { operation: 'removeBook', input: { id: 5 }, output: null },
      { operation: 'newestBook', input: {}, output: book },
      { operation: 'exportBook', input: { bookId: 5, format: 'epub' }, output: data },
      { operation: 'lendBook', input: { bookId: 5, verb: 'lend:now' }, output: 'lent' },
      { operation: 'matrix', input: { point: { x: 1, y: -2 } }, output: 3 },
      { operation: 'putCover', input: { bookId: 5, body: data }, output: null },
      { operation: 'upload', input: { body: { file: data, more: [data, data], meta: book, count: 3 } }, output: { ok: true } },
      { operation: 'events', input: {}, output: [book, { title: 'line\nbreak' }], stream: true },
      { operation: 'log', input: {}, output: ['a', 'b\u2028c'], stream: true },
      { operation: 'actionA', input: {}, output: 'a' },
      { operation: 'actionB', input: {}, output: '' },
      { operation: 'form', input: {}, output: { a: 'b c', d: '&=' } },
      { operation: 'translate', input: { body: book }, output: [book, { title: '<&>' }] },
      { operation: 'silent', input: {}, output: { any: 'thing' } },
    ],
    failure: { operation: 'getBook', input: { bookId: 9 }, code: '404', body: { title: 'No such book', status: 404 } },
    invalid: { operation: 'addBook', input: { body: { title: '' }, contentType: 'application/json' } },
  },
);

const errorOf = async (call: Promise<unknown>): Promise<BurgeonError> => {
  try {
    await call;
  } catch (error) {
    if (BurgeonError.is(error)) return error;
    throw error;
  }
  throw new TypeError('nothing was thrown');
};

const connected = (
  location: string | undefined,
  more: Partial<ConnectContext> = {},
  description: Interface = library,
): Promise<Connection> =>
  http.connect(description, context(location, { clock: { ...systemClock, sleep: async () => {} }, ...more }));

/** A connection to a server that gives every request the same answer. */
const answered = async (
  status: number,
  headers: Record<string, string>,
  body: string,
  more: Partial<ConnectContext> = {},
): Promise<Connection> => connected(await serve((_request, response) => response.writeHead(status, headers).end(body)), more);

const json = { 'content-type': 'application/json' };

describe('connect: what goes wrong', () => {
  it.each([
    [{ detail: 'No such book' }, 'getBook was answered with 404: No such book'],
    [{ error: { message: 'deep' }, title: 'Gone' }, 'getBook was answered with 404: Gone'],
    ['plain text', 'getBook was answered with 404: plain text'],
    [[], 'getBook was answered with 404'],
    [null, 'getBook was answered with 404'],
  ])('tells what the other side says: %o', async (body, message) => {
    const error = await errorOf((await answered(404, json, JSON.stringify(body))).call('getBook', { bookId: 1 }));
    expect(error.toJSON()).toEqual({ code: 'REMOTE_ERROR', message, data: { code: '404', body } });
  });

  it('says whether trying again may help', async () => {
    const error = await errorOf((await answered(503, {}, '')).call('getBook', { bookId: 1 }));
    expect([error.code, error.retryable, error.data]).toEqual(['REMOTE_ERROR', true, { code: '503', body: null }]);
  });

  it('names the issues of an input, the missing credential, and the unknown operation', async () => {
    const connection = await connected('http://127.0.0.1:1', { credential: async () => undefined });
    const input = await errorOf(connection.call('getBook', {}));
    expect([input.code, input.data]).toEqual(['INPUT_INVALID', { issues: [{ path: '/bookId', message: 'is required' }] }]);
    const guarded = await answered(401, json, '{"title":"who are you"}', { credential: async () => undefined });
    const secret = await errorOf(guarded.call('addBook', { body: book }));
    expect([secret.code, secret.data, secret.hint]).toEqual([
      'SECRET_MISSING',
      { schemes: ['key'], code: '401', body: { title: 'who are you' } },
      expect.stringContaining('burgeon secret set'),
    ]);
    expect((await errorOf(connection.call('toString', {}))).code).toBe('OPERATION_NOT_FOUND');
  });

  it('tells a broken answer, silence, and refusal apart', async () => {
    const broken = await errorOf((await answered(200, json, '<html>')).call('getBook', { bookId: 1 }));
    expect([broken.code, broken.data]).toEqual(['REMOTE_INVALID', { raw: '<html>' }]);
    const gone = await errorOf((await connected('http://127.0.0.1:1')).call('getBook', { bookId: 1 }));
    expect([gone.code, gone.retryable]).toEqual(['REMOTE_UNREACHABLE', true]);
    const denied = new BurgeonError('CAPABILITY_DENIED', { message: 'denied' });
    const egress = { ...context('').egress, fetch: () => Promise.reject(denied) };
    expect(await errorOf((await connected('http://127.0.0.1:1', { egress })).call('getBook', { bookId: 1 }))).toBe(denied);
    const cancelled = (await connected(await serve(() => {}))).call(
      'getBook',
      { bookId: 1 },
      { signal: AbortSignal.timeout(20) },
    );
    expect((await errorOf(cancelled)).code).toBe('CANCELLED');
  });

  it('checks answers when told to', async () => {
    const wrong = await errorOf(
      (await answered(200, json, '{"title":""}', { validateOutput: true })).call('getBook', { bookId: 1 }),
    );
    expect([wrong.code, wrong.data]).toMatchObject(['REMOTE_INVALID', { issues: [{ path: '/title' }] }]);
    expect((await (await answered(200, json, '{"title":""}')).call('getBook', { bookId: 1 })).output).toEqual({ title: '' });
    expect(
      (
        await (
          await answered(200, { 'content-type': 'text/plain' }, 'x', { validateOutput: true })
        ).call('getBook', { bookId: 1 })
      ).output,
    ).toBe('x');
    expect((await (await answered(202, {}, '', { validateOutput: true })).call('addBook', { body: book })).code).toBe('202');
  });

  it('says that a stream broke off', async () => {
    const { stream } = await (await answered(200, { 'content-type': 'application/x-ndjson' }, '1\n{')).call('log', {});
    const read = async (): Promise<void> => {
      for await (const item of stream ?? []) expect(item).toBe(1);
    };
    expect((await errorOf(read())).code).toBe('REMOTE_INVALID');
  });
});

describe('connect: what comes back beside the output', () => {
  it('gives the status and the telling headers, and passes wishes on', async () => {
    const url = await serve((request, response) =>
      response.writeHead(200, { ...json, etag: '"1"' }).end(JSON.stringify({ title: request.headers['prefer'] })),
    );
    const result = await (
      await connected(url)
    ).call('getBook', { bookId: 1 }, { traceId: 't1', variant: { code: '200', example: 'a', dynamic: true } });
    expect(result.output).toEqual({ title: 'code=200, example=a, dynamic=true' });
    expect(result.attributes).toMatchObject({ status: '200', etag: '"1"' });
    expect(result.attributes).not.toHaveProperty('date');
  });
});

describe('connect: where to', () => {
  const at = (locations: Interface['locations'], location: string, chosen?: string): Promise<Connection> =>
    connected(chosen, {}, { ...library, locations, source: { ...library.source, location } });

  it('goes to the first location, relative ones beside the description', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(200, json).end('{"title":"x"}');
    });
    await (await at([{ url: `${url}/{v}`, variables: { v: { default: 'v3' } } }], 'x')).call('newestBook', {});
    await (await at([{ url: '/v4/' }], `${url}/docs/api.json`)).call('newestBook', {});
    await (await at([{ url: 'https://elsewhere.example' }], 'x', `${url}/mine`)).call('newestBook', {});
    expect(asked).toEqual(['/v3/books/newest', '/v4/books/newest', '/mine/books/newest']);
  });

  it.each([
    [[], undefined],
    [[{ url: '/v1' }], undefined],
    [[{ url: 'https://a.example' }], 'ftp://b.example'],
  ])('asks for an address when there is none: %o, %s', async (locations, chosen) => {
    const error = await errorOf(at(locations, 'api.json', chosen));
    expect([error.code, error.hint]).toEqual(['USAGE', expect.stringContaining('--location')]);
  });
});

describe('expose', () => {
  const exposures: Exposure[] = [];
  afterEach(async () => {
    for (const exposure of exposures.splice(0)) await exposure.close();
  });
  const provider: Provider = {
    interface: library,
    call: async (operation: string, input: JsonObject) => ({ output: { title: `${operation} ${JSON.stringify(input)}` } }),
  };
  const exposed = async (more: Partial<ExposeOptions> = {}): Promise<Exposure> => {
    const exposure = await http.expose(provider, { clock: systemClock, log: silentLogger, ...more });
    exposures.push(exposure);
    return exposure;
  };

  it('says that a port is taken, or that an address is not of this machine', async () => {
    const port = Number(new URL((await exposed()).url).port);
    const taken = await errorOf(exposed({ port }));
    expect([taken.code, taken.message.includes(String(port)), taken.hint]).toEqual([
      'PORT_IN_USE',
      true,
      expect.stringContaining('--port'),
    ]);
    expect((await errorOf(exposed({ address: '203.0.113.1' }))).code).toBe('USAGE');
  });

  it('gives an address that can be reached, whatever it listens on', async () => {
    for (const address of ['0.0.0.0', '::1']) {
      const { url } = await exposed({ address }).catch(() => ({ url: '' }));
      if (url !== '') expect((await fetch(`${url}/books/newest`)).status).toBe(200);
    }
  });

  it('passes its options on', async () => {
    const { url } = await exposed({
      validation: 'off',
      latencyMs: 1,
      errorRate: 1,
      seed: 3,
      extra: { cors: false, bodyLimitBytes: 5, requireAuth: true },
    });
    const answer = await fetch(`${url}/books/x`);
    expect([answer.status >= 429, answer.headers.get('access-control-allow-origin')]).toEqual([true, null]);
    expect((await fetch(`${url}/books`, { method: 'POST', body: '123456' })).status).toBe(413);
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  });

  it('ends running answers when it closes', async () => {
    let aborted = false;
    const waiting: Provider = {
      interface: library,
      call: (_operation, _input, { signal } = {}) =>
        new Promise((_resolve, reject) =>
          signal?.addEventListener(
            'abort',
            () => ((aborted = true), reject(new BurgeonError('CANCELLED', { message: 'closed' }))),
          ),
        ),
    };
    const exposure = await http.expose(waiting, { clock: systemClock, log: silentLogger });
    const asking = fetch(`${exposure.url}/books/newest`).then((response) => response.status);
    setTimeout(() => void exposure.close(), 30);
    expect(await asking).toBe(499);
    expect(aborted).toBe(true);
  });
});
