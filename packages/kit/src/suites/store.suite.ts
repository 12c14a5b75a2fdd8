import type { Store } from '../contracts/store.ts';
import { BurgeonError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { SuiteRunner } from './check.suite.ts';

/** What {@link storeSuite} needs. */
export interface StoreSuiteOptions {
  /** Opens an empty store of its own. The suite closes it. */
  open: () => Promise<Store>;
  /** Opens what an earlier store left, after it was closed; for stores that outlive their process. */
  reopen?: () => Promise<Store>;
  /** Opens the same records a second time while the first is open; for stores that take several writers. */
  second?: () => Promise<Store>;
}

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => BurgeonError.from(error).code,
  );

const put = (id: string, value: JsonObject, rev?: number) =>
  ({ kind: 'put', table: 'things', id, value, ...(rev === undefined ? {} : { rev }) }) as const;

/**
 * What every store must keep: records come back as they went in, revisions guard them, a transaction is all or nothing, logs have no
 * gaps, tenants do not see each other, and what was acknowledged is still there after closing.
 */
export const storeSuite = (runner: SuiteRunner, options: StoreSuiteOptions): void => {
  const using = async (work: (store: Store) => Promise<void>): Promise<void> => {
    const store = await options.open();
    try {
      await work(store);
    } finally {
      await store.close();
    }
  };
  recordCases(runner, using);
  transactionCases(runner, using);
  logCases(runner, using);
  tenantCases(runner, using);
  durabilityCases(runner, options);
};

type Using = (work: (store: Store) => Promise<void>) => Promise<void>;

const recordCases = ({ describe, it, expect }: SuiteRunner, using: Using): void =>
  describe('records', () => {
    it('come back as they went in, whatever is in them', () =>
      using(async (store) => {
        const value = JSON.parse(
          '{"__proto__":{"a":1},"text":"\\u0000 \\ud83d\\ude00 \'\\"","list":[1,null,true,{}],"n":1.5e300}',
        ) as JsonObject;
        await store.transact([put("id'; drop table records; --", value)]);
        const record = await store.get('things', "id'; drop table records; --");
        expect(JSON.stringify(record?.value)).toBe(JSON.stringify(value));
        expect(Object.getPrototypeOf(record?.value)).toBe(Object.prototype);
      }));

    it('are absent before they are written and after they are deleted', () =>
      using(async (store) => {
        expect(await store.get('things', 'a')).toBe(undefined);
        await store.transact([put('a', {})]);
        await store.transact([{ kind: 'delete', table: 'things', id: 'a' }]);
        expect(await store.get('things', 'a')).toBe(undefined);
      }));

    it('carry a revision that grows by one and the times of their writing', () =>
      using(async (store) => {
        for (const n of [1, 2, 3]) {
          await store.transact([put('a', { n })]);
          expect((await store.get('things', 'a'))?.rev).toBe(n);
        }
        const record = await store.get('things', 'a');
        expect(/^\d{4}-.*Z$/.test(record?.createdAt ?? '')).toBe(true);
        expect((record?.createdAt ?? 'z') <= (record?.updatedAt ?? '')).toBe(true);
      }));

    it('are listed in the order of their ids, by prefix, after an id, up to a limit', () =>
      using(async (store) => {
        const ids = ['b', 'a/2', 'a/1', 'a', 'a/10', 'c%', 'a_1', 'A'];
        await store.transact([...ids.map((id) => put(id, {})), { kind: 'put', table: 'others', id: 'a/3', value: {} }]);
        const list = async (query: Parameters<Store['list']>[1]) => (await store.list('things', query)).map(({ id }) => id);
        expect(await list({})).toEqual(ids.toSorted());
        expect(await list({ prefix: 'a/' })).toEqual(['a/1', 'a/10', 'a/2']);
        expect(await list({ prefix: 'a/', after: 'a/1' })).toEqual(['a/10', 'a/2']);
        expect(await list({ prefix: 'a/', limit: 1 })).toEqual(['a/1']);
        expect(await list({ prefix: 'a_' })).toEqual(['a_1']);
        expect(await list({ prefix: 'c%' })).toEqual(['c%']);
        expect(await list({ after: 'b' })).toEqual(['c%']);
      }));
  });

const transactionCases = ({ describe, it, expect }: SuiteRunner, using: Using): void =>
  describe('transactions', () => {
    it('refuse a revision that is not the stored one', () =>
      using(async (store) => {
        expect(await codeOf(store.transact([put('a', {}, 1)]))).toBe('CONFLICT');
        await store.transact([put('a', {}, 0)]);
        expect(await codeOf(store.transact([put('a', {}, 0)]))).toBe('CONFLICT');
        expect(await codeOf(store.transact([{ kind: 'delete', table: 'things', id: 'a', rev: 7 }]))).toBe('CONFLICT');
        await store.transact([put('a', {}, 1)]);
        await store.transact([{ kind: 'delete', table: 'things', id: 'a', rev: 2 }]);
        expect(await store.get('things', 'a')).toBe(undefined);
      }));

    it('happen wholly or not at all', () =>
      using(async (store) => {
        const writes = [put('a', { n: 1 }), { kind: 'append', log: 'log', entry: {} } as const, put('b', {}, 3)];
        expect(await codeOf(store.transact(writes))).toBe('CONFLICT');
        expect(await store.get('things', 'a')).toBe(undefined);
        expect(await store.lastLog('log')).toBe(undefined);
      }));

    it('do not fail with their neighbours', () =>
      using(async (store) => {
        const codes = await Promise.all([
          codeOf(store.transact([put('a', {})])),
          codeOf(store.transact([put('x', {}), put('b', {}, 9)])),
          codeOf(store.transact([put('c', {})])),
        ]);
        expect(codes).toEqual(['none', 'CONFLICT', 'none']);
        expect((await store.list('things')).map(({ id }) => id)).toEqual(['a', 'c']);
      }));

    it('lose no update among many writers that compare and swap', () =>
      using(async (store) => {
        await store.transact([put('counter', { n: 0 })]);
        const increment = async (): Promise<void> => {
          for (;;) {
            const record = await store.get('things', 'counter');
            const code = await codeOf(store.transact([put('counter', { n: Number(record?.value['n']) + 1 }, record?.rev ?? 0)]));
            if (code === 'none') return;
          }
        };
        await Promise.all(Array.from({ length: 20 }, increment));
        expect((await store.get('things', 'counter'))?.value).toEqual({ n: 20 });
      }));
  });

const logCases = ({ describe, it, expect }: SuiteRunner, using: Using): void =>
  describe('logs', () => {
    it('number their entries from 1 without a gap, also beside refused writes', () =>
      using(async (store) => {
        const append = (n: number) => ({ kind: 'append', log: 'log', entry: { n } }) as const;
        await Promise.all([
          store.transact([append(1), append(2)]),
          codeOf(store.transact([append(0), put('a', {}, 9)])),
          store.transact([append(3), { kind: 'append', log: 'other', entry: {} }]),
        ]);
        expect(await store.readLog('log')).toEqual([1, 2, 3].map((n) => ({ sequence: n, entry: { n } })));
        expect((await store.lastLog('log'))?.sequence).toBe(3);
        expect((await store.lastLog('other'))?.sequence).toBe(1);
      }));

    it('are read from a place, up to a limit', () =>
      using(async (store) => {
        await store.transact([1, 2, 3, 4].map((n) => ({ kind: 'append', log: 'log', entry: { n } }) as const));
        const read = async (query: Parameters<Store['readLog']>[1]) =>
          (await store.readLog('log', query)).map(({ sequence }) => sequence);
        expect(await read({ after: 1, limit: 2 })).toEqual([2, 3]);
        expect(await read({ after: 4 })).toEqual([]);
      }));
  });

const tenantCases = ({ describe, it, expect }: SuiteRunner, using: Using): void =>
  describe('tenants', () => {
    it('neither see nor touch each other', () =>
      using(async (store) => {
        const other = store.forTenant('other');
        await store.transact([put('a', { of: 'local' }), { kind: 'append', log: 'log', entry: { of: 'local' } }]);
        expect(await other.get('things', 'a')).toBe(undefined);
        expect(await other.list('things')).toEqual([]);
        expect(await other.readLog('log')).toEqual([]);
        await other.transact([put('a', { of: 'other' }, 0), { kind: 'append', log: 'log', entry: { of: 'other' } }]);
        await other.transact([{ kind: 'delete', table: 'things', id: 'a' }]);
        expect((await store.get('things', 'a'))?.value).toEqual({ of: 'local' });
        expect((await other.lastLog('log'))?.sequence).toBe(1);
        expect((await store.get('things', 'a'))?.tenant).toBe('local');
      }));
  });

const durabilityCases = ({ describe, it, expect }: SuiteRunner, { open, reopen, second }: StoreSuiteOptions): void =>
  describe('durability', () => {
    it('closes twice, and takes nothing afterwards', async () => {
      const store = await open();
      await store.close();
      await store.close();
      expect((await codeOf(store.transact([put('a', {})]))) === 'none').toBe(false);
    });

    if (reopen) {
      it('keeps what was acknowledged, and what was waiting as it closed', async () => {
        const store = await open();
        await store.transact([put('a', {}), { kind: 'append', log: 'log', entry: {} }]);
        const waiting = store.transact([put('b', {})]);
        await store.close();
        await waiting;
        const again = await reopen();
        expect((await again.list('things')).map(({ id }) => id)).toEqual(['a', 'b']);
        expect((await again.lastLog('log'))?.sequence).toBe(1);
        await again.close();
      });
    }

    if (second) {
      it('takes two writers at once', async () => {
        const stores = [await open(), await second()];
        await Promise.all(
          stores.flatMap((store) =>
            Array.from({ length: 25 }, () => store.transact([{ kind: 'append', log: 'log', entry: {} }])),
          ),
        );
        const sequences = (await stores[0]?.readLog('log'))?.map(({ sequence }) => sequence);
        expect(sequences).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
        for (const store of stores) await store.close();
      });
    }
  });
