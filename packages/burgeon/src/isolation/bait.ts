import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer as createHttpServer } from 'node:http';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bait } from './case.ts';

/** The user that jailed programs have where we are root. */
const nobody = 65_534;

/** Bait that lies out, and how it is looked after. */
export interface LaidBait {
  bait: Bait;
  /** What of it was touched since the last time this was asked, in words; empty when nothing was. */
  touched(): string[];
  /** Takes everything away. */
  close(): Promise<void>;
}

const listen = (server: Server, where: { port: number; host: string } | { path: string }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => resolve());
  });

const portOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

/** What the open server answers, by path: echoes of the credential in several forms, and ways to the closed server. */
const answerOpen =
  (closed: string) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const { url = '/', headers } = request;
    const proof = (headers.authorization ?? '').replace(/^Bearer /, '');
    const echoes: Record<string, string> = {
      '/json': '{"ok":true}',
      '/echo': proof,
      '/echo-base64': Buffer.from(proof).toString('base64'),
      '/echo-encoded': encodeURIComponent(proof),
      '/smuggled': 'smuggled',
    };
    const ways: Record<string, string> = {
      '/away': `http://${closed}/`,
      '/away-twice': '/away',
      '/away-relative': `//${closed}/`,
      '/away-file': 'file:///etc/passwd',
      '/away-loop': '/away-loop',
      '/away-echo': `http://${closed}/echo`,
    };
    const way = ways[url];
    if (way !== undefined) return void response.writeHead(302, { location: way }).end();
    if (url === '/slow') return void setTimeout(() => response.end('slow'), 60);
    const smuggled = headers['y'] === 'smuggled' || headers['xy'] === 'smuggled';
    response.writeHead(200, { 'x-echo': proof }).end(echoes[url] ?? (smuggled ? 'smuggled' : 'open'));
  };

/** Longer than all attacks on one host; it also ends the sleeper of a control plane that was lost. */
const sleepSeconds = '600';

const sleeper = (canary: string): ChildProcess | undefined => {
  if (process.platform === 'win32') return undefined;
  const lower = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  const child = spawn('sleep', [sleepSeconds], {
    env: { PATH: '/usr/bin:/bin', BURGEON_CANARY: canary },
    stdio: 'ignore',
    ...lower,
  });
  child.once('error', () => {});
  child.unref();
  return child;
};

/** The servers and sockets that lie out; `hit` is told when one that nobody was granted is reached. */
const openServers = async (
  { folder, canary }: { folder: string; canary: string },
  hit: (what: string) => void,
): Promise<Pick<Bait, 'open' | 'closed' | 'socket' | 'abstract'> & { close(): Promise<void> }> => {
  const closed = createHttpServer((_, response) => void response.writeHead(299).end(`closed ${canary}`));
  closed.on('connection', () => hit('a server that was not granted was reached'));
  const named = createServer(() => hit('a socket in the file system was reached'));
  const unnamed = createServer(() => hit('an abstract socket was reached'));
  await listen(closed, { port: 0, host: '127.0.0.1' });
  const open = createHttpServer(answerOpen(portOf(closed)));
  await listen(open, { port: 0, host: '127.0.0.1' });
  const [socket, abstract] = [join(folder, 'socket'), `burgeon-bait-${randomBytes(6).toString('hex')}`];
  if (process.platform !== 'win32') {
    await listen(named, { path: socket });
    chmodSync(socket, 0o777);
  }
  if (process.platform === 'linux') await listen(unnamed, { path: `\0${abstract}` });
  const servers = [open, closed, named, unnamed];
  for (const server of servers) server.unref();
  return {
    open: portOf(open),
    closed: portOf(closed),
    socket,
    abstract,
    close: async () => {
      open.closeAllConnections();
      closed.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    },
  };
};

/** Lays out a file, servers, sockets and a process that no module may reach. The caller closes it. */
export const layBait = async (): Promise<LaidBait> => {
  const canary = `canary-${randomBytes(12).toString('hex')}`;
  const folder = mkdtempSync(join(tmpdir(), 'burgeon-bait-'));
  chmodSync(folder, 0o777);
  const file = join(folder, 'secret.txt');
  writeFileSync(file, canary, { mode: 0o644 });
  const hits: string[] = [];
  const { close, ...places } = await openServers({ folder, canary }, (what) => void hits.push(what));
  const child = sleeper(canary);
  const tidy = (): void => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', tidy);
  const kept = new Set(['secret.txt', 'socket']);
  return {
    bait: { canary, file, folder, ...places, pid: child?.pid ?? 0, ownPid: process.pid },
    touched: () => {
      const all = hits.splice(0);
      if (child?.pid !== undefined && (child.exitCode !== null || child.signalCode !== null))
        all.push('a foreign process was ended');
      if (readFileSync(file, 'utf8') !== canary) all.push('a foreign file was changed');
      const odd = readdirSync(folder).filter((name) => !kept.has(name));
      for (const name of odd) rmSync(join(folder, name), { recursive: true, force: true });
      return odd.length > 0 ? [...all, `files were written: ${odd.slice(0, 3).join(', ')}`] : all;
    },
    close: async () => {
      process.off('exit', tidy);
      await close();
      tidy();
    },
  };
};
