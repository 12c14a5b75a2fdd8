import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { BurgeonError } from '@burgeon/kit';
import ipaddr from 'ipaddr.js';

/** What a server asks of a request before anything reads it. */
export interface GuardOptions {
  /** Address the server is bound to. */
  address: string;
  /** Port the server answers on. */
  port(): number;
  /** The token that a path asks for; undefined: none. */
  tokenOf(path: string): string | undefined;
}

/** Refuses a request, or lets it pass. @throws {BurgeonError} UNAUTHENTICATED, FORBIDDEN, USAGE */
export type Guard = (request: IncomingMessage, path: string) => void;

/** Makes the guard of one server. */
export const createGuard = (options: GuardOptions): Guard => {
  const local = isLoopback(options.address);
  return (request, path) => {
    if (local) requireOwnHost(request, options);
    requireOwnOrigin(request);
    requireJson(request);
    const token = options.tokenOf(path);
    if (token !== undefined) requireToken(request, token);
  };
};

/** True when an address reaches only this machine. */
export const isLoopback = (address: string): boolean => {
  if (address === 'localhost') return true;
  return isIP(address) !== 0 && ipaddr.process(address).range() === 'loopback';
};

/** An address as it stands in a URL. */
export const urlHost = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address);

/** A name that a stranger made point at this machine is refused: only this machine's own names pass. */
const requireOwnHost = (request: IncomingMessage, { address, port }: GuardOptions): void => {
  const host = request.headers.host ?? '';
  const own = ['localhost', '127.0.0.1', '[::1]', urlHost(address)].flatMap((name) => [
    `${name}:${port()}`,
    ...(port() === 80 ? [name] : []),
  ]);
  if (own.includes(host.toLowerCase())) return;
  throw new BurgeonError('FORBIDDEN', {
    message: `The host "${host}" is not this server.`,
    hint: `Use http://${urlHost(address)}:${port()}`,
  });
};

/** A page of another site may not call: browsers name the page's origin. */
const requireOwnOrigin = (request: IncomingMessage): void => {
  const { origin, host } = request.headers;
  if (origin === undefined || URL.parse(origin)?.host === host) return;
  throw new BurgeonError('FORBIDDEN', {
    message: `Pages of "${origin}" may not call this server.`,
    hint: 'Call it from the same origin, or from no page.',
  });
};

/** Forms can post without asking first, but not JSON; so a payload must say that it is JSON. */
const requireJson = (request: IncomingMessage): void => {
  const { method = 'GET', headers } = request;
  const empty = headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
  if (empty || method === 'GET' || method === 'HEAD') return;
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type)) return;
  throw new BurgeonError('USAGE', {
    message: `The content type "${type}" is not JSON.`,
    hint: 'Send the payload as JSON with the header "content-type: application/json".',
  });
};

const requireToken = (request: IncomingMessage, token: string): void => {
  const [scheme = '', given = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() === 'bearer' && sameText(given, token)) return;
  throw new BurgeonError('UNAUTHENTICATED', {
    message: request.headers.authorization === undefined ? 'The request carries no token.' : 'The token is not valid.',
    hint: 'Send the header "authorization: Bearer TOKEN" with the token that "burgeon serve" printed.',
  });
};

/** Compares in a time that tells nothing about where two texts differ, nor about their length. */
const sameText = (a: string, b: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
};
