/** What is in an SQLite file. @see https://www.sqlite.org/pragma.html, https://www.sqlite.org/datatype3.html */
import { basename } from 'node:path';
import type { Diagnostic } from '@burgeon/kit';
import { pointerOf } from '../../../base/json.ts';
import { sortedTables, type Introspection, type SqlColumn, type SqlForeignKey, type SqlTable } from '../facts.ts';
import type { SqlQuery, SqlType } from '../runtime/binding.ts';
import { readRows, textOf, wordOf, type CatalogueRow } from './rows.ts';

/** Declared types of STRICT tables. */
const strictTypes: Record<string, SqlType> = {
  INT: { kind: 'bigint', bits: 64 },
  INTEGER: { kind: 'bigint', bits: 64 },
  REAL: { kind: 'float', bits: 64 },
  TEXT: { kind: 'text' },
  BLOB: { kind: 'bytes' },
  ANY: { kind: 'any' },
};

/** Words of a declared type that mean more than their affinity; the first that fits decides. */
const telling: readonly (readonly [RegExp, SqlType])[] = [
  [/BOOL/, { kind: 'boolean' }],
  [/JSON/, { kind: 'json' }],
  [/DATE|TIME/, { kind: 'any' }],
];

/** A column of affinity NUMERIC keeps a fraction as a double. @see https://www.sqlite.org/floatingpoint.html */
const exactDigits = 15;

const sized = (declared: string): Pick<SqlType, 'precision' | 'scale' | 'digits'> => {
  const [, precision, scale] = /\(\s*(\d{1,3})\s*(?:,\s*(\d{1,3})\s*)?\)/.exec(declared) ?? [];
  const digits = Number(precision ?? Infinity) > exactDigits ? { digits: exactDigits } : {};
  if (precision === undefined) return digits;
  return { precision: Number(precision), scale: Number(scale ?? 0), ...digits };
};

/** The type a declaration stands for: SQLite's affinity rules, in their order, after the words people mean. */
export const sqliteType = (declared: string, strict: boolean): SqlType => {
  const upper = declared.toUpperCase();
  if (strict) return strictTypes[upper] ?? { kind: 'any' };
  const meant = telling.find(([word]) => word.test(upper));
  if (meant && !upper.includes('INT')) return meant[1];
  if (upper.includes('INT')) return { kind: 'bigint', bits: 64 };
  if (/CHAR|CLOB|TEXT/.test(upper)) return { kind: 'text' };
  if (upper.includes('BLOB')) return { kind: 'bytes' };
  if (/REAL|FLOA|DOUB/.test(upper)) return { kind: 'float', bits: 64 };
  if (/DEC|NUM|MONEY/.test(upper)) return { kind: 'decimal', ...sized(upper) };
  return { kind: 'any' };
};

/** `hidden` of `table_xinfo`: 1 = hidden column of a virtual table, 2 and 3 = generated. */
const columnOf = ([, name, declared, notNull, defaultText, , hidden]: CatalogueRow, strict: boolean): SqlColumn => {
  const type = sqliteType(wordOf(declared), strict);
  const fallback = textOf(defaultText);
  return {
    name: wordOf(name),
    declared: wordOf(declared),
    type,
    nullable: Number(notNull) === 0,
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(Number(hidden) >= 2 ? { filled: 'computed' as const } : {}),
  };
};

/** A single INTEGER primary key of a table with row ids is the row id itself: counted up, never null. */
const rowIdAlias = (
  columns: readonly SqlColumn[],
  primaryKey: readonly string[],
  withoutRowId: boolean,
): SqlColumn | undefined => {
  if (withoutRowId || primaryKey.length !== 1) return undefined;
  return columns.find(({ name, declared }) => name === primaryKey[0] && declared.toUpperCase() === 'INTEGER');
};

const uniqueKeysOf = async (query: SqlQuery, table: string): Promise<string[][]> => {
  const indexes = await readRows(
    query,
    `SELECT name FROM pragma_index_list(?) WHERE "unique" = 1 AND partial = 0 AND origin <> 'pk' ORDER BY name`,
    [table],
  );
  const keys: string[][] = [];
  for (const [index] of indexes) {
    const columns = await readRows(query, 'SELECT name FROM pragma_index_info(?) ORDER BY seqno', [wordOf(index)]);
    if (columns.every(([name]) => name !== null)) keys.push(columns.map(([name]) => wordOf(name)));
  }
  return keys.toSorted((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1));
};

const foreignKeysOf = async (
  query: SqlQuery,
  table: string,
  keyOf: (table: string) => Promise<string[]>,
): Promise<SqlForeignKey[]> => {
  const rows = await readRows(query, 'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq', [
    table,
  ]);
  const keys: SqlForeignKey[] = [];
  for (const group of Map.groupBy(rows, ([id]) => wordOf(id)).values()) {
    const target = wordOf(group[0]?.[1]);
    const named = group.map(([, , , to]) => textOf(to));
    // `REFERENCES parent` without columns means the parent's primary key.
    const references = named.every((name) => name !== undefined) ? named : await keyOf(target);
    const columns = group.map(([, , from]) => wordOf(from));
    if (references.length === columns.length) keys.push({ columns, table: target, references });
  }
  return keys;
};

const primaryKeyOf = (rows: readonly CatalogueRow[]): string[] =>
  rows
    .filter((row) => Number(row[5]) > 0)
    .toSorted((a, b) => Number(a[5]) - Number(b[5]))
    .map((row) => wordOf(row[1]));

const kinds: Record<string, SqlTable['kind']> = { view: 'view', virtual: 'virtual-table' };

const tableOf = async (query: SqlQuery, [name, kind, withoutRowId, strict]: CatalogueRow): Promise<SqlTable> => {
  const table = wordOf(name);
  const infoOf = (of: string): Promise<CatalogueRow[]> => readRows(query, 'SELECT * FROM pragma_table_xinfo(?)', [of]);
  const rows = (await infoOf(table)).filter((row) => Number(row[6]) !== 1);
  const columns = rows.map((row) => columnOf(row, Number(strict) === 1));
  const primaryKey = primaryKeyOf(rows);
  const alias = rowIdAlias(columns, primaryKey, Number(withoutRowId) === 1);
  if (alias) Object.assign(alias, { nullable: false, filled: 'counted' });
  return {
    name: table,
    kind: kinds[wordOf(kind)] ?? 'table',
    columns,
    primaryKey,
    uniqueKeys: await uniqueKeysOf(query, table),
    foreignKeys: await foreignKeysOf(query, table, async (of) => primaryKeyOf(await infoOf(of))),
    checks: [],
    ...(Number(strict) === 1 ? { strict: true as const } : {}),
  };
};

/** Reads tables, views and virtual tables of a file; what belongs to SQLite itself is left out. Broken views become diagnostics. */
export const introspectSqlite = async (query: SqlQuery, path: string): Promise<Introspection> => {
  const listed = await readRows(
    query,
    `SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
  );
  const tables: SqlTable[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const row of listed) {
    try {
      const table = await tableOf(query, row);
      if (table.columns.length > 0) tables.push(table);
    } catch (error) {
      diagnostics.push({
        severity: 'warning',
        code: 'table-unreadable',
        message: `"${wordOf(row[0])}" cannot be read and is left out: ${error instanceof Error ? error.message : String(error)}`,
        path: pointerOf([wordOf(row[0])]),
        from: 'sql',
      });
    }
  }
  const [version] = await readRows(query, 'SELECT sqlite_version()');
  const name = basename(path).replace(/\.[^.]+$/, '');
  return {
    facts: { dialect: 'sqlite', product: `SQLite ${wordOf(version?.[0])}`, name, tables: sortedTables(tables) },
    diagnostics,
  };
};
