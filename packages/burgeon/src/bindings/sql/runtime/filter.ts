/** `where` of an input -> conditions. */
import type { SqlBoundColumn, SqlDialect, SqlKind } from './binding.ts';
import { invalid, success, type SqlOutcome } from './result.ts';
import { below, own, quoteName, type SqlWriter } from './text.ts';

/** Comparisons that a `where` may ask for. */
export type SqlOperator = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'in' | 'like' | 'isNull' | 'not';

const ordered: readonly SqlOperator[] = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'isNull', 'not'];

/** The operators that make sense for a kind of value. */
export const operatorsOf = (kind: SqlKind): readonly SqlOperator[] => {
  if (kind === 'json') return ['isNull'];
  if (kind === 'array') return ['eq', 'ne', 'isNull'];
  if (kind === 'boolean') return ['eq', 'ne', 'isNull', 'not'];
  if (kind === 'bytes') return ['eq', 'ne', 'in', 'isNull', 'not'];
  if (kind === 'other') return ['eq', 'ne', 'in', 'like', 'isNull', 'not'];
  return kind === 'text' || kind === 'enum' || kind === 'uuid' || kind === 'any' ? [...ordered, 'like'] : ordered;
};

/** Whether rows can be put in order by a kind of value. */
export const isSortable = (kind: SqlKind): boolean => !['json', 'array', 'other'].includes(kind);

const signs: Partial<Record<SqlOperator, string>> = { eq: '=', ne: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' };

interface Subject {
  column: SqlBoundColumn;
  reference: string;
  writer: SqlWriter;
}

/** How a column is compared: as its text when the database has no operators of its own for it, or for patterns. */
const comparedReference = ({ column, reference, writer }: Subject, asText: boolean): string =>
  writer.dialect === 'postgres' && (asText || column.type.kind === 'other') ? `${reference}::text` : reference;

const comparison = (subject: Subject, operator: SqlOperator, value: unknown, path: string): SqlOutcome<string> => {
  if (value === null) {
    if (operator === 'eq') return success(`${subject.reference} IS NULL`);
    if (operator === 'ne') return success(`${subject.reference} IS NOT NULL`);
    return invalid(path, 'must not be null');
  }
  const bound = subject.writer.bindColumn(subject.column, value, { path, compared: true });
  return bound.ok ? success(`${comparedReference(subject, false)} ${signs[operator]} ${bound.value}`) : bound;
};

const membership = (subject: Subject, value: unknown, path: string): SqlOutcome<string> => {
  if (!Array.isArray(value)) return invalid(path, 'must be an array');
  const bound: string[] = [];
  for (const [index, item] of value.entries()) {
    if (item === null) return invalid(below(path, index), 'must not be null');
    const marker = subject.writer.bindColumn(subject.column, item, { path: below(path, index), compared: true });
    if (!marker.ok) return marker;
    bound.push(marker.value);
  }
  return success(bound.length === 0 ? '1 = 0' : `${comparedReference(subject, false)} IN (${bound.join(', ')})`);
};

const operation = (subject: Subject, [operator, value]: [string, unknown], path: string): SqlOutcome<string> => {
  if (!operatorsOf(subject.column.type.kind).includes(operator as SqlOperator)) return invalid(path, 'is not a known operator');
  if (operator === 'isNull') {
    if (typeof value !== 'boolean') return invalid(path, 'must be boolean');
    return success(`${subject.reference} IS ${value ? '' : 'NOT '}NULL`);
  }
  if (operator === 'in') return membership(subject, value, path);
  if (operator === 'not') {
    const inner = conditionOf(subject, value, path, true);
    return inner.ok ? success(`NOT (${inner.value})`) : inner;
  }
  if (operator !== 'like') return comparison(subject, operator as SqlOperator, value, path);
  if (typeof value !== 'string') return invalid(path, 'must be string');
  return success(`${comparedReference(subject, true)} LIKE ${subject.writer.bind(value)}`);
};

/** True for `{eq: ...}`; JSON, arrays and the tagged values of dynamic columns are values, not operators. */
const isOperators = (column: SqlBoundColumn, value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return column.type.kind !== 'any' || !(Object.hasOwn(value, 'base64') || Object.hasOwn(value, 'integer'));
};

const conditionOf = (subject: Subject, value: unknown, path: string, negated: boolean): SqlOutcome<string> => {
  if (!isOperators(subject.column, value)) return operation(subject, ['eq', value], path);
  const conditions: string[] = [];
  for (const entry of Object.entries(value)) {
    if (negated && entry[0] === 'not') return invalid(below(path, 'not'), 'must not be negated twice');
    const condition = operation(subject, entry, below(path, entry[0]));
    if (!condition.ok) return condition;
    conditions.push(condition.value);
  }
  return success(conditions.length === 0 ? '1 = 1' : conditions.join(' AND '));
};

/** The conditions of a `where` object, joined by AND; empty when it asks for nothing. `alias` qualifies the columns. */
export const whereConditions = (
  columns: readonly SqlBoundColumn[],
  where: unknown,
  writer: SqlWriter,
  alias: string,
): SqlOutcome<string[]> => {
  if (where === undefined) return success([]);
  if (typeof where !== 'object' || where === null || Array.isArray(where)) return invalid('/where', 'must be object');
  const byName = new Map(columns.map((column) => [column.name, column]));
  const conditions: string[] = [];
  for (const [name, value] of Object.entries(where)) {
    const column = byName.get(name);
    const path = below('/where', name);
    if (!column) return invalid(path, 'is not a known column');
    const reference = `${alias}.${quoteName(name, writer.dialect)}`;
    const condition = conditionOf({ column, reference, writer }, value, path, false);
    if (!condition.ok) return condition;
    conditions.push(condition.value);
  }
  return success(conditions);
};

/** The conditions that name one row by its key, taken from the input's properties. */
export const keyConditions = (
  columns: readonly SqlBoundColumn[],
  key: readonly string[],
  input: unknown,
  { writer, alias }: { writer: SqlWriter; alias?: string },
): SqlOutcome<string> => {
  const conditions: string[] = [];
  for (const name of key) {
    const column = columns.find((each) => each.name === name);
    const value = own(input, name);
    const path = below('', name);
    if (!column || value === undefined || value === null) return invalid(path, 'is required');
    const bound = writer.bindColumn(column, value, { path, compared: true });
    if (!bound.ok) return bound;
    const quoted = quoteName(name, writer.dialect);
    conditions.push(`${alias === undefined ? '' : `${alias}.`}${quoted} = ${bound.value}`);
  }
  return success(conditions.join(' AND '));
};

/** Which dialects can say `NULLS LAST`. */
export const hasNullsLast = (dialect: SqlDialect): boolean => dialect !== 'mysql';
