/** Probes P79, P127, P131 and P132 of the threat table against a running `burgeon serve`: too much, too slow, and the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isAsked, json, openProbes } from './door-probes.ts';
import { command, openSocket, raw, request, serveHome, type RawAnswer, type ServedHome } from './served-home.ts';

const { state, judge, note, own, bearer, ask } = openProbes('too much, too slow, and the end');

describe.skipIf(!isAsked)('too much', () => {
  it('P79 counts by key and by address, and believes no forged one', async () => {
    const aside = await mkdtemp(join(tmpdir(), 'burgeon-rate-'));
    const { value } = await command<{ value: string }>(aside, ['access', 'grant', '--role', 'viewer']);
    const statuses = async (
      server: ServedHome,
      times: number,
      headers: (index: number) => Record<string, string>,
    ): Promise<RawAnswer[]> => {
      const answers: RawAnswer[] = [];
      for (let index = 0; index < times; index += 1) {
        answers.push(
          await raw(server.port, request('GET /api/modules', { host: `127.0.0.1:${server.port}`, ...headers(index) })),
        );
      }
      return answers;
    };
    const count = (answers: RawAnswer[], status: number): number => answers.filter((each) => each.status === status).length;
    const forged = (index: number): Record<string, string> => ({
      'x-forwarded-for': `203.0.113.${index}`,
      forwarded: `for=203.0.113.${index}`,
    });

    const plain = await serveHome(aside, ['--rate', '20']);
    const byKey = await statuses(plain, 25, (index) => ({ authorization: `Bearer ${value}`, ...forged(index) }));
    judge('P79', '25 of 20 requests of one key: refused', [5], count(byKey, 429));
    const last = byKey.at(-1)?.headers ?? {};
    note(
      'P79',
      'headers of a refusal',
      'all four',
      ['retry-after', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'].map((name) => last[name]).join(' '),
    );
    expect(Number(last['retry-after'])).toBeGreaterThan(0);
    expect(last['ratelimit-limit']).toBe('20');
    const byAddress = await statuses(plain, 25, forged);
    judge('P79', '25 of one address under forged names: refused', [5], count(byAddress, 429));
    const guesses = await statuses(plain, 40, (index) => ({ authorization: `Bearer guess-${index}`, ...forged(index) }));
    judge('P79', '40 wrong tokens: refused', [10], count(guesses, 429));
    await plain.stop();

    const proxied = await serveHome(aside, ['--rate', '20', '--trust-proxy', '127.0.0.1']);
    const believed = await statuses(proxied, 25, (index) => ({ 'x-forwarded-for': `203.0.113.${index}` }));
    judge('P79', '25 addresses named by a trusted proxy: refused', [0], count(believed, 429));
    const chained = await statuses(proxied, 25, (index) => ({ 'x-forwarded-for': `198.51.100.${index}, 203.0.113.99` }));
    judge('P79', '25 forged behind one true address: refused', [5], count(chained, 429));
    await proxied.stop();
    await rm(aside, { recursive: true, force: true });
  }, 60_000);

  it('P131 closes 500 slow sockets within 10 s and serves the others meanwhile', async () => {
    const begun = performance.now();
    const sockets = await Promise.all(Array.from({ length: 500 }, () => openSocket(state.served.port)));
    const closed = sockets.map(
      (socket) =>
        new Promise<number>((resolve) => {
          socket.on('error', () => {});
          socket.on('data', () => {});
          socket.once('close', () => resolve(performance.now() - begun));
        }),
    );
    for (const socket of sockets) socket.write(`GET /healthz HTTP/1.1\r\nhost: ${own()}\r\n`);
    const drip = setInterval(() => {
      for (const socket of sockets) if (!socket.destroyed) socket.write('x: y\r\n');
    }, 1_000);
    let slowest = 0;
    for (let index = 0; index < 20; index += 1) {
      const from = performance.now();
      expect((await ask('GET /healthz')).status).toBe(200);
      slowest = Math.max(slowest, performance.now() - from);
      await sleep(100);
    }
    const lastMs = Math.max(...(await Promise.all(closed)));
    clearInterval(drip);
    note('P131', '500 slow sockets: the last one closed after, ms', '<= 10000', String(Math.round(lastMs)));
    note('P131', 'slowest answer to others meanwhile, ms', '-', String(Math.round(slowest)));
    expect(lastMs).toBeLessThan(10_000);
  }, 30_000);

  it('serves ten thousand at once', async () => {
    const { fetch: send, Agent } = await import('undici');
    const dispatcher = new Agent({ connections: 2_000, pipelining: 1 });
    const begun = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 10_000 }, async () => {
        const answer = await send(`${state.served.url}/api/modules`, { headers: bearer(), dispatcher });
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
    await dispatcher.close();
    note('P127', '10,000 requests at once: answered 200', '10000', String(answers.filter((status) => status === 200).length));
    note('P127', '10,000 requests at once, ms', '-', String(Math.round(performance.now() - begun)));
    expect(new Set(answers)).toEqual(new Set([200]));
  }, 60_000);
});

describe.skipIf(!isAsked)('stopping', () => {
  const calls = (times: number): Promise<RawAnswer>[] =>
    Array.from({ length: times }, () => ask('POST /api/modules/api/slow/operations/wait', { ...bearer(), ...json }, '{}'));

  it('P132 lets 100 calls end, sends new ones away, and ends', async () => {
    const running = calls(100);
    await sleep(700);
    state.served.child.kill('SIGTERM');
    const begun = performance.now();
    await sleep(150);
    const [late, live, ready] = await Promise.all([ask('GET /api/modules', bearer()), ask('GET /healthz'), ask('GET /readyz')]);
    judge('P132', 'a new request while it stops', [503], late);
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0);
    judge('P132', '/healthz while it stops', [200], live);
    judge('P132', '/readyz while it stops', [503], ready);
    const done = (await Promise.all(running)).filter(({ status, body }) => status === 200 && body.includes('done')).length;
    judge('P132', 'of 100 calls in flight: ended well', [100], done);
    judge('P132', 'exit code', [0], (await state.served.ended) ?? -1);
    const took = Math.round(performance.now() - begun);
    note('P132', 'SIGTERM to the end, ms', '<= 10000', String(took));
    expect(took).toBeLessThan(10_000);
    state.served = await serveHome(state.home);
  }, 30_000);

  it('P132 ends at once when it is told twice', async () => {
    const running = calls(20);
    await sleep(500);
    state.served.child.kill('SIGTERM');
    await sleep(100);
    const begun = performance.now();
    state.served.child.kill('SIGTERM');
    await state.served.ended;
    const took = Math.round(performance.now() - begun);
    note('P132', 'second SIGTERM to the end, ms', '<= 1000', String(took));
    expect(took).toBeLessThan(1_000);
    await Promise.all(running);
    state.served = await serveHome(state.home);
    judge('P132', 'the home opens again', [200], await ask('GET /readyz'));
  }, 30_000);
});
