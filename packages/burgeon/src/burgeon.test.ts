import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BurgeonError, type ErrorCode, type Exposure, type JsonObject, type JsonValue } from '@burgeon/kit';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from './base/clock.ts';
import { createBurgeon, type Burgeon, type BurgeonOptions } from './burgeon.ts';
import type { PolicyMode } from './approval/policy.ts';

/** A shop of our own: two resources, one of them with a key in the query, errors, and a bearer token on one operation. */
const shop = (change: (paths: Record<string, JsonObject>) => void = () => {}): string => {
  const item: JsonObject = {
    type: 'object',
    required: ['name'],
    properties: {
      id: { type: 'integer', readOnly: true },
      name: { type: 'string', minLength: 1 },
      price: { type: 'number', minimum: 0 },
    },
  };
  const json = (schema: JsonObject): JsonObject => ({ 'application/json': { schema } });
  const reference: JsonObject = { $ref: '#/components/schemas/Item' };
  const body: JsonObject = { required: true, content: json(reference) };
  const id: JsonObject = { name: 'itemId', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } };
  const missing: JsonObject = {
    description: 'no such item',
    content: json({ type: 'object', properties: { title: { type: 'string' } } }),
  };
  const paths: Record<string, JsonObject> = {
    '/items': {
      get: {
        operationId: 'listItems',
        responses: { 200: { description: 'all', content: json({ type: 'array', items: reference }) } },
      },
      post: {
        operationId: 'createItem',
        requestBody: body,
        responses: { 201: { description: 'made', content: json(reference) } },
      },
    },
    '/items/{itemId}': {
      parameters: [id],
      get: { operationId: 'getItem', responses: { 200: { description: 'one', content: json(reference) }, 404: missing } },
      delete: { operationId: 'deleteItem', responses: { 204: { description: 'gone' }, 404: missing } },
    },
  };
  change(paths);
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Shop', version: '1' },
    paths,
    components: { schemas: { Item: item } },
  });
};

const folder = mkdtempSync(join(tmpdir(), 'burgeon-root-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let homes = 0;
const open = async (
  policy: PolicyMode,
  options: Partial<BurgeonOptions> & { totp?: boolean } = {},
): Promise<{ burgeon: Burgeon; secret: string; home: string }> => {
  const home = join(folder, `home-${++homes}`);
  const { totp = false, ...rest } = options;
  const first = await createBurgeon({ home, ...rest });
  const made = await first.init({ policy, totp });
  await first.close();
  return { burgeon: await createBurgeon({ home, ...rest }), secret: made.totp?.secret ?? '', home };
};

const caller =
  (burgeon: () => Burgeon) =>
  async (operation: string, input: JsonObject = {}): Promise<JsonObject> =>
    (await burgeon().management.call(operation, input)).output as JsonObject;

const codeOf = async (promise: Promise<unknown>): Promise<ErrorCode | 'none'> =>
  promise.then(
    () => 'none',
    (error: unknown) => BurgeonError.from(error).code,
  );

const shopId: JsonObject = { namespace: 'api', name: 'shop' };

describe('from a description to a live module', () => {
  let burgeon: Burgeon;
  let mirror: Exposure;
  const call = caller(() => burgeon);
  const addShop = (text: string): Promise<JsonObject> => call('addModule', { what: 'shop.json', text, location: mirror.url });

  beforeAll(async () => {
    ({ burgeon } = await open('unattended', { threads: false }));
    mirror = await burgeon.standUp({ what: 'shop.json', text: shop() });
  });
  afterAll(async () => {
    await mirror.close();
    await burgeon.close();
  });

  it('adds it through every stage and tells of each', async () => {
    const stages: string[] = [];
    const { output } = await burgeon.management.call(
      'addModule',
      { what: 'shop.json', text: shop(), location: mirror.url },
      { progress: (event) => void (event['state'] === 'end' && stages.push(JSON.stringify(event['stage']))) },
    );
    expect(stages).toEqual(['derive', 'generate', 'check', 'try', 'approve', 'release'].map((stage) => JSON.stringify(stage)));
    expect(output).toMatchObject({
      module: { id: 'api/shop', version: '1.0.0', kind: 'data', host: 'interface', state: 'active' },
      operations: 4,
      trial: { passed: 4, failed: 0, skipped: 0 },
      disclosure: { capabilities: [{ kind: 'net.http', scope: { hosts: [new URL(mirror.url).host] } }] },
    });
    expect((output as JsonObject)['checks']).toHaveLength(11);
  });

  it('calls it, and the mirror remembers', async () => {
    const made = await call('callOperation', {
      ...shopId,
      operation: 'createItem',
      input: { body: { name: 'Lamp', price: 12.5 } },
    });
    const item = made['output'] as JsonObject;
    expect(item).toMatchObject({ name: 'Lamp', price: 12.5 });
    const got = await call('callOperation', { ...shopId, operation: 'getItem', input: { itemId: item['id'] as number } });
    expect(got).toMatchObject({ output: item, traceId: expect.stringMatching(/^trace_/) });
    await call('callOperation', { ...shopId, operation: 'deleteItem', input: { itemId: item['id'] as number } });
    const again = call('callOperation', { ...shopId, operation: 'getItem', input: { itemId: item['id'] as number } });
    expect(await codeOf(again)).toBe('REMOTE_ERROR');
  });

  it('refuses wrong input with the path, and unknown names with the nearest', async () => {
    const wrong = await call('callOperation', { ...shopId, operation: 'getItem', input: { itemId: 'three' } }).catch(
      (error: unknown) => BurgeonError.from(error),
    );
    expect(wrong).toMatchObject({ code: 'INPUT_INVALID', data: { issues: [{ path: '/itemId' }] } });
    const misspelt = await call('callOperation', { ...shopId, operation: 'getItems', input: {} }).catch((error: unknown) =>
      BurgeonError.from(error),
    );
    expect(misspelt).toMatchObject({ code: 'OPERATION_NOT_FOUND', hint: expect.stringContaining('getItem') });
    expect(await codeOf(call('callOperation', { namespace: 'api', name: 'nothing', operation: 'x' }))).toBe('MODULE_NOT_FOUND');
    expect(await codeOf(call('callOperation', { namespace: 'api' }))).toBe('INPUT_INVALID');
    expect(await codeOf(burgeon.management.call('noSuchOperation', {}))).toBe('OPERATION_NOT_FOUND');
  });

  it('does nothing when the same thing is added again', async () => {
    expect(await addShop(shop())).toMatchObject({ unchanged: true, module: { version: '1.0.0', state: 'active' } });
  });

  it('raises the version as the difference demands, and goes back', async () => {
    const larger = shop((paths) => {
      paths['/health'] = { get: { operationId: 'health', responses: { 204: { description: 'well' } } } };
    });
    expect(await addShop(larger)).toMatchObject({ module: { version: '1.1.0' } });
    const smaller = shop((paths) => {
      delete paths['/items'];
    });
    expect(await addShop(smaller)).toMatchObject({ module: { version: '2.0.0' } });
    expect(await call('diffVersions', { ...shopId, from: '1.0.0', to: '1.1.0' })).toMatchObject({ verdict: 'minor' });
    expect(await call('diffVersions', { ...shopId, from: '1.1.0', to: '2.0.0' })).toMatchObject({ verdict: 'major' });
    const versions = (await call('listVersions', shopId)) as unknown as JsonObject[];
    expect(versions.map((version) => [version['version'], version['state']])).toEqual([
      ['2.0.0', 'active'],
      ['1.1.0', 'superseded'],
      ['1.0.0', 'superseded'],
    ]);
    expect(await call('rollbackModule', shopId)).toMatchObject({ module: { version: '1.1.0', state: 'active' } });
    expect(await call('rollbackModule', { ...shopId, version: '1.0.0' })).toMatchObject({ module: { version: '1.0.0' } });
    expect(await codeOf(call('rollbackModule', { ...shopId, version: '9.9.9' }))).toBe('VERSION_NOT_FOUND');
  });

  it('shows, checks, tries and ejects what is stored', async () => {
    expect(await call('showModule', { ...shopId, files: true })).toMatchObject({
      id: 'api/shop',
      signed: true,
      operations: 4,
      files: expect.arrayContaining([expect.objectContaining({ path: 'SKILL.md' })]),
    });
    expect(await call('showModule', { ...shopId, version: '1.1.0' })).toMatchObject({ version: '1.1.0', operations: 5 });
    expect(await call('checkModule', shopId)).toMatchObject({ ok: true });
    expect(await call('testModule', shopId)).toMatchObject({ passed: 4, failed: 0, coverage: 1 });
    const ejected = await call('ejectModule', { ...shopId, target: 'openapi' });
    expect(JSON.parse(((ejected['files'] as JsonObject[])[0] as { text: string }).text)).toMatchObject({
      openapi: expect.stringMatching(/^3\.1/),
    });
    expect(await codeOf(call('ejectModule', { ...shopId, target: 'cobol' }))).toBe('ADAPTER_UNKNOWN');
    expect(await call('resolveModule', { reference: 'shop' })).toMatchObject({ id: 'api/shop', version: '1.0.0' });
  });

  it('puts away, brings back, unloads and removes', async () => {
    expect(await call('archiveModule', shopId)).toMatchObject({ module: { state: 'archived' } });
    expect(await codeOf(call('callOperation', { ...shopId, operation: 'listItems' }))).toBe('MODULE_ARCHIVED');
    expect(await call('restoreModule', shopId)).toMatchObject({ module: { state: 'active' } });
    expect(await call('reloadModule', shopId)).toMatchObject({ module: { id: 'api/shop', state: 'active' } });
    expect(await codeOf(call('callOperation', { ...shopId, operation: 'listItems', input: {} }))).toBe('none');
    expect(await call('removeModule', shopId)).toMatchObject({ module: { state: 'removed' } });
    expect((await call('listModules')) as unknown as JsonValue[]).toEqual([]);
    expect(await codeOf(call('showModule', shopId))).toBe('MODULE_NOT_FOUND');
  });

  it('shows active modules in the catalogue, with what a model may do to Burgeon itself', async () => {
    await addShop(shop());
    await burgeon.catalogue.refresh();
    const ids = burgeon.catalogue.interface.operations.map((operation) => operation.id);
    expect(ids).toEqual(expect.arrayContaining(['shop.listItems', 'burgeon.addModule']));
    expect(ids.filter((id) => /approve|reject|ecret/.test(id))).toEqual([]);
    expect((await burgeon.catalogue.call('shop.listItems', {})).output).toHaveLength(3);
    expect((await burgeon.catalogue.call('burgeon.listModules', {})).output).toHaveLength(1);
    expect(await codeOf(burgeon.catalogue.call('burgeon.approve', { request: 'x' }))).toBe('OPERATION_NOT_FOUND');
    expect(await codeOf(burgeon.catalogue.call('nothing', {}))).toBe('OPERATION_NOT_FOUND');
    let told = 0;
    const stop = burgeon.catalogue.subscribe(() => told++);
    await call('archiveModule', shopId);
    stop();
    expect(told).toBe(1);
    expect(burgeon.catalogue.interface.operations.some((operation) => operation.id.startsWith('shop.'))).toBe(false);
  });

  it('keeps secrets without ever showing one', async () => {
    await call('setSecret', { name: 'api/shop/token', value: 'hush-hush' });
    await call('rotateSecret', { name: 'api/shop/token', value: 'hush-hush-2' });
    expect(JSON.stringify(await call('listSecrets'))).not.toContain('hush');
    expect(await call('revokeSecret', { name: 'api/shop/token' })).toMatchObject({ revoked: true });
  });

  it('records everything, verifiably', async () => {
    const entries = (await call('listAudit', { module: 'api/shop', limit: 5 })) as unknown as JsonObject[];
    expect(entries.length).toBe(5);
    expect(await call('verifyAudit')).toMatchObject({ ok: true });
  });

  it('describes itself', async () => {
    expect(await call('health')).toEqual({ status: 'ok' });
    expect(await call('ready')).toEqual({ status: 'ok' });
    expect((await burgeon.management.call('metrics', {})).output).toContain('burgeon_calls_total');
    expect(await call('openapi')).toMatchObject({ paths: { '/api/modules': expect.anything() } });
  });
});

describe('pointing', () => {
  let burgeon: Burgeon;
  const call = caller(() => burgeon);
  beforeAll(async () => {
    ({ burgeon } = await open('unattended', { budget: { bytes: 200_000 }, threads: false }));
  });
  afterAll(() => burgeon.close());

  const write = (name: string, text: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it.each([
    ['a path that is not there', () => join(folder, 'shp.json'), 'SOURCE_NOT_FOUND'],
    ['a host without a scheme', () => 'api.example.com', 'SOURCE_NOT_FOUND'],
    ['a sentence', () => 'I want to track water', 'SOURCE_UNRECOGNISED'],
    ['an address that does not parse', () => 'http://[', 'SOURCE_NOT_FOUND'],
    ['an address where nobody listens', () => 'http://127.0.0.1:9/openapi.json', 'SOURCE_UNREACHABLE'],
    ['a web page', () => write('page.html', '<!doctype html><title>x</title>'), 'SOURCE_UNRECOGNISED'],
    ['an empty file', () => write('empty.json', ''), 'SOURCE_UNRECOGNISED'],
    ['a file beyond the budget', () => write('large.json', ' '.repeat(200_001)), 'SPEC_TOO_COMPLEX'],
    ['a folder', () => folder, 'SOURCE_UNRECOGNISED'],
  ])('%s is refused by name', async (_, what, code) => {
    expect(await codeOf(call('describe', { what: what() }))).toBe(code);
  });

  it('suggests the file that was meant', async () => {
    write('shop.json', shop());
    const error = await call('describe', { what: join(folder, 'shap.json') }).catch((thrown: unknown) =>
      BurgeonError.from(thrown),
    );
    expect(error).toMatchObject({ hint: 'Did you mean shop.json?' });
  });

  it('reads UTF-16, takes a forced source and a name, and knows its sources', async () => {
    const path = write('shop16.json', Buffer.from(`\ufeff${shop()}`, 'utf16le'));
    expect(await call('describe', { what: path, as: 'openapi', name: 'api/Corner Shop' })).toMatchObject({
      name: 'corner-shop',
      source: { location: 'shop16.json' },
    });
    expect(await codeOf(call('describe', { what: path, as: 'nothing' }))).toBe('ADAPTER_UNKNOWN');
  });

  it('takes a chosen address, and the one it read from, for chosen by a person; no document can say so', async () => {
    const claiming = JSON.stringify({
      ...(JSON.parse(shop()) as JsonObject),
      servers: [{ url: 'http://crm.corp', chosen: true }],
    });
    expect(await call('describe', { what: 'shop.json', text: claiming })).toMatchObject({
      locations: [{ url: 'http://crm.corp' }],
    });
    expect((await call('describe', { what: 'shop.json', text: claiming }))['locations']).not.toMatchObject([{ chosen: true }]);
    const chosen = await call('describe', { what: 'shop.json', text: claiming, location: 'http://crm.corp/v2' });
    expect(chosen).toMatchObject({ locations: [{ url: 'http://crm.corp/v2', chosen: true }] });
  });

  it('finds the description at a well-known place of an address', async () => {
    const { createServer } = await import('node:http');
    const server = createServer((request, response) => {
      const found = request.url === '/v3/api-docs';
      response.writeHead(found ? 200 : 404, { 'content-type': found ? 'application/json' : 'text/html' });
      response.end(found ? shop() : '<html>nothing</html>');
    });
    const page = createServer((_, response) => response.end('<html>hello</html>'));
    await Promise.all([server, page].map((each) => new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve))));
    const urlOf = (each: typeof server): string => `http://127.0.0.1:${(each.address() as { port: number }).port}/`;
    expect(await codeOf(call('describe', { what: urlOf(server) }))).toBe('SOURCE_UNREACHABLE');
    const fetched = await call('describe', { what: `${urlOf(server)}v3/api-docs` });
    expect(fetched).toMatchObject({ name: 'shop', locations: [{ url: expect.stringContaining('127.0.0.1'), chosen: true }] });
    expect(await codeOf(call('describe', { what: urlOf(page) }))).toBe('SOURCE_UNRECOGNISED');
    await Promise.all([server, page].map((each) => new Promise((resolve) => each.close(resolve))));
  });
});

describe('approval', () => {
  it('holds a module back until two channels confirmed; then it answers', async () => {
    const said: string[] = [];
    const clock = manualClock(Date.parse('2026-11-20T12:00:00Z'));
    const { burgeon, secret } = await open('two-channels', { totp: true, clock, write: (text) => void said.push(text) });
    const call = caller(() => burgeon);
    const added = await call('addModule', { what: 'shop.json', text: shop(), location: 'http://127.0.0.1:9' });
    expect(added).toMatchObject({
      module: { state: 'pending' },
      request: { state: 'pending', channels: [{ name: 'terminal' }, { name: 'totp' }] },
    });
    expect(said.join('\n')).toContain("New module 'api/shop' wants to:\n- Call 127.0.0.1:9");
    const request = (added['request'] as JsonObject)['id'] as string;
    const pending = await call('callOperation', { ...shopId, operation: 'listItems' }).catch((error: unknown) =>
      BurgeonError.from(error),
    );
    expect(pending).toMatchObject({ code: 'APPROVAL_PENDING', hint: expect.stringContaining(request) });
    await burgeon.catalogue.refresh();
    for (const id of ['shop.listItems', 'api.shop.listItems'])
      expect(await burgeon.catalogue.explain(id)).toMatchObject({ code: 'APPROVAL_PENDING' });
    expect(await Promise.all(['burgeon.nothing', 'nowhere.x', 'x'].map((id) => burgeon.catalogue.explain(id)))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await call('addModule', { what: 'shop.json', text: shop(), location: 'http://127.0.0.1:9' })).toMatchObject({
      unchanged: true,
      request: { id: request },
    });

    expect(await codeOf(call('approve', { request, code: 'WRONG2' }))).toBe('APPROVAL_CODE_INVALID');
    const code = /Code: (\w+)/.exec(said.join('\n'))?.[1] ?? '';
    expect(await call('approve', { request, code })).toMatchObject({ request: { state: 'half' } });
    const token = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.now() });
    expect(await call('approve', { request, code: token, channel: 'totp' })).toMatchObject({
      request: { state: 'approved' },
      module: { state: 'active' },
    });
    expect(await call('approve', { request })).toMatchObject({ module: { state: 'active' } });
    expect(await codeOf(call('callOperation', { ...shopId, operation: 'listItems', input: {} }))).toBe('REMOTE_UNREACHABLE');
    expect(await call('showApproval', { request })).toMatchObject({ state: 'approved' });
    await burgeon.close();
  });

  it('closes what was rejected or ran out, and asks again when it is added again', async () => {
    const clock = manualClock(Date.parse('2026-11-20T12:00:00Z'));
    const { burgeon } = await open('one-channel', { clock });
    const call = caller(() => burgeon);
    const add = (): Promise<JsonObject> => call('addModule', { what: 'shop.json', text: shop() });
    const first = (await add())['request'] as JsonObject;
    expect(await call('reject', { request: first['id'] as string, why: 'not now' })).toMatchObject({
      request: { state: 'rejected' },
      module: { state: 'rejected' },
    });
    expect(await codeOf(call('callOperation', { ...shopId, operation: 'listItems' }))).toBe('APPROVAL_REJECTED');
    expect(await codeOf(call('reject', { request: first['id'] as string }))).toBe('APPROVAL_CLOSED');
    const second = (await add())['request'] as JsonObject;
    clock.advance(25 * 60 * 60 * 1_000);
    expect(((await call('listApprovals')) as unknown as JsonObject[]).map((request) => request['state'])).toEqual(
      expect.arrayContaining(['rejected', 'expired']),
    );
    const third = await add();
    expect(third).toMatchObject({ module: { version: '1.0.0', state: 'pending' } });
    expect((third['request'] as JsonObject)['id']).not.toBe(second['id']);
    await burgeon.close();
  });
});

describe('a home', () => {
  it('whose record was taken away is refused, and so is one whose policy was changed', async () => {
    const { burgeon, home } = await open('unattended');
    expect((await caller(() => burgeon)('verifyAudit'))['ok']).toBe(true);
    await burgeon.close();
    for (const file of ['burgeon.db', 'burgeon.db-wal', 'burgeon.db-shm']) rmSync(join(home, file), { force: true });
    expect(await codeOf(createBurgeon({ home }))).toBe('HOME_DAMAGED');
    writeFileSync(join(home, 'policy.json'), '{}');
    expect(await codeOf(createBurgeon({ home }))).toBe('SIGNATURE_INVALID');
  });
});

describe('standing up', () => {
  it('mirrors a module by its name, and types alone as an empty server', async () => {
    const { burgeon } = await open('unattended');
    const call = caller(() => burgeon);
    const types = JSON.stringify({
      openapi: '3.1.0',
      info: { title: 'Types', version: '1' },
      paths: {},
      components: { schemas: { A: { type: 'string' } } },
    });
    expect(await call('addModule', { what: 'types.json', text: types })).toMatchObject({
      module: { id: 'api/types' },
      operations: 0,
    });
    await call('addModule', { what: 'shop.json', text: shop() });
    for (const [what, operations] of [
      ['shop', 4],
      ['api/types', 0],
    ] as const) {
      const mirror = await burgeon.standUp({ what, seed: 2, validation: 'report' });
      expect(mirror).toMatchObject({ protocol: 'http', operations });
      expect((await fetch(new URL('/items', mirror.url))).status).toBe(operations > 0 ? 200 : 404);
      await mirror.close();
    }
    await burgeon.close();
  });
});
