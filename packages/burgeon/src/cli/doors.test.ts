import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { JsonObject } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readServerFile } from '../base/home.ts';
import { runCommand, type Ran, type RunOptions } from './fixtures/harness.ts';

const petstore = fileURLToPath(new URL('./fixtures/petstore.yaml', import.meta.url));
const bin = fileURLToPath(new URL('../../bin/burgeon.mjs', import.meta.url));
let home = '';

const cli = (words: string[], options?: RunOptions): Promise<Ran> => runCommand([...words, '--home', home], options);

/** Runs a command that stays, until its first line of output, which is handed on together with the way to stop it. */
const standing = async <T>(
  words: string[],
): Promise<{ first: T; ended: () => Promise<Ran>; stop(signal?: 'SIGINT' | 'SIGTERM'): Promise<Ran> }> => {
  let ended: Promise<Ran> = Promise.reject(new Error('not started'));
  ended.catch(() => {});
  const first = await new Promise<T>((resolve, reject) => {
    ended = cli([...words, '--json'], { watchOutput: (text) => resolve(JSON.parse(text) as T) });
    ended.then(({ stdout, stderr }) => reject(new Error(stdout + stderr)), reject);
  });
  return {
    first,
    ended: () => ended,
    stop: async (signal = 'SIGINT') => {
      process.emit(signal, signal);
      return ended;
    },
  };
};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'burgeon-doors-'));
  await cli(['init', '--policy', 'one-channel']);
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('mirror', () => {
  it('stands until it is stopped, and lets other commands have the home', async () => {
    const { first, stop } = await standing<{ url: string }>(['mirror', petstore, '--seed', '7', '--latency', '1']);
    expect(first).toMatchObject({ protocol: 'http', operations: 4 });
    expect((await fetch(`${first.url}/pets/1`)).status).toBe(200);
    expect((await cli(['list'])).code).toBe(0);
    expect(await stop()).toMatchObject({ code: 130 });
    await expect(fetch(`${first.url}/pets/1`)).rejects.toThrow();
  });
});

describe('serve', () => {
  it('owns the home, carries the commands of others out, and leaves nothing behind', async () => {
    const { first, stop } = await standing<{ url: string; token: string }>(['serve', '--port', '0']);
    expect(await readServerFile(home)).toMatchObject({ url: first.url });

    const added = await cli(['add', petstore, '--json']);
    expect(added.code).toBe(3);
    expect(added.stderr.match(/^ok (\w+)/gm)).toContain('ok check');
    const { request } = JSON.parse(added.stdout) as { request: { id: string } };
    // The code is said where the command was typed, though the server asked.
    const code = /--code ([A-Z0-9]+)/.exec(added.stderr)?.[1] ?? '';
    expect((await cli(['call', 'petstore.listPets'])).code).toBe(3);
    expect((await cli(['approve', request.id, '--code', code])).stdout).toContain('Live');
    expect((await cli(['list'])).stdout).toContain('api/petstore');
    expect(await cli(['show', 'petstor'])).toMatchObject({ code: 1, stderr: expect.stringContaining('api/petstore') as string });
    expect(await cli(['call', 'petstore.listPets'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('REMOTE_UNREACHABLE') as string,
    });

    for (const words of [['serve'], ['init']]) expect((await cli(words)).stderr).toContain('HOME_BUSY');
    expect((await cli(['doctor'])).stdout).toContain('served at');

    const listed = await fetch(`${first.url}/api/modules`, { headers: { authorization: `Bearer ${first.token}` } });
    expect(await listed.json()).toMatchObject([{ id: 'api/petstore' }] satisfies JsonObject[]);
    expect(await stop('SIGTERM')).toMatchObject({ code: 0 });
    expect(await readServerFile(home)).toBeUndefined();
  });

  it('says for people where it stands, and asks for the token it was given, or for none', async () => {
    /** Serves until its first line was looked at. */
    const look = async (words: string[], at: (line: string) => Promise<void>): Promise<Ran> => {
      let looked: Promise<void> | undefined;
      const ran = await cli(['serve', '--port', '0', ...words], {
        watchOutput: (text) => {
          looked ??= at(text).finally(() => void process.emit('SIGTERM', 'SIGTERM'));
        },
      });
      await looked;
      return ran;
    };
    const urlIn = (line: string): string => /http:\S+/.exec(line)?.[0] ?? '';
    const status = async (line: string, token?: string): Promise<number> =>
      (await fetch(`${urlIn(line)}/api/modules`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }))
        .status;
    const token = 'a-token-that-is-long-enough-for-this';
    process.env['BURGEON_TOKEN'] = token;
    try {
      const ran = await look(['--host', '127.0.0.1', '--view', 'search'], async (line) => {
        expect(await status(line)).toBe(401);
        expect(await status(line, token)).toBe(200);
      });
      expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('stop with Ctrl-C') as string });
    } finally {
      delete process.env['BURGEON_TOKEN'];
    }
    const open = await look(['--open'], async (line) => expect(await status(line)).toBe(200));
    expect(open.stdout).not.toContain('token');
    expect(await cli(['serve', '--open', '--host', '0.0.0.0', '--port', '0'])).toMatchObject({
      code: expect.any(Number) as number,
      stderr: expect.stringContaining('FORBIDDEN') as string,
    });
    expect(await cli(['serve', '--view', 'odd'])).toMatchObject({ code: 2 });
  });

  it('stands a mirror up for a command, for as long as the command runs', async () => {
    const server = await standing<{ url: string }>(['serve', '--port', '0']);
    const mirror = await standing<{ url: string }>(['mirror', 'petstore']);
    expect((await fetch(`${mirror.first.url}/pets/1`)).status).toBe(200);
    // One Ctrl-C reaches both: they share the process here.
    expect((await mirror.stop()).code).toBe(130);
    expect((await server.ended()).code).toBe(130);
    await expect(fetch(`${mirror.first.url}/pets/1`)).rejects.toThrow();
  });
});

describe('mcp', () => {
  const connect = async (): Promise<Client> => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [bin, 'mcp', '--view', 'static', '--home', home, '--quiet'] }),
    );
    return client;
  };
  const names = async (client: Client): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name);

  it('serves the home to other commands while a client is there', async () => {
    const client = await connect();
    expect(await names(client)).toContain('petstore_getPetById');
    expect((await cli(['archive', 'petstore'])).stdout).toContain('archived');
    expect(await names(client)).not.toContain('petstore_getPetById');
    expect((await cli(['restore', 'petstore'])).code).toBe(0);
    await client.close();
    expect((await cli(['list'])).code).toBe(0);
  });

  it('shows the catalogue of the server that owns the home, as it changes', async () => {
    const server = await standing<{ url: string }>(['serve', '--port', '0']);
    const client = await connect();
    expect(await names(client)).toContain('petstore_getPetById');
    await cli(['archive', 'petstore']);
    await expect.poll(() => names(client)).not.toContain('petstore_getPetById');
    await cli(['restore', 'petstore']);
    await client.close();
    await server.stop();
  });
});
