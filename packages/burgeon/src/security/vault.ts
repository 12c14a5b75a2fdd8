import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { BurgeonError, type Clock, type JsonObject, type Store, type StoredRecord } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import { sha256 } from '../base/json.ts';
import type { Audit } from './audit.ts';
import { deriveKey } from './master-key.ts';

/** What may be told of a secret: never its value. */
export interface SecretRecord {
  /** `<module id>/<auth scheme>`: `api/petstore/api_key`. */
  name: string;
  /** Grows by one with each value. */
  version: number;
  /** When this version was set, ISO 8601 UTC. */
  createdAt: string;
  revoked: boolean;
}

/** Secrets at rest, each sealed under its own data key. */
export interface Vault {
  /** Keeps a value; what was there before is erased. @throws {BurgeonError} NAME_INVALID, INPUT_INVALID when it is empty */
  set(name: string, value: string): Promise<SecretRecord>;
  /** Keeps the next value of a secret that exists. @throws {BurgeonError} SECRET_MISSING */
  rotate(name: string, value: string): Promise<SecretRecord>;
  /** Erases the value; the name stays, so that it is seen. @throws {BurgeonError} SECRET_MISSING */
  revoke(name: string): Promise<SecretRecord>;
  /** In the order of their names. */
  list(): Promise<SecretRecord[]>;
  /** The value; undefined when there is none or it was revoked. @throws {BurgeonError} HOME_DAMAGED when it does not open */
  read(name: string): Promise<string | undefined>;
}

/** What a vault works with. With an audit, each change is recorded in its own transaction. */
export interface VaultOptions {
  store: Store;
  masterKey: Uint8Array;
  clock: Clock;
  audit?: Audit;
}

/** Bytes sealed with AES-256-GCM, all parts base64. @see NIST SP 800-38D */
type Sealed = { nonce: string; text: string; tag: string };

/** The stored form: the value under a data key, the data key under the module's key, which comes from the master key. */
type SecretValue = { version: number; createdAt: string; revoked: boolean; master: string; dataKey?: Sealed; value?: Sealed };

const table = 'secrets';
/** `namespace/module/scheme`; schemes are named by other people, so only what cannot be seen is refused. */
const namePattern = /^([a-z][a-z0-9-]{0,63}\/[A-Za-z0-9_][\w.-]{0,127})\/[^\p{C}]{1,200}$/u;

/** Opens the vault of a store. */
export const openVault = (options: VaultOptions): Vault => {
  const { store, masterKey, clock, audit } = options;
  const master = sha256(deriveKey(masterKey, 'vault-id')).slice(0, 16);

  const keep = async (name: string, old: StoredRecord | undefined, value: string | undefined): Promise<SecretRecord> => {
    const before = old?.value as SecretValue | undefined;
    const version = value === undefined ? (before?.version ?? 1) : (before?.version ?? 0) + 1;
    const createdAt = value === undefined ? (before?.createdAt ?? isoNow(clock)) : isoNow(clock);
    const record: SecretValue = { version, createdAt, revoked: value === undefined, master };
    if (value !== undefined) Object.assign(record, sealValue(masterKey, { name, version }, value));
    const write = { kind: 'put', table, id: name, rev: old?.rev ?? 0, value: record as unknown as JsonObject } as const;
    const kind = value === undefined ? 'secret.revoked' : old === undefined ? 'secret.set' : 'secret.rotated';
    if (audit) await audit.commit([{ kind, module: moduleOf(name), data: { name, version } }], [write]);
    else await store.transact([write]);
    return { name, version, createdAt, revoked: record.revoked };
  };
  const existing = async (name: string): Promise<StoredRecord> => {
    const record = await store.get(table, checkName(name));
    if (record) return record;
    throw new BurgeonError('SECRET_MISSING', { message: `There is no secret ${name}.`, hint: `Run burgeon secret set ${name}.` });
  };

  return {
    set: async (name, value) => keep(name, await store.get(table, checkName(name)), checkValue(value)),
    rotate: async (name, value) => keep(name, await existing(name), checkValue(value)),
    revoke: async (name) => keep(name, await existing(name), undefined),
    list: async () => {
      const found: SecretRecord[] = [];
      for (let after = ''; ; after = found.at(-1)?.name ?? '') {
        const records = await store.list(table, { after });
        for (const { id, value } of records) found.push(publicForm(id, value as unknown as SecretValue));
        if (records.length < 1_000) return found;
      }
    },
    read: async (name) => {
      const record = (await store.get(table, checkName(name)))?.value as SecretValue | undefined;
      if (record === undefined || record.revoked) return undefined;
      if (record.master !== master) throw locked(name);
      return openValue(masterKey, name, record);
    },
  };
};

const publicForm = (name: string, { version, createdAt, revoked }: SecretValue): SecretRecord => ({
  name,
  version,
  createdAt,
  revoked,
});

const moduleOf = (name: string): string => namePattern.exec(name)?.[1] ?? name;

const checkName = (name: string): string => {
  if (namePattern.test(name)) return name;
  throw new BurgeonError('NAME_INVALID', {
    message: `${JSON.stringify(name.slice(0, 200))} is no name of a secret.`,
    hint: 'Write namespace/module/scheme, for example api/petstore/api_key.',
  });
};

const checkValue = (value: string): string => {
  if (value.length > 0 && value.length <= 1_048_576) return value;
  throw new BurgeonError('INPUT_INVALID', {
    message: value === '' ? 'The value of a secret must not be empty.' : 'The value of a secret must not exceed 1 MiB.',
  });
};

/** What the seal is bound to: a sealed value moved to another name or version does not open. */
const boundTo = (name: string, version: number, part: string): Buffer =>
  Buffer.from(JSON.stringify(['vault', name, version, part]));

const moduleKey = (masterKey: Uint8Array, name: string): Uint8Array => deriveKey(masterKey, `vault|${moduleOf(name)}`);

const sealValue = (
  masterKey: Uint8Array,
  { name, version }: { name: string; version: number },
  value: string,
): { dataKey: Sealed; value: Sealed } => {
  const dataKey = randomBytes(32);
  return {
    dataKey: seal(moduleKey(masterKey, name), boundTo(name, version, 'key'), dataKey),
    value: seal(dataKey, boundTo(name, version, 'value'), Buffer.from(value)),
  };
};

const openValue = (masterKey: Uint8Array, name: string, record: SecretValue): string => {
  try {
    const { version, dataKey, value } = record;
    if (dataKey === undefined || value === undefined) throw new TypeError('a part is missing');
    const key = unseal(moduleKey(masterKey, name), boundTo(name, version, 'key'), dataKey);
    return unseal(key, boundTo(name, version, 'value'), value).toString('utf8');
  } catch (error) {
    throw new BurgeonError('HOME_DAMAGED', {
      message: `The secret ${name} was changed where it is stored.`,
      hint: `Set it again: burgeon secret set ${name}.`,
      cause: error,
    });
  }
};

const seal = (key: Uint8Array, bound: Buffer, bytes: Buffer): Sealed => {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAAD(bound);
  const text = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return { nonce: nonce.toString('base64'), text: text.toString('base64'), tag: cipher.getAuthTag().toString('base64') };
};

const unseal = (key: Uint8Array, bound: Buffer, sealed: Sealed): Buffer => {
  // The tag length is fixed: without it some versions of Node accept a tag cut to 4 bytes.
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.nonce, 'base64'), { authTagLength: 16 });
  decipher.setAAD(bound).setAuthTag(Buffer.from(sealed.tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(sealed.text, 'base64')), decipher.final()]);
};

const locked = (name: string): BurgeonError =>
  new BurgeonError('HOME_DAMAGED', {
    message: `The secret ${name} was sealed under another master key or passphrase.`,
    hint: 'Check BURGEON_PASSPHRASE, or set the secret again.',
  });
