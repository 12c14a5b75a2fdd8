import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { BurgeonError } from '@burgeon/kit';
import { define, isObject } from '../base/json.ts';

/** What a lock file holds one specifier to. */
export interface Locked {
  version: string;
  /** sha-256 (hex) of the bundle. */
  digest: string;
}

/** `burgeon.lock`: specifier without its scheme -> what it must be. */
export type Lock = Record<string, Locked>;

const format = 'burgeon.lock/1';

/** Reads a lock file; undefined when there is none. @throws {BurgeonError} LOCK_MISMATCH when it cannot be understood */
export const readLock = (path: string): Lock | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const value = parsed(text);
  const modules = isObject(value) && value['format'] === format ? value['modules'] : undefined;
  if (!isObject(modules)) throw unreadable(path);
  const lock: Lock = {};
  for (const [key, entry] of Object.entries(modules)) {
    if (!isObject(entry) || typeof entry['version'] !== 'string' || typeof entry['digest'] !== 'string') throw unreadable(path);
    define(lock, key, { version: entry['version'], digest: entry['digest'] });
  }
  return lock;
};

/** Adds one line to a lock file, which is made if need be. Keys stay sorted, so that two machines write the same bytes. */
export const addToLock = (path: string, key: string, locked: Locked): void => {
  const lock = { ...readLock(path) };
  define(lock, key, locked);
  const modules = Object.fromEntries(Object.entries(lock).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  writeFileSync(temporary, `${JSON.stringify({ format, modules }, null, 2)}\n`);
  renameSync(temporary, path);
};

/** The error for a module that is not what the lock file says. */
export const lockMismatch = (path: string, key: string, locked: Locked | undefined, found: string): BurgeonError =>
  new BurgeonError('LOCK_MISMATCH', {
    message: locked
      ? `${path} holds burgeon:${key} to ${locked.version} (${locked.digest.slice(0, 8)}), and here is ${found}.`
      : `${path} has no line for burgeon:${key}, and nothing may be added to it here.`,
    hint: locked
      ? `Bring that version back (burgeon rollback ${key.split('@')[0] ?? key} ${locked.version}), or delete the line and import once with BURGEON_IMPORT=prompt.`
      : 'Import it once with BURGEON_IMPORT=prompt and commit the lock file.',
    data: { specifier: `burgeon:${key}`, ...(locked ? { version: locked.version, digest: locked.digest } : {}) },
  });

const unreadable = (path: string): BurgeonError =>
  new BurgeonError('LOCK_MISMATCH', {
    message: `${path} is not a lock file of this version.`,
    hint: 'Delete it and import once with BURGEON_IMPORT=prompt to write it anew.',
  });

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
