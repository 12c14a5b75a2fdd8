import { argon2, randomBytes, randomUUID } from 'node:crypto';
import { BurgeonError } from '@burgeon/kit';
import { sha256 } from '../../base/json.ts';
import { sameText } from '../codes.ts';
import type { Keychain } from './keychain.ts';
import type { MasterSlot } from './master-file.ts';
import { deriveKey } from './seal.ts';

/** Cost of turning a passphrase into a key: OWASP's argon2id profile, 129 ms when measured in 2026-11. @see RFC 9106 */
const cost = { memory: 19 * 1024, passes: 2, parallelism: 1 };

/** A master key: 32 bytes, and what it is called where something is sealed under it. */
export interface MasterKey {
  id: string;
  bytes: Uint8Array;
}

/** How a new master key is to come about. */
export type MasterWish = { kind: 'file' | 'keychain' } | { kind: 'passphrase'; passphrase: string };

/** A key that is there already, with its id. */
export const masterKeyOf = (bytes: Uint8Array): MasterKey => ({ id: idOf(bytes), bytes });

const idOf = (bytes: Uint8Array): string => sha256(deriveKey(bytes, 'vault-id')).slice(0, 16);

/**
 * The key of a slot.
 * @throws {BurgeonError} VAULT_LOCKED when the passphrase or the keychain is missing or another one, HOME_DAMAGED
 */
export const openSlot = async (
  slot: MasterSlot,
  { dir, keychain, passphrase }: { dir: string; keychain: Keychain; passphrase: string | undefined },
): Promise<MasterKey> => {
  switch (slot.kind) {
    case 'file':
      return matching(slot, Buffer.from(slot.key, 'hex')) ?? refuse(brokenMaster(dir));
    case 'passphrase':
      if (passphrase === undefined || passphrase === '') throw locked(`The vault of ${dir} is locked by a passphrase.`);
      return (
        matching(slot, await stretch(passphrase, slot.salt)) ??
        refuse(locked(`The passphrase is not that of the vault of ${dir}.`))
      );
    case 'keychain': {
      const bytes = await keychain.read(slot.account);
      return (bytes && matching(slot, bytes)) ?? refuse(missingAccount(dir));
    }
  }
};

/** Makes a key in a chosen way. @throws {BurgeonError} INPUT_INVALID for an empty passphrase; what the keychain throws */
export const makeSlot = async (wish: MasterWish, keychain: Keychain): Promise<{ slot: MasterSlot; key: MasterKey }> => {
  if (wish.kind === 'passphrase') {
    if (wish.passphrase === '') throw new BurgeonError('INPUT_INVALID', { message: 'The passphrase must not be empty.' });
    const salt = randomBytes(16).toString('hex');
    const key = masterKeyOf(await stretch(wish.passphrase, salt));
    return { slot: { id: key.id, kind: 'passphrase', salt }, key };
  }
  const key = masterKeyOf(randomBytes(32));
  if (wish.kind === 'file') return { slot: { id: key.id, kind: 'file', key: Buffer.from(key.bytes).toString('hex') }, key };
  const account = randomUUID();
  await keychain.write(account, key.bytes);
  return { slot: { id: key.id, kind: 'keychain', account }, key };
};

/** The key of a slot, if these are its bytes; compared in a time that does not tell how far they are right. */
const matching = ({ id }: MasterSlot, bytes: Uint8Array): MasterKey | undefined =>
  sameText(idOf(bytes), id) ? { id, bytes } : undefined;

const stretch = (passphrase: string, salt: string): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const parameters = { message: passphrase.normalize('NFKC'), nonce: Buffer.from(salt, 'hex'), tagLength: 32, ...cost };
    argon2('argon2id', parameters, (error, key) => (error ? reject(error) : resolve(key)));
  });

const refuse = (error: BurgeonError): never => {
  throw error;
};

const locked = (message: string): BurgeonError =>
  new BurgeonError('VAULT_LOCKED', {
    message,
    hint: 'Set BURGEON_PASSPHRASE and try again; where a server runs: burgeon vault unlock.',
    retryable: true,
  });

const missingAccount = (dir: string): BurgeonError =>
  new BurgeonError('VAULT_LOCKED', {
    message: `The keychain of this machine holds no key for the vault of ${dir}.`,
    hint: 'Open it as the user on the machine where the key was made.',
  });

/** A key that is not the one it is said to be. */
export const brokenMaster = (dir: string): BurgeonError =>
  new BurgeonError('HOME_DAMAGED', {
    message: `The master key in keys/master.json of ${dir} is not the one it is said to be.`,
    hint: 'Put a copy of the file back; without it the secrets cannot be opened.',
  });
