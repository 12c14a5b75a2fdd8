import { BurgeonError, type JsonObject, type Store } from '@burgeon/kit';
import { digestOf } from '../base/json.ts';
import { origin, signedHead, walkAudit } from './audit-log.ts';
import type { TrustedKey } from './keys.ts';
import { type Frontier, appendLeaf, rootOf } from './merkle.ts';

/** What the audit held at one time: so many entries, under one root. Kept elsewhere, it shows what no chain can: a cut, or an old copy. */
export interface Checkpoint {
  /** Entries that it covers. */
  size: number;
  /** Root of the Merkle tree over their hashes, hex. @see RFC 9162 section 2.1.1 */
  root: string;
  /** ISO 8601 UTC. */
  at: string;
}

/** What `verify` found. `firstBad` is the sequence of the first entry that was changed, cut or never signed. */
export interface AuditVerdict {
  ok: boolean;
  entries: number;
  firstBad?: number;
  reason?: string;
  /** How many checkpoints from elsewhere it agrees with; there when some were given. */
  checkpoints?: number;
}

type Bad = { firstBad: number; reason: string };

/** Reads the whole chain, and compares it with what it was when the checkpoints were made. */
export const verifyChain = async (store: Store, key: TrustedKey, checkpoints: readonly Checkpoint[]): Promise<AuditVerdict> => {
  const due = checkpoints.toSorted((a, b) => a.size - b.size);
  const agreed: Checkpoint[] = [];
  let [entries, previous]: [number, string] = [0, origin];
  let frontier: Frontier = [];
  let bad: Bad | undefined;
  const compare = (): void => {
    for (; due[0]?.size === entries; agreed.push(...due.splice(0, 1))) bad ??= judgeRoot(due[0], rootOf(frontier), agreed.at(-1));
  };
  compare();
  for await (const { sequence, entry } of walkAudit(store)) {
    entries += 1;
    const reason = bad === undefined ? judgeLink(entry, { sequence, expected: entries, previous }) : undefined;
    if (reason !== undefined) bad = { firstBad: Math.max(1, Math.min(sequence, entries)), reason };
    previous = entry['hash'] as string;
    if (due.length === 0 || bad) continue;
    frontier = appendLeaf(frontier, previous);
    compare();
  }
  bad ??= await judgeEnd(store, key, { sequence: entries, hash: previous });
  bad ??= judgeLength(
    due.find(({ size }) => size > entries),
    entries,
  );
  return { ok: bad === undefined, entries, ...bad, ...(checkpoints.length === 0 ? {} : { checkpoints: agreed.length }) };
};

const judgeLink = (entry: JsonObject, at: { sequence: number; expected: number; previous: string }): string | undefined => {
  if (at.sequence !== at.expected || entry['sequence'] !== at.expected) return 'an entry before it is missing';
  if (entry['previous'] !== at.previous) return 'it does not follow the entry before it';
  const { hash, ...rest } = entry;
  return hash === digestOf(rest) ? undefined : 'it was changed';
};

/** A chain that holds together and still has another root was written anew, somewhere behind the last checkpoint it agrees with. */
const judgeRoot = (checkpoint: Checkpoint, root: string, before: Checkpoint | undefined): Bad | undefined =>
  checkpoint.root === root
    ? undefined
    : {
        firstBad: (before?.size ?? 0) + 1,
        reason: `from here to entry ${checkpoint.size} the record is not the one of ${checkpoint.at}`,
      };

const judgeLength = (checkpoint: Checkpoint | undefined, entries: number): Bad | undefined =>
  checkpoint && {
    firstBad: entries + 1,
    reason: `the end is missing: at ${checkpoint.at} there were ${checkpoint.size} entries`,
  };

const judgeEnd = async (store: Store, key: TrustedKey, end: { sequence: number; hash: string }): Promise<Bad | undefined> => {
  const signed = await signedHead(store, key).catch((error: unknown) => BurgeonError.from(error));
  if (BurgeonError.is(signed)) return { firstBad: end.sequence, reason: `the signed end is not valid: ${signed.message}` };
  if (signed.sequence > end.sequence) return { firstBad: end.sequence + 1, reason: 'the end was cut off' };
  if (signed.sequence < end.sequence) return { firstBad: signed.sequence + 1, reason: 'it was never signed' };
  return signed.hash === end.hash ? undefined : { firstBad: end.sequence, reason: 'it is not the entry that was signed' };
};
