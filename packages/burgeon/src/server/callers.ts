import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BurgeonError, type Provider } from '@burgeon/kit';
import { type Actor, runAs } from '../base/actor.ts';
import { type Access, withAccess } from '../security/access.ts';
import type { ApiKeys } from '../security/api-keys.ts';

/** Somebody who may call: who it is, what he may do, and under which name his requests are counted. */
export interface Caller {
  actor: Actor;
  access: Access;
  countedAs: string;
  /** The API key, and when it ends (ISO 8601 UTC). */
  key?: string;
  until?: string;
}

/** The person at this machine, or whoever was given the token of this run. */
export const ownerCaller: Caller = { actor: { kind: 'owner', id: 'local' }, access: { role: 'owner' }, countedAs: 'owner' };

/**
 * Who calls; undefined when the request carries no token. A token in the address is none: addresses end up in logs.
 * @throws {BurgeonError} UNAUTHENTICATED when the token is good for nothing
 */
export const callerOf = async (request: IncomingMessage, keys: ApiKeys): Promise<Caller | undefined> => {
  const token = bearerOf(request);
  if (token === undefined) return undefined;
  const holder = await keys.holderOf(token);
  if (holder.kind === 'owner') return ownerCaller;
  if (holder.kind === 'nobody')
    throw unauthenticated(holder.why === 'unknown' ? 'The token is not valid.' : `The API key has ${ended[holder.why]}.`);
  const { id, role, modules, expiresAt } = holder.key;
  return {
    actor: { kind: 'key', id },
    access: { role, ...(modules === undefined ? {} : { modules }) },
    countedAs: `key ${id}`,
    key: id,
    ...(expiresAt === undefined ? {} : { until: expiresAt }),
  };
};

const ended = { expired: 'expired', revoked: 'been revoked' } as const;

/** Does work for a caller: with his rights and in his name. */
export const serveCaller = <T>({ actor, access }: Pick<Caller, 'actor' | 'access'>, work: () => T): T =>
  withAccess(access, () => runAs(actor, work));

/** The same operations, asked for by a model that the owner started at this machine. */
export const asLocalModel = (provider: Provider): Provider => {
  const call: Provider['call'] = (operation, input, options) =>
    runAs({ kind: 'model', id: ownerCaller.actor.id }, () => provider.call(operation, input, options));
  return Object.assign(Object.create(provider) as Provider, { call });
};

/** @throws {BurgeonError} UNAUTHENTICATED unless the request carries this one token */
export const requireToken = (request: IncomingMessage, token: string): void => {
  const given = bearerOf(request);
  if (given === undefined) throw noToken();
  if (!sameText(given, token)) throw unauthenticated('The token is not valid.');
};

/** The refusal of a request without a token. */
export const noToken = (): BurgeonError => unauthenticated('The request carries no token.');

/** The refusal of a request whose token does not fit. */
const unauthenticated = (message: string): BurgeonError =>
  new BurgeonError('UNAUTHENTICATED', {
    message,
    hint: 'Send the header "authorization: Bearer TOKEN" with the token that "burgeon serve" printed, or a key of "burgeon access grant".',
  });

/** What the request gives as its token; undefined when it gives nothing. */
const bearerOf = ({ headers: { authorization } }: IncomingMessage): string | undefined => {
  if (authorization === undefined) return undefined;
  return /^bearer +(\S{1,512}) *$/i.exec(authorization)?.[1] ?? '';
};

/** Compares in a time that tells nothing about where two texts differ, nor about their length. */
const sameText = (a: string, b: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
};
