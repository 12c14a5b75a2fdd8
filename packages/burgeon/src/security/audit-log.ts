import { BurgeonError, type JsonObject, type Store } from '@burgeon/kit';
import type { Actor } from '../base/actor.ts';
import type { TrustedKey } from './keys.ts';
import { type Envelope, verifyEnvelope } from './sign.ts';

/** Something that happened. `kind` is noun and verb: `approval.opened`, `module.activated`. Never holds a secret. */
export interface AuditEvent {
  kind: string;
  /** Module id, `namespace/name`. */
  module?: string;
  data?: JsonObject;
  /** On whose behalf it was done. Default: whoever is being served. */
  actor?: Actor;
}

/** One link of the chain: `hash` covers everything else in it, `previous` is the hash before (64 zeros in the first). */
export interface AuditEntry extends AuditEvent {
  sequence: number;
  /** ISO 8601 UTC. */
  at: string;
  previous: string;
  hash: string;
}

/** Where the chain ends. `rev` is that of the signed head in the store, which makes a fork impossible. */
export interface Head {
  sequence: number;
  hash: string;
  rev: number;
}

/** Name of the log and of the table beside it. */
export const auditLog = 'audit';

/** What the first entry follows. */
export const origin: string = '0'.repeat(64);

/** Type of the statement that signs the end. */
export const headType = 'https://burgeon.dev/attestations/audit-head/v1';

const page = 1_000;

/** Entries in order, from `after` (exclusive). */
export async function* walkAudit(store: Store, after = 0): AsyncGenerator<{ sequence: number; entry: JsonObject }> {
  for (let from = after; ;) {
    const entries = await store.readLog(auditLog, { after: from, limit: page });
    yield* entries;
    const last = entries.at(-1);
    if (last === undefined || entries.length < page) return;
    from = last.sequence;
  }
}

/** The end as it was signed. @throws {BurgeonError} SIGNATURE_INVALID, AUDIT_BROKEN */
export const signedHead = async (store: Store, key: TrustedKey): Promise<Head> => {
  const record = await store.get(auditLog, 'head');
  if (record === undefined) return { sequence: 0, hash: origin, rev: 0 };
  const statement = verifyEnvelope(record.value as unknown as Envelope, [key]);
  const { sequence } = statement.predicate;
  const hash = statement.subject[0]?.digest.sha256;
  if (statement.predicateType !== headType || typeof sequence !== 'number' || hash === undefined) {
    throw new BurgeonError('AUDIT_BROKEN', { message: 'The head of the audit is another kind of statement.' });
  }
  return { sequence, hash, rev: record.rev };
};
