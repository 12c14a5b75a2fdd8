/** What a `where` takes for a column. */
import type { JsonSchema, SchemaObject } from '@burgeon/kit';
import type { SqlDialect, SqlType } from '../runtime/binding.ts';
import { operatorsOf, type SqlOperator } from '../runtime/filter.ts';
import { nullable, valueSchema } from './value-types.ts';

const anyDecimal: SchemaObject = { type: 'string', pattern: '^-?[0-9]+(?:\\.[0-9]+)?$' };

/** A filter compares with any value of the kind, also with one that the column could not hold. */
const comparedSchema = (type: SqlType, dialect: SqlDialect): SchemaObject => {
  if (type.kind === 'text') return { type: 'string' };
  if (type.kind === 'bytes') return { type: 'string', contentEncoding: 'base64' };
  if (type.kind === 'integer') return { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
  if (type.kind === 'decimal') return anyDecimal;
  if (type.kind === 'time' || type.kind === 'timestamp') return valueSchema({ kind: type.kind }, dialect);
  return valueSchema(type, dialect);
};

const operatorSchema = (operator: SqlOperator, value: SchemaObject): JsonSchema => {
  if (operator === 'isNull') return { type: 'boolean' };
  if (operator === 'like') return { type: 'string', description: '% stands for any text, _ for one character.' };
  if (operator === 'in') return { type: 'array', items: value, maxItems: 1_000 };
  return operator === 'eq' || operator === 'ne' ? nullable(value) : value;
};

const operatorsSchema = (value: SchemaObject, operators: readonly SqlOperator[]): SchemaObject => {
  const plain = operators.filter((operator) => operator !== 'not');
  const properties: [string, JsonSchema][] = plain.map((operator) => [operator, operatorSchema(operator, value)]);
  const of = (entries: [string, JsonSchema][]): SchemaObject => ({
    type: 'object',
    properties: Object.fromEntries(entries),
    additionalProperties: false,
    minProperties: 1,
  });
  return plain.length === operators.length ? of(properties) : of([...properties, ['not', { anyOf: [value, of(properties)] }]]);
};

/** Value or operators, for one kind of value. */
export const filterSchema = (type: SqlType, dialect: SqlDialect): SchemaObject => {
  const value = comparedSchema(type, dialect);
  const operators = operatorsSchema(value, operatorsOf(type.kind));
  if (type.kind === 'json') return operators;
  return { anyOf: [value, { type: 'null' }, operators] };
};

const names: Partial<Record<SqlType['kind'], string>> = {
  integer: 'IntegerFilter',
  decimal: 'DecimalFilter',
  float: 'NumberFilter',
  boolean: 'BooleanFilter',
  text: 'TextFilter',
  uuid: 'UuidFilter',
  date: 'DateFilter',
  time: 'TimeFilter',
  timestamp: 'TimestampFilter',
  timestamptz: 'DateTimeFilter',
  interval: 'IntervalFilter',
  json: 'JsonFilter',
  bytes: 'BytesFilter',
  any: 'StoredValueFilter',
  other: 'OtherFilter',
};

/** Name of the filter that all columns of a kind share; undefined for enums and arrays, whose filters are their own. */
export const filterName = ({ kind, unsigned }: SqlType): string | undefined =>
  kind === 'bigint' ? (unsigned ? 'UnsignedInt64Filter' : 'Int64Filter') : names[kind];
