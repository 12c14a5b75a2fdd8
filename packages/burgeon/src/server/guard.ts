import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { BurgeonError } from '@burgeon/kit';
import ipaddr from 'ipaddr.js';

/** What a server asks of a request before anything reads it. */
export interface GuardOptions {
  /** Address the server is bound to. */
  address: string;
  /** Port the server answers on. */
  port(): number;
  /** Further names under which it is reached, through a proxy say. */
  hosts?: readonly string[];
}

/** Refuses a request, or lets it pass. `forms`: HTML forms may be posted to it. @throws {BurgeonError} FORBIDDEN, MEDIA_TYPE_UNSUPPORTED */
export type Guard = (request: IncomingMessage, forms: boolean) => void;

/** Makes the guard of one server. */
export const createGuard = (options: GuardOptions): Guard => {
  let allowed: ReadonlySet<string> | undefined;
  return (request, forms) => {
    requirePath(request);
    requireOwnHost(request, (allowed ??= allowedHosts(options)), options);
    requireOwnOrigin(request);
    requireKnownType(request, forms);
  };
};

/** True when an address reaches only this machine. */
export const isLoopback = (address: string): boolean => {
  if (address === 'localhost') return true;
  return isIP(address) !== 0 && ipaddr.process(address).range() === 'loopback';
};

/** An address as it stands in a URL. */
export const urlHost = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address);

/** Every name a server may be called by: those of its address, and what else was said of it. Host names without ports. */
export const ownHosts = ({ address, hosts = [] }: Pick<GuardOptions, 'address' | 'hosts'>): string[] => {
  const loopback = ['localhost', '127.0.0.1', '[::1]'];
  const everywhere = address === '0.0.0.0' || address === '::';
  const others = Object.values(networkInterfaces()).flatMap((list) => list?.map((each) => urlHost(each.address)) ?? []);
  const own = isLoopback(address) ? loopback : everywhere ? [...loopback, hostname(), ...others] : [hostname()];
  return [...new Set([urlHost(address), ...own, ...hosts])];
};

/** Whose request names an address instead of a path takes the server for a proxy. */
const requirePath = ({ url = '' }: IncomingMessage): void => {
  if (url.startsWith('/')) return;
  throw new BurgeonError('FORBIDDEN', {
    message: 'The request names an address instead of a path.',
    hint: 'This server is no proxy.',
  });
};

/** What may stand in the header: a name of this machine with the port, or a name that was said to be its own. */
const allowedHosts = (options: GuardOptions): ReadonlySet<string> => {
  const { hosts = [] } = options;
  const port = options.port();
  const withPort = ownHosts(options).map((name) => `${name}:${port}`);
  const bare = port === 80 ? ownHosts(options) : hosts;
  return new Set([...withPort, ...bare].map((name) => name.toLowerCase()));
};

/** A name that a stranger made point at this machine is refused: only its own names pass, written once and exactly. */
const requireOwnHost = (request: IncomingMessage, allowed: ReadonlySet<string>, { address, port }: GuardOptions): void => {
  const [host = '', ...more] = request.headersDistinct['host'] ?? [];
  if (more.length === 0 && allowed.has(host.toLowerCase())) return;
  throw new BurgeonError('FORBIDDEN', {
    message:
      more.length > 0
        ? 'The request names more than one host.'
        : `The host ${JSON.stringify(host.slice(0, 200))} is not this server.`,
    hint: `Use http://${urlHost(address)}:${port()}, or start it with --allow-host NAME.`,
  });
};

/** A page of another site may not call: browsers name the page's origin. */
const requireOwnOrigin = (request: IncomingMessage): void => {
  const { origin, host } = request.headers;
  if (origin === undefined) return;
  const page = URL.parse(origin);
  if (page?.host === host?.toLowerCase() && (page?.protocol === 'http:' || page?.protocol === 'https:')) return;
  throw new BurgeonError('FORBIDDEN', {
    message: `Pages of ${JSON.stringify(origin.slice(0, 200))} may not call this server.`,
    hint: 'Call it from the same origin, or from no page.',
  });
};

/** Forms can be posted by any page without asking first, but not JSON; so a payload must say that it is JSON. */
const requireKnownType = (request: IncomingMessage, forms: boolean): void => {
  const { method = 'GET', headers } = request;
  const empty = headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
  if (empty || method === 'GET' || method === 'HEAD') return;
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type)) return;
  if (forms && type === 'application/x-www-form-urlencoded') return;
  throw new BurgeonError('MEDIA_TYPE_UNSUPPORTED', {
    message:
      type === '' ? 'The payload has no content type.' : `The content type ${JSON.stringify(type.slice(0, 100))} is not JSON.`,
    hint: 'Send the payload as JSON with the header "content-type: application/json".',
  });
};
