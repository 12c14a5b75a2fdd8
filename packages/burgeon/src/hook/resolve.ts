import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { isObject } from '../base/json.ts';
import { nearest } from '../base/nearest.ts';
import { type ImportEntry, type ImportIndex, readImportIndex, requireStub } from '../pipeline/import-index.ts';
import { addToLock, lockMismatch, readLock, type Locked } from './lock.ts';
import { parseSpecifier, type Specifier } from './specifier.ts';

/**
 * How imports behave. `locked`: nothing is generated and nothing is written. `prompt`: what is missing is refused with the command that
 * brings it. `auto`: what `burgeon.json` names is added on the way.
 */
export type ImportMode = 'locked' | 'prompt' | 'auto';

/** Where imports are resolved. */
export interface ImportPlace {
  /** Absolute path of the data directory. */
  home: string;
  /** Folder that holds `burgeon.lock` and `burgeon.json`. */
  folder: string;
  mode: ImportMode;
  /** Adds a module that is not there. True when it tried. */
  add(id: string): boolean;
}

/** One version of a module, ready to be imported. */
export interface Resolved {
  id: string;
  version: string;
  digest: string;
  /** Absolute path of its stub. */
  file: string;
}

/** The import mode that the environment asks for. @throws {BurgeonError} USAGE */
export const importMode = (environment: NodeJS.ProcessEnv): ImportMode => {
  const wanted = environment['BURGEON_IMPORT'] ?? '';
  if (wanted === 'locked' || wanted === 'prompt' || wanted === 'auto') return wanted;
  if (wanted !== '') {
    throw new BurgeonError('USAGE', { message: `BURGEON_IMPORT is "${wanted}".`, hint: 'Set it to locked, prompt or auto.' });
  }
  const ci = environment['CI'] ?? '';
  const strict = (ci !== '' && ci !== 'false' && ci !== '0') || environment['NODE_ENV'] === 'production';
  return strict ? 'locked' : 'prompt';
};

/**
 * Finds the stub that a specifier names, under the lock file when there is one. Reads files only; opens no store.
 * @throws {BurgeonError} NAME_INVALID, MODULE_NOT_FOUND, VERSION_NOT_FOUND, APPROVAL_PENDING, APPROVAL_REJECTED, MODULE_ARCHIVED, LOCK_MISMATCH,
 * HOME_DAMAGED
 */
export const resolveModule = (text: string, place: ImportPlace): Resolved => {
  const specifier = parseSpecifier(text);
  const key = text.slice('burgeon:'.length);
  const lockPath = join(place.folder, 'burgeon.lock');
  const lock = readLock(lockPath);
  const locked = lock && Object.hasOwn(lock, key) ? lock[key] : undefined;
  if (lock && !locked && place.mode === 'locked') throw lockMismatch(lockPath, key, undefined, '');
  const { entry, index } = findEntry(specifier, place);
  const version = specifier.version ?? locked?.version ?? entry.version;
  if (version === '') throw notActive(specifier.id, entry);
  const digest = Object.hasOwn(entry.versions, version) ? entry.versions[version] : undefined;
  if (locked && (locked.version !== version || locked.digest !== digest))
    throw lockMismatch(lockPath, key, locked, foundText(entry, version, digest));
  if (digest === undefined) throw noVersion(specifier.id, version, entry);
  const folder = join(place.home, 'imports');
  const file = join(folder, specifier.id, version, 'index.ts');
  if (!existsSync(file)) throw noVersion(specifier.id, version, entry);
  requireStub(folder, index, `${specifier.id}/${version}`);
  if (!locked && place.mode !== 'locked') remember(lockPath, key, { version, digest });
  return { id: specifier.id, version, digest, file };
};

const foundText = (entry: ImportEntry, version: string, digest: string | undefined): string => {
  if (digest !== undefined) return `${version} (${digest.slice(0, 8)})`;
  return entry.version === '' ? `no active version (${entry.state})` : `${entry.version} only`;
};

/** A folder that cannot be written keeps no lock; that is no reason not to import. */
const remember = (path: string, key: string, locked: Locked): void => {
  try {
    addToLock(path, key, locked);
  } catch (error) {
    if (BurgeonError.is(error)) throw error;
  }
};

const findEntry = ({ id }: Specifier, place: ImportPlace): { entry: ImportEntry; index: ImportIndex } => {
  const folder = join(place.home, 'imports');
  let index = readImportIndex(folder);
  const known = (): boolean => Object.hasOwn(index.modules, id);
  if (!known() && place.mode === 'auto' && place.add(id)) index = readImportIndex(folder);
  const entry: unknown = known() ? index.modules[id] : undefined;
  if (isEntry(entry)) return { entry, index };
  const near = nearest(id, Object.keys(index.modules));
  throw new BurgeonError('MODULE_NOT_FOUND', {
    message: `There is no module "${id}" in ${place.home}.`,
    hint:
      near === undefined
        ? `Grow it first: burgeon add WHAT --name ${id.slice(id.indexOf('/') + 1)}`
        : `Did you mean "burgeon:${near}"? Or grow it first: burgeon add WHAT`,
    data: { module: id, home: place.home },
  });
};

const isEntry = (value: unknown): value is ImportEntry =>
  isObject(value) && typeof value['version'] === 'string' && typeof value['state'] === 'string' && isObject(value['versions']);

const notActive = (id: string, { state, request }: ImportEntry): BurgeonError => {
  const data = { module: id, state, ...(request === undefined ? {} : { request }) };
  if (state === 'pending') {
    return new BurgeonError('APPROVAL_PENDING', {
      message: `${id} waits for approval.`,
      hint: request === undefined ? 'See: burgeon approvals' : `Approve it: burgeon approve ${request}`,
      data,
    });
  }
  if (state === 'archived')
    return new BurgeonError('MODULE_ARCHIVED', {
      message: `${id} is archived.`,
      hint: `Bring it back: burgeon restore ${id}`,
      data,
    });
  return new BurgeonError('APPROVAL_REJECTED', {
    message: `${id} has no active version; its newest one is ${state}.`,
    hint: `See: burgeon versions ${id}`,
    data,
  });
};

const noVersion = (id: string, version: string, entry: ImportEntry): BurgeonError =>
  new BurgeonError('VERSION_NOT_FOUND', {
    message: `${id} has no version ${version} that may be imported.`,
    hint: `There ${Object.keys(entry.versions).length === 1 ? 'is' : 'are'}: ${Object.keys(entry.versions).join(', ') || 'none'}.`,
    data: { module: id, version },
  });
