import { BurgeonError, type Clock, type JsonObject, type Store, type StoreWrite, type StoredRecord } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import type { Audit, AuditEvent } from './audit.ts';
import { type Keyring, type MasterKeys, type MasterWish, masterKeyOf } from './master-key.ts';
import { createSerial } from './serial.ts';
import { type Ledger, digestOfSecret, judgeSecret, ledgerWrite, readLedger, readNames } from './vault/ledger.ts';
import {
  asSecret,
  isSecretName,
  moduleOf,
  openSecret,
  resealSecret,
  sealSecret,
  type SealedSecret,
} from './vault/sealed-secret.ts';

/** What may be told of a secret: never its value. */
export interface SecretRecord {
  /** `<module id>/<auth scheme>`: `api/petstore/api_key`. */
  name: string;
  /** Grows by one with each value. */
  version: number;
  /** When this version was set, ISO 8601 UTC. */
  createdAt: string;
  revoked: boolean;
}

/** Secrets at rest, each sealed under its own data key. */
export interface Vault {
  /** Keeps a value; what was there before is erased. @throws {BurgeonError} NAME_INVALID, INPUT_INVALID when it is empty, VAULT_LOCKED */
  set(name: string, value: string): Promise<SecretRecord>;
  /** Keeps the next value of a secret that exists. @throws {BurgeonError} SECRET_MISSING, VAULT_LOCKED */
  rotate(name: string, value: string): Promise<SecretRecord>;
  /** Erases the value; the name stays, so that it is seen. @throws {BurgeonError} SECRET_MISSING, VAULT_LOCKED */
  revoke(name: string): Promise<SecretRecord>;
  /** What may be told of one secret, its value apart; undefined when there never was one. A locked vault tells it, too. */
  find(name: string): Promise<SecretRecord | undefined>;
  /** In the order of their names. A locked vault tells them, too. */
  list(): Promise<SecretRecord[]>;
  /**
   * The value; undefined when there is none or it was revoked.
   * @throws {BurgeonError} HOME_DAMAGED when it is not what was last kept; VAULT_LOCKED when there is one and the key is not at hand
   */
  read(name: string): Promise<string | undefined>;
  /**
   * Puts a new master key in the place of the one there is. Whenever it is interrupted, every secret opens with the old key or the new one.
   * @throws {BurgeonError} VAULT_LOCKED
   */
  reseal(wish: MasterWish): Promise<{ secrets: number }>;
}

/** What a vault works with. With an audit, each change is recorded in its own transaction, and secrets that were put back are found. */
export interface VaultOptions {
  store: Store;
  /** Opened when a secret is needed; bytes are a key that is at hand. */
  masterKey: Uint8Array | Pick<MasterKeys, 'open' | 'begin' | 'finish'>;
  clock: Clock;
  audit?: Pick<Audit, 'commit'> | undefined;
}

const table = 'secrets';

/** What the operations of one vault share. */
interface Room {
  store: Store;
  clock: Clock;
  audit: Pick<Audit, 'commit'> | undefined;
  keys: Pick<MasterKeys, 'open' | 'begin' | 'finish'>;
  /** The ledger, once it was opened. */
  ledger?: Ledger | undefined;
}

/** Opens the vault of a store. Nothing is read before the first secret is asked for. */
export const openVault = ({ store, masterKey, clock, audit }: VaultOptions): Vault => {
  const keys = masterKey instanceof Uint8Array ? keyAtHand(masterKey) : masterKey;
  const room: Room = { store, clock, audit, keys };
  const inTurn = createSerial();

  const read = async (name: string): Promise<string | undefined> => {
    const record = await store.get(table, checkName(name));
    if (!room.ledger && record === undefined && !(await readNames(store)).has(name)) return undefined;
    const ring = await keys.open();
    const ledger = room.ledger ?? (await inTurn(() => ready(room, ring)));
    if (judgeSecret(ledger, name, record?.value) === undefined) return valueOf(ring, name, record);
    // A change may have come between; behind all changes that are under way it must be right.
    return inTurn(async () => {
      const again = await store.get(table, name);
      const wrong = judgeSecret(await ready(room, ring), name, again?.value);
      if (wrong) throw wrong;
      return valueOf(await keys.open(), name, again);
    });
  };

  return {
    set: (name, value) => inTurn(async () => keep(room, checkName(name), checkValue(value))),
    rotate: (name, value) => inTurn(async () => keep(room, await existing(store, name), checkValue(value))),
    revoke: (name) => inTurn(async () => keep(room, await existing(store, name), undefined)),
    find: async (name) => {
      const record = await store.get(table, checkName(name));
      return record && publicForm(name, asSecret(record.value));
    },
    list: async () => (await allRecords(store)).map(({ id, value }) => publicForm(id, asSecret(value))),
    read,
    reseal: (wish) => inTurn(() => reseal(room, wish)),
  };
};

/** A key that is there already, and will be the only one. */
const keyAtHand = (bytes: Uint8Array): Pick<MasterKeys, 'open' | 'begin' | 'finish'> => {
  const ring: Keyring = { newest: masterKeyOf(bytes), sure: true };
  const fixed = (): Promise<never> =>
    Promise.reject(new BurgeonError('UNSUPPORTED', { message: 'The master key of this vault cannot be changed.' }));
  return { open: () => Promise.resolve(ring), begin: fixed, finish: fixed };
};

const valueOf = (ring: Keyring, name: string, record: StoredRecord | undefined): string | undefined => {
  const secret = record && asSecret(record.value);
  return secret === undefined || secret.revoked ? undefined : openSecret(ring, name, secret);
};

/** The ledger, opened and compared; a change of the master key that was interrupted is carried through first. */
const ready = async (room: Room, ring: Keyring): Promise<Ledger> => {
  if (room.ledger) return room.ledger;
  const ledger = await readLedger(room.store, ring, room.audit !== undefined);
  room.ledger = ledger;
  if (ring.before && ring.sure) await carryThrough(room, ring, ledger);
  return room.ledger;
};

const keep = async (room: Room, name: string, value: string | undefined): Promise<SecretRecord> => {
  const { store, clock, keys } = room;
  const ring = await keys.open();
  const ledger = await ready(room, ring);
  const old = await store.get(table, name);
  const before = old && asSecret(old.value);
  const version = Math.max(before?.version ?? 0, ledger.stale.get(name) ?? 0) + (value === undefined ? 0 : 1);
  const secret: SealedSecret =
    value === undefined
      ? { version, createdAt: before?.createdAt ?? isoNow(clock), revoked: true, master: ring.newest.id }
      : sealSecret(ring.newest, name, { version, createdAt: isoNow(clock), value });
  const kind = value === undefined ? 'secret.revoked' : before === undefined ? 'secret.set' : 'secret.rotated';
  await commit(room, ring, {
    ledger,
    changed: [{ name, rev: old?.rev ?? 0, secret }],
    event: (counter) => ({ kind, module: moduleOf(name), data: { name, version, counter } }),
  });
  return publicForm(name, secret);
};

/** Secrets that change together, with what is told of it. */
interface Change {
  ledger: Ledger;
  changed: readonly { name: string; rev: number; secret: SealedSecret }[];
  event(counter: number): AuditEvent;
}

/** Writes secrets, ledger and record in one transaction. */
const commit = async (room: Room, ring: Keyring, { ledger, changed, event }: Change): Promise<void> => {
  const { store, audit } = room;
  const next: Ledger = { ...ledger, counter: ledger.counter + 1, entries: new Map(ledger.entries), stale: new Map(ledger.stale) };
  delete next.broken;
  // Those that were put back do not become right by the change of another.
  for (const name of next.stale.keys()) next.entries.delete(name);
  const writes = changed.map(({ name, rev, secret }): StoreWrite => {
    const value = secret as unknown as JsonObject;
    next.entries.set(name, digestOfSecret(value));
    next.stale.delete(name);
    return { kind: 'put', table, id: name, rev, value };
  });
  writes.push(ledgerWrite(next, ring.newest));
  if (audit) await audit.commit([event(next.counter)], writes);
  else await store.transact(writes);
  room.ledger = { ...next, master: ring.newest.id, rev: ledger.rev + 1 };
};

const reseal = async (room: Room, wish: MasterWish): Promise<{ secrets: number }> => {
  const ring = await room.keys.open();
  const ledger = await ready(room, ring);
  if (ring.before) await carryThrough(room, ring, ledger);
  return carryThrough(room, await room.keys.begin(wish), room.ledger ?? ledger);
};

/** Seals everything under the newest key, in one transaction, and then lets the one before go. What is damaged stays as it is. */
const carryThrough = async (room: Room, ring: Keyring, ledger: Ledger): Promise<{ secrets: number }> => {
  const records = await allRecords(room.store);
  const sound = records.filter(
    ({ id, value }) => asSecret(value).master !== ring.newest.id && judgeSecret(ledger, id, value) === undefined,
  );
  const changed = sound.map(({ id, rev, value }) => ({ name: id, rev, secret: resealSecret(ring, id, asSecret(value)) }));
  if (changed.length > 0 || (ledger.master !== undefined && ledger.master !== ring.newest.id)) {
    const data = { from: ring.before?.id ?? '', to: ring.newest.id, secrets: changed.length };
    await commit(room, ring, { ledger, changed, event: (counter) => ({ kind: 'vault.rotated', data: { ...data, counter } }) });
  }
  await room.keys.finish();
  return { secrets: changed.length };
};

const allRecords = async (store: Store): Promise<StoredRecord[]> => {
  const found: StoredRecord[] = [];
  for (;;) {
    const records = await store.list(table, { after: found.at(-1)?.id ?? '' });
    found.push(...records);
    if (records.length < 1_000) return found;
  }
};

const existing = async (store: Store, name: string): Promise<string> => {
  if (await store.get(table, checkName(name))) return name;
  throw new BurgeonError('SECRET_MISSING', { message: `There is no secret ${name}.`, hint: `Run burgeon secret set ${name}.` });
};

const publicForm = (name: string, { version, createdAt, revoked }: SealedSecret): SecretRecord => ({
  name,
  version,
  createdAt,
  revoked,
});

const checkName = (name: string): string => {
  if (isSecretName(name)) return name;
  throw new BurgeonError('NAME_INVALID', {
    message: `${JSON.stringify(name.slice(0, 200))} is no name of a secret.`,
    hint: 'Write namespace/module/scheme, for example api/petstore/api_key.',
  });
};

const checkValue = (value: string): string => {
  if (value.length > 0 && value.length <= 1_048_576) return value;
  throw new BurgeonError('INPUT_INVALID', {
    message: value === '' ? 'The value of a secret must not be empty.' : 'The value of a secret must not exceed 1 MiB.',
  });
};
