/** Writing statements: quoted names, numbered markers, and nothing else. */
import type { SqlBinding, SqlBoundColumn, SqlDialect, SqlParameter, SqlStatement } from './binding.ts';
import { encodeValue, valueExpression } from './encode.ts';
import { invalid, success, type SqlOutcome } from './result.ts';

/** A name in the dialect's quotes. A NUL, which no database allows in a name, is dropped. */
export const quoteName = (name: string, dialect: SqlDialect): string => {
  const quote = dialect === 'mysql' ? '`' : '"';
  return quote + name.replaceAll('\0', '').replaceAll(quote, quote + quote) + quote;
};

/** The schemas whose name is left out where a database has no schemas. */
const defaultSchemas = ['public', 'main'];

/** A table's quoted name. SQLite has no schemas: there the schema becomes a part of the name, unless it is the usual one. */
export const quoteTable = ({ schema, table = '' }: SqlBinding, dialect: SqlDialect): string => {
  if (schema === undefined) return quoteName(table, dialect);
  if (dialect !== 'sqlite') return `${quoteName(schema, dialect)}.${quoteName(table, dialect)}`;
  return quoteName(defaultSchemas.includes(schema) ? table : `${schema}.${table}`, dialect);
};

/** Collects bound values and gives the marker of each. */
export interface SqlWriter {
  readonly dialect: SqlDialect;
  readonly parameters: SqlParameter[];
  bind(value: SqlParameter): string;
  /** Binds the JSON value of a column, blaming `path` when the column does not take it. */
  bindColumn(column: SqlBoundColumn, value: unknown, at: { path: string; compared: boolean }): SqlOutcome<string>;
  finish(text: string): SqlStatement;
}

/** A writer of one statement. */
export const createWriter = (dialect: SqlDialect): SqlWriter => {
  const parameters: SqlParameter[] = [];
  const bind = (value: SqlParameter): string => {
    parameters.push(value);
    return dialect === 'postgres' ? `$${parameters.length}` : '?';
  };
  return {
    dialect,
    parameters,
    bind,
    bindColumn: (column, value, { path, compared }) => {
      const parameter = encodeValue(column.type, value, dialect);
      if (parameter === undefined) {
        const { kind, digits } = column.type;
        const kept = digits === undefined ? '' : `, which keeps ${digits} digits`;
        return invalid(path, `does not fit the column "${column.name}" of type ${kind}${kept}`);
      }
      return success(valueExpression(column.type, bind(parameter), dialect, compared));
    },
    finish: (text) => ({ text, parameters }),
  };
};

/** A JSON pointer to a property. @see RFC 6901 */
export const below = (path: string, property: string | number): string =>
  `${path}/${String(property).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** An own property of something that should be an object. */
export const own = (value: unknown, property: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, property)
    ? (value as Record<string, unknown>)[property]
    : undefined;
