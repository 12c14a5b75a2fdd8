import { lookup } from 'node:dns/promises';
import { BurgeonError, type Clock, type Egress, type Logger } from '@burgeon/kit';
import type { Agent, buildConnector, RequestInit as UndiciInit } from 'undici';
import { reachOf } from './addresses.ts';
import { guardBody } from './egress-body.ts';
import { explainFailure } from './egress-failure.ts';
import { type Hop, type Outgoing, firstHop, nextHop, outgoing } from './egress-hop.ts';
import {
  type Destination,
  type HostRule,
  type ParsedRule,
  addressAllowed,
  bareHost,
  canonicalHost,
  matching,
  parseRule,
} from './host-rules.ts';

/** Bounds of one exchange. */
export interface EgressLimits {
  /** Wall clock from the call to the last byte, redirects included, milliseconds. 0 = none. */
  deadlineMs: number;
  /** Bytes of the body after decompression. */
  bodyBytes: number;
  /** Redirects that are followed. */
  redirects: number;
  /** Wall clock of making a connection, milliseconds. */
  connectMs: number;
  /** Bytes of the answer's headers. */
  headerBytes: number;
}

/** The bounds when nobody says otherwise. */
const defaultEgressLimits: EgressLimits = {
  deadlineMs: 30_000,
  bodyBytes: 64 * 1024 * 1024,
  redirects: 5,
  connectMs: 10_000,
  headerBytes: 64 * 1024,
};

/** Finds all addresses of a name. */
export type Resolver = (host: string) => Promise<string[]>;

/** What a gate works with. */
export interface EgressOptions {
  allow: readonly HostRule[];
  clock: Clock;
  log: Logger;
  limits?: Partial<EgressLimits>;
  /** Default: the system's resolver. */
  resolver?: Resolver;
}

/** A gate that keeps its connections open for the next call until it is closed. */
export interface ClosableEgress extends Egress {
  /** Ends idle connections and fails running exchanges. */
  close(): Promise<void>;
}

/** What the parts of one gate share. */
interface Gate {
  rules: readonly ParsedRule[];
  limits: EgressLimits;
  resolver: Resolver;
  /** The sender, made when the first exchange asks for it: most commands send nothing, and loading it costs 80 ms (measured 2026-11). */
  sender(): Promise<Sender>;
  log: Logger;
}

/** What sends: the library, and the pool of connections that belongs to one gate. */
interface Sender {
  undici: typeof import('undici');
  agent: Agent;
}

const systemResolver: Resolver = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * Makes the gate of one holder. Every address of a host is checked when the connection is made, and the connection goes to an address
 * that was checked: a name that changes its mind in between gains nothing. No proxy variable of the environment is read.
 */
export const createEgress = (options: EgressOptions): ClosableEgress => {
  const limits = { ...defaultEgressLimits, ...options.limits };
  const rules = options.allow.map(parseRule);
  const resolver = options.resolver ?? systemResolver;
  let opening: Promise<Sender> | undefined;
  const sender = (): Promise<Sender> => (opening ??= openSender({ rules, limits, resolver }));
  const gate: Gate = { rules, limits, resolver, sender, log: options.log };
  return {
    fetch: (url, init = {}) => exchange(gate, url, init),
    resolve: async (host, port) => {
      const to = { host: canonicalHost(host), port };
      const [address = ''] = await checkedAddresses(gate, to).catch((error: unknown) => {
        throw explainFailure(error, { where: `${to.host}:${port}`, limits });
      });
      return { address, port };
    },
    close: async () => (await opening)?.agent.destroy(),
  };
};

const openSender = async (gate: Pick<Gate, 'rules' | 'limits' | 'resolver'>): Promise<Sender> => {
  const undici = await import('undici');
  const agent = new undici.Agent({
    connect: connector(gate, undici.buildConnector),
    maxHeaderSize: gate.limits.headerBytes,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { undici, agent };
};

/** The addresses of a destination, all of them allowed. */
const checkedAddresses = async (gate: Pick<Gate, 'rules' | 'resolver'>, to: Destination): Promise<string[]> => {
  const rules = matching(gate.rules, to);
  if (rules.length === 0) throw denied(to);
  const addresses = reachOf(to.host) === undefined ? await gate.resolver(to.host) : [to.host];
  const bad = addresses.find((address) => !addressAllowed(rules, to.host, address));
  if (bad !== undefined || addresses.length === 0) throw denied(to, bad);
  return addresses;
};

const connector =
  (gate: Pick<Gate, 'rules' | 'resolver' | 'limits'>, build: typeof buildConnector): buildConnector.connector =>
  (options, callback) => {
    const scheme = options.protocol.replace(/:$/, '');
    const host = canonicalHost(options.hostname);
    const port = Number(options.port || (scheme === 'https' ? 443 : 80));
    checkedAddresses(gate, { scheme, host, port })
      .then((addresses) => {
        const connect = build({
          timeout: gate.limits.connectMs,
          autoSelectFamily: true,
          // The only look-up there is: it gives what was checked. Literals skip it, and were checked as they are.
          lookup: (_name, wanted, done) => {
            const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
            if (typeof wanted === 'object' && wanted.all) done(null, all);
            else done(null, all[0]?.address ?? '', all[0]?.family);
          },
        });
        connect(options, callback);
      })
      .catch((error: unknown) => callback(error as Error, null));
  };

const exchange = async (gate: Gate, url: string, init: RequestInit): Promise<Response> => {
  const { limits } = gate;
  const deadline = limits.deadlineMs > 0 ? AbortSignal.timeout(limits.deadlineMs) : undefined;
  const signals = [deadline, init.signal].filter((signal) => signal !== undefined && signal !== null);
  const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
  let hop = firstHop(url, await outgoing(init));
  try {
    for (let count = 0; ; count += 1) {
      allowHop(gate, hop);
      const { undici, agent } = await gate.sender();
      const answer = await undici.fetch(hop.url, undiciInit(agent, hop.request, signal));
      const next = init.redirect === 'manual' ? undefined : nextHop(hop, answer.status, answer.headers.get('location'));
      if (next === undefined)
        return guardBody(answer, { limits, url: hop.url, where: hop.url.host, deadline, signal: init.signal ?? undefined });
      await answer.body?.cancel();
      if (init.redirect === 'error' || count >= limits.redirects) throw tooMany(hop, count);
      gate.log.debug('egress followed a redirect', { from: hop.url.origin, to: next.url.origin });
      hop = next;
    }
  } catch (error) {
    throw explainFailure(error, { where: hop.url.host, deadline, signal: init.signal ?? undefined, limits });
  }
};

const undiciInit = (agent: Agent, request: Outgoing, signal: AbortSignal | undefined): UndiciInit => ({
  ...methodOf(agent, request),
  headers: request.headers,
  redirect: 'manual',
  ...(request.body === undefined ? {} : { body: request.body as NonNullable<UndiciInit['body']>, duplex: 'half' as const }),
  ...(signal === undefined ? {} : { signal }),
});

/**
 * The standard `fetch` refuses a payload with GET and HEAD, which search interfaces in wide use ask for: it is told POST, and the true method
 * goes on the wire.
 */
const methodOf = (agent: Agent, { method, body }: Outgoing): Pick<UndiciInit, 'method' | 'dispatcher'> => {
  if (body === undefined || !/^(?:GET|HEAD)$/i.test(method)) return { method, dispatcher: agent };
  const wired = method.toUpperCase() as 'GET' | 'HEAD';
  const dispatcher = agent.compose((dispatch) => (options, handler) => dispatch({ ...options, method: wired }, handler));
  return { method: 'POST', dispatcher };
};

/** Judges a hop before anything of it leaves; the address is judged again when the connection is made. */
const allowHop = (gate: Gate, { url, request }: Hop): void => {
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') {
    throw new BurgeonError('CAPABILITY_DENIED', {
      message: `The scheme ${scheme}: may not be used.`,
      hint: 'Use http or https.',
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new BurgeonError('CAPABILITY_DENIED', {
      message: `The address of ${url.host} carries a user name or password.`,
      hint: 'Keep the credential in the vault: burgeon secret set.',
    });
  }
  const host = bareHost(url);
  const port = Number(url.port || (scheme === 'https' ? 443 : 80));
  const to = { scheme, host, port, method: request.method, path: url.pathname };
  const rules = matching(gate.rules, to);
  if (rules.length === 0) throw denied(to);
  if (reachOf(host) !== undefined && !addressAllowed(rules, host, host)) throw denied(to, host);
};

const denied = (to: Destination, address?: string): BurgeonError => {
  const where = `${to.host.includes(':') ? `[${to.host}]` : to.host}:${to.port}`;
  const leads = address === undefined || address === to.host ? '' : ` It leads to ${address}.`;
  const never = address !== undefined && reachOf(address) === 'metadata';
  const what = to.method === undefined ? '' : `${to.method} ${to.path ?? ''} on `;
  return new BurgeonError('CAPABILITY_DENIED', {
    message: `The module may not reach ${what}${where}.${leads}`,
    hint: never
      ? 'This address hands out the credentials of the machine; it is never allowed.'
      : 'Only what its capabilities name is allowed; private addresses must be named themselves.',
    data: { host: to.host, port: to.port, ...(address === undefined ? {} : { address }) },
  });
};

const tooMany = (hop: Hop, count: number): BurgeonError =>
  new BurgeonError('LIMIT_EXCEEDED', {
    message: `${hop.url.origin} redirects again after ${count} redirects.`,
    hint: 'Point at the final address.',
  });
