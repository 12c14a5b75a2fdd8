import { createHmac } from 'node:crypto';
import { BurgeonError, type JsonObject, type Store, type StoreWrite } from '@burgeon/kit';
import { asText, canonicalJson, digestOf, isObject } from '../../base/json.ts';
import { sameText } from '../codes.ts';
import type { Keyring, MasterKey } from '../master-key.ts';
import { deriveKey } from './seal.ts';

/**
 * What the vault knows of its secrets: the digest of each, and how many changes there were, under a MAC. One secret that was changed, swapped or
 * put back to an older copy does not match its digest. All of them put back together do; then the record of what happened tells of changes that
 * the ledger does not know. A whole data directory that was put back knows of nothing newer, and cannot be told from one that stood still.
 */
export interface Ledger {
  /** Changes so far; each entry of the record says which it was. */
  counter: number;
  /** Digest of each stored secret, by name. */
  entries: Map<string, string>;
  /** Secrets that are older than the record says, with the version it told of. */
  stale: Map<string, number>;
  /** Why nothing of it counts. */
  broken?: string;
  /** Id of the key it is sealed under; undefined before the first secret. */
  master?: string;
  /** Entries of the record that were compared. */
  seen: number;
  /** Revision in the store. */
  rev: number;
}

/** Where it is kept. */
const ledgerPlace = { table: 'vault', id: 'ledger' } as const;

/** The name under which the record of what happened is kept. */
const record = 'audit';

/** The digest of a stored secret: all of its parts, so that no byte of it changes unseen. */
export const digestOfSecret = (value: JsonObject): string => digestOf(value);

/** Names of the ledger, before anybody has opened it: enough to tell that a secret is none that was ever kept. */
export const readNames = async (store: Store): Promise<ReadonlySet<string>> => {
  const value = (await store.get(ledgerPlace.table, ledgerPlace.id))?.value;
  return new Set(isObject(value?.['entries']) ? Object.keys(value['entries']) : []);
};

/**
 * Reads and verifies the ledger. One that does not verify counts for nothing; what it said is then found damaged, secret by secret.
 * `audited`: whether changes are told to the record, which is then compared.
 */
export const readLedger = async (store: Store, ring: Keyring, audited: boolean): Promise<Ledger> => {
  const stored = await store.get(ledgerPlace.table, ledgerPlace.id);
  const ledger = stored === undefined ? fresh() : verified(stored.value, ring);
  ledger.rev = stored?.rev ?? 0;
  if (!audited) return ledger;
  const from = ledger.seen;
  await compare(store, ledger);
  const key = [ring.newest, ring.before].find((each) => each?.id === ledger.master);
  if (key && ledger.stale.size === 0 && ledger.seen - from > longestWay) {
    await store.transact([ledgerWrite(ledger, key)]);
    ledger.rev += 1;
  }
  return ledger;
};

/** Entries of the record that are compared anew at each start; once there are more, how far they were compared is kept. */
const longestWay = 2_000;

/** The write that keeps a ledger, under a key. */
export const ledgerWrite = ({ counter, entries, seen, rev }: Ledger, key: MasterKey): StoreWrite => {
  const content = { master: key.id, counter, seen, entries: Object.fromEntries(entries) };
  return { kind: 'put', ...ledgerPlace, rev, value: { ...content, mac: macOf(content, key) } };
};

const fresh = (): Ledger => ({ counter: 0, entries: new Map(), stale: new Map(), seen: 0, rev: 0 });

const verified = (value: JsonObject, { newest, before }: Keyring): Ledger => {
  const { mac, ...content } = value;
  const key = [newest, before].find((each) => each?.id === content['master']);
  const broken = (why: string): Ledger => ({ ...fresh(), broken: why });
  if (key === undefined) return broken('it was sealed under another master key');
  if (typeof mac !== 'string' || !sameText(mac, macOf(content, key))) return broken('it was changed where it is stored');
  const { counter, seen, entries } = content as { counter: number; seen: number; entries: Record<string, string> };
  return { ...fresh(), counter, seen, entries: new Map(Object.entries(entries)), master: key.id };
};

const macOf = (content: JsonObject, key: MasterKey): string =>
  createHmac('sha256', deriveKey(key.bytes, 'vault-ledger')).update(canonicalJson(content)).digest('hex');

/** Looks for changes in the record that the ledger does not know. */
const compare = async (store: Store, ledger: Ledger): Promise<void> => {
  const known = ledger.counter;
  for (;;) {
    const entries = await store.readLog(record, { after: ledger.seen });
    for (const { sequence, entry } of entries) {
      ledger.seen = sequence;
      const data = entry['data'];
      if (!/^(?:secret|vault)\./.test(asText(entry['kind'])) || !isObject(data) || typeof data['counter'] !== 'number') continue;
      if (data['counter'] <= known) continue;
      ledger.counter = Math.max(ledger.counter, data['counter']);
      if (typeof data['name'] === 'string') ledger.stale.set(data['name'], Number(data['version']));
    }
    if (entries.length === 0) return;
  }
};

/** The error of a secret that is not what the ledger says; undefined when it is. */
export const judgeSecret = (ledger: Ledger, name: string, value: JsonObject | undefined): BurgeonError | undefined => {
  const entry = ledger.entries.get(name);
  if (ledger.broken !== undefined && (value !== undefined || ledger.stale.has(name)))
    return damaged(name, `cannot be trusted: the ledger of the vault counts for nothing, ${ledger.broken}`);
  if (ledger.stale.has(name)) return damaged(name, 'is older than what was last kept');
  if (value === undefined) return entry === undefined ? undefined : damaged(name, 'is gone from where it was stored');
  if (entry !== undefined && sameText(entry, digestOfSecret(value))) return undefined;
  return damaged(name, 'was changed where it is stored');
};

/** A secret that is not what was kept. */
export const damaged = (name: string, what: string, cause?: unknown): BurgeonError =>
  new BurgeonError('HOME_DAMAGED', {
    message: `The secret ${name} ${what}.`,
    hint: `Put a copy of the data directory back, or set it again: burgeon secret set ${name}`,
    data: { secret: name },
    cause,
  });
