import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BurgeonError, type ExposeOptions, type Exposure, type Provider } from '@burgeon/kit';
import { type HttpListenerOptions, createHttpListener } from '../../../bindings/http/server/listener.ts';

/** How long running answers may take to end when the server closes, milliseconds. */
const graceMs = 1_000;

/** How long a client may take to send its request, milliseconds. */
const requestTimeoutMs = 60_000;

/** How long an idle connection stays open, milliseconds: longer than the usual client or proxy keeps it. */
const keepAliveTimeout = 65_000;

/** The options of this protocol alone, as far as they are of the right type. */
const extraOptions = (extra: Record<string, unknown> = {}): Partial<HttpListenerOptions> => ({
  ...(typeof extra['requireAuth'] === 'boolean' ? { requireAuth: extra['requireAuth'] } : {}),
  ...(typeof extra['bodyLimitBytes'] === 'number' ? { bodyLimitBytes: extra['bodyLimitBytes'] } : {}),
  ...(typeof extra['cors'] === 'boolean' ? { cors: extra['cors'] } : {}),
});

const listenerOptions = (options: ExposeOptions, signal: AbortSignal): HttpListenerOptions => {
  const { validation, latencyMs, errorRate, seed, clock, log, extra } = options;
  return {
    clock,
    log,
    signal,
    unmatched: 'answer',
    ...(validation === undefined ? {} : { validation }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(errorRate === undefined ? {} : { errorRate }),
    ...(seed === undefined ? {} : { seed }),
    ...extraOptions(extra),
  };
};

const listenError = (error: NodeJS.ErrnoException, address: string, port: number): BurgeonError => {
  if (error.code === 'EADDRINUSE') {
    return new BurgeonError('PORT_IN_USE', {
      message: `Port ${port} of ${address} is taken.`,
      hint: 'Choose another: --port 0 takes any free one.',
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new BurgeonError('PORT_IN_USE', {
      message: `Port ${port} of ${address} may not be opened.`,
      hint: 'Choose one above 1023: --port 8080.',
      cause: error,
    });
  }
  return new BurgeonError('USAGE', {
    message: `Cannot listen on ${address}:${port}: ${error.message}`,
    hint: 'Give an address of this machine.',
    cause: error,
  });
};

const listen = (server: Server, address: string, port: number): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, address, port)));
    server.listen(port, address, () => resolve(server.address() as AddressInfo));
  });

/** The address that a client on this machine can use. */
const reachable = ({ address, port, family }: AddressInfo): string => {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`;
};

const close = (server: Server, ending: AbortController): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    ending.abort();
    server.closeIdleConnections();
  });

/**
 * Stands a provider up as an HTTP server.
 * @throws {BurgeonError} PORT_IN_USE
 */
export const expose = async (provider: Provider, options: ExposeOptions): Promise<Exposure> => {
  const ending = new AbortController();
  const listener = createHttpListener(provider, listenerOptions(options, ending.signal));
  const server = createServer(
    { requestTimeout: requestTimeoutMs, keepAliveTimeout },
    (request, response) => void listener(request, response),
  );
  const address = await listen(server, options.address ?? '127.0.0.1', options.port ?? 0);
  let closed: Promise<void> | undefined;
  return { url: reachable(address), close: () => (closed ??= close(server, ending)) };
};
