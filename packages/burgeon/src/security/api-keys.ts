import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { BurgeonError, type Clock, type JsonObject, type Store, type StoreWrite } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import { type Access, type Role } from './access.ts';
import type { Audit } from './audit.ts';
import { openLastUsed } from './last-used.ts';
import { readModuleGlobs } from './module-globs.ts';
import { createSerial } from './serial.ts';

/** An API key as it may be shown: never its secret. */
export interface ApiKey extends Access {
  id: string;
  /** What the value begins with, `bgk_<id>`, and its last four characters. */
  prefix: string;
  last4: string;
  name?: string;
  state: 'valid' | 'expired' | 'revoked';
  /** ISO 8601 UTC. */
  createdAt: string;
  /** Absent = it never expires. */
  expiresAt?: string;
  revokedAt?: string;
  /** Written at most once a minute. */
  lastUsedAt?: string;
}

/** What a key is made from. */
export interface Grant {
  role: Role;
  name?: string;
  /** Globs of module ids; absent = all modules. */
  modules?: readonly string[];
  /** Absent = it never expires. */
  expiresInMs?: number;
}

/** Whom a token belongs to, or why it is good for nothing. */
export type Holder =
  { kind: 'owner' } | { kind: 'key'; key: ApiKey } | { kind: 'nobody'; why: 'unknown' | 'expired' | 'revoked' };

/** The API keys of a home. */
export interface ApiKeys {
  /** Makes a key. `value` is shown this once. @throws {BurgeonError} USAGE when a pattern is none, or there are too many keys */
  grant(grant: Grant): Promise<{ key: ApiKey; value: string }>;
  /** Ends a key for good and at once; one that has ended stays so. @throws {BurgeonError} KEY_NOT_FOUND */
  revoke(id: string): Promise<ApiKey>;
  /** All keys, also those that have ended, the oldest first. */
  list(): Promise<ApiKey[]>;
  /** Whom a token belongs to; takes the same time wherever it is wrong. */
  holderOf(token: string): Promise<Holder>;
  /** Lets a token pass for the owner while a server runs; undefined ends that. */
  letOwner(token: string | undefined): void;
  /** Tells when a key ends by being revoked. Gives what ends the telling. */
  onRevoked(listener: (id: string) => void): () => void;
  /** Writes when keys were last used. */
  flush(): Promise<void>;
}

/** A key as it is kept. The secret has 256 random bits, so one round of sha-256 is all that guessing it needs to be hopeless. */
interface KeptKey {
  role: Role;
  modules?: readonly string[];
  name?: string;
  /** sha-256 (hex) of the whole value. */
  hash: string;
  last4: string;
  createdAt: string;
  expiresAt?: string;
  revokedAt?: string;
}

const table = 'access-keys';
const usageTable = 'access-usage';

/** Keys of one home at most, those that have ended counted in. */
const most = 10_000;

/** How long a use may wait before it is written, milliseconds. */
const usageDelayMs = 60_000;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** What an unknown id is compared with, so that it takes as long as a known one. */
const nothing = digest(randomBytes(32).toString('hex'));

/** Opens the keys of a store. Its process is the only one that has the store, so what it remembers is what holds. */
export const openApiKeys = (parts: { store: Store; audit: Audit; clock: Clock; ids: Ids }): ApiKeys => {
  const { store, clock } = parts;
  const inTurn = createSerial();
  const listeners = new Set<(id: string) => void>();
  const usage = openLastUsed({ store, clock, table: usageTable, delayMs: usageDelayMs });
  let loading: Promise<Map<string, KeptKey>> | undefined;
  let owner: Buffer | undefined;
  const load = (): Promise<Map<string, KeptKey>> => (loading ??= readAll(store));
  const shown = (id: string, kept: KeptKey, lastUsedAt?: string): ApiKey =>
    publicForm({ id, kept, lastUsedAt, now: clock.now() });
  return {
    grant: (grant) => inTurn(async () => grantKey(parts, await load(), grant)),
    revoke: (id) =>
      inTurn(async () => {
        const keys = await load();
        const kept = keys.get(id) ?? missing(id);
        if (kept.revokedAt !== undefined) return shown(id, kept, await usage.last(id));
        const revoked = { ...kept, revokedAt: isoNow(clock) };
        await parts.audit.commit([{ kind: 'access.revoked', data: { key: id, role: kept.role } }], [keyWrite(id, revoked)]);
        keys.set(id, revoked);
        for (const listener of listeners) listener(id);
        return shown(id, revoked, await usage.last(id));
      }),
    list: async () => {
      const all = [...(await load())];
      return (await Promise.all(all.map(async ([id, kept]) => shown(id, kept, await usage.last(id))))).sort(byAge);
    },
    holderOf: async (token) => {
      const given = digest(token);
      if (owner !== undefined && timingSafeEqual(given, owner)) return { kind: 'owner' };
      const [, id = ''] = /^bgk_([a-z0-9]{1,32})_[\w-]{43}$/.exec(token) ?? [];
      const kept = (await load()).get(id);
      const fits = timingSafeEqual(given, kept ? Buffer.from(kept.hash, 'hex') : nothing);
      if (!fits || !kept) return { kind: 'nobody', why: 'unknown' };
      const key = shown(id, kept);
      if (key.state !== 'valid') return { kind: 'nobody', why: key.state };
      usage.touch(id);
      return { kind: 'key', key };
    },
    letOwner: (token) => void (owner = token === undefined ? undefined : digest(token)),
    onRevoked: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    flush: () => usage.flush(),
  };
};

const grantKey = async (
  { audit, clock, ids }: { audit: Audit; clock: Clock; ids: Ids },
  keys: Map<string, KeptKey>,
  { role, name, modules, expiresInMs }: Grant,
): Promise<{ key: ApiKey; value: string }> => {
  if (keys.size >= most)
    throw new BurgeonError('USAGE', { message: `There are ${most} keys already.`, hint: 'Use one of them.' });
  const globs = modules === undefined ? undefined : readModuleGlobs(modules);
  const id = ids.next('k').replace('k_', '');
  const value = `bgk_${id}_${randomBytes(32).toString('base64url')}`;
  const kept: KeptKey = {
    role,
    ...(globs === undefined || globs.includes('*') ? {} : { modules: globs }),
    ...(name === undefined ? {} : { name: name.slice(0, 200) }),
    hash: digest(value).toString('hex'),
    last4: value.slice(-4),
    createdAt: isoNow(clock),
    ...(expiresInMs === undefined ? {} : { expiresAt: new Date(clock.now() + expiresInMs).toISOString() }),
  };
  const { hash: _hash, ...facts } = kept;
  await audit.commit([{ kind: 'access.granted', data: { key: id, ...facts } as unknown as JsonObject }], [keyWrite(id, kept)]);
  keys.set(id, kept);
  return { key: publicForm({ id, kept, now: clock.now() }), value };
};

const keyWrite = (id: string, kept: KeptKey): StoreWrite => ({
  kind: 'put',
  table,
  id,
  value: { ...kept } as unknown as JsonObject,
});

const missing = (id: string): never => {
  throw new BurgeonError('KEY_NOT_FOUND', {
    message: `There is no API key ${JSON.stringify(id.slice(0, 100))}.`,
    hint: 'burgeon access list shows their ids.',
  });
};

const readAll = async (store: Store): Promise<Map<string, KeptKey>> => {
  const found = new Map<string, KeptKey>();
  for (let after = ''; ;) {
    const records = await store.list(table, { after });
    for (const { id, value } of records) found.set(id, value as unknown as KeptKey);
    if (records.length < 1_000) return found;
    after = records.at(-1)?.id ?? '';
  }
};

const publicForm = (from: { id: string; kept: KeptKey; lastUsedAt?: string | undefined; now: number }): ApiKey => {
  const { hash: _hash, ...facts } = from.kept;
  const expired = facts.expiresAt !== undefined && Date.parse(facts.expiresAt) <= from.now;
  return {
    id: from.id,
    prefix: `bgk_${from.id}`,
    state: facts.revokedAt !== undefined ? 'revoked' : expired ? 'expired' : 'valid',
    ...facts,
    ...(from.lastUsedAt === undefined ? {} : { lastUsedAt: from.lastUsedAt }),
  };
};

const byAge = (a: ApiKey, b: ApiKey): number => (a.createdAt === b.createdAt ? 0 : a.createdAt < b.createdAt ? -1 : 1);
