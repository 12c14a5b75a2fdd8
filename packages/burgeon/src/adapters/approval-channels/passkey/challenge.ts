import { createHash, randomBytes } from 'node:crypto';
import type { ApprovalQuestion, Store, StoreWrite } from '@burgeon/kit';
import { canonicalJson } from '../../../base/json.ts';

/** What somebody says to a question. */
export type Answer = 'approve' | 'reject';

/** A number that makes a challenge count once, with the write that uses it up. */
export interface Nonce {
  value: string;
  spent: StoreWrite;
}

const table = 'approval-passkey-nonces';

/** How long an authenticator may take to answer a challenge. */
export const answerMs: number = 5 * 60 * 1_000;

/**
 * The bytes an authenticator signs, base64url: the hash of the request, what it is about, the answer, and a nonce. A signature under
 * them says yes or no to this artefact with these capabilities, and to nothing else.
 */
export const challengeOf = (question: ApprovalQuestion, answer: Answer, nonce: string): string => {
  const { request, digest, capabilitiesDigest } = question;
  const signed = ['burgeon approval', request, digest, capabilitiesDigest, answer, nonce];
  return createHash('sha256').update(canonicalJson(signed)).digest('base64url');
};

/** The nonce of a request that can be used at a time (milliseconds); undefined when none was given, it ran out, or it is spent. */
export const nonceAt = async (store: Store, request: string, atMs: number): Promise<Nonce | undefined> => {
  const record = await store.get(table, request);
  const { nonce, expiresAtMs } = record?.value ?? {};
  if (!record || typeof nonce !== 'string' || typeof expiresAtMs !== 'number' || atMs >= expiresAtMs) return undefined;
  return { value: nonce, spent: { kind: 'delete', table, id: request, rev: record.rev } };
};

/** The nonce of a request, a fresh one when the present one would not last long enough to answer. Pages opened side by side share it. */
export const offerNonce = async (store: Store, request: string, nowMs: number): Promise<string> => {
  const current = await nonceAt(store, request, nowMs + answerMs);
  if (current) return current.value;
  const nonce = randomBytes(32).toString('base64url');
  await store.transact([{ kind: 'put', table, id: request, value: { nonce, expiresAtMs: nowMs + 2 * answerMs } }]);
  return nonce;
};

/** Forgets the nonce of a request. */
export const dropNonce = (store: Store, request: string): Promise<void> =>
  store.transact([{ kind: 'delete', table, id: request }]);
