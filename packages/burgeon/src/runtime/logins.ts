import { randomUUID } from 'node:crypto';
import { BurgeonError, type Interface } from '@burgeon/kit';
import { type CredentialGate, createCredentialGate } from '../security/credentials/gate.ts';
import type { GotToken } from '../security/credentials/oauth2-token.ts';
import { createEgress } from '../security/egress.ts';
import { hostRules } from '../security/host-rules.ts';
import { prepare } from './life/prepared.ts';
import type { RuntimeParts } from './parts.ts';

/** What a person does next. */
export interface LoginStep {
  id: string;
  /** Where to go. */
  url: string;
  /** What to type there; absent where the browser comes back by itself. */
  userCode?: string;
  /** How long to wait between two questions whether it is done, milliseconds. */
  intervalMs?: number;
}

/** People logging in for modules: what they grant is kept as a token beside the client's credential. */
export interface Logins {
  /**
   * Begins one; with `redirectUri` the browser comes back there, without it the person types a code on another device.
   * @throws {BurgeonError} MODULE_NOT_FOUND, SECRET_MISSING when the client is not known yet, UNSUPPORTED, RATE_LIMITED
   */
  begin(wish: { module: string; scheme: string; redirectUri?: string }): Promise<LoginStep>;
  /**
   * Ends one, with what the browser brought back; false while the person on the other device has not decided.
   * @throws {BurgeonError} RECORD_NOT_FOUND, UNAUTHENTICATED
   */
  finish(id: string, callback?: string): Promise<boolean>;
}

interface Waiting {
  expiresAt: number;
  finish(callback: URLSearchParams): Promise<GotToken | undefined>;
  keep(token: GotToken): Promise<void>;
  close(): Promise<void>;
}

/** How long a person may take, milliseconds; and how many may be at it. */
const patienceMs = 600_000;
const most = 16;

type Parts = Pick<RuntimeParts, 'registry' | 'vault' | 'audit' | 'clock' | 'log'>;

/** Makes the place where logins wait. They are kept in memory: what is not finished by this process is begun again. */
export const createLogins = (parts: Parts): Logins => {
  const waiting = new Map<string, Waiting>();
  const expire = async (): Promise<void> => {
    for (const [id, each] of waiting) {
      if (parts.clock.now() < each.expiresAt) continue;
      waiting.delete(id);
      await each.close();
    }
  };
  return {
    begin: async ({ module, scheme, redirectUri }) => {
      await expire();
      if (waiting.size >= most)
        throw new BurgeonError('RATE_LIMITED', { message: `${most} logins are under way already.`, retryable: true });
      const { id: reference } = await parts.registry.show(module);
      const { gate, description } = await openGate(parts, reference);
      const id = randomUUID();
      try {
        const { step, ...login } = await beginWith(parts, gate, {
          description,
          scheme,
          name: `${reference}/${scheme}`,
          redirectUri,
        });
        waiting.set(id, { ...login, close: () => gate.close() });
        return { id, ...step };
      } catch (error) {
        await gate.close();
        throw error;
      }
    },
    finish: async (id, callback = '') => {
      await expire();
      const login = waiting.get(id);
      if (!login)
        throw new BurgeonError('RECORD_NOT_FOUND', {
          message: 'There is no such login, or it took too long.',
          hint: 'Begin again.',
        });
      // Whatever comes back counts once.
      waiting.delete(id);
      const token = await login.finish(new URLSearchParams(callback)).catch(async (error: unknown) => {
        await login.close();
        throw error;
      });
      if (token === undefined) {
        waiting.set(id, login);
        return false;
      }
      await login.keep(token);
      await login.close();
      return true;
    },
  };
};

/** The gate of the active version, under what it was granted. */
const openGate = async (parts: Parts, reference: string): Promise<{ gate: CredentialGate; description: Interface }> => {
  const { id, card, description } = await prepare(parts.registry, await parts.registry.show(reference));
  const grants = card.capabilities;
  const egress = createEgress({ allow: hostRules(grants), clock: parts.clock, log: parts.log });
  return { description, gate: createCredentialGate({ ...parts, module: id, description, grants, egress }) };
};

interface Beginning {
  description: Interface;
  scheme: string;
  name: string;
  redirectUri: string | undefined;
}

const beginWith = async (
  { vault, clock }: Parts,
  gate: CredentialGate,
  { description, scheme, name, redirectUri }: Beginning,
): Promise<Omit<Waiting, 'close'> & { step: Omit<LoginStep, 'id'> }> => {
  const [{ madeBy, readClient }, { writeToken }, { beginDeviceLogin, beginLogin }] = await Promise.all([
    import('../security/credentials/oauth2-client.ts'),
    import('../security/credentials/oauth2-token.ts'),
    import('../security/credentials/oauth2-login.ts'),
  ]);
  const value = await vault.read(name);
  const client = value === undefined ? undefined : readClient(value);
  if (value === undefined || client === undefined) {
    throw new BurgeonError('SECRET_MISSING', {
      message: `${name} does not say which client logs in.`,
      hint: `Register one with the authorization server and keep it: burgeon secret set ${JSON.stringify(name)}, as {"clientId":"...","clientSecret":"..."}`,
    });
  }
  const needed = description.operations.flatMap(({ auth }) =>
    auth.flatMap((way) => (Object.hasOwn(way, scheme) ? (way[scheme] ?? []) : [])),
  );
  const scopes = client.scope?.split(' ') ?? [...new Set(needed)];
  const context = gate.context(scheme, scopes);
  const keep = (token: GotToken): Promise<void> =>
    writeToken(context.tokens, { ...token, by: madeBy(value), scopes, login: true });
  const expiresAt = clock.now() + patienceMs;
  if (redirectUri === undefined) {
    const { url, userCode, intervalMs, poll, ...device } = await beginDeviceLogin(context, { client, scopes });
    return { step: { url, userCode, intervalMs }, keep, finish: poll, expiresAt: Math.max(device.expiresAt, expiresAt) };
  }
  const { url, finish } = await beginLogin(context, { client, scopes, redirectUri });
  return { step: { url }, keep, finish, expiresAt };
};
