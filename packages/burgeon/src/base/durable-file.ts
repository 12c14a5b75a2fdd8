import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { isObject } from './json.ts';

/** Makes the entries of a folder survive a loss of power. Windows has no such call and needs none. */
export const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** The same, before anything else happens. */
export const syncFolderNow = (folder: string): void => {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

/**
 * Makes a folder with its parents (mode 0700), each of which survives a loss of power. Not by `recursive`, which never comes back where a
 * parent cannot hold folders: below /proc, say.
 */
export const makeFolder = async (path: string): Promise<void> => {
  const missing: string[] = [];
  for (let at = path; !(await isFolder(at)); at = dirname(at)) missing.push(at);
  for (const at of missing.reverse()) {
    await mkdir(at, { mode: 0o700 }).catch(async (error: unknown) => {
      if (!(await isFolder(at))) throw error;
    });
    // A parent that may be searched but not read cannot be synced either.
    await syncFolder(dirname(at)).catch((error: unknown) => {
      if (errnoOf(error) !== 'EACCES') throw error;
    });
  }
};

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory() || dirname(path) === path;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return dirname(path) === path;
    throw error;
  }
};

/**
 * Replaces a file as a whole (mode 0600): a crash or a full disk leaves the old bytes or the new ones, never a part.
 * Measured 2026-11: without the sync of file and folder acknowledged writes are lost on power failure.
 * @throws {BurgeonError} HOME_FULL, HOME_UNWRITABLE
 */
export const writeDurably = async (path: string, data: string | Uint8Array): Promise<void> => {
  try {
    await writeWhole(path, data);
    await syncFolder(dirname(path));
  } catch (error) {
    throw writeFailure(path, error);
  }
};

/** Writes a file under its name as a whole, bytes first; the folder's entry is not synced yet. What fails leaves nothing beside it. */
export const writeWhole = async (path: string, data: string | Uint8Array): Promise<void> => {
  const temporary = `${path}.${randomBytes(6).toString('hex')}${unfinished}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(data);
    await handle.sync();
    await handle.close();
    await rename(temporary, path);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
};

/** How the names of files end that are not whole yet. */
const unfinished = '.tmp';

/** Takes away what a crash left half written in a folder, `everywhere`: and in those below it. One that is not there holds nothing. */
export const clearUnfinished = async (folder: string, everywhere = false): Promise<void> => {
  const names = await readdir(folder, { recursive: everywhere }).catch(() => []);
  for (const name of names) if (name.endsWith(unfinished)) await rm(join(folder, name), { force: true });
};

/** What a failed write means: no space, no inode or no quota is left; or it cannot be written at all. Our own errors pass through. */
export const writeFailure = (path: string, cause: unknown): BurgeonError => {
  if (BurgeonError.is(cause)) return cause;
  const code = errnoOf(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') return fullError(path, cause);
  return new BurgeonError('HOME_UNWRITABLE', {
    message: `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
    hint: 'Look at the permissions and the disk of the data directory.',
    ...(code === '' ? {} : { data: { code } }),
    cause,
  });
};

/** The error of a disk that is full. What was there before the write still is. */
export const fullError = (path: string, cause: unknown): BurgeonError =>
  new BurgeonError('HOME_FULL', {
    message: `There is no space left to write ${path}.`,
    hint: 'Make space on the disk of the data directory (df -h and df -i tell), and do it again: nothing was changed.',
    retryable: true,
    cause,
  });

const errnoOf = (error: unknown): string => (isObject(error) && typeof error['code'] === 'string' ? error['code'] : '');
