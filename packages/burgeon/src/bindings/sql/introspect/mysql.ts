/** What is in a MySQL or MariaDB database, from its information schema. @see https://mariadb.com/kb/en/information-schema-tables/ */
import { sortedTables, type Introspection, type SqlColumn, type SqlForeignKey, type SqlTable } from '../facts.ts';
import type { SqlQuery, SqlType } from '../runtime/binding.ts';
import { groupRows, isTrue, readRows, textOf, wordOf, type CatalogueRow } from './rows.ts';

const tablesText = 'SELECT TABLE_NAME, TABLE_TYPE, TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?';

const columnsText = `
SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLUMN_COMMENT, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH,
       NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION`;

const keysText = `
SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = ? AND NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`;

const foreignKeysText = `
SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE
WHERE TABLE_SCHEMA = ? AND REFERENCED_TABLE_SCHEMA = TABLE_SCHEMA ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`;

/** MariaDB has the table's name in the view of checks, MySQL has it beside. */
const checksText = {
  mariadb:
    'SELECT TABLE_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ? ORDER BY TABLE_NAME, CONSTRAINT_NAME',
  mysql: `SELECT t.TABLE_NAME, c.CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS c JOIN information_schema.TABLE_CONSTRAINTS t USING (CONSTRAINT_SCHEMA, CONSTRAINT_NAME)
WHERE CONSTRAINT_SCHEMA = ? AND t.CONSTRAINT_TYPE = 'CHECK' ORDER BY t.TABLE_NAME, c.CONSTRAINT_NAME`,
};

const integerBits: Record<string, number> = { tinyint: 8, smallint: 16, mediumint: 24, int: 32, integer: 32 };

/** The labels of `enum('a','it''s')`. */
const labelsOf = (declared: string): string[] =>
  [...declared.matchAll(/'((?:[^']|'')*)'/g)].map(([, label = '']) => label.replaceAll("''", "'"));

const others: Record<string, (row: CatalogueRow, declared: string) => SqlType> = {
  bigint: (_, declared) => ({ kind: 'bigint', bits: 64, ...(declared.includes('unsigned') ? { unsigned: true } : {}) }),
  decimal: ([, , , , , , , , , precision, scale], declared) => ({
    kind: 'decimal',
    precision: Number(precision),
    scale: Number(scale),
    ...(declared.includes('unsigned') ? { unsigned: true } : {}),
  }),
  float: () => ({ kind: 'float', bits: 32 }),
  double: () => ({ kind: 'float', bits: 64 }),
  year: () => ({ kind: 'integer', bits: 16, unsigned: true }),
  bit: (_, declared) => (declared === 'bit(1)' ? { kind: 'boolean' } : { kind: 'bigint', bits: 64, unsigned: true }),
  date: () => ({ kind: 'date' }),
  time: ({ 11: precision }) => ({ kind: 'time', precision: Number(precision ?? 0) }),
  datetime: ({ 11: precision }) => ({ kind: 'timestamp', precision: Number(precision ?? 0) }),
  timestamp: ({ 11: precision }) => ({ kind: 'timestamptz', precision: Number(precision ?? 0) }),
  json: () => ({ kind: 'json' }),
  uuid: () => ({ kind: 'uuid' }),
  enum: (_, declared) => ({ kind: 'enum', values: labelsOf(declared) }),
};

/** The type of one row of {@link columnsText}. `json`: the column holds JSON that MariaDB keeps as text. */
const typeOf = (row: CatalogueRow, json: boolean): SqlType => {
  const declared = wordOf(row[2]).toLowerCase();
  const type = wordOf(row[7]).toLowerCase();
  if (json) return { kind: 'json' };
  if (declared.startsWith('tinyint(1)')) return { kind: 'boolean' };
  const bits = Object.hasOwn(integerBits, type) ? integerBits[type] : undefined;
  if (bits !== undefined) return { kind: 'integer', bits, ...(declared.includes('unsigned') ? { unsigned: true } : {}) };
  // The size of long columns is that of the storage, not a rule.
  const length = /^(?:var)?(?:char|binary)$/.test(type) && row[8] !== null ? { length: Number(row[8]) } : {};
  if (/blob|binary/.test(type)) return { kind: 'bytes', ...length };
  if (/char|text/.test(type)) return { kind: 'text', ...length };
  return Object.hasOwn(others, type) ? (others[type]?.(row, declared) ?? { kind: 'other' }) : { kind: 'other' };
};

/** MariaDB writes defaults as expressions (`'x'`, `NULL`), MySQL writes plain values and marks expressions in EXTRA. */
const defaultOf = (row: CatalogueRow, mariadb: boolean): string | undefined => {
  const [, , , , raw, extra] = row;
  if (raw === null || raw === undefined || (mariadb && wordOf(raw) === 'NULL')) return undefined;
  const text = wordOf(raw);
  const plain =
    !mariadb && !/DEFAULT_GENERATED/i.test(wordOf(extra)) && !/^(?:CURRENT_TIMESTAMP|b')/i.test(text) && !/^-?[\d.]+$/.test(text);
  return plain ? `'${text.replaceAll("'", "''")}'` : text;
};

const columnOf = (row: CatalogueRow, checks: readonly string[], mariadb: boolean): SqlColumn => {
  const [, name, declared, nullable, , extra, comment] = row;
  const fallback = defaultOf(row, mariadb);
  const note = textOf(comment);
  const more = wordOf(extra).toLowerCase();
  const filled = more.includes('auto_increment')
    ? 'counted'
    : /(?:virtual|stored|persistent) generated|^virtual$|^persistent$/.test(more)
      ? 'computed'
      : undefined;
  const json = checks.some((check) => check.toLowerCase() === `json_valid(\`${wordOf(name).toLowerCase()}\`)`);
  return {
    name: wordOf(name),
    declared: wordOf(declared),
    type: typeOf(row, json),
    nullable: isTrue(nullable),
    ...(fallback === undefined || filled === 'computed' ? {} : { default: fallback }),
    ...(filled === undefined ? {} : { filled: filled as 'counted' | 'computed' }),
    ...(note === undefined ? {} : { comment: note }),
  };
};

/** Keys by index name; those over a part of a column or over an expression are left out. */
const keysOf = (rows: readonly CatalogueRow[]): Map<string, string[]> => {
  const keys = new Map<string, string[]>();
  for (const [index, group] of groupRows(rows, ([, each]) => wordOf(each))) {
    if (group.every(([, , column, part]) => column !== null && part === null))
      keys.set(
        index,
        group.map(([, , column]) => wordOf(column)),
      );
  }
  return keys;
};

const foreignKeysOf = (rows: readonly CatalogueRow[]): SqlForeignKey[] =>
  [...groupRows(rows, ([, name]) => wordOf(name)).values()].map((group) => ({
    columns: group.map(([, , column]) => wordOf(column)),
    table: wordOf(group[0]?.[3]),
    references: group.map(([, , , , column]) => wordOf(column)),
  }));

/** Reads the tables and views of one database that its user may see. */
export const introspectMysql = async (query: SqlQuery, name: string): Promise<Introspection> => {
  const [version] = await readRows(query, 'SELECT VERSION()');
  const mariadb = /mariadb/i.test(wordOf(version?.[0]));
  const grouped = async (text: string): Promise<Map<string, CatalogueRow[]>> =>
    groupRows(await readRows(query, text, [name]), ([table]) => wordOf(table));
  const columns = await grouped(columnsText);
  const indexes = await grouped(keysText);
  const foreignKeys = await grouped(foreignKeysText);
  const checks = await grouped(mariadb ? checksText.mariadb : checksText.mysql);
  const tables = (await readRows(query, tablesText, [name])).flatMap(([table, kind, comment]): SqlTable[] => {
    const key = wordOf(table);
    const view = /VIEW/i.test(wordOf(kind));
    if (!view && !/^BASE TABLE|^SYSTEM VERSIONED/i.test(wordOf(kind))) return [];
    const conditions = (checks.get(key) ?? []).map(([, clause]) => wordOf(clause));
    const keys = keysOf(indexes.get(key) ?? []);
    const note = view ? undefined : textOf(comment);
    return [
      {
        name: key,
        kind: view ? 'view' : 'table',
        ...(note === undefined ? {} : { comment: note }),
        columns: (columns.get(key) ?? []).map((row) => columnOf(row, conditions, mariadb)),
        primaryKey: keys.get('PRIMARY') ?? [],
        uniqueKeys: [...keys.entries()].filter(([index]) => index !== 'PRIMARY').map(([, unique]) => unique),
        foreignKeys: foreignKeysOf(foreignKeys.get(key) ?? []),
        checks: conditions,
      },
    ];
  });
  const product = mariadb ? `MariaDB ${wordOf(version?.[0]).split('-')[0] ?? ''}` : `MySQL ${wordOf(version?.[0])}`;
  return {
    facts: { dialect: 'mysql', product, name, tables: sortedTables(tables.filter((table) => table.columns.length > 0)) },
    diagnostics: [],
  };
};
