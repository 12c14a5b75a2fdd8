import { BurgeonError, type Clock, type JsonObject, type Store, type StoreWrite } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import type { Audit } from '../security/audit.ts';
import type { Blobs } from './blobs.ts';
import {
  type Kept,
  type ModuleRecord,
  type ModuleReference,
  type Remarks,
  type VersionRecord,
  type VersionState,
  getModule,
  getVersion,
  getVersions,
  keyOf,
  listAll,
  moduleWrite,
  plainVersion,
  tables,
  versionWrite,
} from './records.ts';

/** What the changes of a module's life work with. */
export interface LifeContext {
  store: Store;
  blobs: Blobs;
  audit: Audit;
  clock: Clock;
}

/** Reads a module or says that there is none. @throws {BurgeonError} MODULE_NOT_FOUND */
export const requireModule = async (store: Store, id: string): Promise<Kept<ModuleRecord>> => {
  const module = await getModule(store, id);
  if (module) return module;
  throw new BurgeonError('MODULE_NOT_FOUND', {
    message: `There is no module ${JSON.stringify(id.slice(0, 200))}.`,
    hint: 'Run burgeon list.',
  });
};

/** Reads a version or says that there is none. @throws {BurgeonError} VERSION_NOT_FOUND */
export const requireVersion = async (store: Store, ref: ModuleReference): Promise<Kept<VersionRecord>> => {
  const version = await getVersion(store, ref);
  if (version) return version;
  throw new BurgeonError('VERSION_NOT_FOUND', {
    message: `There is no ${keyOf(ref).slice(0, 200)}.`,
    hint: `Run burgeon versions ${ref.id} to see what there is.`,
  });
};

/** The version in another state. */
export const inState = ({ rev, value }: Kept<VersionRecord>, state: VersionState): Kept<VersionRecord> => ({
  rev,
  value: { ...value, state },
});

const madeActive = ({ rev, value }: Kept<VersionRecord>, clock: Clock): Kept<VersionRecord> => ({
  rev,
  value: { ...value, state: 'active', activeSince: isoNow(clock) },
});

/**
 * Makes a version active that was active before: the named one, else the highest below the active one. `verify` throws where its bytes or its
 * signature no longer count: what could not be loaded takes nobody's place.
 * @throws {BurgeonError} MODULE_NOT_FOUND, VERSION_NOT_FOUND, MODULE_ARCHIVED, SIGNATURE_INVALID, APPROVAL_PENDING when it was never approved
 */
export const rollBack = async (
  context: LifeContext & { verify(record: VersionRecord): Promise<unknown> },
  id: string,
  version?: string,
): Promise<VersionRecord> => {
  const module = await requireModule(context.store, id);
  if (module.value.archived) throw archivedError(id);
  const versions = await getVersions(context.store, id);
  const active = versions.find(({ value }) => value.version === module.value.active);
  const earlier = active === undefined ? [] : versions.slice(0, versions.indexOf(active));
  const target =
    version === undefined
      ? earlier.findLast(({ value }) => value.state === 'superseded')
      : await requireVersion(context.store, { id, version: plainVersion(version) });
  if (target === undefined) {
    throw new BurgeonError('VERSION_NOT_FOUND', {
      message: `${id} has no earlier version to go back to.`,
      hint: `Run burgeon versions ${id}.`,
    });
  }
  if (target.value.state === 'active') return target.value;
  if (target.value.state !== 'superseded') {
    throw new BurgeonError(target.value.state === 'rejected' ? 'APPROVAL_REJECTED' : 'APPROVAL_PENDING', {
      message: `${keyOf(target.value)} was never approved.`,
      hint: 'Only a version that was active before can be gone back to.',
    });
  }
  await context.verify(target.value);
  const next = madeActive(target, context.clock);
  const writes = [
    versionWrite(next),
    ...(active === undefined ? [] : [versionWrite(inState(active, 'superseded'))]),
    moduleWrite({ rev: module.rev, value: { ...module.value, active: next.value.version } }),
  ];
  const from = active === undefined ? {} : { from: active.value.version };
  await context.audit.commit([{ kind: 'module.rolled-back', module: id, data: { ...from, to: next.value.version } }], writes);
  return next.value;
};

/** Takes a module out of use; nothing of it is lost. @throws {BurgeonError} MODULE_NOT_FOUND, MODULE_ARCHIVED */
export const archiveModule = async (context: LifeContext, id: string, why?: string): Promise<VersionRecord | undefined> => {
  const module = await requireModule(context.store, id);
  if (module.value.archived) throw archivedError(id);
  return toggle(context, module, { archived: true, from: 'active', to: 'archived', data: why === undefined ? {} : { why } });
};

/** Brings an archived module back into use. @throws {BurgeonError} MODULE_NOT_FOUND, CONFLICT when it is not archived */
export const restoreModule = async (context: LifeContext, id: string): Promise<VersionRecord | undefined> => {
  const module = await requireModule(context.store, id);
  if (!module.value.archived)
    throw new BurgeonError('CONFLICT', { message: `${id} is not archived.`, hint: 'Nothing needs to be done.' });
  return toggle(context, module, { archived: false, from: 'archived', to: 'active', data: {} });
};

/** Changes what people say of a module; an empty text takes a remark away. @throws {BurgeonError} MODULE_NOT_FOUND */
export const remarkOn = async (context: LifeContext, id: string, changes: Remarks): Promise<Remarks> => {
  const module = await requireModule(context.store, id);
  const remarks: Remarks = Object.fromEntries(
    Object.entries({ ...module.value.remarks, ...changes }).filter(([, text]) => text !== ''),
  );
  await context.audit.commit(
    [{ kind: 'module.remarked', module: id, data: { ...changes } }],
    [moduleWrite({ rev: module.rev, value: { ...module.value, remarks } })],
  );
  return remarks;
};

const toggle = async (
  context: LifeContext,
  module: Kept<ModuleRecord>,
  { archived, from, to, data }: { archived: boolean; from: VersionState; to: VersionState; data: JsonObject },
): Promise<VersionRecord | undefined> => {
  const { id } = module.value;
  const found = (await getVersions(context.store, id)).find(({ value }) => value.state === from);
  const changed = found && (to === 'active' ? madeActive(found, context.clock) : inState(found, to));
  const writes = [
    moduleWrite({ rev: module.rev, value: { ...module.value, archived } }),
    ...(changed ? [versionWrite(changed)] : []),
  ];
  await context.audit.commit([{ kind: archived ? 'module.archived' : 'module.restored', module: id, data }], writes);
  return changed?.value;
};

/** Refuses a version that waits. @throws {BurgeonError} VERSION_NOT_FOUND, CONFLICT when it does not wait */
export const rejectVersion = async (context: LifeContext, ref: ModuleReference, why: string): Promise<VersionRecord> => {
  const version = await requireVersion(context.store, ref);
  if (version.value.state !== 'pending') {
    throw new BurgeonError('CONFLICT', { message: `${keyOf(ref)} is ${version.value.state}, it does not wait for approval.` });
  }
  const rejected = inState(version, 'rejected');
  await context.audit.commit(
    [{ kind: 'module.rejected', module: ref.id, data: { version: ref.version, why } }],
    [versionWrite(rejected)],
  );
  return rejected.value;
};

/**
 * Forgets a module and all its versions; the audit keeps what happened. Files that another module has too stay.
 * @throws {BurgeonError} MODULE_NOT_FOUND
 */
export const removeModule = async (context: LifeContext, id: string): Promise<void> => {
  const { store, audit, blobs } = context;
  const module = await requireModule(store, id);
  const versions = await getVersions(store, id);
  const names = versions.map(({ value }) => value.version);
  const writes: StoreWrite[] = [
    { kind: 'delete', table: tables.modules, id, rev: module.rev },
    ...versions.flatMap(({ rev, value }): StoreWrite[] => [
      { kind: 'delete', table: tables.versions, id: keyOf(value), rev },
      { kind: 'delete', table: tables.usage, id: keyOf(value) },
    ]),
  ];
  const data: JsonObject = { versions: names };
  await audit.commit([{ kind: 'module.removed', module: id, data }], writes);
  // Afterwards: a crash in between leaves bytes that nobody names, never a record that names nothing.
  const others = new Set(
    (await listAll<VersionRecord>(store, tables.versions)).flatMap(({ value }) => value.files.map((file) => file.sha256)),
  );
  const own = new Set(versions.flatMap(({ value }) => value.files.map((file) => file.sha256)));
  await blobs.remove([...own].filter((name) => !others.has(name)));
};

/** The error of calling what is archived. */
export const archivedError = (id: string): BurgeonError =>
  new BurgeonError('MODULE_ARCHIVED', {
    message: `${id} is archived.`,
    hint: `burgeon restore ${id} brings it back.`,
    data: { module: id },
  });
