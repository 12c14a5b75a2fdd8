import { BurgeonError, type Clock, type JsonObject, type Store, type StoreWrite } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import type { Home } from '../base/home.ts';
import type { Audit } from './audit.ts';
import { type KeyIntroduction, introduced } from './introduce.ts';
import { type KeyDocument, type KnownKey, signRing, successionOf, trustedOf } from './known-keys.ts';
import { type OwnerKey, type TrustedKey, madeAt, newOwnerKey, publicText } from './keys.ts';
import { installNextKey, openSigner, writeNextKey } from './next-key.ts';
import { createSerial } from './serial.ts';
import { countersign } from './sign.ts';

/** What stands under a key and must be signed again when another takes its place. */
export interface Resigning {
  /** Writes of the one transaction in which the new key takes over. */
  writes(to: OwnerKey, from: OwnerKey): Promise<StoreWrite[]>;
  /** What lies in files: called after the transaction, and again at the next start when the process ended before it was through. */
  files(to: OwnerKey, from: readonly TrustedKey[]): Promise<void>;
}

/** The keys this home knows: its own, those before it, and those of publishers. The list is signed by the owner. */
export interface KeyRing {
  /** The owner's key of today; the same object over a rotation. Read its parts at each use. */
  readonly signer: OwnerKey;
  /** All keys, the owner's first, the newest first. */
  list(): KnownKey[];
  /** The owner's keys of all times, as signatures are judged by them. */
  owners(): TrustedKey[];
  /** A key that is known. */
  find(id: string): KnownKey | undefined;
  /** The same key, as signatures are judged by it. */
  trusted(id: string): TrustedKey | undefined;
  /** True when a key took the place of another, however many lie between them. */
  follows(id: string, before: string): boolean;
  /**
   * Adds a publisher, or says something else of one. A key that follows a known one inherits what was said of that.
   * @throws {BurgeonError} INPUT_INVALID; SIGNATURE_INVALID when it does not follow as its document says; CONFLICT for one that was revoked
   */
  add(document: string, introduction: KeyIntroduction): Promise<KnownKey>;
  /**
   * Revokes a key: what it signed no longer counts, from `since` (ISO 8601 UTC) on or at all.
   * @throws {BurgeonError} KEY_NOT_FOUND; CONFLICT for the key that signs today
   */
  revoke(id: string, options: { since?: string; why?: string }): Promise<KnownKey>;
  /** Puts a new key in the place of the owner's; all that stands is signed again. A crash leaves the old one or the new one. */
  rotate(resigning: Resigning): Promise<KnownKey>;
  /** Ends a rotation that a crash interrupted. */
  settle(files: Resigning['files']): Promise<void>;
  /** What others add to know this home. */
  document(name?: string): KeyDocument;
}

/** What the ring works with. */
export interface KeyRingOptions {
  home: Home;
  store: Store;
  clock: Clock;
  /** Made after the ring, with its signer. */
  audit(): Audit;
}

/** The ring as it is at hand. */
interface Ring extends KeyRingOptions {
  signer: OwnerKey;
  keys: KnownKey[];
  serial: number;
  rev: number;
  unfinished: boolean;
}

const table = 'keys';
const recordId = 'ring';

/** Opens the ring of a home. @throws {BurgeonError} SIGNATURE_INVALID when the list is not what the owner signed; RECORD_NOT_FOUND, HOME_DAMAGED */
export const openKeyRing = async (options: KeyRingOptions): Promise<KeyRing> => {
  const record = await options.store.get(table, recordId);
  const { signer, serial, unfinished, keys } = await openSigner(options.home, record?.value);
  const at = isoNow(options.clock);
  const own = {
    signer: { ...signer },
    serial,
    unfinished,
    keys: keys ?? [ownerEntry(signer, [at, ...(await madeAt(options.home))].toSorted()[0] ?? at)],
  };
  const ring: Ring = { ...options, ...own, rev: record?.rev ?? 0 };
  const oneAtATime = createSerial();
  const find = (id: string): KnownKey | undefined => ring.keys.find((key) => key.id === id);
  const successor = (id: string): string | undefined =>
    ring.keys
      .map((key) => [key.id, ...(key.follows ?? [])])
      .map((line) => line[line.indexOf(id) - 1])
      .find((next) => next !== undefined);
  const judged = (key: KnownKey): TrustedKey => trustedOf(key, isoNow(ring.clock));
  return {
    signer: ring.signer,
    find,
    list: () => ring.keys.toSorted(inOrder),
    owners: () => ring.keys.filter(({ role }) => role === 'owner').map(judged),
    trusted: (id) => {
      const key = find(id);
      return key && judged(key);
    },
    follows: (id, before) => find(id)?.follows?.includes(before) === true,
    add: (document, introduction) =>
      oneAtATime(async () => {
        const { trust, scope, ...key } = introduced(document, introduction, { find, successor, at: isoNow(ring.clock) });
        return keep(ring, { ...key, trust, scope }, { kind: 'key.added', data: { trust, scope } });
      }),
    revoke: (id, how) => oneAtATime(() => revoke(ring, find(id) ?? refuseUnknown(ring, id), how)),
    rotate: (resigning) => oneAtATime(() => rotate(ring, resigning)),
    settle: async (files) => {
      if (!ring.unfinished) return;
      // Those before it stand for themselves here: what lies in files was signed by one of them.
      await finish(ring, files, ring.keys.filter(({ role, id }) => role === 'owner' && id !== ring.signer.id).map(plain));
    },
    document: (name) => documentOf(ring, name),
  };
};

const ownerEntry = ({ id, publicKey }: TrustedKey, addedAt: string): KnownKey => ({
  id,
  publicKey: publicText(publicKey),
  role: 'owner',
  name: 'owner',
  trust: 'own',
  scope: ['*'],
  addedAt,
});

const plain = (key: KnownKey): TrustedKey => {
  const { id, publicKey } = trustedOf(key, '');
  return { id, publicKey };
};

const inOrder = (a: KnownKey, b: KnownKey): number => {
  if (a.role !== b.role) return a.role === 'owner' ? -1 : 1;
  return a.addedAt < b.addedAt ? 1 : a.addedAt > b.addedAt ? -1 : a.retiredAt === undefined ? -1 : 1;
};

const ringWrite = ({ serial, rev }: Ring, by: OwnerKey, keys: readonly KnownKey[]): StoreWrite => ({
  kind: 'put',
  table,
  id: recordId,
  rev,
  value: signRing(by, serial + 1, keys) as unknown as JsonObject,
});

const took = (ring: Ring, keys: KnownKey[]): void => {
  ring.keys = keys;
  ring.serial += 1;
  ring.rev += 1;
};

const keep = async (ring: Ring, changed: KnownKey, event: { kind: string; data: JsonObject }): Promise<KnownKey> => {
  const keys = [...ring.keys.filter(({ id }) => id !== changed.id), changed];
  const data = { key: changed.id, name: changed.name, ...event.data };
  await ring.audit().commit([{ kind: event.kind, data }], [ringWrite(ring, ring.signer, keys)]);
  took(ring, keys);
  return changed;
};

const revoke = (ring: Ring, key: KnownKey, { since, why }: { since?: string; why?: string }): Promise<KnownKey> => {
  if (key.id === ring.signer.id) {
    throw new BurgeonError('CONFLICT', {
      message: `The key ${key.id} is the one that signs today.`,
      hint: 'Put another in its place first: burgeon keys rotate',
    });
  }
  const revoked = {
    at: isoNow(ring.clock),
    ...(since === undefined ? {} : { since }),
    ...(why === undefined ? {} : { why: why.slice(0, 1_000) }),
  };
  return keep(ring, { ...key, revoked }, { kind: 'key.revoked', data: { ...revoked } });
};

const refuseUnknown = ({ keys }: Ring, id: string): never => {
  throw new BurgeonError('KEY_NOT_FOUND', {
    message: `There is no key ${JSON.stringify(id.slice(0, 100))}.`,
    hint: `Known: ${keys.map((key) => key.id).join(', ')}. See burgeon keys list.`,
  });
};

/**
 * The record comes first, under the key that was there; then the key itself, which is nothing until the list names it. The transaction is the
 * one moment in which everything passes over.
 */
const rotate = async (ring: Ring, { writes, files }: Resigning): Promise<KnownKey> => {
  const from = { ...ring.signer };
  const to = newOwnerKey();
  const at = isoNow(ring.clock);
  await ring.audit().commit([{ kind: 'key.rotated', data: { from: from.id, to: to.id } }]);
  await writeNextKey(ring.home, to);
  const earlier = ring.keys.find(({ id }) => id === from.id)?.follows ?? [];
  const endorsement = countersign(to, successionOf(from, to, at));
  const entry = { ...ownerEntry(to, at), follows: [from.id, ...earlier], endorsement };
  const keys = [...ring.keys.map((key) => (key.id === from.id ? { ...key, retiredAt: at } : key)), entry];
  await inOneGo(ring.store, async () => [ringWrite(ring, to, keys), ...(await writes(to, from))]);
  Object.assign(ring.signer, to);
  took(ring, keys);
  await finish(ring, files, [from]);
  return entry;
};

/** Whoever else writes meanwhile moves what is signed again: then it is read anew. */
const inOneGo = async (store: Store, writes: () => Promise<StoreWrite[]>): Promise<void> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await store.transact(await writes());
    } catch (error) {
      if (attempt === 20 || BurgeonError.from(error).code !== 'CONFLICT') throw error;
    }
  }
};

const finish = async (ring: Ring, files: Resigning['files'], from: readonly TrustedKey[]): Promise<void> => {
  await files(ring.signer, from);
  await installNextKey(ring.home);
  ring.unfinished = false;
};

const documentOf = ({ signer, keys }: Ring, name: string | undefined): KeyDocument => ({
  publicKey: publicText(signer.publicKey),
  ...(name === undefined ? {} : { name }),
  // The list keeps the order in which they followed each other.
  endorsements: keys.flatMap(({ role, endorsement }) => (role === 'owner' && endorsement ? [endorsement] : [])),
});
