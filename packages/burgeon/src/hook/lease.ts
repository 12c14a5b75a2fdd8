import { BurgeonError, type CallResult, type Callable, type Interface, type JsonObject } from '@burgeon/kit';
import { readServerFile } from '../base/home.ts';
import { connectRemote } from '../management/remote.ts';

/** Per-call options of an imported function. */
export interface ImportedCallOptions {
  signal?: AbortSignal;
  traceId?: string;
}

/** A way to call that is borrowed: it is given back after each call, so that commands can have the home in between. */
export interface Lease {
  call(operation: string, input: JsonObject, options: ImportedCallOptions): Promise<CallResult>;
  describe(): Promise<Interface>;
  /** Gives it back. */
  release(): void;
}

/** How to reach the operations of one module at one version. */
export interface Binding {
  /** Absolute path of the data directory. */
  home: string;
  /** `namespace/name`. */
  id: string;
  version: string;
}

/** What calls go through while a home is open, here or in the server that owns it. */
interface Door {
  catalogue: Callable;
  management: Callable;
  close(): Promise<void>;
}

/** A door with those who use it. */
interface Shared {
  door: Promise<Door>;
  users: number;
  timer?: NodeJS.Timeout;
}

/** How long a home stays open after the last call, milliseconds. */
const idleMs = 200;
/** How long a call waits for a command that has the home, milliseconds. */
const waitMs = 30_000;

const open = new Map<string, Shared>();

/** Borrows the way to call. @throws {BurgeonError} HOME_BUSY, HOME_DAMAGED, ... */
export const borrow = async ({ home, id, version }: Binding): Promise<Lease> => {
  const shared = open.get(home) ?? share(home);
  shared.users++;
  clearTimeout(shared.timer);
  let held = true;
  const release = (): void => {
    if (!held) return;
    held = false;
    if (--shared.users === 0) shared.timer = setTimeout(() => void shut(home, shared), idleMs).unref();
  };
  const door = await shared.door.catch((error: unknown) => {
    open.delete(home);
    throw error;
  });
  const slash = id.indexOf('/');
  const [namespace, name] = [id.slice(0, slash), id.slice(slash + 1)];
  return {
    release,
    // Operations of one version are named `namespace.name@version.operation`.
    call: (operation, input, options) => door.catalogue.call(`${namespace}.${name}@${version}.${operation}`, input, options),
    describe: async () => {
      const { output } = await door.management.call('showModule', { namespace, name, version });
      return (output as JsonObject)['interface'] as unknown as Interface;
    },
  };
};

const share = (home: string): Shared => {
  const shared: Shared = { door: openDoor(home), users: 0 };
  open.set(home, shared);
  // A process that has nothing left to do closes at once instead of waiting.
  process.once('beforeExit', () => void shut(home, shared));
  return shared;
};

const shut = async (home: string, shared: Shared): Promise<void> => {
  if (shared.users > 0 || open.get(home) !== shared) return;
  open.delete(home);
  clearTimeout(shared.timer);
  await shared.door.then((door) => door.close()).catch(() => {});
};

const openDoor = async (home: string): Promise<Door> => {
  const remote = await reachServer(home);
  if (remote) return remote;
  const { createBurgeon } = await import('../burgeon.ts');
  try {
    const burgeon = await createBurgeon({ home, waitMs });
    return { catalogue: burgeon.catalogue, management: burgeon.management, close: () => burgeon.close() };
  } catch (error) {
    // A server may have taken the home while this call waited for it.
    const late = BurgeonError.is(error) && error.code === 'HOME_BUSY' ? await reachServer(home) : undefined;
    if (late) return late;
    throw error;
  }
};

const reachServer = async (home: string): Promise<Door | undefined> => {
  const server = await readServerFile(home);
  if (!server) return undefined;
  const { management, catalogue } = connectRemote(server);
  return { catalogue, management, close: async () => {} };
};
