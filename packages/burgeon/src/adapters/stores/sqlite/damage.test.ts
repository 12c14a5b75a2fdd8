import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BurgeonError, type Store } from '@burgeon/kit';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { sqlite } from '../sqlite.ts';
import { explain, isDiskFailure } from './failure.ts';
import { rowSum } from './rows.ts';
import { walDamage } from './wal.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-damage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const fresh = (): string => join(folder, `${(count += 1)}.db`);
const open = (path: string): Promise<Store> => sqlite.open(path, { clock: systemClock });
const put = (store: Store, id: string, value = {}): Promise<void> =>
  store.transact([{ kind: 'put', table: 'things', id, value }]);
const failure = (work: Promise<unknown>): Promise<BurgeonError> =>
  work.then(
    () => expect.unreachable(),
    (error: unknown) => BurgeonError.from(error),
  );
const change = (path: string, statement: string): void => {
  const database = new DatabaseSync(path);
  database.exec(statement);
  database.close();
};

describe('a record that changed on the disk', () => {
  const made = async (): Promise<string> => {
    const path = fresh();
    const store = await open(path);
    for (const id of ['a', 'b']) await put(store, id, { text: 'right' });
    await store.transact([{ kind: 'append', log: 'log', entry: { n: 1 } }]);
    await store.close();
    return path;
  };

  it.each([
    ['value', `value = replace(value, 'right', 'wrong')`],
    ['revision', 'rev = 7'],
    ['time', `updated_at = '2000-01-01T00:00:00.000Z'`],
  ])('is named where its %s is read; the others are given', async (_, what) => {
    const path = await made();
    change(path, `update records set ${what} where id = 'a'`);
    const store = await open(path);
    const said = { code: 'HOME_DAMAGED', message: `${path} is damaged: the record things/a is not what was written.` };
    expect(await failure(store.get('things', 'a'))).toMatchObject(said);
    expect(await failure(store.list('things'))).toMatchObject(said);
    expect((await store.get('things', 'b'))?.value).toEqual({ text: 'right' });
    // What is written anew is right again.
    await put(store, 'a', { text: 'new' });
    expect(await store.list('things')).toHaveLength(2);
    await store.close();
  });

  it.each([
    ['key', `id = 'c' where id = 'a'`],
    ['sum', `sum = null where id = 'a'`],
  ])('keeps the file from being opened when it is its %s, since something may be missing', async (_, what) => {
    const path = await made();
    change(path, `update records set ${what}`);
    expect((await failure(open(path))).message).toMatch(/a record lies under things\/[ac], where none was written/);
  });

  it('is no JSON even under the right sum, and an entry is none', async () => {
    const path = await made();
    change(path, `update entries set entry = '{'`);
    const database = new DatabaseSync(path);
    database.function('row_sum', { varargs: true }, rowSum);
    database.exec(
      `update records set value = '{', sum = row_sum(tenant, kind, id, rev, '{', created_at, updated_at) where id = 'a'`,
    );
    database.close();
    const store = await open(path);
    expect((await failure(store.get('things', 'a'))).message).toMatch(/the record things\/a cannot be read/);
    expect((await failure(store.readLog('log'))).message).toMatch(/entry 1 of log cannot be read/);
    await store.close();
  });

  it('is given a sum when an earlier version wrote it', async () => {
    const path = await made();
    change(path, 'alter table records drop column sum; pragma user_version = 1');
    const store = await open(path);
    expect((await store.list('things')).map(({ id, rev }) => [id, rev])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    await store.close();
  });
});

describe('a write-ahead log that was left behind', () => {
  /** The files as a killed process leaves them: three commits that nobody brought into the main file. */
  const left = async (): Promise<string> => {
    const [path, copy] = [fresh(), fresh()];
    await (await open(path)).close();
    const store = await open(path);
    for (const id of ['a', 'b', 'c']) await put(store, id);
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix);
    await store.close();
    return copy;
  };
  const frame = 24 + 4_096;
  const ids = async (path: string): Promise<string[]> => {
    const store = await open(path);
    const found = (await store.list('things')).map(({ id }) => id);
    await store.close();
    return found;
  };
  const changed = async (at: number): Promise<string> => {
    const path = await left();
    const bytes = readFileSync(`${path}-wal`);
    const place = at < 0 ? bytes.length + at : at;
    bytes[place] = (bytes[place] ?? 0) ^ 0x40;
    writeFileSync(`${path}-wal`, bytes);
    return path;
  };

  it('is taken in when it is whole, absent or empty', async () => {
    expect(await ids(await left())).toEqual(['a', 'b', 'c']);
    const path = await left();
    writeFileSync(`${path}-wal`, '');
    expect(await ids(path)).toEqual([]);
    expect(walDamage(join(folder, 'nothing'))).toBeUndefined();
  });

  it.each([
    ['its header', 0],
    ['the salt of its header', 17],
    ['the sum of its header', 25],
    ['a page of the first commit', 32 + 24 + 100],
    ['the salt of a frame', 32 + 9],
    ['the sum of a frame', 32 + 17],
  ])('is refused when %s changed: SQLite would forget all behind it', async (_, at) => {
    const path = await changed(at);
    const { code, message } = await failure(open(path));
    expect([code, message.startsWith(`${path}-wal is damaged: `)]).toEqual(['HOME_DAMAGED', true]);
  });

  it('loses its last commit, and no more, when that was not whole', async () => {
    expect(await ids(await changed(-10))).toEqual(['a', 'b']);
    const path = await left();
    const bytes = readFileSync(`${path}-wal`);
    writeFileSync(`${path}-wal`, bytes.subarray(0, bytes.length - frame / 2));
    expect(await ids(path)).toEqual(['a', 'b']);
  });

  it('may hold frames of an earlier run behind those of this one', async () => {
    const path = fresh();
    const store = await open(path);
    for (let n = 0; n < 40; n += 1) await put(store, `x${n}`, { text: 'x'.repeat(3_000) });
    const other = new DatabaseSync(path);
    other.exec('pragma wal_checkpoint(restart)');
    other.close();
    await put(store, 'last');
    const copy = fresh();
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix);
    await store.close();
    expect(await ids(copy)).toHaveLength(41);
  });
});

describe('failures of SQLite', () => {
  const error = (errcode: number): Error => Object.assign(new Error('it failed'), { errcode });

  it.each([
    [13, 'HOME_FULL', false],
    [10, 'HOME_UNWRITABLE', true],
    [1_034, 'HOME_UNWRITABLE', true],
    [11, 'HOME_DAMAGED', false],
    [26, 'HOME_DAMAGED', false],
    [14, 'HOME_UNWRITABLE', false],
    [8, 'HOME_UNWRITABLE', false],
  ])('with code %i are %s', (errcode, code, isFatal) => {
    expect(explain(error(errcode), join(folder, 'x.db'))).toMatchObject({ code, message: expect.stringContaining('x.db') });
    expect(isDiskFailure(error(errcode))).toBe(isFatal);
  });

  it('pass ours through, and tell where the folder itself is gone', () => {
    const ours = new BurgeonError('CONFLICT', { message: 'm' });
    expect(explain(ours, 'x')).toBe(ours);
    expect(explain(error(10), '/nowhere/x.db').code).toBe('HOME_UNWRITABLE');
    expect(isDiskFailure(Object.assign(new Error('EIO'), { code: 'EIO' }))).toBe(true);
  });
});
