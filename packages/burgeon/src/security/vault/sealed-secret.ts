import { randomBytes } from 'node:crypto';
import type { JsonObject } from '@burgeon/kit';
import type { Keyring, MasterKey } from '../master-key.ts';
import { damaged } from './ledger.ts';
import { type Sealed, deriveKey, seal, unseal } from './seal.ts';

/** The stored form: the value under a data key, the data key under the module's key, which comes from the master key. */
export interface SealedSecret {
  version: number;
  /** ISO 8601 UTC. */
  createdAt: string;
  revoked: boolean;
  /** Id of the master key. */
  master: string;
  dataKey?: Sealed;
  value?: Sealed;
}

/** `namespace/module/scheme`; schemes are named by other people, so only what cannot be seen is refused. */
const namePattern = /^([a-z][a-z0-9-]{0,63}\/[A-Za-z0-9_][\w.-]{0,127})\/[^\p{C}]{1,200}$/u;

/** True for what may be the name of a secret. */
export const isSecretName = (name: string): boolean => namePattern.test(name);

/** The module that a secret belongs to. */
export const moduleOf = (name: string): string => namePattern.exec(name)?.[1] ?? name;

/** A stored record as a secret. */
export const asSecret = (value: JsonObject): SealedSecret => value as unknown as SealedSecret;

/** What a seal is bound to: one that was moved to another name or version does not open. */
const bound = (name: string, { version }: Pick<SealedSecret, 'version'>, part: 'key' | 'value'): (string | number)[] => [
  'vault',
  name,
  version,
  part,
];

const moduleKey = ({ bytes }: MasterKey, name: string): Uint8Array => deriveKey(bytes, `vault|${moduleOf(name)}`);

/** Seals a value under a data key of its own. */
export const sealSecret = (
  key: MasterKey,
  name: string,
  of: { version: number; createdAt: string; value: string },
): SealedSecret => {
  const { version, createdAt, value } = of;
  const dataKey = randomBytes(32);
  return {
    version,
    createdAt,
    revoked: false,
    master: key.id,
    dataKey: seal(moduleKey(key, name), bound(name, of, 'key'), dataKey),
    value: seal(dataKey, bound(name, of, 'value'), Buffer.from(value)),
  };
};

/** The value of a secret. @throws {BurgeonError} HOME_DAMAGED */
export const openSecret = (ring: Keyring, name: string, secret: SealedSecret): string => {
  const dataKey = openDataKey(ring, name, secret);
  try {
    return unseal(dataKey, bound(name, secret, 'value'), secret.value as Sealed).toString('utf8');
  } catch (error) {
    throw damaged(name, 'was changed where it is stored', error);
  }
};

/** The same secret with its data key under the newest master key; the value stays as it is. @throws {BurgeonError} HOME_DAMAGED */
export const resealSecret = (ring: Keyring, name: string, secret: SealedSecret): SealedSecret => {
  const { newest } = ring;
  if (secret.revoked) return { ...secret, master: newest.id };
  const dataKey = openDataKey(ring, name, secret);
  return { ...secret, master: newest.id, dataKey: seal(moduleKey(newest, name), bound(name, secret, 'key'), dataKey) };
};

const openDataKey = ({ newest, before }: Keyring, name: string, secret: SealedSecret): Uint8Array => {
  const key = [newest, before].find((each) => each?.id === secret.master);
  if (key === undefined) throw damaged(name, 'was sealed under another master key');
  try {
    return unseal(moduleKey(key, name), bound(name, secret, 'key'), secret.dataKey as Sealed);
  } catch (error) {
    throw damaged(name, 'was changed where it is stored', error);
  }
};
