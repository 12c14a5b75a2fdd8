import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBurgeon } from '../burgeon.ts';
import { bindModule, type BoundRuntime } from './runtime.ts';

const json = (schema: unknown): unknown => ({ 200: { description: 'ok', content: { 'application/json': { schema } } } });
const query = (...names: string[]): unknown => names.map((name) => ({ name, in: 'query', schema: { type: 'integer' } }));
const numbers = { type: 'array', items: { type: 'integer' } };

const document = (location: string): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Counter', version: '1' },
    servers: [{ url: location }],
    paths: {
      '/plain': { get: { operationId: 'plain', responses: json({ type: 'string' }) } },
      '/list': { get: { operationId: 'list', parameters: query('offset', 'limit'), responses: json(numbers) } },
      '/linked': { get: { operationId: 'linked', parameters: query('page', 'per_page'), responses: json(numbers) } },
      '/events': {
        get: {
          operationId: 'events',
          responses: {
            200: {
              description: 'ok',
              content: { 'application/x-ndjson': { itemSchema: { type: 'object' }, schema: { type: 'object' } } },
            },
          },
        },
      },
    },
  });

let server: Server;
let home = '';
let runtime: BoundRuntime;

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const send = (value: JsonValue, headers: Record<string, string> = {}): void =>
      void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    const offset = Number(url.searchParams.get('offset') ?? 0);
    const page = Number(url.searchParams.get('page') ?? 1);
    if (url.pathname === '/plain') send('hello');
    else if (url.pathname === '/list') send([0, 1, 2, 3, 4].slice(offset, offset + Number(url.searchParams.get('limit') ?? 2)));
    else if (url.pathname === '/linked')
      send(page > 3 ? [] : [page], page < 3 ? { link: `</linked?page=${page + 1}>; rel="next"` } : {});
    else response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end('{"n":1}\n{"n":2}\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  home = await mkdtemp(join(tmpdir(), 'burgeon-runtime-'));
  const first = await createBurgeon({ home });
  await first.init({ policy: 'unattended', totp: false });
  await first.close();
  const burgeon = await createBurgeon({ home });
  await burgeon.management.call('addModule', { what: 'counter.json', text: document(location) });
  await burgeon.close();
  runtime = bindModule({ home, id: 'api/counter', version: '1.0.0' });
});
afterAll(async () => {
  server.close();
  await rm(home, { recursive: true, force: true });
});

describe('bindModule', () => {
  it('calls the module it is bound to, whatever the stub says', async () => {
    expect(await runtime.call('api/other', 'plain', {})).toBe('hello');
    const both = await Promise.all([runtime.call('api/counter', 'plain', {}), runtime.call('api/counter', 'list', { limit: 3 })]);
    expect(both).toEqual(['hello', [0, 1, 2]]);
    await expect(runtime.call('api/counter', 'nope', {})).rejects.toMatchObject({ code: 'OPERATION_NOT_FOUND' });
  });

  it('gives items as they arrive', async () => {
    expect(await Array.fromAsync(runtime.stream('api/counter', 'events', {}))).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await runtime.call('api/counter', 'events', {})).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await Array.fromAsync(runtime.stream('api/counter', 'list', { limit: 2 }))).toEqual([0, 1]);
    expect(await Array.fromAsync(runtime.stream('api/counter', 'plain', {}))).toEqual(['hello']);
  });

  it('walks pages, by position and by link', async () => {
    expect(await Array.fromAsync(runtime.pages('api/counter', 'list', { limit: 2 }))).toEqual([[0, 1], [2, 3], [4]]);
    expect((await Array.fromAsync(runtime.pages('api/counter', 'linked', {}))).slice(0, 3)).toEqual([[1], [2], [3]]);
    expect(await Array.fromAsync(runtime.pages('api/counter', 'plain', {}))).toEqual(['hello']);
  });

  it('gives the home back when it is idle', async () => {
    await runtime.call('api/counter', 'plain', {});
    const burgeon = await createBurgeon({ home, waitMs: 5_000 });
    await burgeon.close();
    expect(await runtime.call('api/counter', 'plain', {})).toBe('hello');
    process.emit('beforeExit', 0);
  });

  it('says why a home cannot be opened, each time anew', async () => {
    const broken = bindModule({ home: '/dev/null/home', id: 'api/counter', version: '1.0.0' });
    for (let time = 0; time < 2; time++)
      await expect(broken.call('api/counter', 'plain', {})).rejects.toMatchObject({ code: 'HOME_UNWRITABLE' });
  });
});
