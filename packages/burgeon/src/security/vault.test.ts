import { randomBytes } from 'node:crypto';
import type { JsonObject, Store } from '@burgeon/kit';
import { memoryStore } from '@burgeon/kit/suites';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../base/clock.ts';
import { openAudit } from './audit.ts';
import { newOwnerKey } from './keys.ts';
import { type Vault, openVault } from './vault.ts';

const clock = manualClock(0);
const masterKey = randomBytes(32);
const open = (store: Store = memoryStore(clock), key: Uint8Array = masterKey): { store: Store; vault: Vault } => ({
  store,
  vault: openVault({ store, masterKey: key, clock }),
});
const name = 'api/petstore/api_key';

describe('the vault', () => {
  it('gives back what was set, and says when it was', async () => {
    const { vault } = open();
    const record = { name, version: 1, createdAt: '1970-01-01T00:00:00.000Z', revoked: false };
    expect(await vault.read(name)).toBeUndefined();
    expect(await vault.set(name, 'hush')).toEqual(record);
    expect(await vault.read(name)).toBe('hush');
    expect(await vault.list()).toEqual([record]);
  });

  it('keeps any text, in no readable form', async () => {
    const { store, vault } = open();
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: 'grapheme' }), async (value) => {
        await vault.set(name, `secret:${value}`);
        expect(await vault.read(name)).toBe(`secret:${value}`);
        const stored = JSON.stringify(await store.get('secrets', name));
        expect(stored).not.toContain('secret:');
        expect(stored).not.toContain(Buffer.from('secret:').toString('base64').slice(0, 8));
      }),
      { numRuns: 50 },
    );
  });

  it('rotates what exists and erases what was before', async () => {
    const { store, vault } = open();
    await expect(vault.rotate(name, 'x')).rejects.toMatchObject({ code: 'SECRET_MISSING' });
    await vault.set(name, 'one');
    expect(await vault.rotate(name, 'two')).toMatchObject({ version: 2 });
    expect(await vault.read(name)).toBe('two');
    expect(JSON.stringify(await store.list('secrets')).match(/"dataKey"/g)).toHaveLength(1);
  });

  it('erases what is revoked and never falls back', async () => {
    const { store, vault } = open();
    await vault.set(name, 'one');
    await vault.set(name, 'two');
    expect(await vault.revoke(name)).toMatchObject({ version: 2, revoked: true });
    expect(await vault.read(name)).toBeUndefined();
    expect(JSON.stringify(await store.list('secrets'))).not.toContain('nonce');
    await expect(vault.revoke('api/petstore/other')).rejects.toMatchObject({ code: 'SECRET_MISSING' });
    expect(await vault.set(name, 'three')).toMatchObject({ version: 3, revoked: false });
  });

  it('records changes in the audit, without values', async () => {
    const store = memoryStore(clock);
    const audit = openAudit({ store, clock, key: newOwnerKey() });
    const vault = openVault({ store, masterKey, clock, audit });
    await vault.set(name, 'hush-hush');
    await vault.rotate(name, 'hush-again');
    await vault.revoke(name);
    const entries = await audit.list({ module: 'api/petstore' });
    expect(entries.map(({ kind }) => kind)).toEqual(['secret.set', 'secret.rotated', 'secret.revoked']);
    expect(JSON.stringify(entries)).not.toContain('hush');
  });

  it('lists more secrets than one page holds', async () => {
    const { vault } = open();
    for (let n = 0; n < 1_001; n += 1) await vault.set(`api/m/${String(n).padStart(5, '0')}`, 'v');
    expect(await vault.list()).toHaveLength(1_001);
  });

  it.each(['', 'x', 'api/x', '../a/b', 'api//x', 'API/x/y', 'api/x/', 'api/x/\u202ey', 'api/x/a\nb', `api/x/${'y'.repeat(201)}`])(
    'refuses the name %j',
    async (bad) => {
      const { vault } = open();
      for (const work of [vault.set(bad, 'v'), vault.read(bad), vault.revoke(bad)]) {
        await expect(work).rejects.toMatchObject({ code: 'NAME_INVALID' });
      }
    },
  );

  it.each(['api/x/OAuth2 (implicit)', 'db/chinook/connection', 'approval/totp/secret', 'api/x/a/b', 'api/x/__proto__'])(
    'takes the name %j',
    async (good) => {
      const { vault } = open();
      await vault.set(good, 'v');
      expect(await vault.read(good)).toBe('v');
    },
  );

  it.each(['', 'x'.repeat(1_048_577)])('refuses a value of a wrong length', async (value) => {
    await expect(open().vault.set(name, value)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('says when the master key is another one', async () => {
    const { store, vault } = open();
    await vault.set(name, 'v');
    await expect(open(store, randomBytes(32)).vault.read(name)).rejects.toMatchObject({
      code: 'HOME_DAMAGED',
      message: expect.stringMatching(/another master key/),
    });
  });
});

describe('tampering with what is kept', () => {
  type Value = { version: number; dataKey: Record<string, string>; value: Record<string, string> };
  const flip = (text: string | undefined): string => {
    const bytes = Buffer.from(text ?? '', 'base64');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    return bytes.toString('base64');
  };
  it.each<[string, (value: Value) => Partial<Value> | Record<string, unknown>]>([
    ['the text', (v) => ({ value: { ...v.value, text: flip(v.value['text']) } })],
    ['the tag', (v) => ({ value: { ...v.value, tag: flip(v.value['tag']) } })],
    [
      'the length of the tag',
      (v) => ({
        value: {
          ...v.value,
          tag: Buffer.from(v.value['tag'] ?? '', 'base64')
            .subarray(0, 4)
            .toString('base64'),
        },
      }),
    ],
    ['the nonce', (v) => ({ value: { ...v.value, nonce: flip(v.value['nonce']) } })],
    ['the data key', (v) => ({ dataKey: { ...v.dataKey, text: flip(v.dataKey['text']) } })],
    ['the version', (v) => ({ version: v.version + 1 })],
    ['a part that is gone', () => ({ dataKey: undefined })],
  ])('is found: %s', async (_, change) => {
    const { store, vault } = open();
    await vault.set(name, 'hush');
    const value = (await store.get('secrets', name))?.value as unknown as Value;
    await store.transact([
      { kind: 'put', table: 'secrets', id: name, value: { ...value, ...change(value) } as unknown as JsonObject },
    ]);
    await expect(vault.read(name)).rejects.toMatchObject({ code: 'HOME_DAMAGED', message: expect.stringMatching(/was changed/) });
  });

  it.each(['api/petstore/other', 'api/elsewhere/api_key'])('is found: a value moved to %s', async (to) => {
    const { store, vault } = open();
    await vault.set(name, 'hush');
    const record = await store.get('secrets', name);
    await store.transact([{ kind: 'put', table: 'secrets', id: to, value: record?.value ?? {} }]);
    await expect(vault.read(to)).rejects.toMatchObject({ code: 'HOME_DAMAGED' });
  });
});
