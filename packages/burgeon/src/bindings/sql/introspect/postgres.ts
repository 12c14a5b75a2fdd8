/** What is in a PostgreSQL database, from its catalogue. @see https://www.postgresql.org/docs/current/catalogs.html */
import type { Diagnostic } from '@burgeon/kit';
import { pointerOf } from '../../../base/json.ts';
import { sortedTables, type Introspection, type SqlColumn, type SqlForeignKey, type SqlTable } from '../facts.ts';
import type { SqlQuery } from '../runtime/binding.ts';
import { readPostgresTypes, type TypeReader } from './postgres-types.ts';
import { groupRows, isTrue, readRows, textOf, wordOf, type CatalogueRow } from './rows.ts';

/** Everybody's schemas: not the catalogue's, not those of temporary tables. */
const ownSchemas = `n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'`;

/** Tables that are not partitions of another and do not belong to an extension. */
const tablesText = `
SELECT c.oid::text, n.nspname, c.relname, c.relkind, obj_description(c.oid, 'pg_class'),
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'INSERT'),
       has_table_privilege(c.oid, 'UPDATE'), has_table_privilege(c.oid, 'DELETE')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND ${ownSchemas}
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

const columnsText = `
SELECT c.oid::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity,
       a.attgenerated, col_description(c.oid, a.attnum), a.atttypid::text, a.atttypmod, a.attndims
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND ${ownSchemas}
ORDER BY c.oid, a.attnum`;

/** Keys by constraint, columns in the order of the key. */
const constraintsText = `
SELECT k.conrelid::text, k.contype, pg_get_constraintdef(k.oid),
       (SELECT json_agg(a.attname ORDER BY p.at) FROM unnest(k.conkey) WITH ORDINALITY p(num, at) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.num)::text,
       rn.nspname, r.relname,
       (SELECT json_agg(a.attname ORDER BY p.at) FROM unnest(k.confkey) WITH ORDINALITY p(num, at) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.num)::text
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class r ON r.oid = k.confrelid LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c') AND ${ownSchemas} ORDER BY k.conrelid, k.contype, k.conname`;

/** Unique indexes that no constraint stands for; the only unique keys of materialised views. */
const indexesText = `
SELECT i.indrelid::text,
       (SELECT json_agg(a.attname ORDER BY p.at) FROM unnest(i.indkey::int2[]) WITH ORDINALITY p(num, at) JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = p.num WHERE p.at <= i.indnkeyatts)::text
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indisvalid AND ${ownSchemas} ORDER BY i.indexrelid`;

const kinds: Record<string, SqlTable['kind']> = { v: 'view', m: 'materialized-view', f: 'foreign-table', p: 'partitioned-table' };

const namesOf = (json: unknown): string[] => (json === null || json === undefined ? [] : (JSON.parse(wordOf(json)) as string[]));

const filledOf = (identity: string, generated: string, fallback: string | undefined): SqlColumn['filled'] => {
  if (generated !== '') return 'computed';
  if (identity === 'a') return 'always';
  return identity === 'd' || fallback?.startsWith('nextval(') ? 'counted' : undefined;
};

const columnOf = (row: CatalogueRow, types: TypeReader): SqlColumn => {
  const [, name, declared, notNull, expression, identity, generated, comment, type, modifier, dimensions] = row;
  const fallback = textOf(expression);
  const filled = filledOf(wordOf(identity), wordOf(generated), fallback);
  const note = textOf(comment);
  const read = types.typeOf(wordOf(type), { modifier: Number(modifier), dimensions: Number(dimensions) });
  return {
    name: wordOf(name),
    declared: wordOf(declared),
    type: read.type,
    nullable: !(isTrue(notNull) || read.notNull),
    ...(fallback === undefined || filled !== undefined
      ? read.default === undefined
        ? {}
        : { default: read.default }
      : { default: fallback }),
    ...(filled === undefined ? {} : { filled }),
    ...(note === undefined ? {} : { comment: note }),
  };
};

interface TableParts {
  columns: Map<string, CatalogueRow[]>;
  constraints: Map<string, CatalogueRow[]>;
  indexes: Map<string, CatalogueRow[]>;
  types: TypeReader;
}

const byText = (keys: string[][]): string[][] => {
  const distinct = new Map(keys.map((key) => [key.join('\0'), key]));
  return [...distinct.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key);
};

const foreignKeyOf = ([, , , columns, schema, table, references]: CatalogueRow): SqlForeignKey => ({
  columns: namesOf(columns),
  schema: wordOf(schema),
  table: wordOf(table),
  references: namesOf(references),
});

const tableOf = (row: CatalogueRow, { columns, constraints, indexes, types }: TableParts): SqlTable => {
  const [oid, schema, name, kind, comment, , ...rights] = row;
  const key = wordOf(oid);
  const of = (type: string): CatalogueRow[] => (constraints.get(key) ?? []).filter(([, each]) => wordOf(each) === type);
  const note = textOf(comment);
  const forbidden = (['create', 'update', 'delete'] as const).filter((_, index) => !isTrue(rights[index]));
  const uniqueKeys = byText((indexes.get(key) ?? []).map(([, names]) => namesOf(names)));
  // A materialised view has no NOT NULL; its unique key still tells rows apart.
  const materialised = kinds[wordOf(kind)] === 'materialized-view';
  return {
    schema: wordOf(schema),
    name: wordOf(name),
    kind: kinds[wordOf(kind)] ?? 'table',
    ...(note === undefined ? {} : { comment: note }),
    columns: (columns.get(key) ?? []).map((each) => columnOf(each, types)),
    primaryKey: namesOf(of('p')[0]?.[3] ?? (materialised && uniqueKeys[0] ? JSON.stringify(uniqueKeys[0]) : null)),
    uniqueKeys,
    foreignKeys: of('f').map(foreignKeyOf),
    checks: of('c').flatMap(([, , text]) => textOf(text) ?? []),
    ...(forbidden.length === 0 || kinds[wordOf(kind)]?.includes('view') ? {} : { forbidden }),
  };
};

const unreadable = ([, schema, name]: CatalogueRow): Diagnostic => ({
  severity: 'warning',
  code: 'table-unreadable',
  message: `"${wordOf(schema)}.${wordOf(name)}" may not be read by this user and is left out.`,
  path: pointerOf([wordOf(schema), wordOf(name)]),
  hint: 'Grant SELECT on it, or look with another user.',
  from: 'sql',
});

/** Reads all schemas but the system's: tables, views, materialised views, foreign tables and the parents of partitions. */
export const introspectPostgres = async (query: SqlQuery, name: string): Promise<Introspection> => {
  await query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', []);
  try {
    const [version] = await readRows(query, `SELECT current_setting('server_version')`);
    const listed = await readRows(query, tablesText);
    const parts: TableParts = {
      columns: groupRows(await readRows(query, columnsText), ([oid]) => wordOf(oid)),
      constraints: groupRows(await readRows(query, constraintsText), ([oid]) => wordOf(oid)),
      indexes: groupRows(await readRows(query, indexesText), ([oid]) => wordOf(oid)),
      types: await readPostgresTypes(query),
    };
    const readable = listed.filter((row) => isTrue(row[5]));
    const tables = readable.map((row) => tableOf(row, parts)).filter(({ columns }) => columns.length > 0);
    const product = `PostgreSQL ${wordOf(version?.[0]).split(' ')[0] ?? ''}`;
    return {
      facts: { dialect: 'postgres', product, name, tables: sortedTables(tables) },
      diagnostics: listed.filter((row) => !isTrue(row[5])).map(unreadable),
    };
  } finally {
    await query('ROLLBACK', []);
  }
};
