import { mkdir, rename, rm } from 'node:fs/promises';
import { BurgeonError } from '@burgeon/kit';
import { syncFolder, writeDurably, writeFailure } from '../base/durable-file.ts';
import type { Home } from '../base/home.ts';
import { type KnownKey, readRing } from './known-keys.ts';
import { type OwnerKey, openOwnerKey, readKeyFile } from './keys.ts';

const name = 'next.pem';

/** Keeps a key that is about to take over. It is nothing until the list of keys is signed with it. */
export const writeNextKey = async (home: Home, key: OwnerKey): Promise<void> => {
  await mkdir(home.path('keys'), { recursive: true, mode: 0o700 });
  await writeDurably(home.path('keys', name), key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
};

/** The last step of a rotation: the key before is gone with it. */
export const installNextKey = async (home: Home): Promise<void> => {
  try {
    await rename(home.path('keys', name), home.path('keys', 'owner.pem'));
    await syncFolder(home.path('keys'));
  } catch (error) {
    throw writeFailure(home.path('keys', 'owner.pem'), error);
  }
};

/** Who signs, and the list of keys, as it is kept. */
export interface OpenedSigner {
  signer: OwnerKey;
  serial: number;
  /** Absent while no list was ever written. */
  keys?: KnownKey[];
  /** True when a crash left a rotation before its last step. */
  unfinished: boolean;
}

/**
 * The key that signs for a home. After a crash in a rotation that is the one the list of keys is signed with; one that no list was signed
 * with is thrown away.
 * @throws {BurgeonError} RECORD_NOT_FOUND, HOME_DAMAGED; SIGNATURE_INVALID when neither key signed the list
 */
export const openSigner = async (home: Home, ring: unknown): Promise<OpenedSigner> => {
  const next = await readKeyFile(home, name).catch((error: unknown) => {
    if (BurgeonError.from(error).code !== 'RECORD_NOT_FOUND') throw error;
    return undefined;
  });
  const taken = next && attempt(() => readRing(ring, next));
  if (next && taken) return { signer: next, ...taken, unfinished: true };
  const signer = await openOwnerKey(home);
  const known = ring === undefined ? { serial: 0 } : readOwnRing(home, ring, signer);
  if (next) await rm(home.path('keys', name), { force: true });
  return { signer, ...known, unfinished: false };
};

const readOwnRing = (home: Home, ring: unknown, signer: OwnerKey): { serial: number; keys: KnownKey[] } => {
  try {
    return readRing(ring, signer);
  } catch (error) {
    const { code, message, data } = BurgeonError.from(error);
    throw new BurgeonError(code, {
      message: `The list of keys was not signed with ${home.path('keys', 'owner.pem')}. ${message}`,
      hint: 'Put a copy of the folder keys and of burgeon.db back.',
      ...(data === undefined ? {} : { data }),
      cause: error,
    });
  }
};

const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};
