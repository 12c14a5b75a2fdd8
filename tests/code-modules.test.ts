import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { BurgeonError, manifestExtension, type JsonObject, type JsonValue } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../packages/burgeon/src/server/serve.ts';
import { failure, openBurgeon } from './open-burgeon.ts';
import { root as repository } from './source-tree.ts';

const { root, burgeon, manage, call } = openBurgeon('code');
let server: Server;
let origin = '';
const seen: Record<'method' | 'path' | 'authorization', string | undefined>[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const { authorization } = request.headers;
    seen.push({ method: request.method, path: request.url, authorization });
    if (request.url === '/away') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    else response.writeHead(200, { 'x-echo': authorization ?? 'none' }).end(`you sent ${authorization ?? 'nothing'}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

/** A folder with a module: `card` is its part of the manifest, `files` its code. */
const folderOf = (name: string, card: JsonObject, files: Record<string, string>): string => {
  const folder = mkdtempSync(join(root, `${name}-`));
  const manifest = { name, extensions: { [manifestExtension]: card } };
  for (const [path, text] of Object.entries({ 'plugin.json': JSON.stringify(manifest), ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
};
const add = (name: string, card: JsonObject, code: string): Promise<JsonObject> =>
  manage('addModule', { what: folderOf(name, card, { 'index.ts': code }) });

/** Operations that take and give anything. */
const loose = (...ids: string[]): JsonObject =>
  Object.fromEntries(ids.map((id) => [id, { input: { additionalProperties: true }, output: {} }]));

describe('a module with code of its own', () => {
  const what = join(repository, 'examples/outline');

  it('grows from a folder through every stage', async () => {
    const added = await manage('addModule', { what });
    expect(added).toMatchObject({
      module: { id: 'parsers/outline', version: '1.0.0', kind: 'code', host: 'isolate', state: 'active' },
      trial: { passed: 2, failed: 0, skipped: 0 },
      disclosure: { capabilities: [], text: expect.stringContaining('V8 isolate') },
    });
    expect(await manage('addModule', { what })).toMatchObject({ unchanged: true });
  });

  it('answers, and its inputs are checked', async () => {
    expect(await call('parsers/outline', 'imports', { source: `export * from 'a'` })).toEqual({
      imports: [{ specifier: 'a', line: 1, kind: 'export', typeOnly: false }],
    });
    expect(await failure(call('parsers/outline', 'imports', { source: 1 }))).toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('has no mirror, since it is reached over no protocol', async () => {
    expect(await failure(burgeon().standUp({ what: 'parsers/outline' }))).toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('is called by a snippet of a model, behind the same walls', async () => {
    const served = await serve({ burgeon: burgeon(), port: 0, open: true, view: 'code' });
    try {
      const snippet = `const { imports } = await call('outline_imports', { source: 'import "x"' }); return imports[0].specifier`;
      const response = await fetch(`${served.url}/mcp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'execute', arguments: { code: snippet } },
        }),
      });
      expect(await response.text()).toContain(JSON.stringify({ type: 'text', text: '"x"' }));
    } finally {
      await served.close(0);
    }
  });

  it('is tried again by what is stored', async () => {
    expect(await manage('testModule', { namespace: 'parsers', name: 'outline' })).toMatchObject({ passed: 2, coverage: 1 });
  });

  it('takes another name, and a patch where only the code changed', async () => {
    const card = { operations: loose('a') };
    const first = await manage('addModule', {
      what: folderOf('one', card, { 'index.ts': code('a: async () => 1') }),
      name: 'two',
    });
    expect(first).toMatchObject({ module: { id: 'skill/two', version: '1.0.0' } });
    const next = await manage('addModule', {
      what: folderOf('one', card, { 'index.ts': code('a: async () => 2') }),
      name: 'two',
    });
    expect(next).toMatchObject({ module: { id: 'skill/two', version: '1.0.1' } });
    expect(await call('skill/two', 'a', {})).toBe(2);
  });
});

const code = (operations: string, imports = ''): string => `${imports}\nexport const operations = { ${operations} };\n`;
const http = (hosts: string): string => `import { http } from 'burgeon:cap/http' with { hosts: '${hosts}' };`;

describe('checks and trial', () => {
  it('refuse power that the author does not declare', async () => {
    const error = await failure(
      add('greedy', { operations: loose('a'), capabilities: [] }, code('a: async () => 1', http('evil.example'))),
    );
    expect(error).toMatchObject({ code: 'CHECKS_FAILED', message: expect.stringContaining('net.http') });
  });

  it('take the imports for the declaration where there is none', async () => {
    const added = await add('modest', { operations: loose('a') }, code('a: async () => 1', http('a.example')));
    expect(added).toMatchObject({ disclosure: { capabilities: [{ kind: 'net.http', scope: { hosts: ['a.example'] } }] } });
  });

  it.each<[string, string, RegExp]>([
    ['an answer of another form', `a: async () => 'text'`, /does not describe/],
    ['an answer that is not the example', `a: async () => 2`, /something else/],
    [
      'an error that it does not name',
      `a: async () => { throw Object.assign(new Error('odd'), { data: { code: 'odd' } }); }`,
      /odd/,
    ],
    ['an operation that is missing', `b: async () => 1`, /no operation/],
    ['code that never ends', `a: async () => { for (;;); }`, /cpuMs|wallMs/],
  ])('refuse %s', async (_name, body, message) => {
    const table = {
      a: {
        output: { type: 'integer' },
        examples: [{ name: 'one', input: {}, output: 1 }],
        errors: [{ code: 'known', schema: true }],
      },
    };
    const error = await failure(add('wrong', { operations: table, limits: { cpuMs: 300 } }, code(body)));
    expect(error).toMatchObject({ code: 'TRIAL_FAILED', message: expect.stringMatching(message) });
  });

  it('refuse code that cannot be loaded', async () => {
    const error = await failure(add('broken', { operations: loose('a') }, `export const other = 1;`));
    expect(error).toMatchObject({ code: 'TRIAL_FAILED', message: expect.stringContaining('operations') });
  });

  it('accept errors that the interface names, also where an example asks for one', async () => {
    const table = {
      a: {
        ...(loose('a')['a'] as JsonObject),
        errors: [{ code: 'known', schema: true }],
        examples: [{ name: 'bad', input: {}, code: 'known' }],
      },
    };
    const thrower = `a: async () => { throw Object.assign(new Error('no'), { data: { code: 'known' } }); }`;
    expect(await add('thrower', { operations: table }, code(thrower))).toMatchObject({ trial: { passed: 1 } });
    const error = await failure(add('silent', { operations: table }, code('a: async () => 1')));
    expect(error).toMatchObject({ code: 'TRIAL_FAILED', message: expect.stringContaining('should have ended with known') });
  });

  it('play the examples that are inputs, and skip what is none', async () => {
    const table = {
      a: {
        input: { properties: { n: { type: 'integer' } }, required: ['n'] },
        output: { type: 'integer' },
        examples: [
          { name: 'of an answer', output: 1 },
          { name: 'of no input', input: { n: 'x' } },
          { name: 'of both', input: { n: 2 }, output: 3 },
        ],
      },
      never: { input: { properties: { n: false }, required: ['n'] }, output: {} },
    };
    const body = `a: async ({ n }: { n: number }) => n + 1, never: async () => 1`;
    expect(await add('player', { operations: table }, code(body))).toMatchObject({
      trial: {
        passed: 1,
        failed: 0,
        skipped: 1,
        results: [{ operation: 'never', reason: expect.stringContaining('is no input') }],
      },
    });
  });

  it('count what needs the network as skipped, with the reason', async () => {
    const added = await add(
      'fetcher',
      { operations: loose('a') },
      code(`a: async () => http.fetch('https://a.example/')`, http('a.example')),
    );
    expect(added).toMatchObject({
      trial: { passed: 0, failed: 0, skipped: 1, results: [{ reason: 'it needs net.http, which a trial does not give' }] },
    });
  });

  it('end in a named error for schemas of any shape', async () => {
    const odd: JsonObject[] = [
      { properties: 5 },
      { items: 'x' },
      { $ref: 5 },
      { type: 'nothing' },
      { allOf: {} },
      { enum: 1 },
      { required: 'a' },
      { pattern: '(' },
    ];
    const operations = Object.fromEntries(
      odd.map((schema, index) => [`a${index}`, { output: schema, input: { properties: { x: schema } } }]),
    );
    const bodies = odd.map((_, index) => `a${index}: async () => 1,`).join('');
    const outcome = await add('odd', { operations }, code(bodies)).then(
      () => 'added',
      (error: unknown) => BurgeonError.from(error).code,
    );
    expect(['added', 'CHECKS_FAILED', 'SOURCE_INVALID', 'TRIAL_FAILED']).toContain(outcome);
  });
});

describe('power', () => {
  const secret = 'a-token-of-some-length';

  beforeAll(async () => {
    const host = new URL(origin).host;
    const power = `${http(host)}
      import { secret } from 'burgeon:cap/secret' with { names: 'skill/power/token, skill/power/other' };
      import { clock } from 'burgeon:cap/clock';
      import { random } from 'burgeon:cap/random';
      import { modules } from 'burgeon:cap/module' with { ids: 'parsers/outline' };
      import { model } from 'burgeon:cap/model' with { classes: 'small' };
      interface Input { url?: string; options?: { as?: 'text' }; name?: string; module?: string; operation?: string; input?: unknown }`;
    const body = `
      fetch: async ({ url = '', options }: Input) => options === undefined ? http.fetch(url) : http.fetch(url, options),
      has: async ({ name = '' }: Input) => secret.has(name),
      time: async () => { await clock.sleep(1); return clock.now(); },
      chance: async () => [await random.number(), (await random.bytes(3)).length],
      much: async ({ name }: Input) => random.bytes(name === 'much' ? 1_000_000 : 1),
      call: async ({ module = '', operation = '', input }: Input) => modules.call(module, operation, input),
      generate: async () => model.generate('a'),`;
    await add(
      'power',
      { operations: loose('fetch', 'has', 'time', 'chance', 'much', 'call', 'generate') },
      code(body, power),
    ).catch((error: unknown) => expect.unreachable(JSON.stringify(BurgeonError.from(error).toJSON())));
    await manage('setSecret', { name: 'skill/power/token', value: secret });
  });

  const power = (operation: string, input: JsonObject = {}): Promise<JsonValue | undefined> =>
    call('skill/power', operation, input);
  const told = async (operation: string, input: JsonObject = {}): Promise<string> =>
    (await failure(power(operation, input))).message;

  it('reaches granted hosts through the gate, and only those', async () => {
    expect(await power('fetch', { url: `${origin}/a` })).toMatchObject({ status: 200, body: 'you sent nothing' });
    expect(
      await power('fetch', {
        url: `${origin}/b`,
        options: { method: 'post', body: { base64: 'aGk=' }, headers: { 'x-a': 'b' }, as: 'base64' },
      }),
    ).toMatchObject({
      body: Buffer.from('you sent nothing').toString('base64'),
    });
    expect(seen.at(-1)).toMatchObject({ method: 'POST', path: '/b' });
    expect(await told('fetch', { url: 'https://other.example/' })).toMatch(/may not reach/);
    expect(await told('fetch', { url: `${origin}/away` })).toMatch(/may not reach/);
  });

  it('puts a secret in without ever showing it', async () => {
    const answer = await power('fetch', { url: `${origin}/c`, options: { auth: 'skill/power/token' } });
    expect(seen.at(-1)?.authorization).toBe(`Bearer ${secret}`);
    expect(answer).toMatchObject({ body: 'you sent Bearer [secret]', headers: { 'x-echo': 'Bearer [secret]' } });
    expect(JSON.stringify(answer)).not.toContain(secret);
    expect([
      await power('has', { name: 'skill/power/token' }),
      await power('has', { name: 'skill/power/other' }),
      await power('has', { name: 'api/x/y' }),
    ]).toEqual([true, false, false]);
  });

  it.each<[string, JsonObject, RegExp]>([
    ['a secret that was not granted', { auth: 'api/shop/key' }, /may not use the secret/],
    ['a secret that is not set', { auth: 'skill/power/other' }, /is not set/],
    ['options that are none', { mode: 'no-cors' }, /not right at/],
    ['a name of a header that is none', { headers: { 'a b': 'c' } }, /no name of a header/],
    ['a value of a header that is none', { headers: { a: 'b\nc' } }, /not right at/],
  ])('refuses %s', async (_name, options, message) => {
    expect(await told('fetch', { url: origin, options })).toMatch(message);
  });

  it('refuses a secret to a host that is not the granted one', async () => {
    expect(await told('fetch', { url: 'http://127.0.0.1:1/', options: { auth: 'skill/power/token' } })).toMatch(/may not reach/);
    expect(await told('fetch', { url: 'nonsense', options: { auth: 'skill/power/token' } })).toMatch(/no URL/);
  });

  it('gives time and chance', async () => {
    expect(Math.abs(Number(await power('time')) - Date.now())).toBeLessThan(60_000);
    expect(await power('chance')).toEqual([expect.any(Number), 4]);
    expect(await told('much', { name: 'much' })).toMatch(/65536/);
  });

  it('calls the modules it was granted', async () => {
    const input = { source: '' };
    expect(await power('call', { module: 'parsers/outline', operation: 'imports', input })).toEqual({ imports: [] });
    expect(await told('call', { module: 'skill/two', operation: 'a' })).toMatch(/no grant covers/);
    expect(await told('call', { module: 'parsers/outline', operation: 'imports', input: 'x' })).toMatch(/takes two texts/);
    expect(await told('call', { module: 'parsers/outline', operation: 'nothing', input })).toMatch(/no operation/);
  });

  it('is denied where this version offers none', async () => {
    expect(await told('generate')).toMatch(/not offered/);
  });
});

describe('hostile code', () => {
  it('is not believed when its answer is of another form than it said', async () => {
    const table = { a: { input: { properties: { lie: { type: 'boolean', examples: [false] } } }, output: { type: 'integer' } } };
    const body = `a: async ({ lie = false }: { lie?: boolean }) => lie ? 'text' : 1`;
    await add('liar', { operations: table }, code(body));
    expect(await call('skill/liar', 'a', { lie: false })).toBe(1);
    expect(await failure(call('skill/liar', 'a', { lie: true }))).toMatchObject({
      code: 'MODULE_FAILED',
      data: { issues: [{ path: '' }] },
    });
  });

  it('ends at its limit while another module answers, and answers again afterwards', async () => {
    const spinner = `spin: async ({ turns = 0 }: { turns?: number }) => { let n = 0; for (let i = 0; i < turns; i += 1) n += i % 7; return n; }`;
    const table = {
      spin: { effect: 'read', input: { properties: { turns: { type: 'integer', minimum: 0, examples: [3] } } }, output: {} },
    };
    await add('spinner', { operations: table, limits: { cpuMs: 400, wallMs: 2_000 } }, code(spinner));
    expect(await call('skill/spinner', 'spin', { turns: 3 })).toBe(3);
    const spinning = failure(call('skill/spinner', 'spin', { turns: 1e15 }));
    expect(await call('parsers/outline', 'imports', { source: '' })).toEqual({ imports: [] });
    expect((await spinning).code).toBe('LIMIT_EXCEEDED');
    expect(await call('skill/spinner', 'spin', { turns: 3 })).toBe(3);
  });

  it.each([
    ['Node', `import fs from 'node:fs'; export const operations = { a: async () => fs };`],
    ['the maker of functions', code(`a: async () => (() => 1).constructor('return 1')`)],
    ['fetch', code(`a: async () => fetch('https://a.example')`)],
  ])('does not pass the checks with %s', async (_name, text) => {
    expect(await failure(add('bad', { operations: loose('a') }, text))).toMatchObject({ code: 'CHECKS_FAILED' });
  });
});
