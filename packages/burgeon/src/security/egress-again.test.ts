import { describe, expect, it } from 'vitest';
import { manualClock } from '../base/clock.ts';
import { outcomeOf } from './egress-again.ts';
import { denialText } from './egress-denial.ts';
import { bodyOf, failure, gate, serve } from './fixtures/loopback.ts';

/** A server that answers one after another of these, then 200, and a gate to it whose waits are noted and not waited for. */
const failing = async (
  answers: (number | 'reset')[],
  {
    headers = {},
    retries = 2,
    deadlineMs = 30_000,
  }: { headers?: Record<string, string>; retries?: number; deadlineMs?: number } = {},
) => {
  const seen: string[] = [];
  const waits: number[] = [];
  const { origin, host } = await serve(async (request, response) => {
    const answer = answers[seen.length] ?? 200;
    seen.push(`${request.method} ${await bodyOf(request)}`);
    if (answer === 'reset') return void request.socket.destroy();
    response.writeHead(answer, headers).end('told');
  });
  const clock = manualClock(Date.UTC(2026, 0, 1));
  const sleep = async (ms: number): Promise<void> => {
    waits.push(ms);
    clock.advance(ms);
  };
  const egress = gate({
    allow: [{ host }, { host: '127.0.0.1:7011' }],
    clock: { ...clock, sleep },
    random: () => 0.5,
    limits: { retries, deadlineMs },
  });
  return { origin, host, egress, seen, waits, clock };
};

describe('a request that may be sent twice', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('is sent again when the other side could not: %s', async (method) => {
    const { origin, egress, seen, waits } = await failing([503, 'reset']);
    const body = method === 'PUT' ? 'all of it' : undefined;
    expect((await egress.fetch(origin, { method, ...(body === undefined ? {} : { body }) })).status).toBe(200);
    expect(seen).toEqual(Array(3).fill(`${method} ${body ?? ''}`));
    expect(waits).toEqual([125, 250]);
  });

  it('is not sent more often than three times, and the last answer is handed on', async () => {
    const { origin, egress, seen } = await failing([503, 502, 504, 200]);
    const answer = await egress.fetch(origin);
    expect([answer.status, await answer.text(), seen.length]).toEqual([504, 'told', 3]);
  });

  it('fails with what the last try failed with', async () => {
    const { egress } = await failing([]);
    expect(await failure(egress.fetch('http://127.0.0.1:7011/'))).toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      data: { code: 'ECONNREFUSED' },
    });
  });

  it.each([
    ['3', [3_000]],
    ['Thu, 01 Jan 2026 00:00:04 GMT', [4_000]],
    ['Wed, 31 Dec 2025 00:00:00 GMT', [125]],
    ['0', [125]],
    ['soon', [125]],
    ['29', [29_000]],
    ['30', []],
    ['1000000000', []],
    ['Fri, 01 Jan 2100 00:00:00 GMT', []],
  ])('waits as long as it is told, inside its own time: %s', async (header, expected) => {
    const { origin, egress, waits } = await failing([429], { headers: { 'retry-after': header } });
    expect((await egress.fetch(origin)).status).toBe(expected.length === 0 ? 429 : 200);
    expect(waits).toEqual(expected);
  });

  it('waits a minute at most where its time has no end', async () => {
    const { origin, egress, waits } = await failing([503], { headers: { 'retry-after': '61' }, deadlineMs: 0 });
    expect((await egress.fetch(origin)).status).toBe(503);
    expect(waits).toEqual([]);
  });
});

describe('what is sent once', () => {
  it.each<[string, RequestInit, number]>([
    ['may do something twice', { method: 'POST', body: 'x' }, 503],
    ['changes in part', { method: 'PATCH', body: 'x' }, 503],
    ['has a payload that is spent', { method: 'PUT', body: new Blob(['x']).stream(), duplex: 'half' } as RequestInit, 503],
    ['would fail again', { method: 'GET' }, 501],
    ['is an answer', { method: 'GET' }, 404],
  ])('%s', async (_, init, status) => {
    const { origin, egress, seen } = await failing([status]);
    expect((await egress.fetch(origin, init)).status).toBe(status);
    expect(seen).toHaveLength(1);
  });

  it('is everything of a gate whose caller tries again himself', async () => {
    const { origin, egress, seen } = await failing([503], { retries: 0 });
    expect((await egress.fetch(origin)).status).toBe(503);
    expect(seen).toHaveLength(1);
  });

  it('is what was refused by the gate', async () => {
    const { egress, waits } = await failing([]);
    expect((await failure(egress.fetch('http://127.0.0.1:2/'))).code).toBe('CAPABILITY_DENIED');
    expect(waits).toEqual([]);
  });
});

describe('a place that fails one time after another', () => {
  it('is left alone, asked once after a pause, and used again when that goes well', async () => {
    const { origin, host, egress, seen, clock } = await failing(Array(11).fill(503), { retries: 0 });
    for (let n = 0; n < 10; n += 1) expect((await egress.fetch(origin)).status).toBe(503);
    expect(await failure(egress.fetch(origin))).toMatchObject({
      code: 'CIRCUIT_OPEN',
      retryable: true,
      data: { host, retryAfterMs: 5_000 },
    });
    expect(seen).toHaveLength(10);
    clock.advance(5_000);
    expect((await egress.fetch(origin)).status).toBe(503);
    expect(await failure(egress.fetch(origin))).toMatchObject({ code: 'CIRCUIT_OPEN', data: { retryAfterMs: 10_000 } });
    clock.advance(10_000);
    for (let n = 0; n < 3; n += 1) expect((await egress.fetch(origin)).status).toBe(200);
  });

  it('is one that cannot be reached too, and no other place with it', async () => {
    const { origin, egress } = await failing([], { retries: 0 });
    for (let n = 0; n < 10; n += 1) await failure(egress.fetch('http://127.0.0.1:7011/'));
    expect((await failure(egress.fetch('http://127.0.0.1:7011/'))).code).toBe('CIRCUIT_OPEN');
    expect((await egress.fetch(origin)).status).toBe(200);
  });

  it('is not one whose calls were cancelled, or whose answers are errors of ours', async () => {
    const silent = await serve(() => {});
    const egress = gate({ allow: [{ host: silent.host }] });
    for (let n = 0; n < 12; n += 1) {
      const call = egress.fetch(silent.origin, { signal: AbortSignal.timeout(5) });
      expect((await failure(call)).code).toBe('CANCELLED');
    }
    const { origin, egress: other } = await failing(Array(12).fill(429), { retries: 0 });
    for (let n = 0; n < 12; n += 1) expect((await other.fetch(origin)).status).toBe(429);
  });

  it('is one that runs out of time', async () => {
    const silent = await serve(() => {});
    const egress = gate({ allow: [{ host: silent.host }], limits: { deadlineMs: 15 } });
    const error = await failure(egress.fetch(silent.origin));
    expect([error.code, outcomeOf(error)]).toEqual(['TIMEOUT', 'failed']);
  });
});

describe('names under a wildcard', () => {
  it('are not even looked up when there are too many', async () => {
    const asked: string[] = [];
    const resolver = async (host: string): Promise<string[]> => {
      asked.push(host);
      return ['127.0.0.1'];
    };
    const egress = gate({ allow: [{ host: '*.cdn.example' }], resolver });
    const codes = new Set<string>();
    let told: string | undefined;
    for (let n = 0; n < 500; n += 1) {
      const error = await failure(egress.fetch(`https://part${n}.cdn.example/`));
      codes.add(error.code);
      told = denialText(error);
    }
    expect([asked.length, ...codes]).toEqual([60, 'CAPABILITY_DENIED', 'RATE_LIMITED']);
    expect(told).toBe('net.http *.cdn.example:443: names');
  });
});

describe('what the audit is told', () => {
  it.each([
    ['http://evil.example/a?token=x', 'net.http evil.example:80: not-granted'],
    ['http://[::1]:99/', 'net.http [::1]:99: not-granted'],
    ['https://api.example/secret/path', 'net.http api.example:443 at 10.0.0.1: private-address'],
    ['http://169.254.169.254/latest', 'net.http 169.254.169.254:80: metadata-address'],
    ['http://u:p@api.example/', 'net.http api.example:80: credential-in-url'],
    ['gopher://api.example/', 'net.http: scheme'],
    ['nothing', 'net.http: no-url'],
  ])('of %s', async (url, expected) => {
    const egress = gate({
      allow: [{ host: 'api.example' }, { host: '169.254.169.254' }],
      resolver: async () => ['10.0.0.1'],
    });
    expect(denialText(await failure(egress.fetch(url)))).toBe(expected);
  });

  it('is nothing of other errors', async () => {
    const { egress } = await failing([]);
    expect(denialText(await failure(egress.fetch('http://127.0.0.1:7011/')))).toBeUndefined();
    expect(denialText(new TypeError('x'))).toBeUndefined();
  });
});
