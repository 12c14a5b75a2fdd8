/** What the probes of the doors share: a home with one slow module, a server over it, keys of every role, and a table of what came out. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { command, raw, request, serveHome, type RawAnswer, type ServedHome } from './served-home.ts';

/** True when the probes are to run: they take half a minute and both processors. */
export const isAsked: boolean = process.env['BURGEON_REQUIRE_SERVICES'] === '1';

/** How long the interface behind the slow module takes, milliseconds. */
const slowMs = 1_500;

/** Header of a JSON payload. */
export const json = { 'content-type': 'application/json' };

/** A stand for probes. */
export interface Probes {
  /** There once the tests begin; a test that stops the server puts the next one here. */
  readonly state: { home: string; served: ServedHome; keys: Record<string, { id: string; value: string }> };
  /** Holds a probe to what is expected of it, and keeps both for the table. */
  judge(probe: string, what: string, expected: readonly number[], got: RawAnswer | number): void;
  /** Only keeps it for the table. */
  note(probe: string, what: string, expected: string, got: string): void;
  /** The host as the server knows itself. */
  own(): string;
  /** The header that carries a token; the owner's when none is named. */
  bearer(token?: string): { authorization: string };
  ask(line: string, headers?: Record<string, string | undefined>, body?: string | Buffer): Promise<RawAnswer>;
  /** Makes a key and remembers it under a name. */
  grant(name: string, words: string[]): Promise<void>;
  valueOf(name: string): string;
}

/** Opens the stand before the tests of this file, closes it after them and prints the table. */
export const openProbes = (title: string): Probes => {
  if (!isAsked) process.stderr.write(`\n!!! SKIPPED: probes: ${title}; set BURGEON_REQUIRE_SERVICES=1 to run them !!!\n`);
  const state = { home: '', served: undefined as unknown as ServedHome, keys: {} as Probes['state']['keys'] };
  const table: { probe: string; what: string; expected: string; got: string }[] = [];
  const slow = createServer((_request, response) => {
    setTimeout(() => response.writeHead(200, json).end('"done"'), slowMs);
  });
  const own = (): string => `127.0.0.1:${state.served.port}`;
  const bearer = (token = state.served.token): { authorization: string } => ({ authorization: `Bearer ${token}` });
  const ask: Probes['ask'] = (line, headers = {}, body = '') =>
    raw(state.served.port, request(line, { host: own(), ...headers }, body));
  const grant = async (name: string, words: string[]): Promise<void> => {
    const { key, value } = await command<{ key: { id: string }; value: string }>(state.home, ['access', 'grant', ...words]);
    state.keys[name] = { id: key.id, value };
  };
  beforeAll(async () => {
    if (!isAsked) return;
    state.home = await mkdtemp(join(tmpdir(), 'burgeon-probes-'));
    await new Promise<void>((resolve) => void slow.listen(0, '127.0.0.1', resolve));
    await command(state.home, ['init', '--policy', 'unattended']);
    state.served = await serveHome(state.home);
    const text = slowDocument((slow.address() as AddressInfo).port);
    const add = (): Promise<RawAnswer> =>
      ask('POST /api/modules', { ...bearer(), ...json }, JSON.stringify({ what: 'slow.json', text }));
    // Reading has a deadline, which a machine that is being probed for load elsewhere may miss.
    const first = await add();
    const added = first.status === 413 ? await add() : first;
    expect(added.status, added.body).toBe(200);
    for (const role of ['viewer', 'operator', 'approver', 'owner']) await grant(role, ['--role', role]);
  }, 60_000);
  afterAll(async () => {
    if (!isAsked) return;
    await state.served.stop();
    slow.closeAllConnections();
    slow.close();
    await rm(state.home, { recursive: true, force: true });
    process.stdout.write(`\n${tableText(table)}\n\n`);
  }, 60_000);
  return {
    state,
    judge: (probe, what, expected, got) => {
      const status = typeof got === 'number' ? got : got.status;
      table.push({ probe, what, expected: expected.join('/'), got: String(status) });
      expect(expected, `${probe} ${what}`).toContain(status);
    },
    note: (probe, what, expected, got) => void table.push({ probe, what, expected, got }),
    own,
    bearer,
    ask,
    grant,
    valueOf: (name) => state.keys[name]?.value ?? '',
  };
};

const tableText = (rows: readonly { probe: string; what: string; expected: string; got: string }[]): string =>
  [{ probe: '', what: 'probe', expected: 'expected', got: 'got' }, ...rows]
    .map(({ probe, what, expected, got }) => `${probe.padEnd(5)} ${what.padEnd(58)} ${expected.padEnd(14)} ${got}`)
    .join('\n');

const slowDocument = (port: number): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Slow', version: '1' },
    servers: [{ url: `http://127.0.0.1:${port}` }],
    paths: {
      '/wait': {
        get: {
          operationId: 'wait',
          responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'string' } } } } },
        },
      },
    },
  });
