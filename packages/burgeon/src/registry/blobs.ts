import { readFileSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { clearUnfinished, makeFolder, syncFolder, writeFailure, writeWhole } from '../base/durable-file.ts';
import { sha256 } from '../base/json.ts';
import { signatureInvalid } from '../security/sign.ts';

/** Bytes under the name of their digest. */
export interface Blobs {
  /**
   * Keeps the bytes and gives their names, in the same order; what is there already is not written again. On disk when it returns.
   * @throws {BurgeonError} HOME_FULL; HOME_UNWRITABLE, after a failed sync for good: what the disk holds is known again at the next opening
   */
  put(contents: readonly (string | Uint8Array)[]): Promise<string[]>;
  /**
   * The bytes of a name, digested again.
   * @throws {BurgeonError} SIGNATURE_INVALID when they are gone or are not the ones that were kept
   */
  get(name: string): Promise<Buffer>;
  /** Erases names; those that are not there are passed over. */
  remove(names: Iterable<string>): Promise<void>;
}

/** Opens the blobs in a folder (mode 0700, made if need be) and clears what a crash left half written. */
export const openBlobs = async (folder: string): Promise<Blobs> => {
  await makeFolder(folder).catch((error: unknown) => {
    throw writeFailure(folder, error);
  });
  await clearUnfinished(folder);
  let lost: BurgeonError | undefined;
  // Names that an earlier process gave may not be on disk yet, so the folder is synced also where nothing is written.
  const sync = (): Promise<void> =>
    syncFolder(folder).catch((error: unknown) => {
      lost = writeFailure(folder, error);
      throw lost;
    });
  return {
    put: async (contents) => {
      if (lost) throw lost;
      const names = contents.map((content) => sha256(content));
      const missing = new Map<string, string | Uint8Array>();
      for (const [index, name] of names.entries()) {
        if (!(await isWhole(folder, name))) missing.set(name, contents[index] ?? '');
      }
      const written = await Promise.allSettled([...missing].map(([name, content]) => writeWhole(join(folder, name), content)));
      const failed = written.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw writeFailure(folder, failed.reason);
      await sync();
      return names;
    },
    get: async (name) => {
      const bytes = bytesOf(pathOf(folder, name), name);
      if (sha256(bytes) === name) return bytes;
      throw signatureInvalid('file', `The bytes kept as ${name.slice(0, 16)}... were changed.`, { sha256: name });
    },
    remove: async (names) => {
      for (const name of names) await rm(pathOf(folder, name), { force: true });
      await sync();
    },
  };
};

/** A bundle is a handful of small files: to read them at once takes a fifth of the time, and blocks for less than the detour would take. */
const bytesOf = (path: string, name: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw signatureInvalid('file', `The bytes ${name.slice(0, 16)}... are gone.`, { sha256: name, cause: String(error) });
  }
};

const pathOf = (folder: string, name: string): string => {
  if (!/^[0-9a-f]{64}$/.test(name)) throw signatureInvalid('file', 'A record names bytes that have no such name.');
  return join(folder, name);
};

/** True when the bytes are there unharmed: damaged ones are written again, which heals them. */
const isWhole = async (folder: string, name: string): Promise<boolean> =>
  (await stat(pathOf(folder, name)).catch(() => undefined)) !== undefined &&
  sha256(await readFile(pathOf(folder, name))) === name;
