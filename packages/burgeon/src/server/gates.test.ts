import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBurgeon, type Burgeon } from '../burgeon.ts';
import { type Served, type ServeOptions, serve } from './serve.ts';

let home = '';
let burgeon: Burgeon;
let upstream: Server;
let answerUpstream: () => void = () => {};
let asked: () => void = () => {};

const named = (id: string): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: id, version: '1' },
    servers: [{ url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` }],
    paths: {
      '/wait': {
        get: {
          operationId: 'wait',
          responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'string' } } } } },
        },
      },
    },
  });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'burgeon-gates-'));
  upstream = createServer((_request, response) => {
    answerUpstream = () => void response.writeHead(200, { 'content-type': 'application/json' }).end('"done"');
    asked();
  });
  await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve));
  const first = await createBurgeon({ home, threads: false });
  await first.init({ policy: 'unattended', totp: false });
  await first.close();
  burgeon = await createBurgeon({ home, threads: false });
  for (const id of ['gate', 'other']) await burgeon.management.call('addModule', { what: `${id}.json`, text: named(id) });
});
afterAll(async () => {
  await burgeon.close();
  upstream.closeAllConnections();
  upstream.close();
  await rm(home, { recursive: true, force: true });
});

/** Serves for one test; then it is closed. */
const serving = async (options: Partial<ServeOptions>, work: (served: Served) => Promise<void>): Promise<void> => {
  const served = await serve({ burgeon, port: 0, ...options });
  try {
    await work(served);
  } finally {
    await served.close(0);
  }
};

const grant = async (more: Partial<Parameters<Burgeon['access']['grant']>[0]> = {}): Promise<{ id: string; value: string }> => {
  const { key, value } = await burgeon.access.grant({ role: 'operator', ...more });
  return { id: key.id, value };
};

/** A call that the interface behind the module has got, and answers when it is told to. */
const waitingCall = async (url: string, value: string): Promise<{ answer: Promise<Response> }> => {
  const begun = new Promise<void>((resolve) => (asked = resolve));
  const answer = fetch(`${url}/api/modules/api/gate/operations/wait`, {
    method: 'POST',
    headers: { authorization: `Bearer ${value}`, 'content-type': 'application/json' },
    body: '{}',
  });
  answer.catch(() => {});
  await begun;
  return { answer };
};

const statusAt = (url: string, headers: Record<string, string>, path = '/api/modules'): Promise<number> =>
  new Promise((resolve, reject) => {
    httpRequest(url + path, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

const bytes = (url: string, text: string): Promise<string> =>
  new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', () => {});
  });

describe('standing up for others', () => {
  it('needs a token or a key beyond this machine', async () => {
    await expect(serve({ burgeon, port: 0, address: '0.0.0.0' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await grant();
    await serving({ address: '0.0.0.0' }, async ({ url, token = '' }) => {
      const { port } = new URL(url);
      expect(await statusAt(`http://127.0.0.1:${port}`, { authorization: `Bearer ${token}` })).toBe(200);
      expect(await statusAt(`http://127.0.0.1:${port}`, { host: `evil.example:${port}` })).toBe(403);
    });
  });

  it('goes by the names it was given', async () => {
    await serving({ publicUrl: 'https://burgeon.example.com', hosts: ['inner.example'] }, async ({ url, token = '' }) => {
      const authorization = `Bearer ${token}`;
      expect(await statusAt(url, { authorization, host: 'burgeon.example.com', origin: 'https://burgeon.example.com' })).toBe(
        200,
      );
      expect(await statusAt(url, { authorization, host: 'inner.example' })).toBe(200);
      expect(await statusAt(url, { authorization, host: 'sub.burgeon.example.com' })).toBe(403);
    });
    for (const publicUrl of ['nonsense', 'ftp://x.example', 'https://x.example/path']) {
      await expect(serve({ burgeon, port: 0, publicUrl })).rejects.toMatchObject({ code: 'USAGE' });
    }
  });
});

describe('too many wrong tokens', () => {
  it('are refused, and from the network so is the right one', async () => {
    const rates = { failuresPerMinute: 2 };
    await serving({ rates, trustedProxies: ['127.0.0.1'] }, async ({ url, token = '' }) => {
      const from = (address: string, value: string): Promise<number> =>
        statusAt(url, { authorization: `Bearer ${value}`, 'x-forwarded-for': address });
      expect(await from('203.0.113.1', 'wrong')).toBe(401);
      expect(await from('203.0.113.1', token)).toBe(200);
      expect(await from('203.0.113.1', 'wrong')).toBe(401);
      expect(await from('203.0.113.1', 'wrong')).toBe(429);
      expect(await from('203.0.113.1', token)).toBe(429);
      expect(await from('203.0.113.2', token)).toBe(200);
    });
    await serving({ rates }, async ({ url, token = '' }) => {
      for (const expected of [401, 401, 429]) expect(await statusAt(url, { authorization: 'Bearer wrong' })).toBe(expected);
      expect(await statusAt(url, { authorization: `Bearer ${token}` })).toBe(200);
    });
  });

  it('are limited apart from answers to approval requests', async () => {
    await serving({ rates: { answersPerMinute: 1 } }, async ({ url, token = '' }) => {
      const answer = (path: string): Promise<Response> =>
        fetch(url + path, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: '{}',
        });
      expect((await answer('/api/approvals/none/approve')).status).toBe(404);
      expect((await answer('/api/skills/none/approve')).status).toBe(429);
      expect((await answer('/approve/nothing/x')).status).toBe(404);
      expect((await answer('/approve/nothing/x')).status).toBe(429);
      expect((await fetch(`${url}/approve/nothing/x`)).status).toBe(404);
    });
  });
});

describe('what cannot be read', () => {
  it('is answered as a problem, and its connection ends', async () => {
    await serving({}, async ({ url, token = '' }) => {
      const host = new URL(url).host;
      expect(await bytes(url, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [^]*application\/problem\+json/);
      expect(await bytes(url, `GET / HTTP/1.1\r\nhost: ${host}\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
      const unread = `POST /api/modules HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{`;
      expect(await bytes(url, unread)).toMatch(/^HTTP\/1\.1 401 [^]*connection: close/i);
      const socket = `GET /api/modules HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`;
      expect(await bytes(url, socket)).toMatch(/^HTTP\/1\.1 400 /);
      const other = `GET /healthz HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n\r\n`;
      expect(await bytes(url, other)).toMatch(/^HTTP\/1\.1 200 /);
    });
  });
});

describe('a key', () => {
  const mcp = async (url: string, value: string, params: object): Promise<string> => {
    const response = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${value}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-06-18',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    });
    return response.text();
  };

  it('for some modules sees and calls only those over MCP', async () => {
    await serving({}, async ({ url }) => {
      const { value } = await grant({ modules: ['api/gate'] });
      const found = await mcp(url, value, { name: 'search_tools', arguments: { query: 'wait' } });
      expect(found).toContain('gate.wait');
      expect(found).not.toContain('other.wait');
      expect(await mcp(url, value, { name: 'call_tool', arguments: { name: 'other.wait', arguments: {} } })).not.toContain(
        'done',
      );
      expect(
        await mcp(url, value, { name: 'call_tool', arguments: { name: 'burgeon.addModule', arguments: { what: 'x' } } }),
      ).toContain('FORBIDDEN');
      const all = await grant();
      expect(await mcp(url, all.value, { name: 'search_tools', arguments: { query: 'wait' } })).toContain('other.wait');
    });
  });

  it('that is revoked loses what it holds open', async () => {
    await serving({}, async ({ url }) => {
      const { id, value } = await grant();
      const { answer } = await waitingCall(url, value);
      await burgeon.access.revoke(id);
      await expect(answer).rejects.toThrow('fetch failed');
      answerUpstream();
    });
  });

  it('that runs out loses it too', async () => {
    await serving({}, async ({ url }) => {
      const { value } = await grant({ expiresInMs: 700 });
      const { answer } = await waitingCall(url, value);
      await expect(answer).rejects.toThrow('fetch failed');
      answerUpstream();
    });
  });
});

describe('stopping', () => {
  it('lets what runs end, and sends what is new away', async () => {
    const served = await serve({ burgeon, port: 0 });
    const { url, token = '' } = served;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const begun = new Promise<void>((resolve) => (asked = resolve));
    const call = fetch(`${url}/api/modules/api/gate/operations/wait`, { method: 'POST', headers, body: '{}' });
    await begun;
    const closing = served.close(10_000);
    const late = await fetch(`${url}/api/modules`, { headers });
    expect([late.status, late.headers.get('retry-after'), (await late.json()) as unknown]).toMatchObject([
      503,
      '1',
      { code: 'SERVER_STOPPING' },
    ]);
    expect([(await fetch(`${url}/readyz`)).status, (await fetch(`${url}/healthz`)).status]).toEqual([503, 200]);
    answerUpstream();
    expect(await (await call).json()).toMatchObject({ output: 'done' });
    await closing;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });
});
