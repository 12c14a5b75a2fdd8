/** Carrying an operation out over one connection. */
import type { SqlBinding, SqlDialect, SqlQuery, SqlRow, SqlStatement } from './binding.ts';
import { decodeRow, type SqlJson } from './decode.ts';
import { cursorAfter, orderOf, positionOf } from './page.ts';
import { success, type SqlFailure, type SqlOutcome } from './result.ts';
import { buildStatement, limitOf } from './statement.ts';
import { own } from './text.ts';

type SqlRecord = Record<string, SqlJson>;

/** One operation under way. */
interface Performance {
  binding: SqlBinding;
  input: unknown;
  dialect: SqlDialect;
  query: SqlQuery;
}

const notFound = ({ binding: { table = '', key = [] }, input }: Performance): { ok: false; failure: SqlFailure } => {
  const named = key.map((name) => `${name} = ${JSON.stringify(own(input, name))}`).join(', ');
  return {
    ok: false,
    failure: { code: 'not-found', message: `There is no row in "${table}" with ${named}.`, table, columns: key },
  };
};

const run = async ({ query }: Performance, { text, parameters }: SqlStatement): Promise<readonly SqlRow[]> =>
  (await query(text, parameters)).rows;

const decoded = ({ binding, dialect }: Performance, row: SqlRow): SqlRecord => decodeRow(binding.columns ?? [], row, dialect);

const list = async (performance: Performance, statement: SqlStatement): Promise<SqlOutcome<SqlJson>> => {
  const { binding, input } = performance;
  const limit = limitOf(input);
  const rows = await run(performance, statement);
  const items = rows.slice(0, limit).map((row) => decoded(performance, row));
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return success({ items });
  const orders = orderOf(binding, own(input, 'orderBy'));
  if (!orders.ok) return orders;
  const keyed = (binding.key ?? []).length > 0;
  const position = positionOf(own(input, 'cursor'), orders.value, keyed);
  const skipped = position.ok && position.value && 'skip' in position.value ? position.value.skip : 0;
  return success({ items, next: cursorAfter(orders.value, last, keyed ? undefined : skipped + limit) });
};

/** The row that a key names, read in a statement of its own. */
const reread = async (performance: Performance, input: unknown): Promise<SqlOutcome<SqlRecord>> => {
  const again = { ...performance, input };
  const statement = buildStatement({ ...performance.binding, action: 'get' }, input, performance.dialect);
  if (!statement.ok) return statement;
  const row = (await run(again, statement.value))[0];
  return row === undefined ? notFound(again) : success(decoded(again, row));
};

const lastCounted = async ({ query }: Performance): Promise<string> => {
  const row = (await query('SELECT CAST(LAST_INSERT_ID() AS CHAR) AS `id`', [])).rows[0];
  return String(Array.isArray(row) ? row[0] : own(row, 'id'));
};

const create = async (performance: Performance, statement: SqlStatement): Promise<SqlOutcome<SqlJson>> => {
  const { binding, input } = performance;
  const row = (await run(performance, statement))[0];
  if (row !== undefined) return success(decoded(performance, row));
  const key: [string, unknown][] = [];
  for (const name of binding.key ?? []) {
    const given = own(input, name) ?? undefined;
    const counted = binding.columns?.find((column) => column.name === name)?.counted;
    key.push([name, given ?? (counted ? await lastCounted(performance) : undefined)]);
  }
  // A key that the database made by an expression cannot be known: then only what was given can be answered.
  if (key.length === 0 || key.some(([, value]) => value === undefined)) {
    return success(Object.fromEntries((binding.columns ?? []).map(({ name }) => [name, (own(input, name) ?? null) as SqlJson])));
  }
  return reread(performance, Object.fromEntries(key));
};

const update = async (performance: Performance, statement: SqlStatement): Promise<SqlOutcome<SqlJson>> => {
  const { binding, input, dialect } = performance;
  const row = (await run(performance, statement))[0];
  if (row !== undefined) return success(decoded(performance, row));
  if (dialect !== 'mysql') return notFound(performance);
  const changes = own(input, binding.changes ?? 'changes');
  const key = (binding.key ?? []).map((name): [string, unknown] => [name, own(changes, name) ?? own(input, name)]);
  const found = await reread(performance, Object.fromEntries(key));
  return found.ok ? found : notFound(performance);
};

const remove = async (performance: Performance, statement: SqlStatement): Promise<SqlOutcome<SqlJson>> => {
  const { binding, input, dialect } = performance;
  if (dialect !== 'mysql' || binding.returning) {
    const row = (await run(performance, statement))[0];
    return row === undefined ? notFound(performance) : success(decoded(performance, row));
  }
  const before = await reread(performance, input);
  if (before.ok) await run(performance, statement);
  return before;
};

/**
 * Carries out an operation on one table over one connection and gives its output. Faults of the database are thrown by `query` as the
 * driver throws them; `failureOf` tells what they mean.
 */
export const perform = async (
  binding: SqlBinding,
  input: unknown,
  dialect: SqlDialect,
  query: SqlQuery,
): Promise<SqlOutcome<SqlJson>> => {
  const performance: Performance = { binding, input, dialect, query };
  const statement = buildStatement(binding, input, dialect);
  if (!statement.ok) return statement;
  switch (binding.action) {
    case 'list':
      return list(performance, statement.value);
    case 'create':
      return create(performance, statement.value);
    case 'update':
      return update(performance, statement.value);
    case 'delete':
      return remove(performance, statement.value);
    default: {
      const row = (await run(performance, statement.value))[0];
      if (binding.action === 'get') return row === undefined ? notFound(performance) : success(decoded(performance, row));
      return success({ count: Number(Array.isArray(row) ? row[0] : own(row, 'count')) });
    }
  }
};
