/**
 * The world inside a network namespace: every address leads to this process, two of them count as public, all others are places that nobody
 * may reach. Whoever comes there is counted.
 */
import { readFileSync } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type Socket, createServer as createSocketServer } from 'node:net';
import { type NameServer, type Records, serveNames } from './name-server.ts';

/** Addresses that count as public. */
const publicAddresses: readonly string[] = ['93.184.216.34', '93.184.216.35', '2606:2800:220:1::34'];

const [here = '', there = '', here6 = ''] = publicAddresses;

/** One request at a public address. */
export interface Seen {
  host: string;
  url: string;
  headers: IncomingMessage['headers'];
}

/** What the cases play in. */
export interface World {
  /** Where connections came that should not have. */
  hits: string[];
  /** Requests at public addresses. */
  seen: Seen[];
  /** Documents by their path, served at public addresses. */
  documents: Map<string, string>;
  names: NameServer;
  close(): void;
}

const steady =
  (records: ReturnType<Records>): Records =>
  () =>
    records;

const zone: Readonly<Record<string, Records>> = {
  'public.test': steady({ a: [here] }),
  'other.test': steady({ a: [there] }),
  'dual.test': steady({ a: [here], aaaa: [here6] }),
  'inner.test': steady({ a: ['10.0.0.5'] }),
  'inner6.test': steady({ aaaa: ['::1'] }),
  'mixed.test': steady({ a: [here, '127.0.0.1'] }),
  'mixed6.test': steady({ a: [here], aaaa: ['::1'] }),
  'alias.test': steady({ alias: 'localhost', a: ['127.0.0.1'] }),
  'meta.test': steady({ a: ['169.254.169.254'] }),
  'meta6.test': steady({ aaaa: ['fd00:ec2::254'] }),
  'mapped6.test': steady({ aaaa: ['0:0:0:0:0:ffff:7f00:1'] }),
  'zero.test': steady({ a: ['0.0.0.0'] }),
  'rebind.test': (asked) => ({ a: [asked === 0 ? here : '127.0.0.1'] }),
};

const recordsOf = (name: string): Records | undefined =>
  Object.hasOwn(zone, name) ? zone[name] : name.endsWith('.cdn.test') ? steady({ a: [here] }) : undefined;

/** Opens it. `pem`: certificate and key for the names of the zone. */
export const openWorld = async (pem: { cert: string; key: string }): Promise<World> => {
  const hits: string[] = [];
  const seen: Seen[] = [];
  const documents = new Map<string, string>();
  const isPublic = (socket: Socket): boolean => {
    const address = (socket.localAddress ?? '').replace(/^::ffff:/, '');
    if (publicAddresses.includes(address)) return true;
    hits.push(`${address}:${socket.localPort}`);
    socket.destroy();
    return false;
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    seen.push({ host: request.headers.host ?? '', url: request.url ?? '', headers: request.headers });
    respond(documents, request, response);
  };
  const pair = { cert: readFileSync(pem.cert), key: readFileSync(pem.key) };
  const web: Server[] = [createServer(answer), createTlsServer(pair, answer)];
  for (const [index, server] of web.entries()) {
    // Both see the bare connection before anything is read from it.
    server.on('connection', (socket: Socket) => void isPublic(socket));
    await new Promise<void>((resolve) => void server.listen(index === 0 ? 80 : 443, '::', resolve));
  }
  const raw = [22, 3306, 5432, 8080].map((port) => createSocketServer(isPublic).listen(port, '::'));
  const names = await serveNames('127.0.0.53', recordsOf);
  const close = (): void => {
    for (const server of web) server.close().closeAllConnections();
    for (const server of raw) server.close();
    names.close();
  };
  return { hits, seen, documents, names, close };
};

/** `/go?status=&to=` redirects, `/slow` takes its time, `/close` ends its connection, a document is handed out, all else says who was asked. */
const respond = (documents: ReadonlyMap<string, string>, request: IncomingMessage, response: ServerResponse): void => {
  const url = new URL(request.url ?? '/', 'http://x');
  const document = documents.get(url.pathname);
  if (document !== undefined) return void response.writeHead(200, { 'content-type': 'application/json' }).end(document);
  if (url.pathname === '/go') {
    const to = encodeURI(url.searchParams.get('to') ?? '').replaceAll('%25', '%');
    return void response.writeHead(Number(url.searchParams.get('status') ?? 302), { location: to }).end();
  }
  const head = { 'content-type': 'application/json', ...(url.pathname === '/close' ? { connection: 'close' } : {}) };
  const say = (): void => void response.writeHead(200, head).end(JSON.stringify({ host: request.headers.host }));
  if (url.pathname === '/slow') setTimeout(say, 1_000);
  else say();
};
