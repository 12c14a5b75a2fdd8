import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { answerQuery, openReadOnly } from './sqlite-answer.ts';
import { createSqliteReader } from './sqlite-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-answer-'));
const path = join(folder, 'a.db');
const made = new DatabaseSync(path);
made.exec("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, x'00ff'), (9007199254740993, 'x'), (1.5, NULL)");
made.close();
const database = openReadOnly(path);

afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (text: string, parameters: never[] | unknown[] = [], limit = 10): unknown =>
  answerQuery(() => database, { text, parameters: parameters as never[], limit });

describe('answerQuery', () => {
  it('tells storage classes apart', () => {
    expect(ask('SELECT a, b, a FROM t')).toEqual({
      result: {
        columns: ['a', 'b', 'a_2'],
        rows: [
          { a: 1, b: { base64: 'AP8=' }, a_2: 1 },
          { a: { integer: '9007199254740993' }, b: 'x', a_2: { integer: '9007199254740993' } },
          { a: 1.5, b: null, a_2: 1.5 },
        ],
        truncated: false,
      },
    });
  });
  it('binds any JSON', () => {
    const parameters = [null, 1, 1.5, 'x', true, { base64: 'AP8=' }, { a: 1 }];
    expect(ask('SELECT typeof(?), typeof(?), typeof(?), typeof(?), typeof(?), typeof(?), ?', parameters)).toMatchObject({
      result: { rows: [Object.fromEntries([]) as object] },
    });
    const [row] = (
      ask(
        'SELECT typeof(?) AS a, typeof(?) AS b, typeof(?) AS c, typeof(?) AS d, typeof(?) AS e, typeof(?) AS f, ? AS g',
        parameters,
      ) as { result: { rows: object[] } }
    ).result.rows;
    expect(row).toEqual({ a: 'null', b: 'integer', c: 'real', d: 'text', e: 'integer', f: 'blob', g: '{"a":1}' });
  });
  it.each([
    "ATTACH DATABASE '/tmp/burgeon-must-not-be' AS other",
    "VACUUM INTO '/tmp/burgeon-must-not-be'",
    'PRAGMA journal_mode = DELETE',
    'INSERT INTO t VALUES (1, 1)',
    'CREATE TEMP TABLE x (y)',
    'BEGIN',
    "SELECT load_extension('x')",
    "SELECT * FROM pragma_journal_mode('x')",
  ])('refuses %s', (text) => expect(ask(text)).toHaveProperty('error'));
});

describe('the reading process', () => {
  const reader = createSqliteReader(path);
  afterAll(() => reader.close());
  const endless = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n';

  it('is stopped when a query takes too long, and answers the next one', async () => {
    expect(await reader.read(endless, [], { limit: 1, timeoutMs: 200 })).toMatchObject({
      ok: false,
      failure: { code: 'statement-timeout' },
    });
    expect(await reader.read('SELECT 1 AS a', [], { limit: 1, timeoutMs: 20_000 })).toMatchObject({
      ok: true,
      value: { rows: [{ a: 1 }] },
    });
  });
  it('stops at the first row too many', async () => {
    const text = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n';
    expect(await reader.read(text, [], { limit: 2, timeoutMs: 20_000 })).toEqual({
      ok: true,
      value: { columns: ['i'], rows: [{ i: 1 }, { i: 2 }], truncated: true },
    });
  });
  it.runIf('limits' in database)('keeps values to a length', async () => {
    expect(await reader.read('SELECT length(zeroblob(500000000))', [], { limit: 1, timeoutMs: 20_000 })).toMatchObject({
      ok: false,
      failure: { code: 'value-invalid' },
    });
    expect(await reader.read('SELECT * FROM missing', [], { limit: 1, timeoutMs: 20_000 })).toMatchObject({
      ok: false,
      failure: { code: 'table-missing' },
    });
  });
});
