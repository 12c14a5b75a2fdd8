import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { makeScratch } from '../../../walls/jail/scratch.ts';

/** A file to be written. `runs`: it may be executed. */
export interface FolderFile {
  path: string;
  content: string | Uint8Array;
  runs?: boolean;
}

/** A folder of ours on disk. */
export interface PrivateFolder {
  path: string;
  /** Takes it away; never rejects. */
  remove(): Promise<void>;
}

const climbs = (path: string): boolean =>
  path === '' ||
  posix.isAbsolute(path) ||
  path.includes('\\') ||
  posix.normalize(path) !== path ||
  path.split('/').includes('..');

/**
 * Writes files into a new folder that only its owner can get into, each of them read-only. The caller removes it. `shown`: what is in it can be read
 * by everybody to whom it is shown, as in a container that has another user.
 * @throws {BurgeonError} MODULE_FAILED when a path leads out of it, or is a file and a folder
 */
export const privateFolder = async (files: readonly FolderFile[], shown = false): Promise<PrivateFolder> => {
  const outside = files.find(({ path }) => climbs(path));
  if (outside) throw new BurgeonError('MODULE_FAILED', { message: `"${outside.path.slice(0, 200)}" leads out of the module.` });
  const folder = makeScratch();
  const inside = join(folder.path, 'files');
  const modes = shown ? { folder: 0o755, file: 0o444, program: 0o555 } : { folder: 0o700, file: 0o400, program: 0o500 };
  try {
    for (const path of foldersOf(files)) {
      mkdirSync(join(inside, path));
      // Whatever the mask of our process takes away.
      chmodSync(join(inside, path), modes.folder);
    }
    for (const { path, content, runs } of files) {
      const place = join(inside, path);
      writeFileSync(place, content, { flag: 'wx', mode: 0o600 });
      chmodSync(place, runs ? modes.program : modes.file);
    }
    return { path: inside, remove: () => folder.remove() };
  } catch (cause) {
    await folder.remove();
    throw new BurgeonError('MODULE_FAILED', { message: `The module cannot be written out: ${String(cause)}`, cause });
  }
};

/** Every folder that some files stand in, outer ones first. */
const foldersOf = (files: readonly FolderFile[]): Set<string> => {
  const found = new Set(['']);
  for (const { path } of files) {
    const parts = path.split('/').slice(0, -1);
    for (const [index] of parts.entries()) found.add(parts.slice(0, index + 1).join('/'));
  }
  return found;
};
