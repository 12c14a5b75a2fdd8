import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readServerFile } from '../base/home.ts';
import { createBurgeon, type Burgeon } from '../burgeon.ts';
import { callerVoice } from '../management/caller.ts';
import { connectRemote } from '../management/remote.ts';
import { isLoopback, urlHost } from './guard.ts';
import { serve, type Served, type ServeOptions } from './serve.ts';

const document = {
  openapi: '3.1.0',
  info: { title: 'Clock', version: '1' },
  servers: [{ url: 'http://127.0.0.1:9' }],
  paths: {
    '/now': {
      get: {
        operationId: 'now',
        responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'string' } } } } },
      },
    },
  },
};

let home = '';
let burgeon: Burgeon;
let served: Served;

const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> =>
  fetch(served.url + path, { ...init, headers: { ...headers, ...(init.body ? { 'content-type': 'application/json' } : {}) } });
const bearer = (): Record<string, string> => ({ authorization: `Bearer ${served.token ?? ''}` });

/** `fetch` writes Host itself and tidies paths, so forged ones need the plain client. */
const rawStatus = (headers: Record<string, string>, path = '/healthz'): Promise<number> =>
  new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port: new URL(served.url).port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'burgeon-server-'));
  burgeon = await createBurgeon({ home, write: (text) => callerVoice.getStore()?.(text) });
  served = await serve({ burgeon, port: 0 });
});
afterAll(async () => {
  await served.close(100);
  await burgeon.close();
  await rm(home, { recursive: true, force: true });
});

describe('the guard', () => {
  it.each(['/healthz', '/readyz', '/openapi.json'])('lets %s through without a token', async (path) => {
    const response = await ask(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each([
    ['no token', {}],
    ['a wrong one', { authorization: 'Bearer wrong' }],
    ['another scheme', { authorization: 'Basic eDp5' }],
  ])('refuses %s', async (_, headers: Record<string, string>) => {
    for (const path of ['/api/modules', '/metrics', '/mcp', '/control/call']) {
      const response = await ask(path, headers, { method: path === '/control/call' ? 'POST' : 'GET' });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await response.json()).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
    }
  });

  it('lets the token of the API not pass for the owner', async () => {
    const response = await ask('/control/call', bearer(), { method: 'POST', body: '{"operation":"health"}' });
    expect(response.status).toBe(401);
  });

  it('refuses foreign hosts and origins, and payloads that are no JSON', async () => {
    expect(await rawStatus({ host: 'evil.example' })).toBe(403);
    expect(await rawStatus({ host: `localhost:${new URL(served.url).port}` })).toBe(200);
    expect((await ask('/healthz', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask('/healthz', { origin: 'null' })).status).toBe(403);
    expect((await ask('/healthz', { origin: served.url })).status).toBe(200);
    const form = await fetch(`${served.url}/api/describe`, {
      method: 'POST',
      headers: bearer(),
      body: new URLSearchParams({ what: 'x' }),
    });
    expect(form.status).toBe(415);
  });

  it.each(['/api/../healthz', '/healthz/../api/modules', '//x/healthz', '/%2e%2e/healthz', '/healthz/'])(
    'takes the path %s as it is written',
    async (path) => {
      expect(await rawStatus({}, path)).toBe(401);
    },
  );

  it('is no proxy', async () => {
    expect(await rawStatus({}, `${served.url}/healthz`)).toBe(403);
  });

  it('knows loopback addresses', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', 'localhost'].map(isLoopback)).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(['0.0.0.0', '::', '10.0.0.1', 'example.com'].map(isLoopback)).toEqual([false, false, false, false]);
    expect([urlHost('::1'), urlHost('127.0.0.1')]).toEqual(['[::1]', '127.0.0.1']);
  });
});

describe('standing up', () => {
  it.each<[string, Partial<ServeOptions>, string]>([
    ['the network without a chosen token', { address: '0.0.0.0' }, 'FORBIDDEN'],
    ['the network without any token', { address: '0.0.0.0', open: true }, 'FORBIDDEN'],
    ['a short token', { token: 'short' }, 'USAGE'],
    ['an address of another machine', { address: '192.0.2.1', token: 'a'.repeat(20) }, 'USAGE'],
  ])('refuses %s', async (_, options, code) => {
    await expect(serve({ burgeon, port: 0, ...options })).rejects.toMatchObject({ code });
  });

  it('names the next port when one is taken', async () => {
    const port = Number(new URL(served.url).port);
    await expect(serve({ burgeon, port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      hint: expect.stringContaining(String(port + 1)) as string,
    });
  });
});

describe('the doors', () => {
  it('refuses a module that waits for approval with the same code everywhere', async () => {
    const added = await ask('/api/modules', bearer(), {
      method: 'POST',
      body: JSON.stringify({ what: 'clock.json', text: JSON.stringify(document) }),
    });
    expect(await added.json()).toMatchObject({ module: { id: 'api/clock', state: 'pending' } });
    const called = await ask('/api/modules/api/clock/operations/now', bearer(), { method: 'POST', body: '{}' });
    expect(called.status).toBe(403);
    expect(called.headers.get('content-type')).toContain('application/problem+json');
    expect(await called.json()).toMatchObject({ code: 'APPROVAL_PENDING' });
  });

  it('answers 404 for what it does not know', async () => {
    const response = await ask('/nothing', bearer());
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: 'OPERATION_NOT_FOUND',
      hint: expect.stringContaining('/openapi.json') as string,
    });
  });

  it('speaks MCP', async () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    });
    const response = await ask('/mcp', { ...bearer(), accept: 'application/json, text/event-stream' }, { method: 'POST', body });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('"serverInfo"');
  });
});

describe('the control door', () => {
  it('carries calls, progress and errors over, and follows the catalogue', async () => {
    const server = await readServerFile(home);
    if (!server) throw new Error('no server.json');
    const said: string[] = [];
    const remote = connectRemote(server, { say: (text) => said.push(text) });
    const stages: unknown[] = [];
    const end = new AbortController();
    const watched = await remote.watch(end.signal);
    const changed = new Promise<void>((resolve) => watched.subscribe?.(resolve));
    const again = { ...document, info: { title: 'Watch', version: '1' } };
    await remote.management.call(
      'addModule',
      { what: 'watch.json', text: JSON.stringify(again) },
      { progress: ({ stage }) => stages.push(stage) },
    );
    expect(stages).toContain('derive');
    expect(said.join()).toContain('burgeon approve');
    await changed;
    expect(watched.interface.operations.some(({ id }) => id === 'burgeon.addModule')).toBe(true);
    expect((await watched.call('burgeon.listModules', {})).output).toHaveLength(2);
    const third = { ...document, info: { title: 'Sundial', version: '1' } };
    await watched.call('burgeon.addModule', { what: 'sundial.json', text: JSON.stringify(third) });
    const requests = (await remote.management.call('listApprovals', {})).output as unknown as JsonObject[];
    expect(requests.map(({ module, requester }) => [module, (requester as JsonObject)['kind']])).toEqual([
      ['api/clock', 'owner'],
      ['api/watch', 'owner'],
      ['api/sundial', 'model'],
    ]);
    await expect(remote.catalogue.call('watch.now', {})).rejects.toMatchObject({ code: 'APPROVAL_PENDING' });
    await expect(remote.management.call('nope', {})).rejects.toMatchObject({ code: 'OPERATION_NOT_FOUND' });
    await expect(remote.standUp({ what: 'nowhere.yaml' }, end.signal)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    end.abort();
    await expect(connectRemote({ ...server, token: 'wrong' }).management.call('health', {})).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    await expect(connectRemote({ ...server, url: 'http://127.0.0.1:9' }).management.call('health', {})).rejects.toMatchObject({
      code: 'REMOTE_UNREACHABLE',
    });
    await expect(remote.management.call('health', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('refuses questions that it cannot read', async () => {
    const { token = '' } = (await readServerFile(home)) ?? {};
    const owner = { authorization: `Bearer ${token}` };
    expect((await ask('/control/nothing', owner, { method: 'POST', body: '{}' })).status).toBe(404);
    expect((await ask('/control/call', owner, { method: 'POST', body: '[]' })).status).toBe(400);
    expect((await ask('/control/call', owner, { method: 'POST', body: '{' })).status).toBe(400);
  });
});

describe('stopping', () => {
  it('asks for no token when open, and cuts what does not end', async () => {
    const aside = await mkdtemp(join(tmpdir(), 'burgeon-open-'));
    const other = await createBurgeon({ home: aside });
    const open = await serve({ burgeon: other, port: 0, open: true });
    expect(open.token).toBeUndefined();
    expect((await fetch(`${open.url}/api/modules`)).status).toBe(200);
    const server = await readServerFile(aside);
    if (!server) throw new Error('no server.json');
    const watched = await connectRemote(server).watch(new AbortController().signal);
    expect((watched.interface as unknown as JsonObject)['name']).toBe('burgeon');
    await Promise.all([open.close(50), open.close(50)]);
    expect(await readServerFile(aside)).toBeUndefined();
    await other.close();
    await rm(aside, { recursive: true, force: true });
  });
});
