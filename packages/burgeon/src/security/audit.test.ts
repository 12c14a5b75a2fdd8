import type { JsonObject, Store, StoreWrite } from '@burgeon/kit';
import { memoryStore } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../base/clock.ts';
import { digestOf } from '../base/json.ts';
import { type Audit, type AuditEntry, openAudit } from './audit.ts';
import { newOwnerKey } from './keys.ts';

const key = newOwnerKey();
const clock = manualClock(0);
const open = (store: Store = memoryStore(clock)): { store: Store; audit: Audit } => ({
  store,
  audit: openAudit({ store, clock, key }),
});
const put = (id: string, rev?: number): StoreWrite => ({
  kind: 'put',
  table: 't',
  id,
  value: {},
  ...(rev === undefined ? {} : { rev }),
});
const event = (n: number, module = 'api/a') => ({ kind: 'thing.happened', module, data: { n } });

/** A store whose log was rewritten behind our back, with the same signed head. */
const tampered = async (from: Store, change: (entries: JsonObject[]) => JsonObject[]): Promise<Audit> => {
  const to = memoryStore(clock);
  const head = await from.get('audit', 'head');
  const entries = change((await from.readLog('audit', { limit: 10_000 })).map(({ entry }) => entry));
  await to.transact([
    ...entries.map((entry): StoreWrite => ({ kind: 'append', log: 'audit', entry })),
    ...(head ? [{ kind: 'put', table: 'audit', id: 'head', value: head.value } as const] : []),
  ]);
  return open(to).audit;
};

describe('the audit', () => {
  it('is sound and empty at first', async () => {
    const { audit } = open();
    expect(await audit.verify()).toEqual({ ok: true, entries: 0 });
    expect(await audit.list()).toEqual([]);
  });

  it('chains its entries and keeps when they happened', async () => {
    const { audit } = open();
    await audit.commit([event(1), event(2)]);
    const [first, second] = await audit.list();
    expect(first).toMatchObject({
      sequence: 1,
      at: '1970-01-01T00:00:00.000Z',
      kind: 'thing.happened',
      module: 'api/a',
      data: { n: 1 },
    });
    expect(first?.previous).toBe('0'.repeat(64));
    expect(second?.previous).toBe(first?.hash);
    const { hash, ...rest } = second as AuditEntry;
    expect(hash).toBe(digestOf(rest));
    expect(await audit.verify()).toEqual({ ok: true, entries: 2 });
  });

  it('lists those of one module, the newest of them', async () => {
    const { audit } = open();
    await audit.commit(Array.from({ length: 25 }, (_, n) => event(n, n % 2 ? 'api/a' : 'api/b')));
    expect((await audit.list({ module: 'api/a' })).map(({ data }) => data?.['n'])).toEqual([
      1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23,
    ]);
    expect((await audit.list({ limit: 3 })).map(({ data }) => data?.['n'])).toEqual([22, 23, 24]);
  });

  it('is one with the change it records', async () => {
    const { store, audit } = open();
    await audit.commit([event(1)], [put('a', 0)]);
    await expect(audit.commit([event(2)], [put('a', 0)])).rejects.toMatchObject({ code: 'CONFLICT' });
    await audit.commit([event(3)]);
    expect((await audit.list()).map(({ data }) => data?.['n'])).toEqual([1, 3]);
    expect((await store.get('t', 'a'))?.rev).toBe(1);
    expect(await audit.verify()).toEqual({ ok: true, entries: 2 });
  });

  it('stays one line among many callers, some of whom fail', async () => {
    const { audit } = open();
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, (_, n) =>
        audit.commit([event(n)], n % 10 === 0 ? [put('x', n === 0 ? 0 : 99)] : n % 3 ? [] : [put(String(n))]),
      ),
    );
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(19);
    expect(await audit.verify()).toEqual({ ok: true, entries: 181 });
  });

  it('stays one line when two of them write to one store', async () => {
    const store = memoryStore(clock);
    const [a, b] = [open(store).audit, open(store).audit];
    for (let n = 0; n < 10; n += 1)
      await Promise.all([a.commit([event(n)], [put(`a${n}`)]), b.commit([event(n)], [put(`b${n}`)])]);
    expect(await a.verify()).toEqual({ ok: true, entries: 20 });
  });

  it('reads more entries than one page holds', async () => {
    const { audit } = open();
    await audit.commit(Array.from({ length: 2_300 }, (_, n) => event(n)));
    expect(await audit.verify()).toEqual({ ok: true, entries: 2_300 });
    expect(await audit.list()).toHaveLength(1_000);
  });
});

describe('tampering', () => {
  const made = async (): Promise<Store> => {
    const { store, audit } = open();
    for (const n of [1, 2, 3, 4, 5]) await audit.commit([event(n)]);
    return store;
  };
  const rehash = (entry: JsonObject): JsonObject => {
    const { hash: _, ...rest } = entry;
    return { ...rest, hash: digestOf(rest) };
  };

  it.each<[string, number, (entries: JsonObject[]) => JsonObject[]]>([
    ['a changed entry', 3, (entries) => entries.with(2, { ...entries[2], data: { n: 9 } })],
    ['a changed entry with a new hash', 4, (entries) => entries.with(2, rehash({ ...entries[2], data: { n: 9 } }))],
    ['a changed last entry with a new hash', 5, (entries) => entries.with(4, rehash({ ...entries[4], data: { n: 9 } }))],
    ['a removed entry', 3, (entries) => entries.toSpliced(2, 1)],
    ['an inserted entry', 3, (entries) => entries.toSpliced(2, 0, { kind: 'forged' })],
    ['swapped entries', 2, (entries) => [entries[0], entries[2], entries[1], entries[3], entries[4]] as JsonObject[]],
    ['a cut end', 4, (entries) => entries.slice(0, 3)],
    ['everything cut', 1, () => []],
    [
      'an appended entry',
      6,
      (entries) => [...entries, rehash({ kind: 'forged', sequence: 6, at: '', previous: entries[4]?.['hash'] ?? '' })],
    ],
  ])('finds %s', async (_, firstBad, change) => {
    const audit = await tampered(await made(), change);
    expect(await audit.verify()).toMatchObject({ ok: false, firstBad, reason: expect.any(String) });
  });

  it('gives nothing that was changed, also where it may only be missing', async () => {
    const audit = await tampered(await made(), (entries) => entries.with(2, { ...entries[2], module: 'api/b' }));
    for (const query of [{}, { module: 'api/a' }, { module: 'api/b' }])
      await expect(audit.list(query)).rejects.toMatchObject({ code: 'AUDIT_BROKEN', data: { entry: 3 } });
    expect(await audit.list({ limit: 2 })).toHaveLength(2);
  });

  it('never appends behind a cut, which would hide it', async () => {
    const audit = await tampered(await made(), (entries) => entries.slice(0, 4));
    await expect(audit.commit([event(9)])).rejects.toMatchObject({ code: 'AUDIT_BROKEN', data: { signed: 5, found: 4 } });
  });

  it('finds a head that another key signed, that is missing, or that speaks of something else', async () => {
    const store = await made();
    const [first] = await open(store).audit.list();
    const forged = openAudit({ store: memoryStore(clock), clock, key: newOwnerKey() });
    await forged.commit([event(1)]);
    expect(await openAudit({ store, clock, key: newOwnerKey() }).verify()).toMatchObject({ ok: false, firstBad: 5 });
    await store.transact([{ kind: 'delete', table: 'audit', id: 'head' }]);
    expect(await open(store).audit.verify()).toMatchObject({ ok: false, firstBad: 1 });
    const { signStatement, statementType } = await import('./sign.ts');
    const other = signStatement(key, {
      _type: statementType,
      subject: [{ name: 'audit', digest: { sha256: String(first?.hash) } }],
      predicateType: 'https://example.com/other',
      predicate: { sequence: 5 },
    });
    await store.transact([{ kind: 'put', table: 'audit', id: 'head', value: other as unknown as JsonObject }]);
    expect(await open(store).audit.verify()).toMatchObject({
      ok: false,
      firstBad: 5,
      reason: expect.stringMatching(/another kind/) as string,
    });
  });
});
