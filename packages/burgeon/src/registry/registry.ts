import {
  BurgeonError,
  type Candidate,
  type Clock,
  type JsonObject,
  type JsonValue,
  type Manifest,
  type ModuleManifest,
  type Store,
  type StoreWrite,
  type VerifiedModule,
  manifestExtension,
} from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import type { Audit, AuditEvent } from '../security/audit.ts';
import { bundleDigest, fileDigests, interfacePath, manifestPath } from '../security/bundle.ts';
import { capabilitiesDigest } from '../security/capabilities.ts';
import type { OwnerKey } from '../security/keys.ts';
import { openLastUsed } from '../security/last-used.ts';
import { createSerial } from '../security/serial.ts';
import { countersign, isSigned } from '../security/sign.ts';
import type { Blobs } from './blobs.ts';
import {
  archiveModule,
  archivedError,
  inState,
  rejectVersion,
  remarkOn,
  removeModule,
  requireModule,
  requireVersion,
  restoreModule,
  rollBack,
} from './life-cycle.ts';
import {
  type ModuleReference,
  type Publication,
  type Remarks,
  type VersionRecord,
  checkReference,
  getModule,
  getVersion,
  getVersions,
  keyOf,
  listAll,
  moduleWrite,
} from './records.ts';
import { tables, versionWrite } from './records.ts';
import { pinWrite, requirePin } from './pins.ts';
import type { ReleaseApproval } from './attestation.ts';
import { type ReleaseTrust, carries, signRelease, verifyRelease, verifySignature } from './release.ts';
import { resolveReference } from './resolve.ts';

/** What the registry works with. */
export interface RegistryOptions {
  store: Store;
  blobs: Blobs;
  audit: Audit;
  clock: Clock;
  /** Signs at activation; read at each use, since another key may take its place. */
  signer: OwnerKey;
  /** Whose signatures count at load. Default: the signer's alone. */
  trust?: ReleaseTrust;
}

/** What stood the candidate in good stead: kept with the version as it is. */
export interface Evidence {
  checks: JsonValue;
  trial: JsonValue;
  /** The approval request, when it is known already. */
  request?: string;
  /** The run that made it, and when that began (ISO 8601 UTC). */
  run?: string;
  startedAt?: string;
  /** Digests of the model and of what it was asked, where a model wrote it. */
  authorship?: JsonObject;
  /** Where it came from, when it came as a package. */
  publication?: Publication;
}

/**
 * Modules and their versions. Every change is one transaction with its audit entry: a crash leaves the state before it or after it.
 * A `ref` is a text as {@link Registry.resolve} takes it, or what it gave.
 */
export interface Registry {
  /**
   * Keeps a candidate as `pending`, with what else is to be recorded. A version of that number that was never approved is replaced.
   * @throws {BurgeonError} NAME_INVALID; CONFLICT when the version was approved before; INPUT_INVALID when digests or files disagree
   */
  stage(candidate: Candidate, evidence: Evidence, events?: readonly AuditEvent[]): Promise<VersionRecord>;
  /** Refuses a version of a package that was seen before with other bytes. @throws {BurgeonError} LOCK_MISMATCH */
  requirePin(ref: ModuleReference, publication: Publication): Promise<void>;
  /** Notes which approval request concerns a version that waits. */
  attach(ref: string | ModuleReference, request: string): Promise<VersionRecord>;
  /**
   * Signs a version that waits and makes it the active one; the one before is superseded.
   * @throws {BurgeonError} CONFLICT when it does not wait, or its bytes or capabilities are not the approved ones; SIGNATURE_INVALID when they changed
   * where they lie
   */
  activate(ref: string | ModuleReference, approval: ReleaseApproval, events?: readonly AuditEvent[]): Promise<VersionRecord>;
  /** Of each module the active version, else its newest; in the order of their ids. */
  list(): Promise<VersionRecord[]>;
  /** @throws {BurgeonError} MODULE_NOT_FOUND, VERSION_NOT_FOUND, NAME_AMBIGUOUS */
  show(ref: string | ModuleReference): Promise<VersionRecord>;
  /** All versions of a module, the lowest first. @throws {BurgeonError} MODULE_NOT_FOUND */
  versions(id: string): Promise<VersionRecord[]>;
  /** Finds what a text means: see `resolveReference`. @throws {BurgeonError} MODULE_NOT_FOUND, VERSION_NOT_FOUND, NAME_AMBIGUOUS */
  resolve(text: string): Promise<ModuleReference>;
  /** Goes back to an earlier version. @throws {BurgeonError} VERSION_NOT_FOUND, APPROVAL_PENDING, MODULE_ARCHIVED, SIGNATURE_INVALID */
  rollback(id: string, version?: string): Promise<VersionRecord>;
  /** Takes a module out of use. Gives the version that was active. @throws {BurgeonError} MODULE_ARCHIVED */
  archive(id: string, why?: string): Promise<VersionRecord | undefined>;
  /** Brings it back. @throws {BurgeonError} CONFLICT when it is not archived */
  restore(id: string): Promise<VersionRecord | undefined>;
  /** What people say of it. @throws {BurgeonError} MODULE_NOT_FOUND */
  remarks(id: string): Promise<Remarks>;
  /** Changes what people say of it; an empty text takes a remark away. @throws {BurgeonError} MODULE_NOT_FOUND */
  remark(id: string, changes: Remarks): Promise<Remarks>;
  /** Forgets a module; the audit stays. @throws {BurgeonError} MODULE_NOT_FOUND */
  remove(id: string): Promise<void>;
  /** Refuses a version that waits. @throws {BurgeonError} CONFLICT when it does not */
  reject(ref: string | ModuleReference, why?: string): Promise<VersionRecord>;
  /** Notes that a version was called; written a little later. */
  touch(ref: ModuleReference): void;
  /**
   * Verifies everything from the signature to the last byte, every time, and gives the module ready to be started.
   * @throws {BurgeonError} SIGNATURE_INVALID, APPROVAL_PENDING, APPROVAL_REJECTED, MODULE_ARCHIVED, MODULE_NOT_FOUND, VERSION_NOT_FOUND
   */
  load(ref: string | ModuleReference): Promise<VerifiedModule>;
  /** Why the signature of a version no longer counts, and undefined while it does; its bytes are not looked at. */
  refusal(ref: string | ModuleReference): Promise<BurgeonError | undefined>;
  /** Ids of the modules of which a version that was released no longer counts. */
  refused(): Promise<string[]>;
  /** Text of one file of a version, whatever its state, its digest checked; undefined when there is none. */
  file(ref: string | ModuleReference, path: string): Promise<string | undefined>;
  /**
   * The writes that sign every release with one more key, which is about to take the place of the signer. What lies there without a signature
   * that counts gets none by that.
   */
  resign(to: OwnerKey): Promise<StoreWrite[]>;
  /** Writes what waits to be written. */
  close(): Promise<void>;
}

/** How long the note of a call may wait before it is written, milliseconds. */
const usageDelayMs = 2_000;

/** Opens the registry of a store. */
export const openRegistry = (options: RegistryOptions): Registry => {
  const { store, blobs, clock } = options;
  const usage = openLastUsed({ store, clock, table: tables.usage, delayMs: usageDelayMs });
  // One change at a time: bytes of a version that is being staged are not yet named by a record, and must not be swept by a removal.
  const oneAtATime = createSerial();
  const find = (ref: string | ModuleReference): Promise<ModuleReference> | ModuleReference =>
    typeof ref === 'string' ? resolveReference(store, ref) : ref;
  const verify = (record: VersionRecord): Promise<VerifiedModule> => verifyRelease(blobs, record, trustOf(options));
  const complete = async (record: VersionRecord): Promise<VersionRecord> => {
    const lastUsedAt = await usage.last(keyOf(record));
    return lastUsedAt === undefined ? record : { ...record, lastUsedAt };
  };
  const read = async (ref: string | ModuleReference): Promise<VersionRecord> =>
    (await requireVersion(store, await find(ref))).value;

  return {
    stage: (candidate, evidence, events = []) => oneAtATime(() => stageCandidate(options, candidate, { evidence, events })),
    requirePin: (ref, publication) => requirePin(store, ref, publication),
    attach: (ref, request) => oneAtATime(async () => attachRequest(options, await find(ref), request)),
    activate: (ref, approval, events = []) =>
      oneAtATime(async () => activateVersion(options, await find(ref), { approval, events })),
    list: async () => {
      const all = (await listAll<VersionRecord>(store, tables.versions)).map(({ value }) => value);
      return Promise.all(pickCurrent(all).map(complete));
    },
    show: async (ref) => complete(await read(ref)),
    versions: async (id) => {
      await requireModule(store, id);
      return Promise.all((await getVersions(store, id)).map(({ value }) => complete(value)));
    },
    resolve: (text) => resolveReference(store, text),
    rollback: (id, version) => oneAtATime(() => rollBack({ ...options, verify }, id, version)),
    archive: (id, why) => oneAtATime(() => archiveModule(options, id, why)),
    restore: (id) => oneAtATime(() => restoreModule(options, id)),
    remarks: async (id) => (await requireModule(store, id)).value.remarks ?? {},
    remark: (id, changes) => oneAtATime(() => remarkOn(options, id, changes)),
    remove: (id) => oneAtATime(() => removeModule(options, id)),
    reject: (ref, why = '') => oneAtATime(async () => rejectVersion(options, await find(ref), why)),
    touch: (ref) => usage.touch(keyOf(ref)),
    load: async (ref) => loadVersion(options, await read(ref)),
    refusal: async (ref) => refusalOf(options, await read(ref)),
    refused: async () => {
      const all = (await listAll<VersionRecord>(store, tables.versions)).map(({ value }) => value);
      return [...new Set(all.filter((record) => record.signature && refusalOf(options, record)).map(({ id }) => id))];
    },
    file: async (ref, path) => {
      const found = (await read(ref)).files.find((file) => file.path === path);
      return found && (await blobs.get(found.sha256)).toString('utf8');
    },
    resign: async (to) =>
      (await listAll<VersionRecord>(store, tables.versions)).flatMap(({ rev, value }) =>
        isSigned(value.signature, trustOf(options).owners())
          ? [versionWrite({ rev, value: { ...value, signature: countersign(to, value.signature) } })]
          : [],
      ),
    close: () => usage.flush(),
  };
};

const stageCandidate = async (
  options: RegistryOptions,
  candidate: Candidate,
  { evidence, events }: { evidence: Evidence; events: readonly AuditEvent[] },
): Promise<VersionRecord> => {
  const { store, blobs, audit, clock } = options;
  const card = candidate.manifest.extensions[manifestExtension];
  const ref = { id: card.id, version: candidate.manifest.version };
  checkReference(ref);
  checkCandidate(candidate);
  const { publication } = evidence;
  if (publication) await requirePin(store, ref, publication);
  const before = await getVersion(store, ref);
  if (before !== undefined && before.value.signature !== undefined) {
    throw new BurgeonError('CONFLICT', {
      message: `${keyOf(ref)} was approved before; a version never changes.`,
      hint: 'Give the new bytes a new version.',
    });
  }
  await blobs.put(candidate.files.map(({ text }) => text));
  const record: VersionRecord = {
    ...ref,
    kind: card.kind,
    host: card.host,
    state: 'pending',
    digest: candidate.digest,
    capabilitiesDigest: candidate.capabilitiesDigest,
    operations: candidate.interface.operations.length,
    createdAt: isoNow(clock),
    files: fileDigests(candidate.files),
    ...evidence,
  };
  const module = (await getModule(store, ref.id)) ?? { rev: 0, value: { id: ref.id, archived: false, createdAt: isoNow(clock) } };
  const { version, digest, capabilitiesDigest: capabilities } = record;
  const data = { version, digest, capabilitiesDigest: capabilities, ...runOf(record) };
  await audit.commit(
    [...events, { kind: 'module.staged', module: ref.id, data }],
    [
      versionWrite({ rev: before?.rev ?? 0, value: record }),
      moduleWrite(module),
      ...(publication ? [pinWrite(ref, publication)] : []),
    ],
  );
  return record;
};

const checkCandidate = (candidate: Candidate): void => {
  const { files, manifest, digest } = candidate;
  const paths = new Set(files.map(({ path }) => path));
  const faults = [
    [paths.size !== files.length, 'two files have one path'],
    [files.some(({ path }) => !isInside(path)), 'a file has a path that leads outside'],
    [digest !== bundleDigest(files), 'the digest is not that of the files'],
    [
      candidate.capabilitiesDigest !== capabilitiesDigest(manifest.extensions[manifestExtension].capabilities),
      'the digest of the capabilities is not theirs',
    ],
    [!carries(files, manifestPath, manifest), `${manifestPath} is not the manifest`],
    [!carries(files, interfacePath, candidate.interface), `${interfacePath} is not the interface`],
  ] as const;
  const [fault] = faults.filter(([found]) => found).map(([, text]) => text);
  if (fault === undefined) return;
  throw new BurgeonError('INPUT_INVALID', { message: `The bundle of ${manifest.name} does not hold together: ${fault}.` });
};

const isInside = (path: string): boolean =>
  path.length <= 1_000 &&
  !/[\\:\p{Cc}]/u.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

const attachRequest = async ({ store }: RegistryOptions, ref: ModuleReference, request: string): Promise<VersionRecord> => {
  const { rev, value } = await requireVersion(store, ref);
  const changed = { ...value, request };
  await store.transact([versionWrite({ rev, value: changed })]);
  return changed;
};

const activateVersion = async (
  options: RegistryOptions,
  ref: ModuleReference,
  { approval, events }: { approval: ReleaseApproval; events: readonly AuditEvent[] },
): Promise<VersionRecord> => {
  const { store, audit, signer, blobs, clock } = options;
  const version = await requireVersion(store, ref);
  const module = await requireModule(store, ref.id);
  if (version.value.state !== 'pending') {
    throw new BurgeonError('CONFLICT', {
      message: `${keyOf(ref)} is ${version.value.state}; only a version that waits can be activated.`,
      hint: 'Run burgeon versions to see where each stands.',
    });
  }
  const { digest, capabilitiesDigest: capabilities } = version.value;
  // A version that waits may be replaced under its number, or come back after it was removed: an approval of what stood there before is none of this.
  if (approval.digest !== digest || approval.capabilitiesDigest !== capabilities || approval.run !== version.value.run) {
    throw new BurgeonError('CONFLICT', {
      message: `${keyOf(ref)} is no longer what the request ${approval.request} asked about.`,
      hint: 'Approve the request that was opened for it since.',
      data: { approved: approval.digest, staged: digest },
    });
  }
  const approved: VersionRecord = { ...version.value, state: 'active', activeSince: isoNow(clock), request: approval.request };
  const card = await readCard(blobs, approved);
  const signed = { ...approved, signature: signRelease(signer, approved, { card, approval, at: isoNow(clock) }) };
  // What could not be loaded takes nobody's place.
  await verifyRelease(blobs, signed, trustOf(options));
  const before =
    module.value.active === undefined ? undefined : await getVersion(store, { id: ref.id, version: module.value.active });
  const data = {
    version: ref.version,
    digest: signed.digest,
    request: approval.request,
    channels: approval.receipts.map(({ channel }) => channel),
    ...runOf(signed),
  };
  await audit.commit(
    [...events, { kind: 'module.activated', module: ref.id, data }],
    [
      versionWrite({ rev: version.rev, value: signed }),
      ...(before === undefined ? [] : [versionWrite(inState(before, 'superseded'))]),
      moduleWrite({ rev: module.rev, value: { ...module.value, active: ref.version, archived: false } }),
    ],
  );
  return signed;
};

/** The id under which the record tells of a version from its source on. */
const runOf = ({ run }: VersionRecord): { run?: string } => (run === undefined ? {} : { run });

const trustOf = ({ trust, signer }: RegistryOptions): ReleaseTrust => trust ?? { owners: () => [signer] };

const refusalOf = (options: RegistryOptions, record: VersionRecord): BurgeonError | undefined => {
  try {
    verifySignature(record, trustOf(options));
    return undefined;
  } catch (error) {
    return BurgeonError.from(error);
  }
};

/** The card that is signed: read from the bytes that are signed. */
const readCard = async (blobs: Blobs, { files }: VersionRecord): Promise<ModuleManifest> => {
  const file = files.find(({ path }) => path === manifestPath);
  const manifest = JSON.parse((await blobs.get(file?.sha256 ?? '')).toString('utf8')) as Manifest;
  return manifest.extensions[manifestExtension];
};

const pickCurrent = (all: readonly VersionRecord[]): VersionRecord[] => {
  const byId = Map.groupBy(all, ({ id }) => id);
  return [...byId.values()].flatMap((versions) => {
    const current = versions.find(({ state }) => state === 'active' || state === 'archived');
    const newest = versions.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0];
    return current ?? newest ?? [];
  });
};

const loadVersion = async (options: RegistryOptions, record: VersionRecord): Promise<VerifiedModule> => {
  const { id, state, request } = record;
  const name = keyOf(record);
  if (state === 'archived') throw archivedError(id);
  if (state === 'pending') {
    throw new BurgeonError('APPROVAL_PENDING', {
      message: `${name} waits for approval.`,
      hint: request === undefined ? 'Run burgeon approvals to see the request.' : `Run burgeon approve ${request}.`,
      data: { module: id, version: record.version, ...(request === undefined ? {} : { request }) },
    });
  }
  if (state === 'rejected') {
    throw new BurgeonError('APPROVAL_REJECTED', {
      message: `${name} was rejected, or nobody approved it in time.`,
      hint: 'Add it again to ask once more.',
      data: { module: id, version: record.version },
    });
  }
  if ((await getModule(options.store, id))?.value.archived) throw archivedError(id);
  return verifyRelease(options.blobs, record, trustOf(options));
};
