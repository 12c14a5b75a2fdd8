import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BurgeonError, type Logger } from '@burgeon/kit';
import type { McpViewName } from '../adapters/protocols/mcp/index.ts';
import { removeServerFile, writeServerFile } from '../base/home.ts';
import { silentLogger } from '../base/log.ts';
import type { Burgeon } from '../burgeon.ts';
import { createControl } from './control.ts';
import { createGuard, isLoopback, urlHost, type Guard } from './guard.ts';
import { openDoors, type Doors } from './doors.ts';
import { answerProblem, securityHeaders } from './problem.ts';

/** How to serve. */
export interface ServeOptions {
  burgeon: Burgeon;
  /** Default: 4600. 0 = any free one. */
  port?: number;
  /** Address to bind. Default: 127.0.0.1. */
  address?: string;
  /** Bearer token to ask for. Default: a fresh random one. */
  token?: string;
  /** True: asks for no token. Refused unless the address is a loopback. */
  open?: boolean;
  /** How operations are shown over MCP. Default: search. */
  view?: McpViewName;
  log?: Logger;
}

/** A server that answers until it is closed. */
export interface Served {
  url: string;
  /** Absent when nobody is asked for one. */
  token?: string;
  /** Lets running requests end, for at most `drainMs`, then cuts them. The home stays open: its owner closes it. */
  close(drainMs: number): Promise<void>;
}

const usualPort = 4600;
const shortestToken = 16;
const controlPrefix = '/control/';
const openPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/openapi.json']);

/**
 * Serves a home over HTTP: management operations, modules, MCP, health; and says so in `server.json`, so that commands find it.
 * @throws {BurgeonError} PORT_IN_USE, FORBIDDEN when it would be open to the network, USAGE when the token is too short
 */
export const serve = async (options: ServeOptions): Promise<Served> => {
  const { burgeon, address = '127.0.0.1', port = usualPort } = options;
  const token = tokenOf(options, address);
  const stopping = new AbortController();
  const server = createServer({ maxHeaderSize: 32 * 1024, keepAliveTimeout: 5_000, headersTimeout: 15_000 });
  // The owner's own commands have a token of their own: whoever was given the other one must not pass for the owner.
  const ownerToken = randomBytes(24).toString('base64url');
  const guard = createGuard({
    address,
    port: () => (server.address() as AddressInfo | null)?.port ?? port,
    tokenOf: (path) => (path.startsWith(controlPrefix) ? ownerToken : openPaths.has(path) ? undefined : token),
  });
  const doors = await openDoors(burgeon, {
    address,
    log: options.log ?? silentLogger,
    signal: stopping.signal,
    ...(options.view === undefined ? {} : { view: options.view }),
  });
  const control = createControl(burgeon, stopping.signal);
  server.on('request', (request, response) => void answer(request, response, { guard, doors, control }));
  await listen(server, port, address);
  const url = `http://${urlHost(address)}:${(server.address() as AddressInfo).port}`;
  const { home } = burgeon;
  await writeServerFile(home, { url: reachable(url, address), token: ownerToken });
  let closing: Promise<void> | undefined;
  return {
    url,
    ...(token === undefined ? {} : { token }),
    close: (drainMs) =>
      (closing ??= (async () => {
        await removeServerFile(home);
        await doors.close();
        await drain(server, drainMs, stopping);
      })()),
  };
};

const tokenOf = ({ token, open }: ServeOptions, address: string): string | undefined => {
  if (open === true) {
    if (isLoopback(address)) return undefined;
    throw new BurgeonError('FORBIDDEN', {
      message: `A server without a token may not answer on ${address}.`,
      hint: 'Leave --open away, or bind a loopback address: --host 127.0.0.1',
    });
  }
  if (token === undefined && !isLoopback(address)) {
    throw new BurgeonError('FORBIDDEN', {
      message: `Answering on ${address} opens this home to the network, so it needs a token that you chose.`,
      hint: 'Set BURGEON_TOKEN to at least 16 characters, for example: BURGEON_TOKEN=$(openssl rand -hex 24)',
    });
  }
  if (token !== undefined && token.length < shortestToken) {
    throw new BurgeonError('USAGE', {
      message: `The token is shorter than ${shortestToken} characters.`,
      hint: 'BURGEON_TOKEN=$(openssl rand -hex 24)',
    });
  }
  return token ?? randomBytes(24).toString('base64url');
};

const listen = (server: Server, port: number, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(notListening(error, port, address)));
    server.listen(port, address, () => resolve());
  });

const notListening = (error: NodeJS.ErrnoException, port: number, address: string): BurgeonError => {
  const cause = { cause: error, data: { port, address } };
  if (error.code === 'EADDRINUSE') {
    return new BurgeonError('PORT_IN_USE', {
      message: `Port ${port} on ${address} is taken.`,
      hint: `Choose another one: --port ${port + 1}, or --port 0 for any free one.`,
      ...cause,
    });
  }
  if (error.code === 'EACCES') {
    return new BurgeonError('FORBIDDEN', {
      message: `Port ${port} may not be opened by this user.`,
      hint: 'Choose one above 1023: --port 4600',
      ...cause,
    });
  }
  return new BurgeonError('USAGE', {
    message: `${address} cannot be bound: ${error.message}.`,
    hint: 'Use an address of this machine, like 127.0.0.1.',
    ...cause,
  });
};

interface Rooms {
  guard: Guard;
  doors: Doors;
  control: ReturnType<typeof createControl>;
}

const answer = async (request: IncomingMessage, response: ServerResponse, { guard, doors, control }: Rooms): Promise<void> => {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  response.on('error', () => {});
  try {
    const path = pathOf(request.url ?? '/');
    guard(request, path);
    if (path.startsWith(controlPrefix) && request.method === 'POST') return await control(request, response, path);
    if (path === '/mcp') return await doors.mcp(request, response);
    if (await doors.web(request, response)) return;
    throw new BurgeonError('OPERATION_NOT_FOUND', {
      message: `There is nothing at ${request.method} ${path}.`,
      hint: 'What there is: /openapi.json',
    });
  } catch (thrown) {
    answerProblem(response, BurgeonError.from(thrown));
  }
};

/** The path exactly as it is written: what the guard judges must be what the doors then see, so nothing is normalised. */
const pathOf = (target: string): string => {
  if (target.startsWith('/')) return target.split(/[?#]/, 1)[0] ?? target;
  throw new BurgeonError('USAGE', {
    message: 'The request names an address instead of a path.',
    hint: 'This server is no proxy.',
  });
};

/** Running requests may end; what still runs when the time is up is cancelled, and its connection cut a moment later. */
const drain = async (server: Server, drainMs: number, stopping: AbortController): Promise<void> => {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeIdleConnections();
  const cancel = setTimeout(() => stopping.abort(new BurgeonError('CANCELLED', { message: 'The server is stopping.' })), drainMs);
  const cut = setTimeout(() => server.closeAllConnections(), drainMs + 100);
  await closed;
  clearTimeout(cancel);
  clearTimeout(cut);
};

/** An address that only says where to listen is no address to talk to. */
const reachable = (url: string, address: string): string =>
  address === '0.0.0.0' || address === '::' ? url.replace(urlHost(address), '127.0.0.1') : url;
