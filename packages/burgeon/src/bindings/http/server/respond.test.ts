import { type Interface, type JsonValue, BurgeonError } from '@burgeon/kit';
import { connect as openSocket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { library } from '../fixtures/library.ts';
import { jsonBody, send, stand } from '../fixtures/stand.ts';

describe('answering', () => {
  it('survives media types that no header can hold', async () => {
    const operations = JSON.parse(
      JSON.stringify(library.operations)
        .replaceAll('text/plain', 'text/pl\\u0001ain\\r\\nx: y')
        .replaceAll('application/json', 'application/js\u00fcon'),
    ) as Interface['operations'];
    const port = await stand(() => ({ output: 'x' }), {}, { ...library, operations });
    expect((await send(port, 'POST /books/5:lend')).headers['content-type']).toBe('text/plainx: y; charset=utf-8');
    const refused = await send(port, 'POST /books', { headers: { 'content-type': 'a/b' }, body: 'x' });
    expect([refused.status, refused.headers.accept]).toEqual([415, 'application/json, application/x-www-form-urlencoded']);
  });

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
  ])('as %s: %s %o', async (...[accept, line, output, type, text]) => {
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
