/** The tables of a description as SQLite makes them. */
import type { Interface, JsonValue, Operation } from '@burgeon/kit';
import type { SqlFacts } from '../../../bindings/sql/facts.ts';
import type { SqlBinding, SqlBoundColumn, SqlType } from '../../../bindings/sql/runtime/binding.ts';
import { encodeValue } from '../../../bindings/sql/runtime/encode.ts';
import { hexOf } from '../../../bindings/sql/runtime/bytes.ts';
import { quoteName, quoteTable } from '../../../bindings/sql/runtime/text.ts';

/** One table to make: its binding and the operation that lists its rows. */
export interface MirroredTable {
  binding: SqlBinding;
  list: Operation;
  create: Operation | undefined;
}

const bindingOf = (operation: Operation): SqlBinding | undefined =>
  operation.bindings['sql'] as unknown as SqlBinding | undefined;

/** Every table and view that can be listed, in the order of the description. */
export const mirroredTables = ({ operations }: Interface): MirroredTable[] => {
  const tables: MirroredTable[] = [];
  for (const list of operations) {
    const binding = bindingOf(list);
    if (binding?.action !== 'list' || binding.table === undefined) continue;
    const create = operations.find((operation) => {
      const other = bindingOf(operation);
      return other?.action === 'create' && other.table === binding.table && other.schema === binding.schema;
    });
    tables.push({ binding, list, create });
  }
  return tables;
};

/** Numbers of so many digits survive a double. */
const exactDigits = 15;

const declared: Record<SqlType['kind'], (type: SqlType) => string> = {
  integer: () => 'INTEGER',
  bigint: ({ unsigned }) => (unsigned ? '' : 'INTEGER'),
  decimal: ({ precision, scale = 0 }) =>
    precision !== undefined && precision <= exactDigits ? `DECIMAL(${precision}, ${Math.max(0, scale)})` : 'DECIMAL_TEXT',
  float: () => 'REAL',
  boolean: () => 'BOOLEAN',
  text: () => 'TEXT',
  uuid: () => 'UUID_TEXT',
  date: () => 'DATE_TEXT',
  time: () => 'TIME_TEXT',
  timestamp: () => 'TIMESTAMP_TEXT',
  timestamptz: () => 'TIMESTAMPTZ_TEXT',
  interval: () => 'TEXT',
  json: () => 'JSON_TEXT',
  bytes: () => 'BLOB',
  enum: () => 'TEXT',
  array: () => 'JSON_TEXT',
  any: () => '',
  other: () => 'TEXT',
};

/** A type that needs no quotes, so that it can be repeated as it is. */
const plainType = /^[A-Za-z_][\w ]*(?:\(\s*\d+\s*(?:,\s*\d+\s*)?\))?$/;

/** The declared types of a description that came from SQLite itself. */
const ownTypes = (description: Interface, { table }: SqlBinding): Map<string, string> => {
  const facts = description.bindings?.['sql'] as unknown as SqlFacts | undefined;
  const columns = facts?.dialect === 'sqlite' ? facts.tables?.find(({ name }) => name === table)?.columns : undefined;
  return new Map(columns?.filter((column) => plainType.test(column.declared)).map((column) => [column.name, column.declared]));
};

const randomUuid = `(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))`;

/** What stands for an expression that only the original can evaluate. Times are fixed, so that the same mirror gives the same rows. */
const substitutes: Record<SqlType['kind'], string> = {
  integer: '0',
  bigint: '0',
  decimal: '0',
  float: '0',
  boolean: '0',
  text: "''",
  uuid: randomUuid,
  date: "'2000-01-01'",
  time: "'00:00:00'",
  timestamp: "'2000-01-01T00:00:00'",
  timestamptz: "'2000-01-01T00:00:00Z'",
  interval: "'PT0S'",
  json: "'{}'",
  bytes: "x''",
  enum: "''",
  array: "'[]'",
  any: "''",
  other: "''",
};

const literal = (type: SqlType, value: JsonValue): string | undefined => {
  const bound = encodeValue(type, value, 'sqlite');
  if (bound === undefined) return undefined;
  if (bound === null) return 'NULL';
  if (bound instanceof Uint8Array) return `x'${hexOf(bound)}'`;
  return typeof bound === 'string' ? `'${bound.replaceAll('\0', '').replaceAll("'", "''")}'` : String(bound);
};

/** The default of a column that a new record may leave out. */
const defaultOf = (column: SqlBoundColumn, create: Operation | undefined): string | undefined => {
  if (create?.input.required?.includes(column.name)) return undefined;
  const schema = create && Object.hasOwn(create.input.properties, column.name) ? create.input.properties[column.name] : undefined;
  const given = typeof schema === 'object' && schema.default !== undefined ? literal(column.type, schema.default) : undefined;
  if (given !== undefined || column.nullable) return given;
  const [first] = column.type.values ?? [];
  return (
    (column.type.kind === 'enum' && first !== undefined ? literal(column.type, first) : undefined) ??
    substitutes[column.type.kind]
  );
};

/** True for the one counted column of a key: SQLite counts it when it is the row id. */
const isRowId = ({ name, counted, type }: SqlBoundColumn, key: readonly string[]): boolean =>
  counted === true && key.length === 1 && key[0] === name && (type.kind === 'integer' || type.kind === 'bigint');

/** The statement that makes a table. */
export const createTable = (description: Interface, { binding, create }: MirroredTable): string => {
  const { columns = [], key = [] } = binding;
  const types = ownTypes(description, binding);
  let keyed = key.length === 0;
  const lines = columns.map((column) => {
    if (isRowId(column, key)) {
      keyed = true;
      return `${quoteName(column.name, 'sqlite')} INTEGER PRIMARY KEY`;
    }
    const fallback = defaultOf(column, create);
    const type = types.get(column.name) ?? declared[column.type.kind](column.type);
    return [
      quoteName(column.name, 'sqlite'),
      type,
      column.nullable ? '' : 'NOT NULL',
      fallback === undefined ? '' : `DEFAULT ${fallback}`,
    ]
      .filter((part) => part !== '')
      .join(' ');
  });
  if (!keyed) lines.push(`PRIMARY KEY (${key.map((name) => quoteName(name, 'sqlite')).join(', ')})`);
  return `CREATE TABLE ${quoteTable(binding, 'sqlite')} (${lines.join(', ')})`;
};
