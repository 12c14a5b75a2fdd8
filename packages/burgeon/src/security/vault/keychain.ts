import { BurgeonError } from '@burgeon/kit';

/** Where the operating system keeps secrets of its user. */
export interface Keychain {
  /** The bytes under an account; undefined when there are none. @throws {BurgeonError} DEPENDENCY_MISSING, VAULT_LOCKED when it does not answer */
  read(account: string): Promise<Uint8Array | undefined>;
  /** @throws {BurgeonError} as `read` */
  write(account: string, bytes: Uint8Array): Promise<void>;
  /** Forgets an account; nothing happens when there is none. @throws {BurgeonError} as `read` */
  remove(account: string): Promise<void>;
}

const service = 'burgeon';

/** The keychain of this machine. On Linux the Secret Service: the kernel's keyring, which also exists, forgets at the next start. */
export const systemKeychain: Keychain = {
  read: (account) =>
    asking(account, async (entry) => {
      const bytes = await entry.getSecret();
      return bytes ? Uint8Array.from(bytes) : undefined;
    }),
  write: (account, bytes) => asking(account, (entry) => entry.setSecret(bytes)),
  remove: (account) => asking(account, async (entry) => void (await entry.deleteCredential())),
};

type Entry = import('@napi-rs/keyring').AsyncEntry;

const asking = async <T>(account: string, work: (entry: Entry) => Promise<T>): Promise<T> => {
  const library = await import('@napi-rs/keyring').catch((error: unknown) => {
    throw new BurgeonError('DEPENDENCY_MISSING', {
      message: 'The keychain needs the library @napi-rs/keyring.',
      hint: 'npm install @napi-rs/keyring',
      cause: error,
    });
  });
  try {
    return await work(new library.AsyncEntry(service, account, { linux: { store: 'secret-service' } }));
  } catch (error) {
    throw new BurgeonError('VAULT_LOCKED', {
      message: `The keychain of this machine does not answer: ${(error as Error).message}`,
      hint: 'Unlock it, or run Burgeon in the session of the user it belongs to.',
      cause: error,
    });
  }
};
