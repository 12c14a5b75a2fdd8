import { BurgeonError, type JsonObject, type JsonValue, type Store, type StoreWrite, type StoredRecord } from '@burgeon/kit';
import compare from 'semver/functions/compare.js';
import valid from 'semver/functions/valid.js';
import type { FileDigest } from '../security/bundle.ts';
import type { TrustLevel } from '../security/known-keys.ts';
import type { Envelope } from '../security/sign.ts';

/** Where a version stands: `pending` waits for approval, `active` is called, `superseded` was active and may be again. */
export type VersionState = 'pending' | 'active' | 'superseded' | 'rejected' | 'archived';

/** One version of one module. */
export interface ModuleReference {
  /** `namespace/name`. */
  id: string;
  version: string;
}

/** Who published a package, as it was judged when it was taken in. */
export interface Publication {
  /** Id of the key that signed. */
  key: string;
  name: string;
  trust: TrustLevel;
  /** sha-256 (hex) of the bundle as it was published. */
  digest: string;
  /** sha-256 (hex) of the publisher's envelope, in its canonical form. */
  attestation: string;
  /** ISO 8601 UTC, as the publisher says. */
  publishedAt: string;
}

/** What is known about one version. */
export interface VersionRecord extends ModuleReference {
  kind: string;
  host: string;
  state: VersionState;
  /** sha-256 (hex) of the bundle. */
  digest: string;
  capabilitiesDigest: string;
  /** How many operations it has. */
  operations: number;
  /** ISO 8601 UTC. */
  createdAt: string;
  /** When it was last made active, ISO 8601 UTC. */
  activeSince?: string;
  /** ISO 8601 UTC; absent when it was never called. */
  lastUsedAt?: string;
  files: FileDigest[];
  /** Approval request that concerns it. */
  request?: string;
  /** The run that made it, and when that began (ISO 8601 UTC). */
  run?: string;
  startedAt?: string;
  /** Digests of the model and of what it was asked, where a model wrote it. */
  authorship?: JsonObject;
  /** Where it came from, when it came as a package. */
  publication?: Publication;
  /** What the checks and the trial found, as the pipeline wrote it. */
  checks: JsonValue;
  trial: JsonValue;
  /** Set at activation. */
  signature?: Envelope;
}

/** What is known about a module as a whole. */
export interface ModuleRecord {
  id: string;
  /** The version that is called; absent while none was approved. */
  active?: string;
  archived: boolean;
  createdAt: string;
  remarks?: Remarks;
}

/** What people say of a module beside its signed bytes; nothing is judged by it. */
export interface Remarks {
  title?: string;
  note?: string;
}

/** A record together with the revision that was read; 0 = not stored yet. */
export interface Kept<T> {
  rev: number;
  value: T;
}

/** Tables of the store. */
export const tables = { modules: 'modules', versions: 'versions', usage: 'usage' } as const;

/** Key of a version: `namespace/name@1.2.0`. */
export const keyOf = ({ id, version }: ModuleReference): string => `${id}@${version}`;

/** A version as it is kept: `v1.2.0` is how some write `1.2.0`. */
export const plainVersion = (written: string): string => written.replace(/^v(?=\d)/, '');

const idPattern = /^[a-z][a-z0-9]{0,31}\/[a-z0-9](?:[a-z0-9._-]{0,126}[a-z0-9])?$/;

/** Judges an id and a version before anything is kept under them. @throws {BurgeonError} NAME_INVALID */
export const checkReference = ({ id, version }: ModuleReference): void => {
  if (!idPattern.test(id) || id.includes('..')) {
    throw new BurgeonError('NAME_INVALID', {
      message: `${JSON.stringify(id.slice(0, 200))} is no id of a module.`,
      hint: 'Write namespace/name in lower case, for example api/petstore.',
    });
  }
  if (version.length > 100 || valid(version) !== version) {
    throw new BurgeonError('NAME_INVALID', {
      message: `${JSON.stringify(version.slice(0, 200))} is no version.`,
      hint: 'Write a semantic version, for example 1.2.0.',
    });
  }
};

/** The lowest version first. */
const byVersion = (a: ModuleReference, b: ModuleReference): number => compare(a.version, b.version);

/** Reads the record of a module. */
export const getModule = async (store: Store, id: string): Promise<Kept<ModuleRecord> | undefined> =>
  kept<ModuleRecord>(await store.get(tables.modules, id));

/** Reads the record of a version. */
export const getVersion = async (store: Store, ref: ModuleReference): Promise<Kept<VersionRecord> | undefined> =>
  kept<VersionRecord>(await store.get(tables.versions, keyOf(ref)));

/** All versions of a module, the lowest first. */
export const getVersions = async (store: Store, id: string): Promise<Kept<VersionRecord>[]> =>
  (await listAll<VersionRecord>(store, tables.versions, `${id}@`)).sort((a, b) => byVersion(a.value, b.value));

/** Every record of a table, page by page. */
export const listAll = async <T>(store: Store, table: string, prefix = ''): Promise<Kept<T>[]> => {
  const found: Kept<T>[] = [];
  for (let after = ''; ;) {
    const records = await store.list(table, { prefix, after });
    for (const { rev, value } of records) found.push({ rev, value: value as unknown as T });
    const last = records.at(-1);
    if (last === undefined || records.length < 1_000) return found;
    after = last.id;
  }
};

/** The write that keeps a module if nobody changed it since it was read. */
export const moduleWrite = ({ rev, value }: Kept<ModuleRecord>): StoreWrite => ({
  kind: 'put',
  table: tables.modules,
  id: value.id,
  rev,
  value: value as unknown as JsonObject,
});

/** The write that keeps a version if nobody changed it since it was read. */
export const versionWrite = ({ rev, value }: Kept<VersionRecord>): StoreWrite => ({
  kind: 'put',
  table: tables.versions,
  id: keyOf(value),
  rev,
  value: value as unknown as JsonObject,
});

const kept = <T>(record: StoredRecord | undefined): Kept<T> | undefined =>
  record && { rev: record.rev, value: record.value as unknown as T };
