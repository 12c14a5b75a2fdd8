import { describe, expect, it } from 'vitest';
import { clientOf, operationOf, serve } from '../fixtures/web.ts';
import { createClient } from './client.ts';
import { NetworkError } from './errors.ts';

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
    ['Wed, 31 Dec 1969 00:00:00 GMT', 125],
    ['0', 125],
    ['soon', 125],
  ])('honours Retry-After: %s', async (header, expected) => {
    const waits: number[] = [];
    const { url } = await failing([429], { 'retry-after': header });
    await clientOf(url, operationOf(), { now: () => 0, random: () => 0.5, sleep: async (ms) => void waits.push(ms) }).call(
      'test',
    );
    expect(waits).toEqual([expected]);
  });

  it.each(['3600', '1000000000', '999999999999999'])('does not wait beyond its total time: %s s', async (seconds) => {
    const { url, count } = await failing([503], { 'retry-after': seconds });
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
    for (const [retryable, tries, data] of [
      [false, 1, null],
      [true, 3, undefined],
      [true, 1, { retryAfterMs: 5 }],
    ] as const) {
      let count = 0;
      const verdict = Object.assign(new TypeError('denied'), { retryable, data });
      const fetch = async (): Promise<Response> => {
        count += 1;
        throw verdict;
      };
      await expect(clientOf('http://h', operationOf(), { fetch }).call('test')).rejects.toBe(verdict);
      expect(count).toBe(tries);
    }
  });
});
