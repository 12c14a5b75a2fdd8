import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BurgeonError, type Logger } from '@burgeon/kit';
import type { McpViewName } from '../adapters/protocols/mcp/index.ts';
import { removeServerFile, writeServerFile } from '../base/home.ts';
import { silentLogger } from '../base/log.ts';
import type { Burgeon } from '../burgeon.ts';
import { createAnswering } from './answering.ts';
import { createApprovalDoor } from './approval-door.ts';
import { listen, tokenOf } from './bind.ts';
import { createControl } from './control.ts';
import { openDoors } from './doors.ts';
import { createExchanges, type Exchanges } from './exchanges.ts';
import { createGuard, ownHosts, urlHost } from './guard.ts';
import { createPeerOf } from './peer.ts';
import { answerBrokenRequest } from './problem.ts';
import { createRates, type RateOptions } from './rates.ts';

/** How to serve. */
export interface ServeOptions {
  burgeon: Burgeon;
  /** Default: 4600. 0 = any free one. */
  port?: number;
  /** Address to bind. Default: 127.0.0.1. */
  address?: string;
  /** Bearer token of the owner. Default: a fresh random one. */
  token?: string;
  /** True: asks for no token. Refused unless the address is a loopback. */
  open?: boolean;
  /** Address at which people reach it, through a proxy say; links and pages name it. Default: its own. */
  publicUrl?: string;
  /** Further host names under which it is reached. */
  hosts?: readonly string[];
  /** Addresses or ranges of proxies that are believed about whose request they pass on. Default: none. */
  trustedProxies?: readonly string[];
  rates?: RateOptions;
  /** How operations are shown over MCP. Default: search. */
  view?: McpViewName;
  log?: Logger;
}

/** A server that answers until it is closed. */
export interface Served {
  url: string;
  /** Absent when nobody is asked for one. */
  token?: string;
  /**
   * Takes no new requests, lets running ones end for at most `drainMs`, then cuts them. The home stays open: its owner closes it.
   */
  close(drainMs: number): Promise<void>;
}

const usualPort = 4600;

/**
 * What a slow or silent client may take: the head of a request within 8 s, all of it within 30 s. Not less: of ten thousand clients that come at
 * once the last ones wait for some seconds before anything of theirs is read (measured: with 5 s they were taken for slow ones). The limit of
 * connections leaves descriptors for everything else.
 * @see https://nodejs.org/api/http.html#serverheaderstimeout
 */
const patience = {
  maxHeaderSize: 32 * 1024,
  headersTimeout: 8_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 500,
  keepAliveTimeout: 5_000,
  // Judged by the guard, which says so in the same words as everything else.
  requireHostHeader: false,
} as const;
const mostConnections = 15_000;

/** What still runs when its time is up gets this long to be cancelled before its connection is cut, milliseconds. */
const cutMs = 100;

/**
 * Serves a home over HTTP: management operations, modules, MCP, approval channels, health; and says so in `server.json`, so that commands
 * find it.
 * @throws {BurgeonError} PORT_IN_USE, FORBIDDEN when it would be open to the network, USAGE
 */
export const serve = async (options: ServeOptions): Promise<Served> => {
  const { burgeon, address = '127.0.0.1', port = usualPort, log = silentLogger } = options;
  const publicUrl = readPublicUrl(options.publicUrl);
  const hosts = [...(options.hosts ?? []), ...(publicUrl === undefined ? [] : [publicUrl.host])];
  const { access, home } = burgeon;
  const hasKeys = (await access.list()).some(({ state }) => state === 'valid');
  const token = tokenOf({ address, token: options.token, open: options.open, hasKeys });
  const ends = { watching: new AbortController(), calls: new AbortController() };
  const server = createServer(patience);
  server.maxConnections = mostConnections;
  const portNow = (): number => (server.address() as AddressInfo | null)?.port ?? port;
  const exchanges = createExchanges();
  const doors = await openDoors(burgeon, {
    hosts: ownHosts({ address, hosts }).map(withoutPort),
    log,
    signal: ends.calls.signal,
    ...(options.view === undefined ? {} : { view: options.view }),
  });
  // The owner's own commands have a token of their own: whoever was given the other one must not pass for the owner in person.
  const ownerToken = randomBytes(24).toString('base64url');
  const state = { stopping: false };
  const answer = createAnswering({
    guard: createGuard({ address, port: portNow, hosts }),
    peerOf: createPeerOf(options.trustedProxies),
    rates: await createRates(options.rates),
    keys: access,
    operations: burgeon.management.operations,
    exchanges,
    doors,
    control: createControl(burgeon, { watching: ends.watching.signal, calls: ends.calls.signal }),
    approvals: createApprovalDoor(burgeon, publicUrl),
    ownerToken,
    open: token === undefined,
    isStopping: () => state.stopping,
  });
  server.on('request', (request, response) => void answer(request, response));
  server.on('clientError', answerBrokenRequest);
  await listen(server, port, address);
  const url = `http://${urlHost(address)}:${portNow()}`;
  const local = reachable(url, address);
  access.letOwner(token);
  burgeon.servedAt(publicUrl?.origin ?? local);
  const approvals = await burgeon.approvals.listen();
  const forget = access.onRevoked((key) => exchanges.cut(key));
  await writeServerFile(home, { url: local, token: ownerToken });
  const close = async (drainMs: number): Promise<void> => {
    state.stopping = true;
    await removeServerFile(home);
    forget();
    ends.watching.abort(stopped());
    await Promise.all([approvals.close(), doors.close()]);
    burgeon.servedAt(undefined);
    await drain(server, { exchanges, drainMs, calls: ends.calls });
    access.letOwner(undefined);
  };
  let closing: Promise<void> | undefined;
  return { url, ...(token === undefined ? {} : { token }), close: (drainMs) => (closing ??= close(drainMs)) };
};

/** @throws {BurgeonError} USAGE when it is no address of a web server alone */
const readPublicUrl = (text: string | undefined): URL | undefined => {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url;
  throw new BurgeonError('USAGE', {
    message: `${JSON.stringify(text.slice(0, 200))} is no address of a server.`,
    hint: 'Write it without a path: https://burgeon.example.com',
  });
};

const stopped = (): BurgeonError => new BurgeonError('CANCELLED', { message: 'The server is stopping.' });

const withoutPort = (host: string): string => host.replace(/:\d+$/, '');

/**
 * Running requests may end while new ones are told to come back; what still runs when the time is up is cancelled, and its connection cut a
 * moment later.
 */
const drain = async (
  server: Server,
  { exchanges, drainMs, calls }: { exchanges: Exchanges; drainMs: number; calls: AbortController },
): Promise<void> => {
  const cancel = setTimeout(() => calls.abort(stopped()), drainMs);
  const { promise: cut, resolve } = Promise.withResolvers<void>();
  const insist = setTimeout(resolve, drainMs + cutMs);
  await Promise.race([exchanges.idle(), cut]);
  clearTimeout(cancel);
  clearTimeout(insist);
  calls.abort(stopped());
  const closed = new Promise<void>((done) => void server.close(() => done()));
  server.closeAllConnections();
  await closed;
};

/** An address that only says where to listen is no address to talk to. */
const reachable = (url: string, address: string): string =>
  address === '0.0.0.0' || address === '::' ? url.replace(urlHost(address), '127.0.0.1') : url;
