import type { Server } from 'node:http';
import { randomBytes } from 'node:crypto';
import { BurgeonError } from '@burgeon/kit';
import { isLoopback } from './guard.ts';

/** What decides about the token of a run. */
export interface TokenOptions {
  address: string;
  token?: string | undefined;
  open?: boolean | undefined;
  /** True when an API key opens the server anyway. */
  hasKeys: boolean;
}

const shortestToken = 16;

/**
 * The owner's token of a run: the given one or a fresh one; undefined when nobody is asked for any.
 * @throws {BurgeonError} FORBIDDEN when the network would find the server open; USAGE when the token is too short
 */
export const tokenOf = ({ address, token, open, hasKeys }: TokenOptions): string | undefined => {
  if (open === true) {
    if (isLoopback(address)) return undefined;
    throw new BurgeonError('FORBIDDEN', {
      message: `A server without a token may not answer on ${address}.`,
      hint: 'Leave --open away, or bind a loopback address: --host 127.0.0.1',
    });
  }
  if (token === undefined && !hasKeys && !isLoopback(address)) {
    throw new BurgeonError('FORBIDDEN', {
      message: `Answering on ${address} opens this home to the network, so it needs a token that you chose, or an API key.`,
      hint: 'Run burgeon access grant, or set BURGEON_TOKEN to at least 16 characters: BURGEON_TOKEN=$(openssl rand -hex 24)',
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

/** Binds a server. @throws {BurgeonError} PORT_IN_USE, FORBIDDEN, USAGE */
export const listen = (server: Server, port: number, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(notListening(error, port, address)));
    server.listen({ port, host: address, backlog: 4_096 }, () => resolve());
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
