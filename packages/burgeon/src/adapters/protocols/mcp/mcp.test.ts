import { request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';
import { BurgeonError, type ExposeOptions, type Exposure, type JsonObject } from '@burgeon/kit';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { operation } from '../../../interface/fixtures/operation.ts';
import { described, shop, shopOperations } from './fixtures/shop.ts';
import { type McpEvaluate, mcp } from './index.ts';

type Era = 'legacy' | 'modern';
const eras: Era[] = ['legacy', 'modern'];

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

const expose = async (provider = shop(), extra: Record<string, unknown> = {}): Promise<Exposure> => {
  const options: ExposeOptions = { clock: systemClock, log: silentLogger, extra };
  const exposure = await mcp.expose(provider, options);
  open.push(exposure);
  return exposure;
};

const clientOf = (era: Era, changed?: () => void): Client =>
  new Client(
    { name: 'test', version: '1' },
    {
      versionNegotiation: { mode: era === 'legacy' ? 'legacy' : { pin: '2026-07-28' } },
      ...(changed ? { listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: changed } } } : {}),
    },
  );

const connect = async (url: string, era: Era, changed?: () => void): Promise<Client> => {
  const client = clientOf(era, changed);
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  open.push(client);
  return client;
};

const textOf = (result: unknown): string =>
  (result as { content: { text?: string }[] }).content.map(({ text }) => text ?? '').join('\n');
const call = (client: Client, name: string, args: JsonObject = {}) => client.callTool({ name, arguments: args });

describe.each(eras)('mcp, %s era', (era) => {
  it('shows three small tools, finds, describes and calls', async () => {
    const provider = shop();
    const { url } = await expose(provider);
    const client = await connect(url, era);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['search_tools', 'describe_tool', 'call_tool']);
    expect(JSON.stringify(tools).length / 4).toBeLessThan(400);
    expect(client.getServerCapabilities()?.tools?.listChanged).toBe(true);

    const found = textOf(await call(client, 'search_tools', { query: 'find pet by id', limit: 2 }));
    expect(found).toContain('petstore_getPetById(input: { petId: number }): Promise<{ name: string');
    const about = JSON.parse(textOf(await call(client, 'describe_tool', { name: 'petstore.getPetById' }))) as JsonObject;
    expect(about).toMatchObject({ name: 'petstore_getPetById', effect: 'read', inputSchema: { required: ['petId'] } });
    expect(JSON.stringify(about)).not.toContain('\u200b');
    expect(textOf(await call(client, 'call_tool', { name: 'petstore_getPetById', arguments: { petId: 7 } }))).toBe(
      '{"name":"pet 7"}',
    );
    expect(textOf(await call(client, 'call_tool', { name: 'petstore.getPetById', arguments: '{"petId":8}' }))).toBe(
      '{"name":"pet 8"}',
    );
    expect(provider.calls).toEqual(['petstore.getPetById', 'petstore.getPetById']);
  });

  it('writes failures as results that say what to do', async () => {
    const client = await connect((await expose()).url, era);
    const failed = await call(client, 'call_tool', { name: 'petstore.fail' });
    expect(failed.isError).toBe(true);
    expect(textOf(failed)).toBe(
      'REMOTE_ERROR: It said no.\nWhat to do: Ask again.\nThe same call may succeed later.\n{"code":"500","body":null}',
    );
    expect(textOf(await call(client, 'call_tool', { name: 'petstore.getPetById' }))).toContain('"path":"/petId"');
    expect(textOf(await call(client, 'call_tool', { name: 'petstore_getPetByld' }))).toContain(
      'Did you mean "petstore_getPetById"?',
    );
    expect(textOf(await call(client, 'call_tool', { name: 'zzzzzzzzzzzzzzzzzzzzzzzzzzz' }))).toContain(
      'Find its name with search_tools',
    );
    expect(textOf(await call(client, 'call_tool', { name: 7 }))).toContain('INPUT_INVALID');
    expect(textOf(await call(client, 'call_tool', { name: 'petstore.fail', arguments: [] }))).toContain('INPUT_INVALID');
    expect(textOf(await call(client, 'call_tool', { name: 'petstore.fail', arguments: '{' }))).toContain('INPUT_INVALID');
    await expect(call(client, 'no_such_tool')).rejects.toThrow(/There is no tool/);
  });

  it.each(['search', 'static'])('says why an operation is not shown, in the %s view', async (view) => {
    const waiting = new BurgeonError('APPROVAL_PENDING', { message: 'api/crm waits.', hint: 'Run burgeon approve req_1.' });
    const asked: string[] = [];
    const explain = async (id: string): Promise<BurgeonError | undefined> => {
      asked.push(id);
      return id.startsWith('crm.') ? waiting : undefined;
    };
    const client = await connect((await expose({ ...shop(), explain }, { view, force: true })).url, era);
    const through = (name: string): Promise<unknown> =>
      view === 'search' ? call(client, 'call_tool', { name, arguments: {} }) : call(client, name);
    const refused = await through('crm_listPeople');
    expect(refused).toMatchObject({ isError: true });
    expect(textOf(refused)).toContain('APPROVAL_PENDING');
    expect(asked).toEqual(['crm.listPeople']);
  });

  it('gives an overview when nothing is asked for or nothing fits', async () => {
    const client = await connect((await expose()).url, era);
    expect(textOf(await call(client, 'search_tools', { query: '' }))).toBe('10 operations: petstore (10)');
    expect(textOf(await call(client, 'search_tools', { query: 'qqqq' }))).toContain('Nothing fits. 10 operations');
  });

  it('shows one tool per operation with effects, schemas and structured results', async () => {
    const client = await connect((await expose(shop(), { view: 'static' })).url, era);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(shopOperations.map(({ id }) => id.replace('.', '_')));
    const removal = tools.find(({ name }) => name === 'petstore_deletePet');
    expect(removal?.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true, idempotentHint: true });
    const ajv = new Ajv2020({ strict: false });
    for (const { inputSchema, outputSchema } of tools)
      for (const schema of [inputSchema, outputSchema ?? {}] as object[]) expect(ajv.compile(schema)).toBeTypeOf('function');

    expect((await call(client, 'petstore_getPetById', { petId: 1 })).structuredContent).toEqual({ name: 'pet 1' });
    const list = await call(client, 'petstore_listPets');
    const kept = (list.structuredContent as { result: unknown[] }).result;
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.length).toBeLessThan(5_000);
    expect(JSON.parse((list.content as { text: string }[])[0]?.text ?? '')).toEqual(kept);
    expect(textOf(list)).toContain('was shortened');
    const removed = await call(client, 'petstore_deletePet');
    expect(removed.structuredContent).toEqual({ result: null });
    expect(textOf(removed)).toContain('Result code: 204.');
    const lie = await call(client, 'petstore_lie');
    expect(lie.isError).toBe(true);
    expect(textOf(lie)).toContain('REMOTE_INVALID');
    await expect(call(client, 'petstore_none')).rejects.toThrow(/There is no tool/);
    expect((await call(client, 'petstore_fail')).isError).toBe(true);
  });

  it('sends bytes as what they are, and streams as lists', async () => {
    const client = await connect((await expose(shop(), { view: 'static' })).url, era);
    const kinds = await Promise.all(
      ['photo', 'sound', 'archive'].map(
        async (name) => ((await call(client, `petstore_${name}`)).content as { type: string }[])[0],
      ),
    );
    expect(kinds).toMatchObject([
      { type: 'image', mimeType: 'image/png' },
      { type: 'audio', mimeType: 'audio/wav' },
      { type: 'resource', resource: { mimeType: 'application/zip', uri: 'burgeon://result/petstore.archive' } },
    ]);
    expect(textOf(await call(client, 'petstore_watch'))).toBe('[{"tick":1},{"tick":2}]');
  });

  it('reports progress to who asked for it', async () => {
    const client = await connect((await expose()).url, era);
    const seen: unknown[] = [];
    await client.callTool(
      { name: 'call_tool', arguments: { name: 'petstore.slow' } },
      { onprogress: (event) => seen.push(event) },
    );
    expect(seen).toMatchObject([{ progress: 1, total: 2, message: 'half' }, { progress: 2 }]);
  });

  it('tells of changes, and shows the new list', async () => {
    const provider = shop();
    const { url } = await expose(provider, { view: 'static' });
    const changed = Promise.withResolvers<void>();
    const client = await connect(url, era, changed.resolve);
    await client.listTools();
    // The stream on which changes are told opens after the connection does.
    const again = setInterval(() => provider.replace(described([operation('other.only')])), 50);
    await changed.promise;
    clearInterval(again);
    expect((await client.listTools({}, { cacheMode: 'bypass' } as never)).tools.map(({ name }) => name)).toEqual(['other_only']);
  });

  it('pages a long list, in the same order each time', async () => {
    const many = Array.from({ length: 250 }, (_, index) => operation(`many.op${index}`));
    const provider = shop();
    provider.replace(described(many));
    const client = await connect((await expose(provider, { view: 'static', force: true })).url, era);
    const first = await client.request({ method: 'tools/list', params: {} });
    expect(first.tools).toHaveLength(100);
    expect(first.nextCursor).toBeDefined();
    const { tools } = await client.listTools();
    expect(tools).toHaveLength(250);
    expect(new Set(tools.map(({ name }) => name)).size).toBe(250);
    await expect(client.request({ method: 'tools/list', params: { cursor: 'bad' } })).rejects.toThrow(/cursor is not valid/);
  });

  it('falls back to searching when a list outgrows the static view', async () => {
    const provider = shop();
    const client = await connect((await expose(provider, { view: 'static' })).url, era);
    provider.replace(described(Array.from({ length: 61 }, (_, index) => operation(`many.op${index}`))));
    expect((await client.listTools({}, { cacheMode: 'bypass' } as never)).tools.map(({ name }) => name)).toContain(
      'search_tools',
    );
  });

  it('runs code over the operations when there is a sandbox', async () => {
    const evaluate: McpEvaluate = async (code, run) => {
      if (code === 'fail') return { output: await run('petstore.none', {}), logs: [] };
      return { output: await run('petstore_getPetById', { petId: 3 }), logs: ['seen\u202e'] };
    };
    const provider = shop();
    const client = await connect((await expose(provider, { view: 'code', evaluate })).url, era);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['search_tools', 'execute']);
    expect(textOf(await call(client, 'execute', { code: 'x' }))).toBe('{"name":"pet 3"}\nLog:\nseen');
    expect(textOf(await call(client, 'execute', { code: 'fail' }))).toContain('OPERATION_NOT_FOUND');
    expect(textOf(await call(client, 'search_tools', { query: 'pet' }))).toContain('petstore_');
    expect(provider.calls).toEqual(['petstore.getPetById']);
    const without = await connect((await expose(shop(), { view: 'code' })).url, era);
    expect((await without.listTools()).tools.map(({ name }) => name)).toContain('call_tool');
  });

  it('works over standard input and output', async () => {
    const changed = Promise.withResolvers<void>();
    const client = clientOf(era, changed.resolve);
    const server = fileURLToPath(new URL('./fixtures/stdio-server.ts', import.meta.url));
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [server] }));
    open.push(client);
    expect((await client.listTools()).tools).toHaveLength(shopOperations.length);
    expect((await call(client, 'petstore_getPetById', { petId: 2 })).structuredContent).toEqual({ name: 'pet 2' });
    await call(client, 'petstore_deletePet');
    await changed.promise;
  });
});

describe('mcp, the door', () => {
  const status = (url: string, headers: Record<string, string>, method = 'POST', body = '{}'): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(
        url,
        { method, headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      sent.on('error', reject);
      sent.end(method === 'POST' ? body : undefined);
    });

  it('refuses names that were rebound to this machine, pages of others, and unknown sessions', async () => {
    const { url } = await expose();
    const { port } = new URL(url);
    expect(await status(url, { host: `evil.example:${port}` })).toBe(403);
    expect(await status(url, { origin: 'https://evil.example' })).toBe(403);
    expect(await status(url, { 'mcp-session-id': 'unknown' })).toBe(404);
    expect(await status(url, {}, 'POST', 'not json')).toBe(400);
    expect(await status(new URL('/other', url).href, {})).toBe(404);
    expect(await status(url, {}, 'PUT')).toBe(405);
  });

  it('ends a session when it is asked to, and keeps a bounded number', async () => {
    const { url } = await expose();
    const transport = new StreamableHTTPClientTransport(new URL(url));
    const client = clientOf('legacy');
    await client.connect(transport);
    const session = transport.sessionId ?? '';
    await transport.terminateSession();
    expect(await status(url, { 'mcp-session-id': session })).toBe(404);
    await client.close();
  });

  it('refuses a static view that is too long, options that are wrong, and a port that is taken', async () => {
    const many = shop();
    many.replace(described(Array.from({ length: 61 }, (_, index) => operation(`op${index}`))));
    const { url } = await expose();
    const failures = [
      expose(many, { view: 'static' }),
      expose(shop(), { view: 'other' }),
      expose(shop(), { evaluate: 1 }),
      expose(shop(), { resultLength: 1 }),
      expose(shop(), { hosts: 'x' }),
    ];
    for (const failure of failures) await expect(failure).rejects.toMatchObject({ code: 'USAGE' });
    const taken = { port: Number(new URL(url).port), clock: systemClock, log: silentLogger };
    await expect(mcp.expose(shop(), taken)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await expect(mcp.expose(shop(), { ...taken, port: 0, address: '203.0.113.1' })).rejects.toSatisfy((error) =>
      BurgeonError.is(error),
    );
  });
});
