/** Order and position of pages: keyset paging where rows have a key, counting where they have none. */
import type { SqlBinding, SqlBoundColumn } from './binding.ts';
import { base64Of, bytesOfBase64 } from './bytes.ts';
import type { SqlJson } from './decode.ts';
import { hasNullsLast, isSortable } from './filter.ts';
import { invalid, success, type SqlOutcome } from './result.ts';
import { below, own, quoteName, type SqlWriter } from './text.ts';

/** Rows of a page when the input does not say, and at most. */
export const pageLimits = { usual: 100, most: 10_000 } as const;

/** One column that rows are put in order by. Nulls come last, whatever the direction. */
export interface SqlOrder {
  column: SqlBoundColumn;
  descending: boolean;
}

/** Where a page begins: after the row with these values, or after so many rows. */
type Position = { after: SqlJson[] } | { skip: number };

/** The order an input asks for, completed by the key so that no two rows are equal; without a key, by every column that can be compared. */
export const orderOf = ({ columns = [], key = [] }: SqlBinding, orderBy: unknown): SqlOutcome<SqlOrder[]> => {
  if (orderBy !== undefined && !Array.isArray(orderBy)) return invalid('/orderBy', 'must be array');
  const orders = new Map<string, SqlOrder>();
  for (const [index, item] of (orderBy ?? []).entries()) {
    const name = own(item, 'column');
    const path = below('/orderBy', index);
    const column = columns.find((each) => each.name === name);
    if (!column || !isSortable(column.type.kind)) return invalid(`${path}/column`, 'is not a column that can be put in order');
    const direction = own(item, 'direction') ?? 'asc';
    if (direction !== 'asc' && direction !== 'desc') return invalid(`${path}/direction`, 'must be "asc" or "desc"');
    if (!orders.has(column.name)) orders.set(column.name, { column, descending: direction === 'desc' });
  }
  const rest =
    key.length > 0 ? columns.filter(({ name }) => key.includes(name)) : columns.filter(({ type }) => isSortable(type.kind));
  for (const column of rest) if (!orders.has(column.name)) orders.set(column.name, { column, descending: false });
  return success([...orders.values()]);
};

/** The `ORDER BY` clause, with a leading space; empty without an order. */
export const orderClause = (orders: readonly SqlOrder[], { dialect }: SqlWriter, alias: string): string => {
  const terms = orders.map(({ column, descending }) => {
    const reference = `${alias}.${quoteName(column.name, dialect)}`;
    const term = `${reference}${descending ? ' DESC' : ''}`;
    if (!column.nullable) return term;
    return hasNullsLast(dialect) ? `${term} NULLS LAST` : `${reference} IS NULL, ${term}`;
  });
  return terms.length === 0 ? '' : ` ORDER BY ${terms.join(', ')}`;
};

const signature = (orders: readonly SqlOrder[]): string =>
  orders.map(({ column, descending }) => `${descending ? '-' : '+'}${encodeURIComponent(column.name)}`).join(',');

/** Opaque text for the position after a row (`row`), or after `skip` rows where rows have no key. */
export const cursorAfter = (orders: readonly SqlOrder[], row: Record<string, SqlJson>, skip: number | undefined): string => {
  const position = skip === undefined ? { after: orders.map(({ column }) => row[column.name] ?? null) } : { skip };
  const text = JSON.stringify({ order: signature(orders), ...position });
  return base64Of(new TextEncoder().encode(text)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
};

/** Reads a cursor; it must be of the same order, and is as little trusted as any other input. */
export const positionOf = (cursor: unknown, orders: readonly SqlOrder[], keyed: boolean): SqlOutcome<Position | undefined> => {
  if (cursor === undefined) return success(undefined);
  const refused = invalid('/cursor', 'is not a cursor of this list in this order');
  if (typeof cursor !== 'string') return refused;
  const text = cursor.replaceAll('-', '+').replaceAll('_', '/');
  const bytes = bytesOfBase64(text.padEnd(text.length + ((4 - (text.length % 4)) % 4), '='));
  let value: unknown;
  try {
    value = bytes && JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return refused;
  }
  if (own(value, 'order') !== signature(orders)) return refused;
  const after = own(value, 'after');
  if (keyed) return Array.isArray(after) && after.length === orders.length ? success({ after: after as SqlJson[] }) : refused;
  const skip = own(value, 'skip');
  return Number.isSafeInteger(skip) && Number(skip) >= 0 ? success({ skip: Number(skip) }) : refused;
};

/** The condition "comes after the row with these values" in an order that is total. */
export const afterCondition = (
  orders: readonly SqlOrder[],
  values: readonly SqlJson[],
  writer: SqlWriter,
  alias: string,
): SqlOutcome<string> => {
  const bind = ({ column }: SqlOrder, value: SqlJson): SqlOutcome<string> =>
    writer.bindColumn(column, value, { path: '/cursor', compared: true });
  const parts: string[] = [];
  for (const [index, order] of orders.entries()) {
    const value = values[index] ?? null;
    const reference = `${alias}.${quoteName(order.column.name, writer.dialect)}`;
    if (value !== null) {
      // Ties come first in the text: MySQL and SQLite number their markers in the order of the text.
      const tied = tiesBefore(orders.slice(0, index), values, writer, alias);
      if (!tied.ok) return tied;
      const bound = bind(order, value);
      if (!bound.ok) return bound;
      const beyond = `${reference} ${order.descending ? '<' : '>'} ${bound.value}`;
      parts.push(`(${tied.value}${order.column.nullable ? `(${beyond} OR ${reference} IS NULL)` : beyond})`);
    }
  }
  return success(parts.length === 0 ? '1 = 0' : `(${parts.join(' OR ')})`);
};

const tiesBefore = (
  orders: readonly SqlOrder[],
  values: readonly SqlJson[],
  writer: SqlWriter,
  alias: string,
): SqlOutcome<string> => {
  let text = '';
  for (const [index, { column }] of orders.entries()) {
    const reference = `${alias}.${quoteName(column.name, writer.dialect)}`;
    const value = values[index] ?? null;
    if (value === null) {
      text += `${reference} IS NULL AND `;
      continue;
    }
    const bound = writer.bindColumn(column, value, { path: '/cursor', compared: true });
    if (!bound.ok) return bound;
    text += `${reference} = ${bound.value} AND `;
  }
  return success(text);
};
