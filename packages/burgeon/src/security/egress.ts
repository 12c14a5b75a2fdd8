import { lookup } from 'node:dns/promises';
import { isDeepStrictEqual } from 'node:util';
import { BurgeonError, type Clock, type Egress, type Logger } from '@burgeon/kit';
import type { Agent, buildConnector, RequestInit as UndiciInit, Response as UndiciResponse } from 'undici';
import { reachOf } from './addresses.ts';
import { guardBody } from './egress-body.ts';
import { outcomeOf, sendAgain } from './egress-again.ts';
import { type Circuits, createCircuits } from './circuit.ts';
import { type DenialRule, denied, placeText } from './egress-denial.ts';
import { explainFailure } from './egress-failure.ts';
import { type Hop, type Outgoing, type Prove, type Send, type TlsProof, firstHop, nextHop, outgoing } from './egress-hop.ts';
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
import { type NameBudget, createNameBudget } from './name-budget.ts';

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
  /** Further tries of a request that may be sent twice. 0 where whoever asks tries again himself, as the HTTP binding does: there is one place that does. */
  retries: number;
}

/** The bounds when nobody says otherwise. */
const defaultEgressLimits: EgressLimits = {
  deadlineMs: 30_000,
  bodyBytes: 64 * 1024 * 1024,
  redirects: 5,
  connectMs: 10_000,
  headerBytes: 64 * 1024,
  retries: 0,
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
  /** From 0 to below 1: draws the waits between tries. Default: `Math.random`. */
  random?: () => number;
}

/**
 * One exchange, and what proves who asks: asked after the address was allowed, and again for redirects as long as none has left its origin.
 * Where another origin leads back to, nobody who may ask has chosen.
 */
export type EgressInit = RequestInit & { prove?: Prove };

/** A gate that keeps its connections open for the next call until it is closed. */
export interface ClosableEgress extends Egress {
  fetch(url: string, init?: EgressInit): Promise<Response>;
  /** Ends idle connections and fails running exchanges. */
  close(): Promise<void>;
}

/** What looks a destination up. */
interface Judge {
  rules: readonly ParsedRule[];
  resolver: Resolver;
  names: NameBudget;
}

/** What the parts of one gate share. */
interface Gate extends Judge {
  limits: EgressLimits;
  circuits: Circuits;
  /**
   * The sender, made when the first exchange asks for it: most commands send nothing, and loading it costs 80 ms (measured 2026-11). Connections
   * that were made with a certificate are used by nobody else.
   */
  sender(tls?: TlsProof): Promise<Sender>;
  clock: Clock;
  random(): number;
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
  const { clock, log, resolver = systemResolver, random = Math.random } = options;
  const judge: Judge = { rules, resolver, names: createNameBudget({ clock }) };
  const opened = (host: string, pauseMs: number): void => log.warn('egress leaves a place alone', { host, pauseMs });
  const senders = new Map<string, { tls: TlsProof | undefined; opening: Promise<Sender> }>();
  const sender = (tls?: TlsProof): Promise<Sender> => {
    const known = senders.get(tls?.slot ?? '');
    if (known && isDeepStrictEqual(known.tls, tls)) return known.opening;
    // A certificate that was replaced: what runs with it may end.
    void known?.opening.then(({ agent }) => agent.close()).catch(() => {});
    const opening = openSender({ ...judge, limits }, tls);
    senders.set(tls?.slot ?? '', { tls, opening });
    return opening;
  };
  const gate: Gate = { ...judge, limits, circuits: createCircuits({ clock, opened }), sender, clock, random, log };
  return {
    fetch: (url, init = {}) => exchange(gate, url, init),
    resolve: async (host, port) => {
      const to = { host: canonicalHost(host), port };
      const [address = ''] = await checkedAddresses(gate, to).catch((error: unknown) => {
        throw explainFailure(error, { where: `${to.host}:${port}`, limits });
      });
      return { address, port };
    },
    close: async () => {
      await Promise.all([...senders.values()].map(async ({ opening }) => (await opening).agent.destroy()));
    },
  };
};

const openSender = async (
  gate: Judge & Pick<Gate, 'limits'>,
  { slot: _slot, ...tls }: Partial<TlsProof> = {},
): Promise<Sender> => {
  const undici = await import('undici');
  const agent = new undici.Agent({
    connect: connector(gate, (options) => undici.buildConnector({ ...options, ...tls })),
    maxHeaderSize: gate.limits.headerBytes,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { undici, agent };
};

/** The addresses of a destination, all of them allowed. */
const checkedAddresses = async (gate: Judge, to: Destination): Promise<string[]> => {
  const rules = matching(gate.rules, to);
  if (rules.length === 0) throw denied(to);
  const isName = reachOf(to.host) === undefined;
  if (isName) gate.names.take(rules, to.host, to.port);
  const addresses = isName ? await gate.resolver(to.host) : [to.host];
  const bad = addresses.find((address) => !addressAllowed(rules, to.host, address)) ?? turned(addresses);
  if (bad !== undefined || addresses.length === 0) throw denied(to, bad);
  return addresses;
};

/**
 * A private address that came in one answer with a public one of its family: no network does that, those who turn names around do. A public
 * IPv6 beside a private IPv4 is common.
 */
const turned = (addresses: readonly string[]): string | undefined =>
  addresses.find(
    (address) =>
      reachOf(address) !== 'public' &&
      addresses.some((other) => other.includes(':') === address.includes(':') && reachOf(other) === 'public'),
  );

const connector =
  (gate: Judge & Pick<Gate, 'limits'>, build: typeof buildConnector): buildConnector.connector =>
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

const exchange = async (gate: Gate, url: string, init: EgressInit): Promise<Response> => {
  const { limits, clock } = gate;
  const deadline = limits.deadlineMs > 0 ? AbortSignal.timeout(limits.deadlineMs) : undefined;
  const endsAt = limits.deadlineMs > 0 ? clock.now() + limits.deadlineMs : Infinity;
  const own = init.signal ?? undefined;
  const signals = [deadline, own].filter((signal) => signal !== undefined);
  const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
  let hop = firstHop(url, await outgoing(init));
  let { prove } = init;
  const explain = (error: unknown): BurgeonError => explainFailure(error, { where: hop.url.host, deadline, signal: own, limits });
  const send: Send = (each, tls) => sendOnce(gate, each, { tls, signal, explain });
  const again = { retries: limits.retries, endsAt, clock, random: gate.random, signal, explain };
  try {
    for (let count = 0; ; count += 1) {
      const current = hop;
      allowHop(gate, current);
      const proof = prove;
      const answer = await sendAgain(current.request, again, () => (proof ? proof(current, send) : send(current)));
      const next = init.redirect === 'manual' ? undefined : nextHop(hop, answer.status, answer.headers.get('location'));
      if (next === undefined) return guardBody(answer, { limits, url: hop.url, where: hop.url.host, deadline, signal: own });
      await answer.body?.cancel();
      if (init.redirect === 'error' || count >= limits.redirects) throw tooMany(hop, count);
      gate.log.debug('egress followed a redirect', { from: hop.url.origin, to: next.url.origin });
      if (next.url.origin !== hop.url.origin) prove = undefined;
      hop = next;
    }
  } catch (error) {
    throw explain(error);
  }
};

/** What one attempt goes with. */
interface Sending {
  tls: TlsProof | undefined;
  signal: AbortSignal | undefined;
  explain(error: unknown): BurgeonError;
}

/** One attempt. The circuit of the place learns how it ended. */
const sendOnce = async (gate: Gate, hop: Hop, { tls, signal, explain }: Sending): Promise<UndiciResponse> => {
  allowHop(gate, hop);
  const settle = gate.circuits.enter(placeText(destinationOf(hop)));
  try {
    const { undici, agent } = await gate.sender(tls);
    const answer = await undici.fetch(hop.url, undiciInit(agent, hop.request, signal));
    settle(outcomeOf(answer));
    return answer;
  } catch (error) {
    const explained = explain(error);
    settle(outcomeOf(explained));
    throw explained;
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

const destinationOf = ({ url, request }: Hop): Destination & { scheme: string } => {
  const scheme = url.protocol.slice(0, -1);
  const port = Number(url.port || (scheme === 'https' ? 443 : 80));
  return { scheme, host: bareHost(url), port, method: request.method, path: url.pathname };
};

/** Judges a hop before anything of it leaves; the address is judged again when the connection is made. */
const allowHop = (gate: Gate, hop: Hop): void => {
  const { url } = hop;
  const to = destinationOf(hop);
  if (to.scheme !== 'http' && to.scheme !== 'https') {
    throw new BurgeonError('CAPABILITY_DENIED', {
      message: `The scheme ${to.scheme}: may not be used.`,
      hint: 'Use http or https.',
      data: { rule: 'scheme' satisfies DenialRule, scheme: to.scheme.slice(0, 40) },
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new BurgeonError('CAPABILITY_DENIED', {
      message: `The address of ${url.host} carries a user name or password.`,
      hint: 'Keep the credential in the vault: burgeon secret set.',
      data: { rule: 'credential-in-url' satisfies DenialRule, host: to.host, port: to.port },
    });
  }
  const rules = matching(gate.rules, to);
  if (rules.length === 0) throw denied(to);
  if (reachOf(to.host) !== undefined && !addressAllowed(rules, to.host, to.host)) throw denied(to, to.host);
};

const tooMany = (hop: Hop, count: number): BurgeonError =>
  new BurgeonError('LIMIT_EXCEEDED', {
    message: `${hop.url.origin} redirects again after ${count} redirects.`,
    hint: 'Point at the final address.',
  });
