/** Probes P01 to P14 and P26 of the threat table: what leaves, and what must not. Those with names and networks run in a network namespace. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSocketServer, type AddressInfo, type Server as SocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BurgeonError, manifestExtension, type JsonObject } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAs } from '../../packages/burgeon/src/base/actor.ts';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { silentLogger } from '../../packages/burgeon/src/base/log.ts';
import { createEgress } from '../../packages/burgeon/src/security/egress.ts';
import { openBurgeon } from '../open-burgeon.ts';
import { codeFetch, documentOf, endOf } from './namespace-product.ts';
import { insideHosts, insideUrls } from './payloads.ts';
import { type ProbeRow, counted, tableText } from './probe-table.ts';
import { command, serveHome } from './served-home.ts';

const isAsked = process.env['BURGEON_REQUIRE_SERVICES'] === '1';
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'burgeon-egress-'));
const rows: ProbeRow[] = [];
let hits = 0;
let sentinel: SocketServer;
let port = 0;

beforeAll(async () => {
  sentinel = createSocketServer((socket) => {
    hits += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => void sentinel.listen(0, '::', resolve));
  ({ port } = sentinel.address() as AddressInfo);
});
afterAll(() => {
  sentinel.close();
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(tableText(rows));
});

const note = (probe: string, what: string, expected: string, got: string): void => {
  const ok = got === expected;
  rows.push({ probe, what, expected, got, ok });
  expect(got, `${probe} ${what}`).toBe(expected);
};

/** What a call of each ends with; nobody may have come to the sentinel meanwhile. */
const endsOf = async (all: readonly string[], work: (one: string) => Promise<unknown>): Promise<string> => {
  hits = 0;
  const ends: string[] = [];
  for (const one of all) ends.push(await endOf(work(one)));
  return `${hits} sockets; ${counted(ends)}`;
};

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

describe('hosts and ports', () => {
  it('P07 P08 lets code reach what it named, and nothing that looks like it', async () => {
    const code = codeFetch(['example.com', '*.example.org', 'xn--bcher-kva.example', `https://127.0.0.1:${port}`]);
    const others = [
      'http://evil-example.com/',
      'http://example.com.evil.io/',
      'http://example.com.evil.io#.example.com/',
      'http://example.comx/',
      'http://wwwexample.com/',
      'http://www.example.com/',
      'http://example.org/',
      'http://a.b.example.org/',
      'http://evilexample.org/',
      'http://.example.org/',
      'http://exаmple.com/',
      'http://ｅxample.com.evil.io/',
      'http://b\u0131cher.example/',
      'http://example。com.evil.io/',
      'http://example.com%2eevil.io/',
      'http://example.com@evil.io/',
    ];
    note(
      'P07',
      `${others.length} hosts that look like a granted one`,
      '0 sockets; CAPABILITY_DENIED 16',
      await endsOf(others, code.fetch),
    );
    const ports = [
      'http://example.com:8080/',
      'https://example.com:80/x:',
      'http://example.com:443x/',
      `http://127.0.0.1:${port}/`,
    ];
    const wrong = [22, 25, 6379, 8443].map((each) => `http://example.com:${each}/`);
    note(
      'P08',
      'a granted host at another port or scheme',
      '0 sockets; CAPABILITY_DENIED 7',
      await endsOf([...wrong, ports[0] ?? '', ports[2] ?? '', ports[3] ?? ''], code.fetch),
    );
    await code.close();
  });

  it('P10 P12 P13 refuses sockets, upgrades and paths of sockets', async () => {
    const gate = createEgress({
      allow: [{ host: '*' }, { host: '*:5432' }, { host: `*:${port}` }],
      clock: systemClock,
      log: silentLogger,
    });
    const driver = (host: string): Promise<unknown> => gate.resolve(host, port);
    note(
      'P10',
      `sockets of drivers to ${insideHosts.length} forms`,
      `0 sockets; CAPABILITY_DENIED ${insideHosts.length}`,
      await endsOf(insideHosts, async (host) =>
        driver(host).catch((error: unknown) => {
          // A form that only a name server could know is looked up, and is no address.
          if (BurgeonError.from(error).code === 'REMOTE_UNREACHABLE')
            throw new BurgeonError('CAPABILITY_DENIED', { message: 'unknown name' });
          throw error;
        }),
      ),
    );
    note('P10', '127.0.0.1:22', 'CAPABILITY_DENIED', await endOf(gate.resolve('127.0.0.1', 22)));
    const sockets = [`ws://127.0.0.1:${port}/`, `wss://127.0.0.1:${port}/`, 'ws://example.com/'];
    note('P12', 'addresses of WebSockets', '0 sockets; CAPABILITY_DENIED 3', await endsOf(sockets, (url) => gate.fetch(url)));
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.headers.upgrade} ${request.headers.connection}`);
      response.end();
    });
    const own = await listen(server);
    const open = createEgress({ allow: [{ host: `127.0.0.1:${own}` }], clock: systemClock, log: silentLogger });
    const asked = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-key': 'x' };
    await (await open.fetch(`http://127.0.0.1:${own}/`, { headers: asked })).text();
    note('P12', 'an upgrade that code asks for', 'undefined keep-alive', seen.join());
    const paths = [
      'unix:///tmp/x.sock',
      'http+unix://%2Ftmp%2Fx.sock/',
      'http://unix:/tmp/x.sock:/',
      'http://%2Ftmp%2Fx.sock/',
      'file:///tmp/x.sock',
    ];
    // One of them is the name `unix` to everybody who reads URLs.
    note(
      'P13',
      'addresses of UNIX sockets',
      '0 sockets; CAPABILITY_DENIED 4, REMOTE_UNREACHABLE 1',
      await endsOf(paths, (url) => gate.fetch(url)),
    );
    const hosts = ['/var/run/postgresql', '%2Fvar%2Frun%2Fpostgresql', '\\\\.\\pipe\\x', '', '/tmp/.s.PGSQL.5432'];
    note(
      'P13',
      'paths as hosts of drivers',
      '0 sockets; CAPABILITY_DENIED 5',
      await endsOf(hosts, (host) => gate.resolve(host, 5432)),
    );
    server.close().closeAllConnections();
    await Promise.all([gate.close(), open.close()]);
  });
});

describe('a module that asks', () => {
  const { root, manage, call } = openBurgeon('egress');

  it('P07 is told of in the audit, with host and rule, and is stopped', async () => {
    const module = mkdtempSync(join(root, 'asker-'));
    const run = { effect: 'read', input: { properties: { url: { type: 'string' } } }, output: {} };
    const card = { id: 'skill/asker', operations: { run } };
    writeFileSync(
      join(module, 'plugin.json'),
      JSON.stringify({ name: 'skill.asker', extensions: { [manifestExtension]: card } }),
    );
    writeFileSync(
      join(module, 'index.js'),
      "import { http } from 'burgeon:cap/http' with { hosts: '*' };\nexport const operations = { run: async ({ url }) => http.fetch(url) };",
    );
    await manage('addModule', { what: module });
    const forms = insideUrls(80).filter((_, index) => index % 11 === 0);
    hits = 0;
    const ends: string[] = [];
    for (const url of forms) ends.push(await endOf(call('skill/asker', 'run', { url })));
    note(
      'P01',
      'fetch of a module in the isolate',
      '0 sockets, stopped',
      `${hits} sockets, ${ends.at(-1) === 'MODULE_SUSPENDED' ? 'stopped' : counted(ends)}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const told = JSON.stringify(await manage('listAudit', { module: 'skill/asker' }));
    note(
      'P07',
      'denied calls of code in the audit',
      'net.http 127.0.0.1:80: private-address',
      /net\.http 127\.0\.0\.1:80: private-address/.exec(told)?.[0] ?? told,
    );
  });

  it('P07 P14 is told of when it is a data module too, but not stopped for it', async () => {
    const text = documentOf('cloud', { servers: ['http://169.254.169.254'], operations: [{ id: 'x', path: '/latest' }] });
    await manage('addModule', { what: 'cloud.json', text });
    const ends = [];
    for (let count = 0; count < 12; count += 1) ends.push(await endOf(call('api/cloud', 'x')));
    note('P14', 'metadata address in a document that a person added', 'CAPABILITY_DENIED 12', counted(ends));
    expect(JSON.stringify(await manage('listRunning'))).toMatch(/"module":"api\/cloud".*"denials":12/);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const told = JSON.stringify(await manage('listAudit', { module: 'api/cloud' }));
    const found = /net\.http 169\.254\.169\.254:80: metadata-address","times":12/.exec(told)?.[0] ?? told;
    note('P07', 'denied calls of a data module in the audit', 'net.http 169.254.169.254:80: metadata-address","times":12', found);
  });

  it('P13 takes no path of a socket from a connection string', async () => {
    const forms = [
      'postgres://a:b@%2Fvar%2Frun%2Fpostgresql:5432/x',
      'postgres://a:b@/x?host=/var/run/postgresql',
      'mysql://a:b@localhost:1/x?socketPath=/var/run/mysqld/mysqld.sock',
      'postgres:///x',
    ];
    const got = await endsOf(forms, (what) => runAs({ kind: 'model', id: 'probe' }, () => manage('describe', { what })));
    note(
      'P13',
      'connection strings with a path of a socket',
      '0 sockets, none read',
      `${hits} sockets, ${/ok \d/.test(got) ? got : 'none read'}`,
    );
  });
});

describe.skipIf(!isAsked)('the environment', () => {
  it('P09 has no say: no proxy sees what leaves, nor what commands tell their server', async () => {
    let proxied = 0;
    const proxy = createServer((_request, response) => void (proxied++, response.end()));
    proxy.on('connect', (_request, socket) => void (proxied++, socket.destroy()));
    const target = createServer(
      (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('"direct"'),
    );
    const [proxyPort, targetPort] = [await listen(proxy), await listen(target)];
    const address = `http://127.0.0.1:${proxyPort}`;
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'npm_config_proxy'];
    const env = {
      ...Object.fromEntries(names.map((name) => [name, address])),
      NODE_USE_ENV_PROXY: '1',
      NO_PROXY: '',
      no_proxy: '',
    };
    const home = join(folder, 'home');
    const file = join(folder, 'direct.json');
    writeFileSync(
      file,
      documentOf('direct', { servers: [`http://127.0.0.1:${targetPort}`], operations: [{ id: 'x', path: '/x' }] }),
    );
    await command(home, ['init', '--policy', 'unattended'], env);
    await command(home, ['add', file], env);
    const alone = await command<JsonObject>(home, ['call', 'direct.x'], env);
    const served = await serveHome(home, [], env);
    const through = await command<JsonObject>(home, ['call', 'direct.x'], env);
    await served.stop();
    proxy.close().closeAllConnections();
    target.close().closeAllConnections();
    note(
      'P09',
      'requests that a proxy of the environment sees',
      '0, direct, direct',
      [
        proxied,
        ...[alone, through].map((each) => (JSON.stringify(each).includes('direct') ? 'direct' : JSON.stringify(each))),
      ].join(', '),
    );
  }, 120_000);
});

describe.skipIf(!isAsked)('in a network namespace', () => {
  it('P01 to P06, P11, P14 and P26 hold for every sink', async () => {
    await run('unshare', ['-n', 'true']).catch(() => {
      throw new Error('a network namespace needs root');
    });
    const [cert, key, names] = ['cert.pem', 'key.pem', 'resolv.conf'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(names, 'nameserver 127.0.0.53\noptions timeout:1 attempts:1\n');
    const pair = [
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '2',
    ];
    await run('openssl', ['req', ...pair, '-subj', '/CN=test', '-addext', 'subjectAltName=DNS:public.test,DNS:other.test']);
    const script = [
      'ip link set lo up',
      'ip route add local 0.0.0.0/0 dev lo',
      'ip -6 route add local ::/0 dev lo',
      'mount --bind "$1" /etc/resolv.conf',
      'exec "$2" "$3" "$4" "$5"',
    ].join(' && ');
    const inside = fileURLToPath(new URL('namespace.ts', import.meta.url));
    const words = ['-n', '-m', 'sh', '-c', script, 'sh', names, process.execPath, inside, cert, key];
    const { stdout } = await run('unshare', words, {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: cert },
      maxBuffer: 64 * 1024 * 1024,
    });
    const found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]') as ProbeRow[];
    rows.push(...found);
    expect(found.length).toBeGreaterThan(35);
    expect(found.filter(({ ok }) => !ok)).toEqual([]);
  }, 300_000);
});

if (!isAsked)
  process.stderr.write(
    '\n!!! SKIPPED: probes that need root and a network namespace; set BURGEON_REQUIRE_SERVICES=1 to run them !!!\n',
  );
