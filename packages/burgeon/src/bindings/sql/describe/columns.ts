/** Columns -> properties of a record, of what creates one, and of what changes one. */
import type { JsonValue, SchemaObject } from '@burgeon/kit';
import type { SqlColumn, SqlTable } from '../facts.ts';
import type { SqlBoundColumn, SqlDialect } from '../runtime/binding.ts';
import { nullable, valueSchema } from './value-types.ts';

/** True for columns that are never written. */
const isReadOnly = ({ filled }: SqlColumn): boolean => filled === 'always' || filled === 'computed';

/** True for columns that a new record must give. */
const isRequired = ({ nullable: mayBeNull, default: fallback, filled }: SqlColumn): boolean =>
  !mayBeNull && fallback === undefined && filled === undefined;

/** A default that is a plain value; undefined for expressions. */
const literalDefault = ({ default: fallback, type }: SqlColumn): JsonValue | undefined => {
  if (fallback === undefined) return undefined;
  const text = /^'((?:[^']|'')*)'(?:::[\w\s"().,[\]]+)?$/.exec(fallback)?.[1]?.replaceAll("''", "'");
  if (type.kind === 'boolean') return /^(?:true|1)$/i.test(fallback) ? true : /^(?:false|0)$/i.test(fallback) ? false : undefined;
  const number = /^\(?(-?\d{1,15}(?:\.\d{1,15})?)\)?(?:::[\w\s"().,]+)?$/.exec(text ?? fallback)?.[1];
  if (type.kind === 'integer' || type.kind === 'bigint')
    return number !== undefined && !number.includes('.') ? Number(number) : undefined;
  if (type.kind === 'float') return number === undefined ? undefined : Number(number);
  if (type.kind === 'decimal') return number;
  if (type.kind === 'enum') return text !== undefined && type.values?.includes(text) ? text : undefined;
  return type.kind === 'text' ? text : undefined;
};

/** How a named enum is referred to; undefined when it has no name of its own. */
export type EnumReference = (name: string | undefined) => SchemaObject | undefined;

/** What the schemas of one database share. */
export interface SchemaContext {
  dialect: SqlDialect;
  enumReference: EnumReference;
}

const noted = ({ comment, declared, type }: SqlColumn): string | undefined => {
  const loose = type.kind === 'any' && declared !== '' ? `Declared ${declared}; what is written is kept as it is.` : undefined;
  const parts = [comment, loose, type.kind === 'other' ? `${declared}, as the database writes it.` : undefined];
  const text = parts.filter((part) => part !== undefined).join(' ');
  return text === '' ? undefined : text;
};

/** Schema of a column's values. `keepNull`: as the column allows it; else null is left out, for keys. */
export const columnSchema = (column: SqlColumn, { dialect, enumReference }: SchemaContext, keepNull = true): SchemaObject => {
  const base = (column.type.kind === 'enum' ? enumReference(column.type.name) : undefined) ?? valueSchema(column.type, dialect);
  const schema = keepNull && column.nullable ? nullable(base) : base;
  const description = noted(column);
  return description === undefined ? schema : { ...schema, description };
};

const propertiesOf = (columns: readonly SqlColumn[], of: (column: SqlColumn) => SchemaObject): Record<string, SchemaObject> =>
  Object.fromEntries(columns.map((column) => [column.name, of(column)]));

const titled = ({ comment }: SqlTable): { description?: string } => (comment === undefined ? {} : { description: comment });

/** Schema of a whole row. */
export const recordSchema = (table: SqlTable, context: SchemaContext): SchemaObject => ({
  type: 'object',
  ...titled(table),
  properties: propertiesOf(table.columns, (column) => ({
    ...columnSchema(column, context),
    ...(isReadOnly(column) ? { readOnly: true } : {}),
  })),
  required: table.columns.map(({ name }) => name),
  additionalProperties: false,
});

/** Schema of what `create` takes. */
export const newRecordSchema = (table: SqlTable, context: SchemaContext): SchemaObject => {
  const columns = table.columns.filter((column) => !isReadOnly(column));
  return {
    type: 'object',
    properties: propertiesOf(columns, (column) => {
      const fallback = literalDefault(column);
      return { ...columnSchema(column, context), ...(fallback === undefined ? {} : { default: fallback }) };
    }),
    required: columns.filter(isRequired).map(({ name }) => name),
    additionalProperties: false,
  };
};

/** Schema of what `update` changes. */
export const changesSchema = (table: SqlTable, context: SchemaContext): SchemaObject => ({
  type: 'object',
  properties: propertiesOf(
    table.columns.filter((column) => !isReadOnly(column)),
    (column) => columnSchema(column, context),
  ),
  additionalProperties: false,
  minProperties: 1,
});

/** What statements need to know of a column. */
export const boundColumn = (column: SqlColumn): SqlBoundColumn => ({
  name: column.name,
  type: column.type,
  ...(column.nullable ? { nullable: true as const } : {}),
  ...(isReadOnly(column) ? { readOnly: true as const } : {}),
  ...(column.filled === 'counted' || column.filled === 'always' ? { counted: true as const } : {}),
});

/** The columns that tell rows apart: the primary key, else the shortest unique key without nulls; empty when there is none. */
export const keyOf = ({ primaryKey, uniqueKeys, columns }: SqlTable): string[] => {
  if (primaryKey.length > 0) return primaryKey;
  const isNever = (name: string): boolean => columns.find((column) => column.name === name)?.nullable === false;
  const keys = uniqueKeys.filter((key) => key.every(isNever)).toSorted((a, b) => a.length - b.length);
  return keys[0] ?? [];
};
