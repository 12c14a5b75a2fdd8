/** An operation and its input -> one statement with bound values. */
import type { SqlBinding, SqlBoundColumn, SqlDialect, SqlStatement } from './binding.ts';
import { selectExpression } from './decode.ts';
import { keyConditions, whereConditions } from './filter.ts';
import { afterCondition, orderClause, orderOf, pageLimits, positionOf } from './page.ts';
import { invalid, success, type SqlOutcome } from './result.ts';
import { below, createWriter, own, quoteName, quoteTable, type SqlWriter } from './text.ts';

const alias = 't';

/** What a select reads, each column under its own name; `from` qualifies it. */
const selected = (columns: readonly SqlBoundColumn[], dialect: SqlDialect, from?: string): string =>
  columns
    .map(({ name, type }) => {
      const quoted = quoteName(name, dialect);
      return `${selectExpression(type, from === undefined ? quoted : `${from}.${quoted}`, dialect)} AS ${quoted}`;
    })
    .join(', ');

const conditionClause = (conditions: readonly string[]): string =>
  conditions.length === 0 ? '' : ` WHERE ${conditions.map((each) => `(${each})`).join(' AND ')}`;

/** The limit of a page: what the input says, within {@link pageLimits}. */
export const limitOf = (input: unknown): number => {
  const limit = own(input, 'limit');
  return Math.min(pageLimits.most, Math.max(1, Number.isSafeInteger(limit) ? Number(limit) : pageLimits.usual));
};

const buildList = (binding: SqlBinding, input: unknown, writer: SqlWriter): SqlOutcome<SqlStatement> => {
  const { columns = [], key = [] } = binding;
  const orders = orderOf(binding, own(input, 'orderBy'));
  if (!orders.ok) return orders;
  const position = positionOf(own(input, 'cursor'), orders.value, key.length > 0);
  if (!position.ok) return position;
  const conditions = whereConditions(columns, own(input, 'where'), writer, alias);
  if (!conditions.ok) return conditions;
  if (position.value && 'after' in position.value) {
    const after = afterCondition(orders.value, position.value.after, writer, alias);
    if (!after.ok) return after;
    conditions.value.push(after.value);
  }
  const from = `SELECT ${selected(columns, writer.dialect, alias)} FROM ${quoteTable(binding, writer.dialect)} AS ${alias}`;
  const order = orderClause(orders.value, writer, alias);
  // One row more than the page tells whether there is a next one. Text, because MySQL refuses a bound double here.
  const limit = ` LIMIT ${writer.bind(bindableLimit(limitOf(input) + 1, writer.dialect))}`;
  const skip = position.value && 'skip' in position.value ? position.value.skip : 0;
  const offset = skip === 0 ? '' : ` OFFSET ${writer.bind(bindableLimit(skip, writer.dialect))}`;
  return success(writer.finish(`${from}${conditionClause(conditions.value)}${order}${limit}${offset}`));
};

const bindableLimit = (count: number, dialect: SqlDialect): bigint | string =>
  dialect === 'sqlite' ? BigInt(count) : String(count);

const buildGet = (binding: SqlBinding, input: unknown, writer: SqlWriter): SqlOutcome<SqlStatement> => {
  const { columns = [], key = [] } = binding;
  const condition = keyConditions(columns, key, input, { writer, alias });
  if (!condition.ok) return condition;
  const from = `SELECT ${selected(columns, writer.dialect, alias)} FROM ${quoteTable(binding, writer.dialect)} AS ${alias}`;
  return success(writer.finish(`${from} WHERE ${condition.value}`));
};

const buildCount = (binding: SqlBinding, input: unknown, writer: SqlWriter): SqlOutcome<SqlStatement> => {
  const conditions = whereConditions(binding.columns ?? [], own(input, 'where'), writer, alias);
  if (!conditions.ok) return conditions;
  const from = `SELECT COUNT(*) AS ${quoteName('count', writer.dialect)} FROM ${quoteTable(binding, writer.dialect)} AS ${alias}`;
  return success(writer.finish(`${from}${conditionClause(conditions.value)}`));
};

const isReturned = (binding: SqlBinding, dialect: SqlDialect): boolean => dialect !== 'mysql' || binding.returning === true;

const returningClause = (binding: SqlBinding, dialect: SqlDialect): string =>
  isReturned(binding, dialect) ? ` RETURNING ${selected(binding.columns ?? [], dialect)}` : '';

/** The columns that a record writes, with the expression of each bound value. */
const assignments = (
  binding: SqlBinding,
  record: unknown,
  at: string,
  writer: SqlWriter,
): SqlOutcome<{ names: string[]; values: string[] }> => {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return invalid(at, 'must be object');
  const names: string[] = [];
  const values: string[] = [];
  for (const column of binding.columns ?? []) {
    const value = own(record, column.name);
    if (value === undefined || column.readOnly) continue;
    const bound = writer.bindColumn(column, value, { path: below(at, column.name), compared: false });
    if (!bound.ok) return bound;
    names.push(quoteName(column.name, writer.dialect));
    values.push(bound.value);
  }
  return success({ names, values });
};

const buildCreate = (binding: SqlBinding, input: unknown, writer: SqlWriter): SqlOutcome<SqlStatement> => {
  const { dialect } = writer;
  const assigned = assignments(binding, input, '', writer);
  if (!assigned.ok) return assigned;
  const { names, values } = assigned.value;
  const empty = dialect === 'mysql' ? ' () VALUES ()' : ' DEFAULT VALUES';
  const written = names.length === 0 ? empty : ` (${names.join(', ')}) VALUES (${values.join(', ')})`;
  return success(writer.finish(`INSERT INTO ${quoteTable(binding, dialect)}${written}${returningClause(binding, dialect)}`));
};

const buildUpdate = (binding: SqlBinding, input: unknown, writer: SqlWriter): SqlOutcome<SqlStatement> => {
  const { dialect } = writer;
  const property = binding.changes ?? 'changes';
  const assigned = assignments(binding, own(input, property), below('', property), writer);
  if (!assigned.ok) return assigned;
  const { names, values } = assigned.value;
  if (names.length === 0) return invalid(below('', property), 'must change at least one column');
  const condition = keyConditions(binding.columns ?? [], binding.key ?? [], input, { writer });
  if (!condition.ok) return condition;
  const set = names.map((name, index) => `${name} = ${values[index] ?? 'NULL'}`).join(', ');
  // No dialect of MySQL answers an update with its rows; MariaDB answers only inserts and deletes.
  const returning = dialect === 'mysql' ? '' : returningClause(binding, dialect);
  return success(writer.finish(`UPDATE ${quoteTable(binding, dialect)} SET ${set} WHERE ${condition.value}${returning}`));
};

const buildDelete = (binding: SqlBinding, input: unknown, writer: SqlWriter): SqlOutcome<SqlStatement> => {
  const condition = keyConditions(binding.columns ?? [], binding.key ?? [], input, { writer });
  if (!condition.ok) return condition;
  const from = `DELETE FROM ${quoteTable(binding, writer.dialect)} WHERE ${condition.value}`;
  return success(writer.finish(`${from}${returningClause(binding, writer.dialect)}`));
};

/**
 * The statement of an operation on one table. Everything of the input is bound, never written into the text; names are quoted.
 * A failure has the code `input-invalid` and a JSON pointer into the input, or `unsupported` for an action without a table.
 */
export const buildStatement = (binding: SqlBinding, input: unknown, dialect: SqlDialect): SqlOutcome<SqlStatement> => {
  const writer = createWriter(dialect);
  switch (binding.action) {
    case 'list':
      return buildList(binding, input, writer);
    case 'get':
      return buildGet(binding, input, writer);
    case 'count':
      return buildCount(binding, input, writer);
    case 'create':
      return buildCreate(binding, input, writer);
    case 'update':
      return buildUpdate(binding, input, writer);
    case 'delete':
      return buildDelete(binding, input, writer);
    default:
      return { ok: false, failure: { code: 'unsupported', message: `"${binding.action}" is no statement on one table` } };
  }
};
