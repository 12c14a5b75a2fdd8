import {
  BurgeonError,
  defaultLimits,
  type AuthScheme,
  type Capability,
  type Interface,
  type JsonObject,
  type JsonValue,
} from '@burgeon/kit';
import { memoryStore } from '@burgeon/kit/suites';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { failure, serve } from '../security/fixtures/loopback.ts';
import { openVault, type Vault } from '../security/vault.ts';
import { createHostCalls, type HostCalls } from './host-calls.ts';
import type { HostCaller } from './power.ts';

let origin = '';
let host = '';
const seen: { url: string | undefined; headers: Record<string, unknown> }[] = [];
let vault: Vault;
const basic = 'user:long password';
const key = 'k/e y-0123456789';

beforeAll(async () => {
  ({ origin, host } = await serve((request, response) => {
    seen.push({ url: request.url, headers: request.headers });
    response.end(`${request.url} ${JSON.stringify(request.headers)}`);
  }));
  vault = openVault({ store: memoryStore(), masterKey: new Uint8Array(32), clock: systemClock });
  await vault.set('skill/a/basic', basic);
  await vault.set('skill/a/key', key);
  await vault.set('skill/a/query', key);
  await vault.set('skill/a/plain', key);
  await vault.set('skill/a/__proto__', key);
});

const described = (auth: Record<string, AuthScheme>): Interface => ({
  format: 'burgeon.interface/1',
  name: 'a',
  version: '1',
  source: { kind: 'module', location: '', digest: '' },
  locations: [],
  operations: [],
  channels: [],
  entities: [],
  types: {},
  auth,
  origins: {},
  diagnostics: [],
});
const auth: Record<string, AuthScheme> = {
  basic: { kind: 'basic', bindings: {} },
  key: { kind: 'apiKey', bindings: { http: { place: 'header', name: 'X-Key' } } },
  query: { kind: 'apiKey', bindings: { http: { place: 'query', name: 'k' } } },
};

const open: HostCalls[] = [];
afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));
const callsOf = (capabilities: Capability[], call: HostCaller['call'] = async () => ({ output: null })): HostCalls => {
  const calls = createHostCalls({
    id: 'skill/a',
    description: described(auth),
    grants: capabilities.map((capability) => ({ ...capability, request: 'r' })),
    limits: { ...defaultLimits, wallMs: 2_000 },
    parts: { clock: systemClock, log: silentLogger, vault },
    call,
  });
  open.push(calls);
  return calls;
};
const http = (...hosts: string[]): Capability => ({ kind: 'net.http', scope: { hosts } });
const secrets: Capability = {
  kind: 'secret.use',
  scope: { names: ['skill/a/basic', 'skill/a/key', 'skill/a/query', 'skill/a/plain', 'skill/a/__proto__'] },
};

describe('secrets in requests', () => {
  const fetchWith = async (name: string): Promise<{ body: string }> =>
    (await callsOf([http(host), secrets]).call('net.http', 'fetch', [origin, { auth: `skill/a/${name}` }])) as { body: string };

  it.each([
    ['basic', 'authorization', `Basic ${Buffer.from(basic).toString('base64')}`],
    ['key', 'x-key', key],
    ['plain', 'authorization', `Bearer ${key}`],
    ['__proto__', 'authorization', `Bearer ${key}`],
  ])('go where the scheme %s says, and come back in no form', async (name, header, value) => {
    const { body } = await fetchWith(name);
    expect(seen.at(-1)?.headers[header]).toBe(value);
    expect(body).toContain('[secret]');
    for (const form of [basic, key, Buffer.from(basic).toString('base64')]) expect(body).not.toContain(form);
  });

  it('go into the query, and their encoded form does not come back either', async () => {
    const { body } = await fetchWith('query');
    expect(seen.at(-1)?.url).toContain(encodeURIComponent(key));
    expect(body).not.toContain(encodeURIComponent(key));
  });

  it.each<[string, Capability[], string, string]>([
    ['hosts granted by a pattern', [http('*'), secrets], 'https://b.example/', 'may not send'],
    ['another host', [http('b.example'), secrets], 'https://c.example/', 'may not reach'],
    ['the open network in the clear', [http('b.example'), secrets], 'http://b.example/', 'may not send'],
    ['anybody without a grant', [http('b.example')], 'https://b.example/', 'may not use'],
    ['an address that is none', [http('b.example'), secrets], 'b.example', 'is no URL'],
  ])('do not go to %s', async (_name, capabilities, url, why) => {
    const refused = await failure(callsOf(capabilities).call('net.http', 'fetch', [url, { auth: 'skill/a/key' }]));
    expect(refused).toMatchObject({ code: 'CAPABILITY_DENIED', message: expect.stringContaining(why) });
  });

  it.each(['skill/b/key', 'skill/ab/key', 'skill/a', 'key', ''])(
    'of another module are refused, even when they were granted: %j',
    async (name) => {
      const granted: Capability = { kind: 'secret.use', scope: { names: [name] } };
      const refused = await failure(callsOf([http(host), granted]).call('net.http', 'fetch', [origin, { auth: name }]));
      expect(refused).toMatchObject({ code: 'CAPABILITY_DENIED', message: expect.stringContaining('not its own') });
    },
  );

  it('must be set', async () => {
    const wanted: Capability = { kind: 'secret.use', scope: { names: ['skill/a/none'] } };
    const refused = await failure(
      callsOf([http('b.example'), wanted]).call('net.http', 'fetch', ['https://b.example/', { auth: 'skill/a/none' }]),
    );
    expect(refused).toMatchObject({ code: 'SECRET_MISSING', hint: 'burgeon secret set skill/a/none' });
  });
});

describe('host calls', () => {
  it.each<[string, string, string, JsonValue[], string]>([
    ['an address that is no text', 'net.http', 'fetch', [1], 'INPUT_INVALID'],
    ['options that are no object', 'net.http', 'fetch', ['https://a.example/', 'POST'], 'INPUT_INVALID'],
    ['a host that was not granted', 'net.http', 'fetch', ['https://a.example/'], 'CAPABILITY_DENIED'],
    ['a socket grant used for the web', 'net.http', 'fetch', ['https://socket.example/'], 'CAPABILITY_DENIED'],
    ['a method nobody offers', 'net.http', 'toString', [], 'CAPABILITY_DENIED'],
    ['a kind nobody offers', 'model', 'generate', ['a'], 'CAPABILITY_DENIED'],
    ['a kind that was not granted', 'clock', 'now', [], 'CAPABILITY_DENIED'],
    ['a kind that is none', '__proto__', 'now', [], 'CAPABILITY_DENIED'],
    ['too many bytes', 'random', 'bytes', [65_537], 'INPUT_INVALID'],
    ['half a byte', 'random', 'bytes', [0.5], 'INPUT_INVALID'],
    ['a module that was not granted', 'module.call', 'call', ['api/b', 'x', {}], 'CAPABILITY_DENIED'],
    ['a module without a name', 'module.call', 'call', [null, 'x', {}], 'INPUT_INVALID'],
  ])('refuse %s', async (...row) => {
    const [, kind, method, args, code] = row;
    const calls = callsOf([
      http(host),
      { kind: 'net.socket', scope: { hosts: ['socket.example'] } },
      { kind: 'model', scope: { classes: ['small'] } },
      { kind: 'random', scope: {} },
      { kind: 'module.call', scope: { ids: ['skill/*'] } },
    ]);
    expect((await failure(calls.call(kind, method, args))).code).toBe(code);
  });

  it('reach modules by pattern and version, and pass their errors on', async () => {
    const asked: [string, string, JsonObject][] = [];
    const calls = callsOf([{ kind: 'module.call', scope: { ids: ['skill/*'] } }], async (module, operation, input) => {
      asked.push([module, operation, input]);
      if (operation === 'broken') throw new BurgeonError('REMOTE_ERROR', { message: 'no' });
      return { output: 1 };
    });
    expect(await calls.call('module.call', 'call', ['skill/b@1.0.0', 'x', null])).toBe(1);
    expect(asked).toEqual([['skill/b@1.0.0', 'x', {}]]);
    expect((await failure(calls.call('module.call', 'call', ['skill/b', 'broken']))).code).toBe('REMOTE_ERROR');
  });

  it('refuse streams, and end them', async () => {
    let ended = false;
    const items = async function* (): AsyncGenerator<JsonValue> {
      try {
        yield 1;
      } finally {
        ended = true;
      }
    };
    const stream = items();
    await stream.next();
    const calls = callsOf([{ kind: 'module.call', scope: { ids: ['*'] } }], async () => ({ output: null, stream }));
    expect((await failure(calls.call('module.call', 'call', ['api/b', 'x']))).code).toBe('UNSUPPORTED');
    expect(ended).toBe(true);
  });

  it('never tell of secrets that were not granted', async () => {
    const calls = callsOf([{ kind: 'secret.use', scope: { names: ['skill/a/key'] } }]);
    const has = (name: JsonValue): Promise<JsonValue> => calls.call('secret.use', 'has', [name]);
    expect([await has('skill/a/key'), await has('skill/a/basic'), await has(1)]).toEqual([true, false, false]);
  });

  it('end when the module is unloaded', async () => {
    const calls = callsOf([
      { kind: 'clock', scope: {} },
      { kind: 'random', scope: {} },
    ]);
    expect(await calls.call('clock', 'sleep', ['x'])).toBeNull();
    expect(await calls.call('random', 'number', [])).toSatisfy((value: number) => value >= 0 && value < 1);
    const sleeping = failure(calls.call('clock', 'sleep', [1_900]));
    await calls.close();
    expect((await sleeping).code).toBe('CANCELLED');
  });
});
