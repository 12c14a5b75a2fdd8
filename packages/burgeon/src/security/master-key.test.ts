import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BurgeonError } from '@burgeon/kit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { manualClock, systemClock } from '../base/clock.ts';
import { type Home, openHome } from '../base/home.ts';
import { openHomeKey } from './home-key.ts';
import {
  deriveKey,
  type MasterKeyOptions,
  type MasterKeys,
  type MasterWish,
  openMasterKeys,
  requireUnlocked,
} from './master-key.ts';
import { type Keychain, systemKeychain } from './vault/keychain.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-master-'));
const homes: Home[] = [];
let home: Home;
afterAll(async () => {
  await Promise.all(homes.map((each) => each.close()));
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  home = await openHome(join(folder, String(homes.length)), { clock: systemClock, waitMs: 0 });
  homes.push(home);
});

/** A keychain as the contract says; `answers` off is a machine without a session. */
const keychainOf = (): Keychain & { accounts: Map<string, Uint8Array>; answers: boolean } => {
  const accounts = new Map<string, Uint8Array>();
  const asked = <T>(work: () => T): Promise<T> =>
    keychain.answers ? Promise.resolve(work()) : Promise.reject(new BurgeonError('VAULT_LOCKED', { message: 'No session.' }));
  const keychain = {
    accounts,
    answers: true,
    read: (account: string) => asked(() => accounts.get(account)),
    write: (account: string, bytes: Uint8Array) => asked(() => void accounts.set(account, bytes)),
    remove: (account: string) => asked(() => void accounts.delete(account)),
  };
  return keychain;
};
const keychain = keychainOf();
const keys = (passphrase?: MasterKeyOptions['passphrase'], more: Partial<MasterKeyOptions> = {}): MasterKeys =>
  openMasterKeys({ home, clock: manualClock(0), passphrase, keychain, ...more });
const path = (): string => home.path('keys', 'master.json');

describe('the master key', () => {
  it('is made when it is first needed and lies in a private file', async () => {
    const first = keys();
    expect(await first.state()).toEqual({ kind: 'none', locked: false, rotating: false });
    const { newest, sure } = await first.open();
    expect([newest.bytes.length, sure, statSync(path()).mode & 0o777]).toEqual([32, true, 0o600]);
    expect((await keys().open()).newest).toEqual(newest);
    expect(await keys().state()).toEqual({ kind: 'file', locked: false, rotating: false });
    await expect(keys('pass').open()).rejects.toMatchObject({ code: 'USAGE' });
    await expect(keys().unlock('pass')).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('comes from a passphrase, of which only the salt is kept', async () => {
    const { newest } = await keys('ünlock').open();
    expect(readFileSync(path(), 'utf8')).not.toContain('lock');
    expect((await keys('u\u0308nlock').open()).newest).toEqual(newest);
    expect((await keys(async () => 'ünlock').open()).newest).toEqual(newest);
    for (const none of [undefined, '', async () => undefined])
      await expect(keys(none).open()).rejects.toMatchObject({
        code: 'VAULT_LOCKED',
        message: expect.stringContaining('locked by'),
      });
    expect(await keys().state()).toMatchObject({
      kind: 'passphrase',
      locked: true,
      reason: expect.stringContaining('locked by'),
    });
    expect(await keys(async () => 'ünlock').state()).toMatchObject({ kind: 'passphrase', locked: true });
  });

  it('is opened later by whoever knows the passphrase', async () => {
    const { newest } = await keys('right').open();
    const locked = keys('wrong');
    await expect(locked.open()).rejects.toMatchObject({
      code: 'VAULT_LOCKED',
      message: expect.stringContaining('is not that of'),
    });
    await expect(requireUnlocked(locked)).rejects.toMatchObject({
      code: 'VAULT_LOCKED',
      message: expect.stringContaining('is not that of'),
    });
    await locked.unlock('right');
    await requireUnlocked(locked);
    expect((await locked.open()).newest).toEqual(newest);
    expect(await locked.state()).toEqual({ kind: 'passphrase', locked: false, rotating: false });
  });

  it('makes whoever guesses wait longer each time', async () => {
    await keys('right').open();
    const clock = manualClock(0);
    const locked = keys(undefined, { clock });
    const waits: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const before = clock.now();
      await expect(locked.unlock(`wrong ${n}`)).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
      waits.push((clock.now() - before) / 1_000);
    }
    expect(waits).toEqual([0, 0, 0, 1, 2, 4, 8, 16, 32, 60]);
    await locked.unlock('right');
    const before = clock.now();
    await locked.unlock('right');
    expect(clock.now()).toBe(before);
  });

  it.each([0o640, 0o604, 0o660, 0o777])('is refused when others may read its file: %o', async (mode) => {
    await keys().open();
    chmodSync(path(), mode);
    const refused = { code: 'HOME_DAMAGED', hint: expect.stringContaining('chmod 600') };
    await expect(keys().open()).rejects.toMatchObject(refused);
    await expect(keys().state()).rejects.toMatchObject(refused);
  });

  it.each([
    'no json',
    '[]',
    '{}',
    '{"keys":[]}',
    '{"keys":[{"id":"0000000000000000","kind":"file","key":"12"}]}',
    '{"keys":[{"id":"0000000000000000","kind":"passphrase","salt":7}]}',
    '{"keys":[{"id":"0000000000000000","kind":"paper","key":"12"}]}',
    '{"keys":[7]}',
    `{"keys":[{"id":"0000000000000000","kind":"file","key":"${'0'.repeat(64)}"}]}`,
    `{"keys":[{"id":"0000000000000000","kind":"keychain","account":"x"},{"id":"0000000000000000","kind":"keychain","account":"x"}]}`,
  ])('is refused as %s', async (text) => {
    await keys().open();
    writeFileSync(path(), text);
    await expect(keys().open()).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
  });

  it('is refused when it cannot be read', async () => {
    mkdirSync(path(), { recursive: true });
    await expect(keys().open()).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
  });

  it('gives unrelated keys for different purposes', () => {
    const hex = (purpose: string): string => Buffer.from(deriveKey(new Uint8Array(32), purpose)).toString('hex');
    expect(hex('a')).toMatch(/^[0-9a-f]{64}$/);
    expect(hex('a')).toBe(hex('a'));
    expect(hex('a')).not.toBe(hex('b'));
  });
});

describe('a chosen way', () => {
  it('is the keychain, where one answers', async () => {
    expect(await keys().create({ kind: 'keychain' })).toEqual({ kind: 'keychain' });
    const { newest } = await keys().open();
    expect([...keychain.accounts.values()].at(-1)).toEqual(newest.bytes);
    expect(readFileSync(path(), 'utf8')).not.toContain(Buffer.from(newest.bytes).toString('hex'));
    keychain.answers = false;
    await expect(keys().open()).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    keychain.answers = true;
    keychain.accounts.clear();
    await expect(keys().open()).rejects.toMatchObject({ code: 'VAULT_LOCKED', message: expect.stringContaining('holds no key') });
    await expect(keys().create({ kind: 'file' })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is a file where none answers, which is said', async () => {
    keychain.answers = false;
    expect(await keys().create({ kind: 'keychain' })).toEqual({ kind: 'file', reason: 'No session.' });
    keychain.answers = true;
    expect(await keys().state()).toMatchObject({ kind: 'file', locked: false });
  });

  it('is a passphrase that is not empty', async () => {
    await expect(keys().create({ kind: 'passphrase', passphrase: '' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const made = keys();
    await made.create({ kind: 'passphrase', passphrase: 'p' });
    expect((await made.open()).newest).toEqual((await keys('p').open()).newest);
  });

  it('of this machine either keeps a key or says why not', async () => {
    const account = `burgeon test ${process.pid}`;
    const wrote = await systemKeychain.write(account, Buffer.from('x')).then(
      () => undefined,
      (error: unknown) => BurgeonError.from(error),
    );
    if (wrote) return expect(wrote.code).toMatch(/^(?:VAULT_LOCKED|DEPENDENCY_MISSING)$/);
    expect(Buffer.from((await systemKeychain.read(account)) ?? []).toString()).toBe('x');
    await systemKeychain.remove(account);
    expect(await systemKeychain.read(account)).toBeUndefined();
  });
});

describe('another key in the place of the first', () => {
  const wishes: MasterWish[] = [{ kind: 'file' }, { kind: 'keychain' }, { kind: 'passphrase', passphrase: 'new' }];
  const wordOf = (wish: MasterWish): string | undefined => (wish.kind === 'passphrase' ? wish.passphrase : undefined);
  const pairs = wishes.flatMap((from) => wishes.map((to) => ({ from, to })));

  it.each(pairs)('opens beside it until it goes: $from.kind, then $to.kind', async ({ from, to }) => {
    const old: MasterWish = from.kind === 'passphrase' ? { kind: 'passphrase', passphrase: 'old' } : from;
    await keys().create(old);
    const changing = keys(wordOf(old));
    const { newest: first } = await changing.open();
    const { newest, before } = await changing.begin(to);
    expect(before).toEqual(first);
    // It was interrupted here: the next process opens both, with what it knows of either.
    expect(await keys(wordOf(to) ?? wordOf(old)).open()).toMatchObject({ newest, before });
    if (from.kind === 'passphrase' && to.kind === 'passphrase') {
      expect(await keys('old').open()).toEqual({ newest, before, sure: false });
      await expect(keys('other').open()).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    }
    expect((await keys(wordOf(to) ?? wordOf(old)).state()).rotating).toBe(true);
    await changing.finish();
    await changing.finish();
    expect(await changing.open()).toEqual({ newest, sure: true });
    expect(await keys(wordOf(to)).open()).toEqual({ newest, sure: true });
    expect(keychain.accounts.has(JSON.stringify(before))).toBe(false);
  });

  it('is not what its link was changed to', async () => {
    const changing = keys('old');
    await changing.open();
    await changing.begin({ kind: 'passphrase', passphrase: 'new' });
    const file = JSON.parse(readFileSync(path(), 'utf8')) as { links: { tag: string }[] };
    file.links.reverse();
    writeFileSync(path(), JSON.stringify(file));
    await expect(keys('old').open()).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
    await expect(keys('new').open()).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
  });
});

describe("a home's own key", () => {
  it('is made once, lies in a private file, and is refused when it is none', async () => {
    const key = await openHomeKey(home);
    expect([key.length, statSync(home.path('keys', 'home.key')).mode & 0o777]).toEqual([32, 0o600]);
    expect(await openHomeKey(home)).toEqual(key);
    writeFileSync(home.path('keys', 'home.key'), 'x');
    await expect(openHomeKey(home)).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
    rmSync(home.path('keys', 'home.key'));
    mkdirSync(home.path('keys', 'home.key'));
    await expect(openHomeKey(home)).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
  });
});
