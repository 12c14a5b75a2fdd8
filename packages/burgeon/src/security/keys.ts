import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { BurgeonError } from '@burgeon/kit';
import { writeDurably } from '../base/durable-file.ts';
import type { Home } from '../base/home.ts';
import { sha256 } from '../base/json.ts';

/** A key that may have signed. */
export interface TrustedKey {
  /** First 16 hex digits of sha-256 over the SPKI form of the public key. */
  id: string;
  publicKey: KeyObject;
  /** True: another key took its place. It counts beside that one only. */
  retired?: boolean;
  /** True: its time is over. */
  expired?: boolean;
  /** What it signed no longer counts: from `since` on (ISO 8601 UTC), or at all. */
  revoked?: { since?: string; why?: string };
}

/** The owner's Ed25519 key pair: signs releases, the policy and the head of the audit. */
export interface OwnerKey extends TrustedKey {
  privateKey: KeyObject;
}

/** The id of a public key. */
export const keyId = (publicKey: KeyObject): string => sha256(publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16);

/** A fresh Ed25519 key pair, kept nowhere. @see RFC 8032 */
export const newOwnerKey = (): OwnerKey => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { id: keyId(publicKey), publicKey, privateKey };
};

/** The public key in its DER form, base64: how keys are kept and handed on. @see RFC 8410 */
export const publicText = (publicKey: KeyObject): string => publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

/**
 * Reads a public key: PEM, or base64 of its DER form.
 * @throws {BurgeonError} INPUT_INVALID when it is no Ed25519 public key: no other kind is ever taken
 */
export const readPublicKey = (text: string): TrustedKey => {
  const refuse = (why: string): BurgeonError =>
    new BurgeonError('INPUT_INVALID', {
      message: `That is no Ed25519 public key: ${why}.`,
      hint: 'Give what burgeon keys export prints on the other side.',
    });
  if (text.length > 4_096) throw refuse('it is too long');
  if (/PRIVATE KEY/.test(text)) throw refuse('it is a private key, which should never leave its machine');
  let publicKey: KeyObject;
  try {
    publicKey = text.includes('-----BEGIN')
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.from(text.trim(), 'base64'), format: 'der', type: 'spki' });
  } catch {
    throw refuse('it cannot be read');
  }
  if (publicKey.asymmetricKeyType !== 'ed25519') throw refuse(`its kind is ${publicKey.asymmetricKeyType}`);
  return { id: keyId(publicKey), publicKey };
};

const keyFile = (home: Home): string => home.path('keys', 'owner.pem');

/** True when the home has an owner's key, that is: when it was initialised. */
export const hasOwnerKey = async (home: Home): Promise<boolean> =>
  stat(keyFile(home)).then(
    () => true,
    () => false,
  );

/** When the owner's key was written, ISO 8601 UTC; none where there is no key. */
export const madeAt = async (home: Home): Promise<string[]> =>
  stat(keyFile(home)).then(
    ({ mtime }) => [mtime.toISOString()],
    () => [],
  );

/**
 * Makes the owner's key and keeps it in `keys/owner.pem` (mode 0600).
 * @throws {BurgeonError} CONFLICT when there is one already: a lost key would make every release unverifiable
 */
export const createOwnerKey = async (home: Home): Promise<OwnerKey> => {
  if (await hasOwnerKey(home)) {
    throw new BurgeonError('CONFLICT', { message: `${home.dir} has an owner's key already.`, hint: 'Nothing needs to be done.' });
  }
  const key = newOwnerKey();
  await mkdir(home.path('keys'), { recursive: true, mode: 0o700 });
  await writeDurably(keyFile(home), key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return key;
};

/**
 * Reads the owner's key.
 * @throws {BurgeonError} RECORD_NOT_FOUND before `init`; HOME_DAMAGED
 */
export const openOwnerKey = (home: Home): Promise<OwnerKey> => readKeyFile(home, 'owner.pem');

/** Reads a private key out of the folder `keys`. @throws {BurgeonError} RECORD_NOT_FOUND, HOME_DAMAGED */
export const readKeyFile = async (home: Home, name: string): Promise<OwnerKey> => {
  const pem = await readFile(home.path('keys', name), 'utf8').catch((error: unknown) => {
    const missing = (error as { code?: string }).code === 'ENOENT';
    throw new BurgeonError(missing ? 'RECORD_NOT_FOUND' : 'HOME_DAMAGED', {
      message: missing ? `${home.dir} has no owner's key.` : `The owner's key of ${home.dir} cannot be read.`,
      hint: missing ? 'Run burgeon init.' : 'Look at the permissions of its folder keys, or put a copy of it back.',
      cause: error,
    });
  });
  try {
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError(`its kind is ${privateKey.asymmetricKeyType}`);
    const publicKey = createPublicKey(privateKey);
    return { id: keyId(publicKey), publicKey, privateKey };
  } catch (error) {
    throw new BurgeonError('HOME_DAMAGED', {
      message: `keys/${name} of ${home.dir} holds no Ed25519 key.`,
      hint: 'Put a copy of the file back.',
      cause: error,
    });
  }
};
