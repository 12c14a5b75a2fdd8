import type { Store } from '@burgeon/kit';
import { memoryStore } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../base/clock.ts';
import { countedIds } from '../base/ids.ts';
import { type ApiKeys, openApiKeys } from './api-keys.ts';
import { type Audit, openAudit } from './audit.ts';
import { newOwnerKey } from './keys.ts';

const owner = newOwnerKey();

const fixture = (): {
  keys: ApiKeys;
  again: () => ApiKeys;
  store: Store;
  audit: Audit;
  clock: ReturnType<typeof manualClock>;
} => {
  const clock = manualClock(0);
  const store = memoryStore(clock);
  const audit = openAudit({ store, clock, key: owner });
  const ids = countedIds();
  const again = (): ApiKeys => openApiKeys({ store, audit, clock, ids });
  return { keys: again(), again, store, audit, clock };
};

describe('API keys', () => {
  it('are known by their value, which nothing keeps', async () => {
    const { keys, again, store, audit } = fixture();
    const { key, value } = await keys.grant({ role: 'operator', name: 'ci', modules: ['api/*'] });
    expect(value).toMatch(/^bgk_1_[\w-]{43}$/);
    expect(key).toEqual({
      id: '1',
      prefix: 'bgk_1',
      last4: value.slice(-4),
      role: 'operator',
      name: 'ci',
      modules: ['api/*'],
      state: 'valid',
      createdAt: '1970-01-01T00:00:00.000Z',
    });
    for (const each of [keys, again()]) expect(await each.holderOf(value)).toEqual({ kind: 'key', key });
    const kept = JSON.stringify([await store.list('access-keys'), await audit.list()]);
    expect(kept).not.toContain(value.slice(-43));
    expect(await audit.list()).toMatchObject([
      { kind: 'access.granted', data: { key: '1', role: 'operator', modules: ['api/*'] } },
    ]);
    const { hash } = (await store.get('access-keys', '1'))?.value ?? {};
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(await audit.list())).not.toContain(hash as string);
  });

  it('are good for all modules when a pattern says so', async () => {
    const { keys } = fixture();
    expect((await keys.grant({ role: 'viewer', modules: ['api/*', '*'] })).key.modules).toBeUndefined();
    await expect(keys.grant({ role: 'viewer', modules: ['nonsense'] })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('are nobody when anything about them is wrong', async () => {
    const { keys } = fixture();
    const { value } = await keys.grant({ role: 'owner' });
    const other = await keys.grant({ role: 'viewer' });
    const swapped = value.replace('bgk_1_', `bgk_${other.key.id}_`);
    const last = value.endsWith('A') ? 'B' : 'A';
    for (const token of [
      '',
      'bgk_',
      'bgk_1_',
      value.slice(0, -1),
      `${value}x`,
      value.slice(0, -1) + last,
      swapped,
      value.replace('bgk_1_', 'bgk_9_'),
      'bgk___proto____x',
    ]) {
      expect(await keys.holderOf(token)).toEqual({ kind: 'nobody', why: 'unknown' });
    }
  });

  it('end when their time is up', async () => {
    const { keys, clock } = fixture();
    const { key, value } = await keys.grant({ role: 'viewer', expiresInMs: 60_000 });
    expect(key.expiresAt).toBe('1970-01-01T00:01:00.000Z');
    clock.advance(59_999);
    expect((await keys.holderOf(value)).kind).toBe('key');
    clock.advance(1);
    expect(await keys.holderOf(value)).toEqual({ kind: 'nobody', why: 'expired' });
    expect(await keys.list()).toMatchObject([{ state: 'expired' }]);
  });

  it('end when they are revoked, at once, for good and on the record', async () => {
    const { keys, again, audit, clock } = fixture();
    const { value } = await keys.grant({ role: 'viewer' });
    const told: string[] = [];
    const forget = keys.onRevoked((id) => told.push(id));
    clock.advance(5);
    expect(await keys.revoke('1')).toMatchObject({ state: 'revoked', revokedAt: '1970-01-01T00:00:00.005Z' });
    clock.advance(5);
    expect(await keys.revoke('1')).toMatchObject({ revokedAt: '1970-01-01T00:00:00.005Z' });
    forget();
    expect(told).toEqual(['1']);
    for (const each of [keys, again()]) expect(await each.holderOf(value)).toEqual({ kind: 'nobody', why: 'revoked' });
    expect((await audit.list()).map(({ kind }) => kind)).toEqual(['access.granted', 'access.revoked']);
    await expect(keys.revoke('nope')).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
    await expect(keys.revoke('__proto__')).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
  });

  it('remember when they were last used, and write it down later', async () => {
    const { keys, again, store, clock } = fixture();
    const { value } = await keys.grant({ role: 'viewer' });
    await keys.grant({ role: 'owner' });
    expect((await keys.list())[0]?.lastUsedAt).toBeUndefined();
    clock.advance(1_000);
    await keys.holderOf(value);
    expect((await keys.list())[0]?.lastUsedAt).toBe('1970-01-01T00:00:01.000Z');
    expect(await store.get('access-usage', '1')).toBeUndefined();
    await keys.flush();
    await keys.flush();
    expect((await again().list()).map(({ lastUsedAt }) => lastUsedAt)).toEqual(['1970-01-01T00:00:01.000Z', undefined]);
  });

  it('leave the token of a run to the owner', async () => {
    const { keys } = fixture();
    keys.letOwner('a token that was chosen');
    expect(await keys.holderOf('a token that was chosen')).toEqual({ kind: 'owner' });
    keys.letOwner(undefined);
    expect(await keys.holderOf('a token that was chosen')).toEqual({ kind: 'nobody', why: 'unknown' });
  });

  it('are read in pages, and are not without number', async () => {
    const { keys, again, store } = fixture();
    const { value } = await keys.grant({ role: 'viewer' });
    const kept = (await store.get('access-keys', '1'))?.value ?? {};
    for (let page = 0; page < 10; page += 1) {
      await store.transact(
        Array.from({ length: 1_000 }, (_, index) => ({
          kind: 'put' as const,
          table: 'access-keys',
          id: `x${page * 1_000 + index}`,
          value: kept,
        })),
      );
    }
    const many = again();
    expect((await many.holderOf(value)).kind).toBe('key');
    await expect(many.grant({ role: 'viewer' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
