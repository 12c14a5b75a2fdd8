import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { BurgeonError, type Store } from '@burgeon/kit';
import { storeSuite } from '@burgeon/kit/suites';
import { afterAll, describe, expect, it } from 'vitest';
import { manualClock, systemClock } from '../../base/clock.ts';
import { sqlite } from './sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const fresh = (): string => join(folder, `store-${++count}.db`);
const open = (path: string): Promise<Store> => sqlite.open(path, { clock: systemClock });
const last = (): string => join(folder, `store-${count}.db`);

storeSuite({ describe, it, expect }, { open: () => open(fresh()), reopen: () => open(last()), second: () => open(last()) });

describe('the file', () => {
  it('is readable by its owner alone, with its side files', async () => {
    const path = fresh();
    const store = await open(path);
    await store.transact([{ kind: 'append', log: 'log', entry: {} }]);
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('takes its times from the clock', async () => {
    const store = await sqlite.open(fresh(), { clock: manualClock(0) });
    await store.transact([{ kind: 'put', table: 't', id: 'a', value: {} }]);
    expect((await store.get('t', 'a'))?.createdAt).toBe('1970-01-01T00:00:00.000Z');
    await store.close();
  });

  const refused = async (path: string): Promise<BurgeonError> =>
    open(path).then(
      () => expect.unreachable(),
      (error: unknown) => BurgeonError.from(error),
    );

  it.each([
    ['is another kind of file', 'not a database at all, but long enough to be read as the header of one'.repeat(10)],
    ['is cut in its first page', 'SQLite format 3\0'],
  ])('is refused when it %s', async (_, text) => {
    const path = fresh();
    writeFileSync(path, text.padEnd(200, 'x'));
    expect((await refused(path)).code).toBe('HOME_DAMAGED');
  });

  it('is refused when a page inside was overwritten', async () => {
    const path = fresh();
    const store = await open(path);
    const entry = { text: 'x'.repeat(2_000) };
    await store.transact(Array.from({ length: 50 }, () => ({ kind: 'append', log: 'log', entry })));
    await store.close();
    const bytes = Buffer.alloc(4_096 * 4, 0xff);
    const file = openSync(path, 'r+');
    writeSync(file, bytes, 0, bytes.length, 4_096);
    closeSync(file);
    expect(await refused(path)).toMatchObject({ code: 'HOME_DAMAGED', message: expect.stringContaining(path) });
  });

  it('is refused when a newer Burgeon wrote it', async () => {
    const path = fresh();
    await (await open(path)).close();
    const database = new DatabaseSync(path);
    database.exec('pragma user_version = 99');
    database.close();
    expect(await refused(path)).toMatchObject({ code: 'HOME_DAMAGED', message: expect.stringMatching(/newer/) });
  });

  it('is refused where there is no folder', async () => {
    expect((await refused(join(folder, 'none', 'store.db'))).code).toBe('HOME_UNWRITABLE');
  });

  it('says when it becomes unusable under way', async () => {
    const path = fresh();
    const store = await open(path);
    const other = new DatabaseSync(path);
    other.exec('drop table records; drop table entries');
    other.close();
    await expect(store.get('t', 'a')).rejects.toMatchObject({ code: 'HOME_UNWRITABLE' });
    await expect(store.transact([{ kind: 'append', log: 'l', entry: {} }])).rejects.toMatchObject({ code: 'HOME_UNWRITABLE' });
    await store.close();
  });

  it('refuses a value that JSON cannot carry, and keeps its neighbours', async () => {
    const store = await open(fresh());
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const bad = store.transact([{ kind: 'put', table: 't', id: 'bad', value: circle as never }]);
    const good = store.transact([{ kind: 'put', table: 't', id: 'good', value: {} }]);
    await expect(bad).rejects.toMatchObject({ code: 'INTERNAL' });
    await good;
    expect((await store.list('t')).map(({ id }) => id)).toEqual(['good']);
    await store.close();
  });
});

describe('kill -9', () => {
  const writer = (path: string): string => `
    import { sqlite } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'sqlite.ts')).href)};
    const store = await sqlite.open(${JSON.stringify(path)}, { clock: { now: Date.now } });
    for (let n = ((await store.lastLog('log'))?.sequence ?? 0) + 1; ; n += 1) {
      await store.transact([{ kind: 'append', log: 'log', entry: { n } }, { kind: 'put', table: 't', id: 'last', value: { n } }]);
      process.stdout.write(n + '\\n');
    }`;

  const acknowledged = (child: ChildProcess, atLeast: number): Promise<number> =>
    new Promise((resolve) => {
      let text = '';
      let killed = false;
      child.stdout?.on('data', (chunk) => {
        text += String(chunk);
        if (!killed && text.split('\n').length > atLeast) killed = child.kill('SIGKILL');
      });
      child.on('close', () => resolve(Number(text.trimEnd().split('\n').at(-1))));
    });

  it('loses nothing that was acknowledged, and leaves nothing half written', async () => {
    const path = fresh();
    for (const round of [1, 2, 3]) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', writer(path)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const promised = await acknowledged(child, round * 20);
      const store = await open(path);
      const kept = (await store.lastLog('log'))?.sequence ?? 0;
      expect(kept).toBeGreaterThanOrEqual(promised);
      expect((await store.get('t', 'last'))?.value).toEqual({ n: kept });
      await store.close();
    }
  });
});
