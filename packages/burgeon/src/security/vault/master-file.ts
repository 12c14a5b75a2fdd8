import { mkdir, open } from 'node:fs/promises';
import { BurgeonError } from '@burgeon/kit';
import { writeDurably } from '../../base/durable-file.ts';
import type { Home } from '../../base/home.ts';
import { isObject } from '../../base/json.ts';
import type { Sealed } from './seal.ts';

/** How a master key comes about. */
export type MasterKind = 'file' | 'passphrase' | 'keychain';

/** One master key as the file tells of it: itself, the salt of its passphrase, or its account in the keychain. */
export type MasterSlot = { id: string } & (
  { kind: 'file'; key: string } | { kind: 'passphrase'; salt: string } | { kind: 'keychain'; account: string }
);

/** What `keys/master.json` holds: the key, and while another takes its place both, each sealed under the other. */
export interface MasterFile {
  /** The newest first. */
  keys: [MasterSlot] | [newest: MasterSlot, before: MasterSlot];
  /** `[the newest under the one before, the one before under the newest]`. */
  links?: [Sealed, Sealed];
}

const pathOf = (home: Home): string => home.path('keys', 'master.json');

/**
 * Reads the file; undefined before the first secret.
 * @throws {BurgeonError} HOME_DAMAGED when it cannot be read as one, or others than its owner can read it
 */
export const readMasterFile = async (home: Home): Promise<MasterFile | undefined> => {
  const read = async (): Promise<{ text: string; mode: number }> => {
    const handle = await open(pathOf(home), 'r');
    try {
      // What is judged is what is read: the handle stays with the file, whatever its name leads to by now.
      return { mode: (await handle.stat()).mode, text: await handle.readFile('utf8') };
    } finally {
      await handle.close();
    }
  };
  const found = await read().catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw damaged(home, error);
  });
  if (found === undefined) return undefined;
  if ((found.mode & 0o077) !== 0 && process.platform !== 'win32') {
    throw new BurgeonError('HOME_DAMAGED', {
      message: `keys/master.json of ${home.dir} may be read by others (mode ${(found.mode & 0o777).toString(8).padStart(4, '0')}).`,
      hint: `chmod 600 ${pathOf(home)}, and if somebody may have read it: burgeon vault rotate, and new values for all secrets.`,
    });
  }
  return parse(home, found.text);
};

/** Replaces the file as a whole (mode 0600). */
export const writeMasterFile = async (home: Home, file: MasterFile): Promise<void> => {
  await mkdir(home.path('keys'), { recursive: true, mode: 0o700 });
  await writeDurably(pathOf(home), `${JSON.stringify(file)}\n`);
};

const parse = (home: Home, text: string): MasterFile => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(home, error);
  }
  if (!isObject(value) || !Array.isArray(value['keys'])) throw damaged(home);
  const { keys, links } = value as { keys: unknown[]; links?: unknown };
  const right = keys.every(isSlot) && (keys.length === 1 || (keys.length === 2 && Array.isArray(links) && links.length === 2));
  if (!right) throw damaged(home);
  return value as unknown as MasterFile;
};

const isHex = (value: unknown, bytes: number): boolean =>
  typeof value === 'string' && new RegExp(`^[0-9a-f]{${bytes * 2}}$`).test(value);

const isSlot = (slot: unknown): boolean => {
  if (!isObject(slot) || !isHex(slot['id'], 8)) return false;
  const { kind } = slot;
  return (
    (kind === 'file' && isHex(slot['key'], 32)) ||
    (kind === 'passphrase' && isHex(slot['salt'], 16)) ||
    (kind === 'keychain' && typeof slot['account'] === 'string')
  );
};

const damaged = (home: Home, cause?: unknown): BurgeonError =>
  new BurgeonError('HOME_DAMAGED', {
    message: `keys/master.json of ${home.dir} cannot be read as a master key.`,
    hint: 'Put a copy of the file back; without it the secrets cannot be opened.',
    cause,
  });
