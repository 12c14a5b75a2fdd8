import { BurgeonError, type Clock, type JsonObject, type Store, type StoreWrite } from '@burgeon/kit';
import { type Actor, currentActor } from '../base/actor.ts';
import { isoNow } from '../base/clock.ts';
import { digestOf } from '../base/json.ts';
import { type AuditEntry, type AuditEvent, type Head, auditLog, headType, origin, signedHead, walkAudit } from './audit-log.ts';
import { type AuditVerdict, type Checkpoint, verifyChain } from './audit-verify.ts';
import type { OwnerKey, TrustedKey } from './keys.ts';
import { signStatement, statementType } from './sign.ts';

export type { AuditEntry, AuditEvent } from './audit-log.ts';
export type { AuditVerdict } from './audit-verify.ts';

/** The record of what happened: append-only, hash-chained, its head signed with every commit. */
export interface Audit {
  /**
   * Appends events in the same transaction as the changes they record: all of it happens or nothing. Callers may overlap; the
   * chain stays one line.
   * @throws {BurgeonError} CONFLICT when a `rev` of `writes` is not the stored one; AUDIT_BROKEN when the end was tampered with
   */
  commit(events: readonly AuditEvent[], writes?: readonly StoreWrite[]): Promise<void>;
  /**
   * Entries, oldest first: the newest `limit` (default 1,000) of those that concern `module`, or of all.
   * @throws {BurgeonError} AUDIT_BROKEN when one of them is not what was written
   */
  list(query?: { module?: string; limit?: number }): Promise<AuditEntry[]>;
  /** The newest entry; undefined when there is none. */
  last(): Promise<AuditEntry | undefined>;
  /**
   * Reads the whole chain. Finds change, removal, insertion, reordering and a cut end; with checkpoints that were kept elsewhere also a
   * chain written anew and an old copy of everything.
   */
  verify(checkpoints?: readonly Checkpoint[]): Promise<AuditVerdict>;
}

/** An event with whoever it was done for. */
type Told = AuditEvent & { actor: Actor };

interface Waiting {
  events: readonly Told[];
  writes: readonly StoreWrite[];
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Opens the audit of a store. `key` signs and verifies the head. */
export const openAudit = ({ store, clock, key }: { store: Store; clock: Clock; key: OwnerKey }): Audit => {
  const waiting: Waiting[] = [];
  let head: Head | undefined;
  let running = false;

  const write = async (events: readonly Told[], writes: readonly StoreWrite[]): Promise<void> => {
    for (let attempt = 0; ; attempt += 1) {
      const from = (head ??= await readHead(store, key));
      const { entries, to } = chain(events, from, isoNow(clock));
      try {
        await store.transact([...writes, ...entries, headWrite(to, from.rev, key)]);
        head = to;
        return;
      } catch (error) {
        head = undefined;
        // The caller's own conflict, unless the head has moved under us: then the chain is read again.
        const moved = BurgeonError.is(error) && error.code === 'CONFLICT' && (await readHead(store, key)).rev !== from.rev;
        if (!moved || attempt === 20) throw error;
      }
    }
  };

  const drain = async (): Promise<void> => {
    if (running) return;
    running = true;
    for (let group = take(waiting); group.length > 0; group = take(waiting)) {
      const events = group.flatMap((item) => item.events);
      const writes = group.flatMap((item) => item.writes);
      await write(events, writes).then(
        () => group.forEach(({ resolve }) => resolve()),
        (error: unknown) => group.forEach(({ reject }) => reject(error)),
      );
    }
    running = false;
  };

  return {
    commit: (events, writes = []) =>
      new Promise((resolve, reject) => {
        // Whoever asks is known here; the group is written on somebody else's behalf.
        const actor = currentActor();
        waiting.push({ events: events.map((event) => ({ actor, ...event })), writes: [...writes], resolve, reject });
        void drain();
      }),
    list: (query) => listEntries(store, query),
    last: async () => (await store.lastLog(auditLog))?.entry as AuditEntry | undefined,
    verify: (checkpoints = []) => verifyChain(store, key, checkpoints),
  };
};

/** The write that signs the end of the chain with another key than before: it says what it said. @throws {BurgeonError} SIGNATURE_INVALID, AUDIT_BROKEN */
export const resignHead = async (store: Store, key: OwnerKey, before: TrustedKey): Promise<StoreWrite[]> => {
  const { rev, sequence, hash } = await signedHead(store, before);
  return rev === 0 ? [] : [headWrite({ sequence, hash, rev }, rev, key)];
};

/** The next commit: one with changes alone, so that its conflict is nobody else's; those without share one. */
const take = (waiting: Waiting[]): Waiting[] => {
  const mixed = waiting.findIndex(({ writes }) => writes.length > 0);
  return waiting.splice(0, mixed === -1 ? waiting.length : Math.max(mixed, 1));
};

const chain = (events: readonly Told[], from: Head, at: string): { entries: StoreWrite[]; to: Head } => {
  let { sequence, hash } = from;
  const entries = events.map((event): StoreWrite => {
    sequence += 1;
    const entry = { ...event, sequence, at, previous: hash };
    hash = digestOf(entry);
    return { kind: 'append', log: auditLog, entry: { ...entry, hash } as unknown as JsonObject };
  });
  return { entries, to: { sequence, hash, rev: from.rev + 1 } };
};

const headWrite = ({ sequence, hash }: Head, rev: number, key: OwnerKey): StoreWrite => {
  const envelope = signStatement(key, {
    _type: statementType,
    subject: [{ name: auditLog, digest: { sha256: hash } }],
    predicateType: headType,
    predicate: { sequence },
  });
  return { kind: 'put', table: auditLog, id: 'head', rev, value: envelope as unknown as JsonObject };
};

/** The signed head, compared with the last entry: nothing is ever appended behind a cut, which would hide it. */
const readHead = async (store: Store, key: OwnerKey): Promise<Head> => {
  const signed = await signedHead(store, key);
  const last = await store.lastLog(auditLog);
  const found = { sequence: last?.sequence ?? 0, hash: last === undefined ? origin : last.entry['hash'] };
  if (signed.sequence !== found.sequence || signed.hash !== found.hash) {
    throw new BurgeonError('AUDIT_BROKEN', {
      message: `The audit ends with entry ${found.sequence}; entry ${signed.sequence} was the last that was signed.`,
      hint: 'Run burgeon audit verify, and put a copy of the data directory back.',
      data: { signed: signed.sequence, found: found.sequence },
    });
  }
  return signed;
};

const listEntries = async (
  store: Store,
  { module, limit = 1_000 }: { module?: string; limit?: number } = {},
): Promise<AuditEntry[]> => {
  const found: { sequence: number; entry: JsonObject }[] = [];
  for await (const each of walkAudit(store)) {
    // One that was changed may be one of these, and not say so.
    if (module !== undefined) requireWhole(each);
    if (module === undefined || each.entry['module'] === module) found.push(each);
    if (found.length >= limit * 2) found.splice(0, found.length - limit);
  }
  const newest = found.slice(-limit);
  if (module === undefined) newest.forEach(requireWhole);
  return newest.map(({ entry }) => entry as unknown as AuditEntry);
};

/** @throws {BurgeonError} AUDIT_BROKEN */
const requireWhole = ({ sequence, entry }: { sequence: number; entry: JsonObject }): void => {
  const { hash, ...rest } = entry;
  if (entry['sequence'] !== sequence || hash !== digestOf(rest)) throw changedEntry(sequence);
};

const changedEntry = (sequence: number): BurgeonError =>
  new BurgeonError('AUDIT_BROKEN', {
    message: `Entry ${sequence} of the audit is not what was written.`,
    hint: 'Run burgeon audit verify, and put a copy of the data directory back.',
    data: { entry: sequence },
  });
