import {
  type AuthScheme,
  BurgeonError,
  type Capability,
  type Clock,
  type Egress,
  type Interface,
  type Logger,
} from '@burgeon/kit';
import { httpSchemes } from '../../bindings/http/operation.ts';
import type { HttpScheme } from '../../bindings/http/runtime/types.ts';
import type { Audit } from '../audit.ts';
import { covers } from '../capabilities.ts';
import type { ClosableEgress } from '../egress.ts';
import type { Hop, Prove, Send } from '../egress-hop.ts';
import { bareHost, hostRules, matching, parseRule, type ParsedRule } from '../host-rules.ts';
import type { Vault } from '../vault.ts';
import { type ProofContext, wronglyWritten } from './credential.ts';
import { createEchoes, type Echoes } from './echoes.ts';
import { kindOf } from './kinds.ts';
import { tokenName } from './oauth2-token.ts';
import { isSealed } from './sealed.ts';

/** What of a vault a gate needs; without `set` tokens are not kept, without `find` nothing is known of what was revoked. */
export type SecretAccess = Pick<Vault, 'read'> & Partial<Pick<Vault, 'set' | 'find'>>;

/** What a gate with credentials is made of. */
export interface CredentialGateOptions {
  /** Id of the module: only secrets under its own name are ever put in. */
  module: string;
  description: Pick<Interface, 'auth' | 'locations'>;
  grants: readonly Capability[];
  /** The way out, under the same grants. The gate closes it. */
  egress: ClosableEgress;
  vault: SecretAccess;
  audit?: Pick<Audit, 'commit'> | undefined;
  clock: Clock;
  log: Logger;
}

/** The way out of one module, which puts the module's credentials in and lets none of them back. */
export interface CredentialGate extends Egress {
  holds(scheme: string): Promise<boolean | Error>;
  /**
   * What proves who asks cannot be shown to code, so code names the secret in full.
   * @throws {BurgeonError} CAPABILITY_DENIED when it is another module's, or was not granted
   */
  schemeOf(name: string): string;
  /** Sends what a token needs, without credentials of its own, and with the words of the answer scrubbed. */
  context(scheme: string, scopes?: readonly string[]): ProofContext;
  close(): Promise<void>;
}

/** What the parts of one gate share. */
interface Gate extends CredentialGateOptions {
  rules: readonly ParsedRule[];
  echoes: Echoes;
  places: Readonly<Record<string, HttpScheme>>;
  /** Works under way, by name. */
  running: Map<string, Promise<unknown>>;
  /** Entries of the record under way. */
  noting: Set<Promise<void>>;
}

/** Puts a gate in front of an egress. Its owner closes it. */
export const createCredentialGate = (options: CredentialGateOptions): CredentialGate => {
  const web = options.grants.filter(({ kind }) => kind === 'net.http');
  const gate: Gate = {
    ...options,
    rules: hostRules(web)
      .map(parseRule)
      .filter(({ wildcard }) => !wildcard),
    echoes: createEchoes(),
    places: httpSchemes(options.description as Interface),
    running: new Map(),
    noting: new Set(),
  };
  const { module, egress, vault } = options;
  return {
    resolve: (host, port) => egress.resolve(host, port),
    holds: (scheme) => holds(vault, `${module}/${scheme}`),
    schemeOf: (name) => schemeOf(gate, name),
    context: (scheme, scopes = []) => contextOf(gate, scheme, scopes),
    fetch: async (url, { auth = {}, ...init } = {}) => {
      const schemes = Object.entries(auth);
      const note = atMostOnce((name: string) => record(gate, 'secret.echoed', { name, host: URL.parse(url)?.host ?? '' }));
      try {
        const prove = schemes.length === 0 ? {} : { prove: proveAll(gate, schemes) };
        return gate.echoes.cleanAnswer(await egress.fetch(url, { ...init, ...prove }), note);
      } catch (error) {
        throw gate.echoes.cleanError(error, note);
      }
    },
    close: async () => {
      await egress.close();
      await Promise.all(gate.noting);
    },
  };
};

/** Whether there is a secret. One that was revoked was taken away on purpose: nothing goes without it instead. */
const holds = async (vault: SecretAccess, name: string): Promise<boolean | Error> => {
  if (!vault.find) return (await vault.read(name)) !== undefined;
  const known = await vault.find(name);
  if (known?.revoked !== true) return known !== undefined;
  return new BurgeonError('SECRET_MISSING', { message: `The secret ${name} was revoked.`, hint: `burgeon secret set ${name}` });
};

/** Each credential wraps the sending of those behind it; what signs a whole request has to come last. */
const proveAll = (gate: Gate, schemes: readonly (readonly [string, string[]])[]): Prove => {
  return async (hop, send) => {
    const proofs: { prove: Prove; signs: boolean }[] = [];
    for (const [scheme, scopes] of schemes) proofs.push(await proofOf(gate, hop, { scheme, scopes }));
    const ordered = proofs.sort((a, b) => Number(a.signs) - Number(b.signs));
    return ordered.reduceRight<Send>(
      (next, { prove }) =>
        (each, tls) =>
          prove(each, (to, mine) => next(to, mine ?? tls)),
      send,
    )(hop);
  };
};

/**
 * The address was allowed by the egress already; a secret asks for more: a host that is granted by its own name, and a sealed way there, or the
 * word of whoever approved it that there is none.
 */
const proofOf = async (
  gate: Gate,
  { url, request }: Hop,
  { scheme, scopes }: { scheme: string; scopes: readonly string[] },
): Promise<{ prove: Prove; signs: boolean }> => {
  const name = `${gate.module}/${scheme}`;
  requireGrant(gate, name);
  const to = {
    scheme: url.protocol.slice(0, -1),
    host: bareHost(url),
    port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
    method: request.method,
    path: url.pathname,
  };
  const rules = matching(gate.rules, to);
  if (rules.length === 0 || !(isSealed(url) || rules.some(({ unencrypted }) => unencrypted))) {
    throw new BurgeonError('CAPABILITY_DENIED', {
      message: `${gate.module} may not send the secret ${JSON.stringify(name.slice(0, 200))} to ${url.host}.`,
      hint: 'It goes only to a host that is granted by its own name, over https; or to a private address that is granted as unencrypted.',
    });
  }
  const value = await gate.vault.read(name);
  if (value === undefined)
    throw new BurgeonError('SECRET_MISSING', {
      message: `${gate.module} needs the secret ${name}, which is not set.`,
      hint: `burgeon secret set ${name}`,
    });
  const context = contextOf(gate, scheme, scopes);
  const kind = kindOf(context.auth, context.place, value);
  const read = kind.read(value);
  if (read === undefined) throw wronglyWritten(name, kind);
  return { prove: kind.prove(read, context), signs: kind.name === 'aws-sigv4' };
};

/** True for what is kept beside a credential: a scheme that has its name would send it where it never goes. */
const isToken = ({ module, description }: Gate, name: string): boolean =>
  Object.entries(description.auth).some(
    ([scheme, { kind }]) => /^(?:oauth2|openIdConnect)$/.test(kind) && tokenName(`${module}/${scheme}`) === name,
  );

const requireGrant = (gate: Gate, name: string): void => {
  const { module, grants } = gate;
  if (covers(grants, { kind: 'secret.use', scope: { names: [name] } }) && !isToken(gate, name)) return;
  throw new BurgeonError('CAPABILITY_DENIED', {
    message: `${module} may not use the secret ${JSON.stringify(name.slice(0, 200))}.`,
    hint: 'It needs secret.use for the name.',
  });
};

const schemeOf = (gate: Gate, name: string): string => {
  const own = `${gate.module}/`;
  if (name.startsWith(own)) {
    requireGrant(gate, name);
    return name.slice(own.length);
  }
  record(gate, 'secret.denied', { name: name.slice(0, 200) });
  throw new BurgeonError('CAPABILITY_DENIED', {
    message: `${gate.module} may not use the secret ${JSON.stringify(name.slice(0, 200))}: it is not its own.`,
    hint: `The names of its own secrets begin with ${own}`,
  });
};

const contextOf = (gate: Gate, scheme: string, scopes: readonly string[]): ProofContext => {
  const { module, description, vault, clock, egress, echoes } = gate;
  const name = `${module}/${scheme}`;
  const auth: AuthScheme | undefined = Object.hasOwn(description.auth, scheme) ? description.auth[scheme] : undefined;
  const kept = tokenName(name);
  return {
    name,
    auth,
    place: (Object.hasOwn(gate.places, scheme) ? gate.places[scheme] : undefined) ?? {
      kind: 'bearer',
      place: 'authorization',
      name: 'Bearer',
    },
    scopes,
    base: description.locations?.[0]?.url,
    clock,
    fetch: (url, init) => egress.fetch(url, init),
    tokens: {
      read: () => vault.read(kept),
      write: async (value) => void (await vault.set?.(kept, value)),
    },
    conceal: (text) => echoes.conceal(name, text),
    once: (key, work) => single(gate.running, key, work),
  };
};

const single = async <T>(running: Map<string, Promise<unknown>>, key: string, work: () => Promise<T>): Promise<T> => {
  const known = running.get(key) as Promise<T> | undefined;
  if (known) return known;
  const started = work().finally(() => running.delete(key));
  running.set(key, started);
  return started;
};

/** Tells the record; the call does not wait for it, the closing of the gate does. */
const record = ({ audit, module, log, noting }: Gate, kind: string, data: { name: string; host?: string }): void => {
  log.warn(kind, { module, ...data });
  if (!audit) return;
  const entry = audit
    .commit([{ kind, module, data }])
    .catch((error: unknown) => log.warn('the record could not be written', { kind, reason: BurgeonError.from(error).code }))
    .finally(() => noting.delete(entry));
  noting.add(entry);
};

const atMostOnce = (work: (name: string) => void): ((name: string) => void) => {
  let done = false;
  return (name) => {
    if (!done) work(name);
    done = true;
  };
};
