import { randomBytes } from 'node:crypto';
import type { JsonObject, Store } from '@burgeon/kit';
import { memoryStore } from '@burgeon/kit/suites';
import { beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../base/clock.ts';
import { openAudit } from '../audit.ts';
import { newOwnerKey } from '../keys.ts';
import { type Keyring, masterKeyOf } from '../master-key.ts';
import { type Vault, openVault } from '../vault.ts';

const clock = manualClock(0);
const owner = newOwnerKey();
const masterKey = randomBytes(32);
let store: Store;
let vault: Vault;
const open = (key: Parameters<typeof openVault>[0]['masterKey'] = masterKey): Vault =>
  openVault({ store, masterKey: key, clock, audit: openAudit({ store, clock, key: owner }) });
beforeEach(async () => {
  store = memoryStore(clock);
  vault = open();
});

const [a, b] = ['api/m/a', 'api/m/b'];
const stored = async (table: string, id: string): Promise<JsonObject> => (await store.get(table, id))?.value ?? {};
const put = (table: string, id: string, value: JsonObject): Promise<void> => store.transact([{ kind: 'put', table, id, value }]);

describe('a secret that was put back to an older copy', () => {
  it('is found by a vault that is open, and by the next one', async () => {
    await vault.set(a, 'one');
    await vault.set(b, 'other');
    const copy = await stored('secrets', a);
    await vault.rotate(a, 'two');
    await put('secrets', a, copy);
    for (const each of [vault, open()]) {
      await expect(each.read(a)).rejects.toMatchObject({ code: 'HOME_DAMAGED', data: { secret: a } });
      expect(await each.read(b)).toBe('other');
    }
  });

  it('is found when the ledger was put back with it', async () => {
    await vault.set(b, 'other');
    await vault.set(a, 'one');
    const copies = [await stored('secrets', a), await stored('vault', 'ledger')] as const;
    await vault.rotate(a, 'two');
    await vault.revoke(a);
    await put('secrets', a, copies[0]);
    await put('vault', 'ledger', copies[1]);
    const next = open();
    await expect(next.read(a)).rejects.toMatchObject({
      code: 'HOME_DAMAGED',
      message: expect.stringMatching(/older than what was last kept/),
    });
    expect(await next.read(b)).toBe('other');
    // Another secret that changes does not make it right; a new value of its own does.
    await next.set(b, 'more');
    await expect(next.read(a)).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
    await expect(open().read(a)).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
    expect(await next.set(a, 'three')).toMatchObject({ version: 3 });
    expect(await open().read(a)).toBe('three');
  });

  it('is found when it comes back after it was revoked', async () => {
    await vault.set(a, 'one');
    const copy = await stored('secrets', a);
    await vault.revoke(a);
    await put('secrets', a, copy);
    await expect(vault.read(a)).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
  });
});

describe('a vault that was tampered with', () => {
  it('misses what was taken away, and knows what was put in', async () => {
    await vault.set(a, 'one');
    const copy = await stored('secrets', a);
    await store.transact([{ kind: 'delete', table: 'secrets', id: a }]);
    for (const each of [vault, open()])
      await expect(each.read(a)).rejects.toMatchObject({ message: expect.stringMatching(/is gone/) });
    await put('secrets', b, copy);
    await expect(vault.read(b)).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
  });

  it.each<[string, (ledger: JsonObject) => JsonObject | undefined]>([
    ['changed', (ledger) => ({ ...ledger, counter: 7 })],
    ['without its seal', ({ mac: _mac, ...ledger }) => ledger],
    ['of another key', (ledger) => ({ ...ledger, master: '0'.repeat(16) })],
    ['gone', () => undefined],
  ])('trusts nothing when its ledger is %s, until it is set again', async (_name, change) => {
    await vault.set(a, 'one');
    await vault.set(b, 'other');
    const changed = change(await stored('vault', 'ledger'));
    await store.transact([
      changed ? { kind: 'put', table: 'vault', id: 'ledger', value: changed } : { kind: 'delete', table: 'vault', id: 'ledger' },
    ]);
    const next = open();
    for (const name of [a, b]) await expect(next.read(name)).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
    expect(await next.list()).toHaveLength(2);
    await next.set(a, 'two');
    const [again, other] = [await next.read(a), await next.read(b).catch((error: { code: string }) => error.code)];
    expect([again, other]).toEqual(['two', 'HOME_DAMAGED']);
  });
});

describe('a long record', () => {
  it('is compared once, and from there on', async () => {
    await vault.set(a, 'one');
    await store.transact(
      Array.from({ length: 2_500 }, () => ({ kind: 'append', log: 'audit', entry: { kind: 'other' } }) as const),
    );
    const seen = async (): Promise<unknown> => (await stored('vault', 'ledger'))['seen'];
    expect(await seen()).toBe(0);
    expect(await open().read(a)).toBe('one');
    expect(await seen()).toBe(2_501);
    expect(await open().read(a)).toBe('one');
  });
});

describe('another master key', () => {
  /** Keys that stop before the old one goes, or do not. */
  const changing = (stop: boolean) => {
    let ring: Keyring = { newest: masterKeyOf(masterKey), sure: true };
    return {
      open: async () => ring,
      begin: async () => (ring = { newest: masterKeyOf(randomBytes(32)), before: ring.newest, sure: true }),
      finish: async () => {
        if (stop) throw new Error('it stopped here');
        ring = { newest: ring.newest, sure: true };
      },
      ring: () => ring,
    };
  };

  it('opens everything, while it changes and after', async () => {
    const keys = changing(false);
    vault = open(keys);
    for (let n = 0; n < 20; n += 1) await vault.set(`api/m/${n}`, `value ${n}`);
    await vault.revoke('api/m/0');
    let reading = true;
    let reads = 0;
    const readers = Array.from({ length: 4 }, async (_, reader) => {
      while (reading) {
        const n = 1 + ((reads + reader) % 19);
        expect(await vault.read(`api/m/${n}`)).toBe(`value ${n}`);
        reads += 1;
        await Promise.resolve();
      }
    });
    for (let n = 0; n < 5; n += 1) expect(await vault.reseal({ kind: 'file' })).toEqual({ secrets: 20 });
    reading = false;
    await Promise.all(readers);
    expect(reads).toBeGreaterThan(20);
    const { newest, before } = keys.ring();
    expect(before).toBeUndefined();
    expect(new Set((await store.list('secrets')).map(({ value }) => value['master']))).toEqual(new Set([newest.id]));
    await expect(open(masterKey).read('api/m/1')).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
    expect(await open(newest.bytes).read('api/m/1')).toBe('value 1');
    const told = (await openAudit({ store, clock, key: owner }).list()).filter(({ kind }) => kind === 'vault.rotated');
    expect(told.map(({ data }) => data?.['secrets'])).toEqual([20, 20, 20, 20, 20]);
  });

  it('is carried through by the next process where it was interrupted', async () => {
    await vault.set(a, 'one');
    const keys = changing(true);
    await expect(open(keys).reseal({ kind: 'file' })).rejects.toThrow('it stopped here');
    let finished = 0;
    const next = open({ ...keys, finish: async () => void (finished += 1) });
    expect(await next.read(a)).toBe('one');
    expect(finished).toBe(1);
    expect(await open(keys.ring().newest.bytes).read(a)).toBe('one');
  });

  it('leaves what is damaged as it is', async () => {
    await vault.set(a, 'one');
    await vault.set(b, 'other');
    await put('secrets', b, { ...(await stored('secrets', b)), version: 9 });
    const next = open(changing(false));
    expect(await next.reseal({ kind: 'file' })).toEqual({ secrets: 1 });
    expect(await next.read(a)).toBe('one');
    await expect(next.read(b)).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
  });

  it('cannot take the place of one that was simply given', async () => {
    await expect(vault.reseal({ kind: 'file' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('a locked vault', () => {
  it('lists, and knows what was never kept; the rest waits for the key', async () => {
    await vault.set(a, 'one');
    const refuse = (): Promise<never> => Promise.reject(new Error('locked'));
    const locked = open({ open: refuse, begin: refuse, finish: refuse });
    expect(await locked.list()).toHaveLength(1);
    expect(await locked.read(b)).toBeUndefined();
    await expect(locked.read(a)).rejects.toThrow('locked');
    await expect(locked.set(b, 'x')).rejects.toThrow('locked');
  });
});
