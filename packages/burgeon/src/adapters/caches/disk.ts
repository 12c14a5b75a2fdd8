import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cache, type CacheAdapter, type Logger } from '@burgeon/kit';

/** Texts in one folder; when there are more, the oldest tenth goes. */
const mostEntries = 2_048;

/** Bytes of one text; what is larger is neither written nor read. */
const largest = 1024 * 1024;

const isKey = (name: string): boolean => /^[0-9a-f]{1,128}$/.test(name);

/** Opened without following a link and without waiting for a pipe: whoever else may write there. */
const read = async (path: string): Promise<string | undefined> => {
  // Where the system lacks one of them it is undefined, which counts as 0.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const found = await file.stat();
  return found.isFile() && found.size <= largest ? await file.readFile('utf8') : undefined;
};

/** Not durably: what a loss of power takes is made anew. */
const write = async (folder: string, key: string, text: string): Promise<void> => {
  const temporary = join(folder, `${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600 });
    await rename(temporary, join(folder, key));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

const sweep = async (folder: string): Promise<number> => {
  const names = await readdir(folder);
  if (names.length <= mostEntries) return names.length;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const old = aged.toSorted((a, b) => a.at - b.at).slice(0, names.length - mostEntries * 0.9);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true, recursive: true })));
  return names.length - old.length;
};

const openDisk = (folder: string, log: Logger): Cache => {
  let count: number | undefined;
  const keep = async (key: string, text: string): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await write(folder, key, text);
    count = count === undefined || count + 1 > mostEntries ? await sweep(folder) : count + 1;
  };
  return {
    get: async (key) => (isKey(key) ? read(join(folder, key)).catch(() => undefined) : undefined),
    set: async (key, text) => {
      if (!isKey(key) || Buffer.byteLength(text) > largest) return;
      await keep(key, text).catch((error: unknown) =>
        log.warn(`Nothing can be remembered in ${folder}: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`),
      );
    },
    close: async () => {},
  };
};

/** Texts as files of one folder (mode 0700), a bounded number of them; a write replaces a file as a whole. */
export const disk: CacheAdapter = { name: 'disk', open: async (folder, { log }) => openDisk(folder, log) };
