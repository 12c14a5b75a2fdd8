/**
 * Probes P01 to P06, P11, P14 and P26 in a network namespace, where even public addresses lead to this process. It is started by
 * `egress.test.ts` and prints its rows as JSON.
 */
import { execFileSync } from 'node:child_process';
import { runAs } from '../../packages/burgeon/src/base/actor.ts';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { silentLogger } from '../../packages/burgeon/src/base/log.ts';
import { deliver } from '../../packages/burgeon/src/adapters/approval-channels/webhook/deliver.ts';
import type { Burgeon } from '../../packages/burgeon/src/burgeon.ts';
import { createEgress } from '../../packages/burgeon/src/security/egress.ts';
import { callData, codeFetch, documentOf, endOf, openProduct } from './namespace-product.ts';
import { type World, openWorld } from './namespace-world.ts';
import { insideHosts, insideUrls, lyingNames, metadataHosts } from './payloads.ts';
import { type ProbeRow, counted } from './probe-table.ts';

const [, , cert = '', key = ''] = process.argv;
const rows: ProbeRow[] = [];
const urls = insideUrls(80, lyingNames);
const metadataUrls = [...metadataHosts, 'meta.test', 'meta6.test'].map((host) => `http://${host}/latest/meta-data`);
const model = { kind: 'model', id: 'probe' } as const;

/** Runs a case; it holds when nobody came where nobody may, and what else it says is true. */
const probe = async (
  world: World,
  [name, what]: readonly [string, string],
  work: () => Promise<{ got: string; ok?: boolean; expected?: string }>,
): Promise<void> => {
  world.hits.length = 0;
  world.seen.length = 0;
  const {
    got,
    ok = true,
    expected = '',
  } = await work().catch((error: unknown) => ({ got: String(error), ok: false, expected: '' }));
  const hits = world.hits.length;
  const reached = hits === 0 ? '' : ` (${counted(world.hits)})`;
  rows.push({
    probe: name,
    what,
    expected: expected === '' ? '0 sockets' : `0 sockets, ${expected}`,
    got: `${hits} sockets${reached}; ${got}`,
    ok: ok && hits === 0,
  });
};

const each = async (all: readonly string[], work: (one: string) => Promise<unknown>): Promise<string> => {
  const ends: string[] = [];
  for (const one of all) ends.push(await endOf(work(one)));
  return `${all.length} forms: ${counted(ends)}`;
};

const manage = (burgeon: Burgeon, operation: string, input: object): Promise<unknown> =>
  burgeon.management.call(operation, input as never);

/** That the world counts at all: what nobody guards gets there. */
const control = async (world: World): Promise<void> => {
  for (const url of urls)
    await fetch(url, { signal: AbortSignal.timeout(500) })
      .then((answer) => answer.text())
      .catch(() => {});
  const reached = world.hits.length;
  rows.push({
    probe: 'P01',
    what: 'without a gate (control)',
    expected: 'most forms get there',
    got: `${reached} sockets of ${urls.length} forms`,
    ok: reached > 80,
  });
};

/** What a document from a public place says. */
const documents = async (world: World, burgeon: Burgeon): Promise<void> => {
  const operations = urls.map((url, index) => ({ id: `o${index}`, path: `/p${index}`, servers: [url] }));
  world.documents.set('/servers.json', documentOf('servers', { servers: ['/'], operations }));
  world.documents.set('/list.json', documentOf('list', { servers: urls, operations: [{ id: 'first', path: '/x' }] }));
  await probe(world, ['P01', 'servers of a document, each form an operation, called'], async () => {
    await manage(burgeon, 'addModule', { what: 'http://public.test/servers.json' });
    return {
      got: await each(
        operations.map(({ id }) => id),
        (id) => callData(burgeon, 'servers', id),
      ),
    };
  });
  await probe(world, ['P01', 'servers of a document, all forms in one list'], async () => {
    await manage(burgeon, 'addModule', { what: 'http://public.test/list.json' });
    return { got: await endOf(callData(burgeon, 'list', 'first')) };
  });
  const schema = { oneOf: urls.map((url) => ({ $ref: url })) };
  const referring = {
    openapi: '3.1.0',
    info: {
      title: 'refs',
      version: '1',
      termsOfService: urls[0],
      contact: { url: urls[1] },
      license: { name: 'x', url: urls[2] },
    },
    externalDocs: { url: urls[0] },
    servers: [{ url: '/' }],
    paths: {
      '/x': {
        get: {
          operationId: 'x',
          externalDocs: { url: urls[3] },
          responses: {
            200: { description: 'ok', content: { 'application/json': { schema, examples: { a: { externalValue: urls[0] } } } } },
          },
        },
      },
    },
  };
  world.documents.set('/refs.json', JSON.stringify(referring));
  await probe(world, ['P01', '$ref, externalDocs, externalValue of a document'], async () => ({
    got: await endOf(manage(burgeon, 'addModule', { what: 'http://public.test/refs.json' })),
  }));
};

/** Where a document says that tokens are got. */
const tokens = async (world: World, burgeon: Burgeon): Promise<void> => {
  const picked = urls.filter((_, index) => index % 2 === 0);
  const scheme = (url: string, index: number): object =>
    index % 3 === 0
      ? { type: 'openIdConnect', openIdConnectUrl: url }
      : { type: 'oauth2', flows: { clientCredentials: { tokenUrl: url, refreshUrl: url, scopes: {} } } };
  const schemes = Object.fromEntries(picked.map((url, index) => [`s${index}`, scheme(url, index)]));
  const operations = picked.map((_, index) => ({ id: `o${index}`, path: `/p${index}`, scheme: `s${index}` }));
  world.documents.set(
    '/tokens.json',
    documentOf('tokens', { servers: ['https://public.test'], operations, schemes: schemes as never }),
  );
  await probe(world, ['P01', 'OAuth token and discovery URLs of a document, called'], async () => {
    await manage(burgeon, 'addModule', { what: 'http://public.test/tokens.json' });
    const value = JSON.stringify({ clientId: 'client', clientSecret: 'canary-secret' });
    for (const { scheme: name } of operations)
      await manage(burgeon, 'setSecret', { name: `api/tokens/${name}`, value }).catch(() => {});
    const got = await each(
      operations.map(({ id }) => id),
      (id) => callData(burgeon, 'tokens', id),
    );
    return { got, expected: 'no secret out', ok: !JSON.stringify(world.seen).includes('canary') };
  });
};

/** Redirects of a public place, with a secret in the request. */
const redirects = async (world: World, burgeon: Burgeon): Promise<void> => {
  const key = { key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' } };
  const go = { id: 'go', path: '/go', parameters: ['status', 'to'], scheme: 'key' };
  world.documents.set(
    '/go.json',
    documentOf('go', { servers: ['https://public.test', 'https://other.test'], operations: [go], schemes: key }),
  );
  await manage(burgeon, 'addModule', { what: 'https://public.test/go.json' });
  await manage(burgeon, 'setSecret', { name: 'api/go/key', value: 'canary-key-0123456789' });
  const follow = (status: string) => (to: string) => callData(burgeon, 'go', 'go', { status, to });
  for (const status of ['301', '302', '303', '307', '308']) {
    const forms = urls.filter((_, index) => status === '302' || index % 6 === Number(status) % 6);
    await probe(world, ['P02', `redirect ${status} of a public place to inside`], async () => ({
      got: await each(forms, follow(status)),
    }));
  }
  await probe(world, ['P05', 'redirect to another granted origin, key in the request'], async () => {
    const end = await endOf(follow('302')('https://other.test/x'));
    const asked = world.seen.map(({ host, headers }) => `${host} ${headers['x-api-key'] === undefined ? 'without' : 'with'} key`);
    const got = `${end}: ${asked.join(', ')}`;
    return { got, expected: 'key at the first only', ok: got === 'ok: public.test with key, other.test without key' };
  });
  await probe(world, ['P06', 'redirect from https to http'], async () => {
    const got = await endOf(follow('302')('http://public.test/x'));
    return { got, expected: 'refused', ok: got !== 'ok' && world.seen.length === 1 };
  });
  const code = codeFetch(['public.test', '*', '*:8080']);
  await probe(world, ['P02', 'redirects that code follows, granted every public host'], async () => ({
    got: await each(urls, (url) => code.fetch(`http://public.test/go?to=${encodeURIComponent(url)}`)),
  }));
  await code.close();
};

/** What code, a model and a person name. */
const named = async (world: World, burgeon: Burgeon): Promise<void> => {
  const code = codeFetch(['*', '*:8080', '*:22']);
  await probe(world, ['P01', 'fetch of code that was granted every public host'], async () => ({
    got: await each(urls, (url) => code.fetch(url)),
  }));
  await code.close();
  for (const operation of ['describe', 'addModule']) {
    await probe(world, ['P01', `${operation} WHAT in the name of a model`], async () => ({
      got: await each(
        urls.filter((url) => /^\s*ht\s*tps?:/i.test(url)),
        (what) => runAs(model, () => manage(burgeon, operation, { what })),
      ),
    }));
  }
  const databases = insideHosts.flatMap((host) => [`postgres://a:b@${host}:5432/x`, `mysql://a:b@${host}:3306/x`]);
  await probe(world, ['P01', 'database of a connection string in the name of a model'], async () => ({
    got: await each(databases, (what) => runAs(model, () => manage(burgeon, 'describe', { what }))),
  }));
  await probe(world, ['P01', '--location in the name of a model'], async () => {
    const text = documentOf('mine', { servers: ['https://public.test'], operations: [{ id: 'x', path: '/x' }] });
    const wanted = urls.filter((_, index) => index % 4 === 0);
    return {
      got: await each(wanted, async (location) => {
        await runAs(model, () => manage(burgeon, 'addModule', { what: 'mine.json', text, name: 'mine', location }));
        await callData(burgeon, 'mine', 'x');
      }),
    };
  });
};

/** Places that hand out credentials, although a person named them or private addresses were granted. */
const metadata = async (world: World, burgeon: Burgeon): Promise<void> => {
  for (const operation of ['describe', 'addModule'])
    await probe(world, ['P14', `${operation} WHAT by a person`], async () => ({
      got: await each(metadataUrls, (what) => manage(burgeon, operation, { what })),
    }));
  await probe(world, ['P14', 'database of a connection string by a person'], async () => ({
    got: await each(metadataHosts, (host) => manage(burgeon, 'describe', { what: `postgres://a:b@${host}:5432/x` })),
  }));
  await probe(world, ['P14', '--location by a person, then called'], async () => {
    const text = documentOf('meta', { servers: ['/'], operations: [{ id: 'x', path: '/x' }] });
    return {
      got: await each(metadataUrls, async (location) => {
        await manage(burgeon, 'addModule', { what: 'meta.json', text, name: 'meta', location });
        await callData(burgeon, 'meta', 'x');
      }),
    };
  });
  await probe(world, ['P14', 'webhook of an approval channel'], async () => ({
    got: await each(metadataUrls, (url) =>
      deliver({}, { url, keys: [Buffer.alloc(32)], clock: { ...systemClock, sleep: async () => {} }, tryMs: 500 }),
    ),
  }));
  const allow = ['*', '*:5432', ...metadataHosts, 'meta.test', 'meta6.test'].map((host) => ({ host, private: true }));
  const gate = createEgress({ allow, clock: systemClock, log: silentLogger });
  await probe(world, ['P14', 'a gate with every private address granted'], async () => ({
    got: await each(metadataUrls, (url) => gate.fetch(url)),
  }));
  await probe(world, ['P14', 'the same gate, sockets of drivers'], async () => {
    const got = await each(metadataHosts, (host) => gate.resolve(host, 5432));
    return { got, expected: 'none resolved', ok: !/ok \d/.test(got) };
  });
  await gate.close();
};

/** Names that change, or say two things at once. */
const names = async (world: World, burgeon: Burgeon): Promise<void> => {
  const operations = [{ id: 'close', path: '/close' }];
  for (const name of ['rebind.test', ...lyingNames]) {
    const short = name.replace('.test', '');
    world.documents.set(`/${short}.json`, documentOf(short, { servers: [`http://${name}`], operations }));
    await probe(world, [name === 'rebind.test' ? 'P03' : 'P04', `module at ${name}, called twice`], async () => {
      await manage(burgeon, 'addModule', { what: `http://public.test/${short}.json` });
      const ends = [await endOf(callData(burgeon, short, 'close')), await endOf(callData(burgeon, short, 'close'))];
      const expected = name === 'rebind.test' ? 'ok, CAPABILITY_DENIED' : 'CAPABILITY_DENIED, CAPABILITY_DENIED';
      return { got: ends.join(', '), expected, ok: ends.join(', ') === expected };
    });
  }
  await probe(world, ['P04', 'a name with public addresses of both kinds'], async () => {
    const code = codeFetch(['dual.test']);
    const got = await endOf(code.fetch('http://dual.test/x'));
    await code.close();
    return { got, expected: 'ok', ok: got === 'ok' };
  });
  await probe(world, ['P11', '500 names under a granted wildcard'], async () => {
    const code = codeFetch(['*.cdn.test']);
    const all = Array.from({ length: 500 }, (_, index) => `http://part${index}.cdn.test/`);
    const got = await each(all, (url) => code.fetch(url));
    await code.close();
    const asked = new Set(
      [...world.names.asked.keys()].filter((key) => key.includes('.cdn.test')).map((key) => key.split(' ')[0]),
    ).size;
    return { got: `${asked} names looked up; ${got}`, expected: '60 names looked up', ok: asked === 60 };
  });
};

/** The network goes away in the middle of a call, and comes back. */
const cut = async (world: World): Promise<void> => {
  const nft = (words: string): void => void execFileSync('nft', words.split(' '), { stdio: 'ignore' });
  await probe(world, ['P26', 'the network is cut in a call, then comes back'], async () => {
    const code = codeFetch(['public.test'], 2_500);
    const ends = [await endOf(code.fetch('http://public.test/x'))];
    const slow = endOf(code.fetch('http://public.test/slow'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    nft('add table inet cut');
    nft('add chain inet cut out { type filter hook output priority 0 ; }');
    nft('add rule inet cut out tcp dport 80 drop');
    nft('add rule inet cut out tcp sport 80 drop');
    ends.push(await slow, await endOf(code.fetch('http://public.test/x')));
    nft('delete table inet cut');
    ends.push(await endOf(code.fetch('http://public.test/x')));
    await code.close();
    const got = ends.join(', ');
    return { got, expected: 'TIMEOUT twice, then ok', ok: got === 'ok, TIMEOUT, TIMEOUT, ok' };
  });
};

const world = await openWorld({ cert, key });
await control(world);
const burgeon = await openProduct();
await documents(world, burgeon);
await tokens(world, burgeon);
await redirects(world, burgeon);
await named(world, burgeon);
await metadata(world, burgeon);
await names(world, burgeon);
await cut(world);
const { output } = await burgeon.management.call('listAudit', { module: 'api/servers' });
const told = JSON.stringify(output);
rows.push({
  probe: 'P07',
  what: 'denied calls of a data module in the audit',
  expected: 'module, host and rule',
  got: /net\.http [^"]*: not-granted/.exec(told)?.[0] ?? told.slice(-200),
  ok: /module\.denied.*net\.http [^"]*: not-granted/.test(told),
});
await burgeon.close();
world.close();
process.stdout.write(`\n${JSON.stringify(rows)}\n`);
process.exit(0);
