import { argon2, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { BurgeonError } from '@burgeon/kit';
import { writeDurably } from '../base/durable-file.ts';
import type { Home } from '../base/home.ts';
import { isObject } from '../base/json.ts';

/** Cost of turning a passphrase into a key: OWASP's argon2id profile, 129 ms when measured in 2026-11. @see RFC 9106 */
const cost = { memory: 19 * 1024, passes: 2, parallelism: 1 };

/** How the master key of a home comes about, in `keys/master.json`: by itself, or from a passphrase with this salt. */
type MasterFile = { kind: 'file'; key: string } | { kind: 'passphrase'; salt: string };

/**
 * The 32 bytes under which the vault is sealed. Without a passphrase they lie in `keys/master.json` (mode 0600); with one only its salt
 * does. Made at the first call; later calls must say the same.
 * @throws {BurgeonError} SECRET_MISSING when the home wants a passphrase and none is given; USAGE the other way round; HOME_DAMAGED
 */
export const openMasterKey = async (home: Home, passphrase?: string): Promise<Uint8Array> => {
  const path = home.path('keys', 'master.json');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw damaged(home, error);
  });
  const file = text === undefined ? await create(home, path, passphrase) : parse(home, text);
  if (file.kind === 'file') {
    if (passphrase !== undefined) {
      throw new BurgeonError('USAGE', {
        message: `The vault of ${home.dir} has no passphrase.`,
        hint: 'Leave the passphrase away for this home.',
      });
    }
    return Buffer.from(file.key, 'hex');
  }
  if (passphrase === undefined || passphrase === '') {
    throw new BurgeonError('SECRET_MISSING', {
      message: `The vault of ${home.dir} is locked by a passphrase.`,
      hint: 'Set BURGEON_PASSPHRASE and try again.',
    });
  }
  return stretch(passphrase, Buffer.from(file.salt, 'hex'));
};

/** A key for one purpose, from the master key. Different purposes give unrelated keys. @see RFC 5869 */
export const deriveKey = (masterKey: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', masterKey, new Uint8Array(0), `burgeon|${purpose}`, 32));

const create = async (home: Home, path: string, passphrase: string | undefined): Promise<MasterFile> => {
  const file: MasterFile =
    passphrase === undefined
      ? { kind: 'file', key: randomBytes(32).toString('hex') }
      : { kind: 'passphrase', salt: randomBytes(16).toString('hex') };
  await mkdir(home.path('keys'), { recursive: true, mode: 0o700 });
  await writeDurably(path, `${JSON.stringify(file)}\n`);
  return file;
};

const hex = (value: unknown, bytes: number): boolean =>
  typeof value === 'string' && new RegExp(`^[0-9a-f]{${bytes * 2}}$`).test(value);

const parse = (home: Home, text: string): MasterFile => {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && value['kind'] === 'file' && hex(value['key'], 32)) return value as MasterFile;
    if (isObject(value) && value['kind'] === 'passphrase' && hex(value['salt'], 16)) return value as MasterFile;
  } catch (error) {
    throw damaged(home, error);
  }
  throw damaged(home);
};

const stretch = (passphrase: string, salt: Buffer): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const parameters = { message: passphrase.normalize('NFKC'), nonce: salt, tagLength: 32, ...cost };
    argon2('argon2id', parameters, (error, key) => (error ? reject(error) : resolve(key)));
  });

const damaged = (home: Home, cause?: unknown): BurgeonError =>
  new BurgeonError('HOME_DAMAGED', {
    message: `keys/master.json of ${home.dir} cannot be read as a master key.`,
    hint: 'Put a copy of the file back; without it the secrets cannot be opened.',
    cause,
  });
