import { BurgeonError, type Clock } from '@burgeon/kit';
import type { Home } from '../base/home.ts';
import { createSerial } from './serial.ts';
import type { Keychain } from './vault/keychain.ts';
import { type MasterFile, type MasterKind, readMasterFile, writeMasterFile } from './vault/master-file.ts';
import { type MasterKey, type MasterWish, brokenMaster, makeSlot, openSlot } from './vault/master-slot.ts';
import { deriveKey, seal, unseal } from './vault/seal.ts';

export type { MasterKind } from './vault/master-file.ts';
export { type MasterKey, type MasterWish, masterKeyOf } from './vault/master-slot.ts';
export { deriveKey } from './vault/seal.ts';

/** Wrong passphrases that are answered at once, in one process; each one after that waits twice as long as the one before. */
const freeTries = 3;
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

/** The keys at hand. There are two while one takes the place of the other. */
export interface Keyring {
  /** What is sealed from now on is sealed under it. */
  readonly newest: MasterKey;
  readonly before?: MasterKey;
  /** True: the newest was opened by its own means, so that the one before may go. */
  readonly sure: boolean;
}

/** What may be told of the master key. `none`: no secret was ever kept. */
export interface VaultState {
  kind: MasterKind | 'none';
  locked: boolean;
  /** Why it is locked. */
  reason?: string;
  /** True while another key takes the place of the one before. */
  rotating: boolean;
}

/** The master key of a home: opened when something needs it, and not before. */
export interface MasterKeys {
  /**
   * The keys; one is made at the first call.
   * @throws {BurgeonError} VAULT_LOCKED when a passphrase or the keychain is missing, HOME_DAMAGED; USAGE when a passphrase is given and there is none
   */
  open(): Promise<Keyring>;
  /** Tells whether it can be opened, without asking anybody. */
  state(): Promise<VaultState>;
  /** Tries a passphrase. Wrong ones make the next try wait. @throws {BurgeonError} VAULT_LOCKED when it is wrong */
  unlock(passphrase: string): Promise<void>;
  /** Makes the first key in a chosen way; gives the way it really came about. @throws {BurgeonError} CONFLICT when there is one */
  create(wish: MasterWish): Promise<{ kind: MasterKind; reason?: string }>;
  /** Puts a new key beside the one there is; both can open until `finish`. @throws {BurgeonError} VAULT_LOCKED, INPUT_INVALID */
  begin(wish: MasterWish): Promise<Keyring>;
  /** Forgets the key before. */
  finish(): Promise<void>;
}

/** What master keys work with. */
export interface MasterKeyOptions {
  home: Home;
  clock: Clock;
  /** The passphrase, or who to ask for it when something is needed. */
  passphrase?: string | (() => Promise<string | undefined>) | undefined;
  /** Default: that of this machine. */
  keychain?: Keychain;
}

/** What the operations on one master key share. */
interface Room extends Required<Pick<MasterKeyOptions, 'home' | 'clock' | 'keychain'>> {
  passphrase: MasterKeyOptions['passphrase'];
  /** Wrong passphrases in a row. */
  wrong: number;
  /** Why the passphrase that was given does not open it. */
  refused?: BurgeonError | undefined;
  ring?: Keyring;
}

/** The master keys of a home. Nothing is read or made before the first call. */
export const openMasterKeys = ({ home, clock, passphrase, keychain = lazyKeychain }: MasterKeyOptions): MasterKeys => {
  const inTurn = createSerial();
  const room: Room = { home, clock, keychain, passphrase, wrong: 0 };
  return {
    open: () => (room.ring ? Promise.resolve(room.ring) : inTurn(() => open(room))),
    unlock: (word) => inTurn(() => unlock(room, word)),
    create: (wish) => inTurn(() => create(room, wish)),
    begin: (wish) => inTurn(() => begin(room, wish)),
    finish: () => inTurn(() => finish(room)),
    state: () => inTurn(() => stateOf(room)),
  };
};

/** @throws {BurgeonError} VAULT_LOCKED when the master key is not at hand */
export const requireUnlocked = async (keys: Pick<MasterKeys, 'state'>): Promise<void> => {
  const { locked, reason = '' } = await keys.state();
  if (!locked) return;
  throw new BurgeonError('VAULT_LOCKED', {
    message: `The vault is locked. ${reason}`,
    hint: 'burgeon vault unlock',
    retryable: true,
  });
};

const lazyKeychain: Keychain = {
  read: async (account) => (await import('./vault/keychain.ts')).systemKeychain.read(account),
  write: async (account, bytes) => (await import('./vault/keychain.ts')).systemKeychain.write(account, bytes),
  remove: async (account) => (await import('./vault/keychain.ts')).systemKeychain.remove(account),
};

const needsPassphrase = ({ keys }: MasterFile): boolean => keys.some(({ kind }) => kind === 'passphrase');

const open = async (room: Room): Promise<Keyring> => {
  const { home, passphrase } = room;
  if (room.ring) return room.ring;
  if (room.refused) throw room.refused;
  const given = typeof passphrase === 'function' ? undefined : passphrase;
  const file = await readMasterFile(home);
  if (!file) {
    await write(room, given === undefined ? { kind: 'file' } : { kind: 'passphrase', passphrase: given });
    return open(room);
  }
  if (!needsPassphrase(file) && given !== undefined) throw noPassphrase(home);
  const word = needsPassphrase(file) && typeof passphrase === 'function' ? await passphrase() : given;
  try {
    return (room.ring = await openAll(room, file, word));
  } catch (error) {
    // Who gave a wrong one is told so at once from now on, not after another look at it.
    if (BurgeonError.is(error) && error.code === 'VAULT_LOCKED' && given !== undefined) room.refused = error;
    throw error;
  }
};

/** All keys of a file. Of two, either opens the other: whichever passphrase somebody remembers of an interrupted change is enough. */
const openAll = async ({ home, keychain }: Room, file: MasterFile, passphrase: string | undefined): Promise<Keyring> => {
  const [newest, before] = file.keys;
  const means = { dir: home.dir, keychain, passphrase };
  if (!before || !file.links) return { newest: await openSlot(newest, means), sure: true };
  const [opened, why] = await openSlot(newest, means).then(
    (key) => [key, undefined] as const,
    (error: unknown) => [undefined, error] as const,
  );
  const linked = (by: MasterKey, id: string, link: (typeof file.links & object)[number]): MasterKey => {
    try {
      return { id, bytes: unseal(deriveKey(by.bytes, 'master-link'), ['master', id], link) };
    } catch {
      throw brokenMaster(home.dir);
    }
  };
  if (opened) return { newest: opened, before: linked(opened, before.id, file.links[1]), sure: true };
  const old = await openSlot(before, means).catch(() => {
    throw why;
  });
  return { newest: linked(old, newest.id, file.links[0]), before: old, sure: false };
};

const unlock = async (room: Room, word: string): Promise<void> => {
  const file = await readMasterFile(room.home);
  if (!file || !needsPassphrase(file)) throw noPassphrase(room.home);
  const waitMs = room.wrong < freeTries ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** (room.wrong - freeTries));
  if (waitMs > 0) await room.clock.sleep(waitMs);
  room.wrong += 1;
  room.ring = await openAll(room, file, word);
  room.passphrase = word;
  room.refused = undefined;
  room.wrong = 0;
};

const create = async (room: Room, wish: MasterWish): Promise<{ kind: MasterKind; reason?: string }> => {
  if (await readMasterFile(room.home)) throw exists(room.home);
  const made = await write(room, wish);
  if (wish.kind === 'passphrase') room.passphrase = wish.passphrase;
  return made;
};

const begin = async (room: Room, wish: MasterWish): Promise<Keyring> => {
  const { home, keychain } = room;
  const { newest: before, before: older } = await open(room);
  const [slot] = (await readMasterFile(home))?.keys ?? [];
  if (!slot || older) throw brokenMaster(home.dir);
  const { slot: made, key: newest } = await makeSlot(wish, keychain);
  const links: MasterFile['links'] = [
    seal(deriveKey(before.bytes, 'master-link'), ['master', newest.id], newest.bytes),
    seal(deriveKey(newest.bytes, 'master-link'), ['master', before.id], before.bytes),
  ];
  await writeMasterFile(home, { keys: [made, slot], links });
  if (wish.kind === 'passphrase') room.passphrase = wish.passphrase;
  return (room.ring = { newest, before, sure: true });
};

const finish = async (room: Room): Promise<void> => {
  const { home, keychain, ring } = room;
  const [newest, before] = (await readMasterFile(home))?.keys ?? [];
  if (!newest || !before || !ring) return;
  await writeMasterFile(home, { keys: [newest] });
  room.ring = { newest: ring.newest, sure: true };
  if (newest.kind !== 'passphrase') room.passphrase = undefined;
  // The key is in no file any more; an account that is left behind opens nothing.
  if (before.kind === 'keychain') await keychain.remove(before.account).catch(() => {});
};

const stateOf = async (room: Room): Promise<VaultState> => {
  const file = await readMasterFile(room.home);
  const kind = file?.keys[0].kind ?? 'none';
  const rotating = file?.keys.length === 2;
  if (!file || room.ring) return { kind, locked: false, rotating };
  if (typeof room.passphrase === 'function' && needsPassphrase(file))
    return { kind, locked: true, rotating, reason: 'Nobody was asked for the passphrase yet.' };
  const failed = await open(room).then(
    () => undefined,
    (error: unknown) => BurgeonError.from(error),
  );
  return { kind, locked: failed !== undefined, rotating, ...(failed ? { reason: failed.message } : {}) };
};

/** Makes the first key; where no keychain answers, in a file. */
const write = async ({ home, keychain }: Room, wish: MasterWish): Promise<{ kind: MasterKind; reason?: string }> => {
  try {
    await writeMasterFile(home, { keys: [(await makeSlot(wish, keychain)).slot] });
    return { kind: wish.kind };
  } catch (error) {
    const { code, message } = BurgeonError.from(error);
    if (wish.kind !== 'keychain' || (code !== 'VAULT_LOCKED' && code !== 'DEPENDENCY_MISSING')) throw error;
    await writeMasterFile(home, { keys: [(await makeSlot({ kind: 'file' }, keychain)).slot] });
    return { kind: 'file', reason: message };
  }
};

const noPassphrase = ({ dir }: Home): BurgeonError =>
  new BurgeonError('USAGE', {
    message: `The vault of ${dir} has no passphrase.`,
    hint: 'Leave the passphrase away for this home, or give it one: burgeon vault rotate --passphrase',
  });

const exists = ({ dir }: Home): BurgeonError =>
  new BurgeonError('CONFLICT', {
    message: `The vault of ${dir} has a master key already.`,
    hint: 'Put another in its place: burgeon vault rotate --keychain, --passphrase or --file',
  });
