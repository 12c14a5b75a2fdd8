import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SqlBinding, SqlDialect, SqlParameter, SqlStatement } from './binding.ts';
import { failureOf } from './failure.ts';
import { perform } from './perform.ts';
import type { SqlOutcome } from './result.ts';
import { buildStatement } from './statement.ts';
import { quoteName } from './text.ts';

const binding = (action: SqlBinding['action'], more: Partial<SqlBinding> = {}): SqlBinding => ({
  action,
  schema: 'public',
  table: 'al"bum',
  columns: [
    { name: 'id', type: { kind: 'bigint' }, counted: true },
    { name: 'title', type: { kind: 'text' }, nullable: true },
    { name: 'cover', type: { kind: 'bytes' }, nullable: true },
    { name: 'words', type: { kind: 'other' }, nullable: true },
    { name: 'total', type: { kind: 'decimal', scale: 2 }, readOnly: true },
  ],
  key: ['id'],
  ...more,
});

const built = (outcome: SqlOutcome<SqlStatement>): SqlStatement => {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
  return outcome.value;
};

describe('buildStatement', () => {
  it.each<[SqlDialect, SqlBinding, unknown, string, SqlParameter[]]>([
    [
      'sqlite',
      binding('get'),
      { id: 5 },
      'SELECT t."id" AS "id", t."title" AS "title", t."cover" AS "cover", t."words" AS "words", t."total" AS "total" FROM "al""bum" AS t WHERE t."id" = ?',
      [5n],
    ],
    [
      'postgres',
      binding('count'),
      { where: { words: { like: 'a%' }, title: null } },
      'SELECT COUNT(*) AS "count" FROM "public"."al""bum" AS t WHERE (t."words"::text LIKE $1) AND (t."title" IS NULL)',
      ['a%'],
    ],
    [
      'mysql',
      binding('delete', { schema: 'x`y' }),
      { id: '9007199254740993' },
      'DELETE FROM `x``y`.`al"bum` WHERE `id` = CAST(? AS SIGNED)',
      ['9007199254740993'],
    ],
    [
      'mysql',
      binding('create'),
      { title: 'A', cover: 'AAE=' },
      'INSERT INTO `public`.`al"bum` (`title`, `cover`) VALUES (?, UNHEX(?))',
      ['A', '0001'],
    ],
    ['mysql', binding('create'), {}, 'INSERT INTO `public`.`al"bum` () VALUES ()', []],
    [
      'sqlite',
      binding('create', { columns: [{ name: 'id', type: { kind: 'integer' } }] }),
      {},
      'INSERT INTO "al""bum" DEFAULT VALUES RETURNING "id" AS "id"',
      [],
    ],
    [
      'postgres',
      binding('update', { columns: [{ name: 'id', type: { kind: 'bigint' } }], changes: 'do' }),
      { id: 1, do: { id: 2 } },
      'UPDATE "public"."al""bum" SET "id" = $1 WHERE "id" = $2 RETURNING "id"::text AS "id"',
      ['2', '1'],
    ],
    ['sqlite', binding('count', { schema: 'sales' }), {}, 'SELECT COUNT(*) AS "count" FROM "sales.al""bum" AS t', []],
  ])('%s %j %j', (...[dialect, of, input, text, parameters]) =>
    expect(built(buildStatement(of, input, dialect))).toEqual({ text, parameters }),
  );

  it.each<[SqlBinding, unknown, string]>([
    [binding('get'), {}, '/id'],
    [binding('get'), { id: null }, '/id'],
    [binding('get', { key: ['gone'] }), { gone: 1 }, '/gone'],
    [binding('count'), { where: [] }, '/where'],
    [binding('count'), { where: { title: { lt: null } } }, '/where/title/lt'],
    [binding('count'), { where: { title: { in: 'x' } } }, '/where/title/in'],
    [binding('count'), { where: { title: { in: ['x', null] } } }, '/where/title/in/1'],
    [binding('count'), { where: { title: { in: [5] } } }, '/where/title/in/0'],
    [binding('count'), { where: { title: { isNull: 'x' } } }, '/where/title/isNull'],
    [binding('count'), { where: { title: { like: 5 } } }, '/where/title/like'],
    [binding('count'), { where: { title: { not: { not: 'x' } } } }, '/where/title/not/not'],
    [binding('count'), { where: { words: { lt: 'x' } } }, '/where/words/lt'],
    [binding('list'), { orderBy: 'title' }, '/orderBy'],
    [binding('list'), { orderBy: [{ column: 'words' }] }, '/orderBy/0/column'],
    [binding('list'), { orderBy: [{ column: 'title', direction: 'up' }] }, '/orderBy/0/direction'],
    [binding('list'), { cursor: 5 }, '/cursor'],
    [binding('create'), { title: 5 }, '/title'],
    [binding('create'), 'x', ''],
    [binding('update'), { id: 1, changes: { total: '1' } }, '/changes'],
    [binding('update'), { id: 1 }, '/changes'],
  ])('blames %j %j', (of, input, path) => {
    for (const dialect of ['sqlite', 'postgres', 'mysql'] as const) {
      expect(buildStatement(of, input, dialect)).toMatchObject({ ok: false, failure: { code: 'input-invalid', path } });
    }
  });

  it('has no statement for a whole database', () => {
    expect(buildStatement({ action: 'query' }, {}, 'sqlite')).toMatchObject({ ok: false, failure: { code: 'unsupported' } });
  });

  it('writes nothing of the input into the text', () => {
    const dialects = fc.constantFrom<SqlDialect>('sqlite', 'postgres', 'mysql');
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), dialects, (text, dialect) => {
        const value = `<${text}>`;
        for (const [action, input] of [
          ['list', { where: { title: { eq: value, like: value, in: [value], not: value } }, limit: 7 }],
          ['create', { title: value }],
          ['update', { id: 1, changes: { title: value } }],
        ] as const) {
          const statement = built(buildStatement(binding(action), input, dialect));
          expect(statement.text).not.toContain(value);
          expect(statement.parameters).toContain(value);
        }
      }),
    );
  });

  it('quotes every name so that it stays one name', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom<SqlDialect>('sqlite', 'postgres', 'mysql'), (name, dialect) => {
        const quote = dialect === 'mysql' ? '`' : '"';
        const inner = quoteName(name, dialect).slice(1, -1);
        expect(inner.replaceAll(quote + quote, '')).not.toContain(quote);
      }),
    );
  });
});

describe('perform', () => {
  it('gives the record as it was written when a database neither answers with it nor counts its key', async () => {
    const of = binding('create', {
      columns: [
        { name: 'id', type: { kind: 'text' } },
        { name: 'title', type: { kind: 'text' } },
      ],
    });
    expect(await perform(of, { title: 'A' }, 'mysql', async () => ({ rows: [] }))).toEqual({
      ok: true,
      value: { id: null, title: 'A' },
    });
  });

  it('passes on what is wrong with the input without asking the database', async () => {
    const never = (): never => {
      throw new Error('asked');
    };
    expect(await perform(binding('get'), {}, 'sqlite', never)).toMatchObject({ ok: false, failure: { path: '/id' } });
  });
});

describe('failureOf', () => {
  it.each<[unknown, SqlDialect, string | undefined]>([
    [{ code: 'ERR_SQLITE_ERROR', errcode: 9999, message: 'odd' }, 'sqlite', 'database-error'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 517, message: 'busy' }, 'sqlite', 'lock-timeout'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 1, message: 'no such table: x' }, 'sqlite', 'table-missing'],
    [new TypeError('mine'), 'sqlite', undefined],
    [{ code: '40001' }, 'postgres', 'serialization-failure'],
    [{ code: 'XX000', message: 'odd' }, 'postgres', 'database-error'],
    [{ code: '23502', column: 'a', table: 't' }, 'postgres', 'not-null-violation'],
    [{ code: 'ECONNRESET' }, 'postgres', undefined],
    [{ errno: 1213, sqlState: '40001', sqlMessage: 'Deadlock' }, 'mysql', 'serialization-failure'],
    [{ errno: 1048, sqlState: '23000', sqlMessage: "Column 'a' cannot be null" }, 'mysql', 'not-null-violation'],
    [{ errno: 4711, sqlState: 'HY000', message: 'odd' }, 'mysql', 'database-error'],
    [{ errno: -111, code: 'ECONNREFUSED' }, 'mysql', undefined],
    ['text', 'mysql', undefined],
  ])('%j of %s is %s', (error, dialect, code) => expect(failureOf(error, dialect)?.code).toBe(code));
});

it('imports nothing outside of its own folder', () => {
  const folder = new URL('./', import.meta.url);
  for (const name of readdirSync(folder).filter((each) => !each.endsWith('.test.ts'))) {
    const specifiers = [...readFileSync(new URL(name, folder), 'utf8').matchAll(/from '([^']+)'/g)].map(
      ([, specifier]) => specifier,
    );
    for (const specifier of specifiers) expect(specifier).toMatch(/^\.\/[\w-]+\.ts$/);
  }
});
