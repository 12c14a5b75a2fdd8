import { BurgeonError, type Clock, type JsonObject, type Store, type StoreWrite } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import { digestOf } from '../base/json.ts';
import type { OwnerKey } from './keys.ts';
import { type Envelope, signStatement, statementType, verifyEnvelope } from './sign.ts';

/** Something that happened. `kind` is noun and verb: `approval.opened`, `module.activated`. Never holds a secret. */
export interface AuditEvent {
  kind: string;
  /** Module id, `namespace/name`. */
  module?: string;
  data?: JsonObject;
}

/** One link of the chain: `hash` covers everything else in it, `previous` is the hash before (64 zeros in the first). */
export interface AuditEntry extends AuditEvent {
  sequence: number;
  /** ISO 8601 UTC. */
  at: string;
  previous: string;
  hash: string;
}

/** What `verify` found. `firstBad` is the sequence of the first entry that was changed, cut or never signed. */
export interface AuditVerdict {
  ok: boolean;
  entries: number;
  firstBad?: number;
  reason?: string;
}

/** The record of what happened: append-only, hash-chained, its head signed with every commit. */
export interface Audit {
  /**
   * Appends events in the same transaction as the changes they record: all of it happens or nothing. Callers may overlap; the
   * chain stays one line.
   * @throws {BurgeonError} CONFLICT when a `rev` of `writes` is not the stored one; AUDIT_BROKEN when the end was tampered with
   */
  commit(events: readonly AuditEvent[], writes?: readonly StoreWrite[]): Promise<void>;
  /** Entries, oldest first: the newest `limit` (default 1,000) of those that concern `module`, or of all. */
  list(query?: { module?: string; limit?: number }): Promise<AuditEntry[]>;
  /** Reads the whole chain. Finds change, removal, insertion, reordering and a cut end. */
  verify(): Promise<AuditVerdict>;
}

/** Where the chain ends. `rev` is that of the signed head in the store, which makes a fork impossible. */
interface Head {
  sequence: number;
  hash: string;
  rev: number;
}

interface Waiting {
  events: readonly AuditEvent[];
  writes: readonly StoreWrite[];
  resolve: () => void;
  reject: (error: unknown) => void;
}

const log = 'audit';
const origin = '0'.repeat(64);
const headType = 'https://burgeon.dev/attestations/audit-head/v1';
const page = 1_000;

/** Opens the audit of a store. `key` signs and verifies the head. */
export const openAudit = ({ store, clock, key }: { store: Store; clock: Clock; key: OwnerKey }): Audit => {
  const waiting: Waiting[] = [];
  let head: Head | undefined;
  let running = false;

  const write = async (events: readonly AuditEvent[], writes: readonly StoreWrite[]): Promise<void> => {
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
        waiting.push({ events: [...events], writes: [...writes], resolve, reject });
        void drain();
      }),
    list: (query) => listEntries(store, query),
    verify: () => verifyChain(store, key),
  };
};

/** The next commit: one with changes alone, so that its conflict is nobody else's; those without share one. */
const take = (waiting: Waiting[]): Waiting[] => {
  const mixed = waiting.findIndex(({ writes }) => writes.length > 0);
  return waiting.splice(0, mixed === -1 ? waiting.length : Math.max(mixed, 1));
};

const chain = (events: readonly AuditEvent[], from: Head, at: string): { entries: StoreWrite[]; to: Head } => {
  let { sequence, hash } = from;
  const entries = events.map((event): StoreWrite => {
    sequence += 1;
    const entry = { ...event, sequence, at, previous: hash };
    hash = digestOf(entry);
    return { kind: 'append', log, entry: { ...entry, hash } as unknown as JsonObject };
  });
  return { entries, to: { sequence, hash, rev: from.rev + 1 } };
};

const headWrite = ({ sequence, hash }: Head, rev: number, key: OwnerKey): StoreWrite => {
  const envelope = signStatement(key, {
    _type: statementType,
    subject: [{ name: log, digest: { sha256: hash } }],
    predicateType: headType,
    predicate: { sequence },
  });
  return { kind: 'put', table: log, id: 'head', rev, value: envelope as unknown as JsonObject };
};

/** The signed head, compared with the last entry: nothing is ever appended behind a cut, which would hide it. */
const readHead = async (store: Store, key: OwnerKey): Promise<Head> => {
  const signed = await signedHead(store, key);
  const last = await store.lastLog(log);
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

const signedHead = async (store: Store, key: OwnerKey): Promise<Head> => {
  const record = await store.get(log, 'head');
  if (record === undefined) return { sequence: 0, hash: origin, rev: 0 };
  const statement = verifyEnvelope(record.value as unknown as Envelope, [key]);
  const { sequence } = statement.predicate;
  const hash = statement.subject[0]?.digest.sha256;
  if (statement.predicateType !== headType || typeof sequence !== 'number' || hash === undefined) {
    throw new BurgeonError('AUDIT_BROKEN', { message: 'The head of the audit is another kind of statement.' });
  }
  return { sequence, hash, rev: record.rev };
};

async function* walk(store: Store): AsyncGenerator<{ sequence: number; entry: JsonObject }> {
  for (let after = 0; ;) {
    const entries = await store.readLog(log, { after, limit: page });
    yield* entries;
    const last = entries.at(-1);
    if (last === undefined || entries.length < page) return;
    after = last.sequence;
  }
}

const listEntries = async (
  store: Store,
  { module, limit = 1_000 }: { module?: string; limit?: number } = {},
): Promise<AuditEntry[]> => {
  const found: AuditEntry[] = [];
  for await (const { entry } of walk(store)) {
    if (module === undefined || entry['module'] === module) found.push(entry as unknown as AuditEntry);
    if (found.length >= limit * 2) found.splice(0, found.length - limit);
  }
  return found.slice(-limit);
};

const verifyChain = async (store: Store, key: OwnerKey): Promise<AuditVerdict> => {
  let entries = 0;
  let previous = origin;
  let bad: { firstBad: number; reason: string } | undefined;
  for await (const { sequence, entry } of walk(store)) {
    entries += 1;
    const reason = bad === undefined ? judgeLink(entry, { sequence, expected: entries, previous }) : undefined;
    if (reason !== undefined) bad = { firstBad: Math.min(sequence, entries), reason };
    previous = entry['hash'] as string;
  }
  bad ??= await judgeEnd(store, key, { sequence: entries, hash: previous });
  return { ok: bad === undefined, entries, ...bad };
};

const judgeLink = (entry: JsonObject, at: { sequence: number; expected: number; previous: string }): string | undefined => {
  if (at.sequence !== at.expected || entry['sequence'] !== at.expected) return 'an entry before it is missing';
  if (entry['previous'] !== at.previous) return 'it does not follow the entry before it';
  const { hash, ...rest } = entry;
  return hash === digestOf(rest) ? undefined : 'it was changed';
};

const judgeEnd = async (
  store: Store,
  key: OwnerKey,
  end: { sequence: number; hash: string },
): Promise<{ firstBad: number; reason: string } | undefined> => {
  const signed = await signedHead(store, key).catch((error: unknown) => BurgeonError.from(error));
  if (BurgeonError.is(signed)) return { firstBad: end.sequence, reason: `the signed end is not valid: ${signed.message}` };
  if (signed.sequence > end.sequence) return { firstBad: end.sequence + 1, reason: 'the end was cut off' };
  if (signed.sequence < end.sequence) return { firstBad: signed.sequence + 1, reason: 'it was never signed' };
  return signed.hash === end.hash ? undefined : { firstBad: end.sequence, reason: 'it is not the entry that was signed' };
};
