/** A table -> its operations. */
import type { JsonSchema, JsonValue, Operation, Result, SchemaObject, SchemaObjectInput } from '@burgeon/kit';
import type { SqlTable } from '../facts.ts';
import type { SqlAction, SqlBinding } from '../runtime/binding.ts';
import { failureMeanings, type SqlFailureCode } from '../runtime/failure.ts';
import { isSortable } from '../runtime/filter.ts';
import { pageLimits } from '../runtime/page.ts';
import { boundColumn, columnSchema, keyOf, newRecordSchema, type SchemaContext } from './columns.ts';

/** The names a table got in this description. */
export interface TableNames {
  record: string;
  changes: string;
  where: string;
  operations: Partial<Record<SqlAction, string>>;
}

/** One table being described. */
export interface Described extends SchemaContext {
  table: SqlTable;
  names: TableNames;
  auth: Record<string, string[]>[];
  /** The database answers writes with the row they wrote. */
  returning: boolean;
}

const typeReference = (name: string): SchemaObject => ({ $ref: `#/types/${name}` });

/** The table as people write it. */
export const tableTitle = ({ schema, name }: SqlTable): string => (schema === undefined ? name : `${schema}.${name}`);

/** What a table can do: views are read, writing and single rows need a key, and the database must allow it. */
export const actionsOf = (table: SqlTable): SqlAction[] => {
  const keyed = keyOf(table).length > 0;
  const written = table.kind === 'table' || table.kind === 'partitioned-table' || table.kind === 'foreign-table';
  const may = (action: 'create' | 'update' | 'delete'): boolean => written && !table.forbidden?.includes(action);
  const changeable = table.columns.some(({ filled }) => filled !== 'always' && filled !== 'computed');
  const actions: [SqlAction, boolean][] = [
    ['list', true],
    ['get', keyed],
    ['count', true],
    ['create', may('create')],
    ['update', keyed && changeable && may('update')],
    ['delete', keyed && may('delete')],
  ];
  return actions.filter(([, possible]) => possible).map(([action]) => action);
};

const writeFailures: SqlFailureCode[] = [
  'unique-violation',
  'foreign-key-violation',
  'not-null-violation',
  'check-violation',
  'value-invalid',
];

const failures: Partial<Record<SqlAction, SqlFailureCode[]>> = {
  get: ['not-found'],
  create: writeFailures,
  update: ['not-found', ...writeFailures],
  delete: ['not-found', 'foreign-key-violation'],
};

/** Failures as results: their code is the class, their body a `DatabaseError`. */
export const failureResults = (codes: readonly SqlFailureCode[]): Result[] =>
  codes.map((code) => ({ code, description: failureMeanings[code], schema: typeReference('DatabaseError') }));

const keyInput = ({ table, ...context }: Described): SchemaObjectInput => {
  const key = keyOf(table);
  const columns = table.columns.filter(({ name }) => key.includes(name));
  const properties = columns.map((column): [string, JsonSchema] => [column.name, columnSchema(column, context, false)]);
  return { type: 'object', properties: Object.fromEntries(properties), required: key, additionalProperties: false };
};

/** The property of an update that holds the changes: never the name of a key column. */
export const changesProperty = (table: SqlTable): string => {
  let name = 'changes';
  while (keyOf(table).includes(name)) name += '_';
  return name;
};

const listInput = ({ table, names }: Described): SchemaObjectInput => {
  const sortable = table.columns.filter(({ type }) => isSortable(type.kind)).map(({ name }) => name);
  const order: SchemaObject = {
    type: 'object',
    properties: {
      column: { type: 'string', enum: sortable },
      direction: { type: 'string', enum: ['asc', 'desc'], default: 'asc' },
    },
    required: ['column'],
    additionalProperties: false,
  };
  return {
    type: 'object',
    properties: {
      where: { ...typeReference(names.where), description: 'All conditions must hold.' },
      ...(sortable.length === 0
        ? {}
        : { orderBy: { type: 'array', items: order, maxItems: 16, description: 'First things first; nulls come last.' } }),
      limit: { type: 'integer', minimum: 1, maximum: pageLimits.most, default: pageLimits.usual },
      cursor: { type: 'string', description: 'The `next` of the page before.' },
    },
    additionalProperties: false,
  };
};

const listOutput = ({ names }: Described): JsonSchema => ({
  type: 'object',
  properties: {
    items: { type: 'array', items: typeReference(names.record) },
    next: { type: 'string', description: 'Where the next page begins; absent on the last one.' },
  },
  required: ['items'],
  additionalProperties: false,
});

const countOutput: JsonSchema = {
  type: 'object',
  properties: { count: { type: 'integer', minimum: 0 } },
  required: ['count'],
  additionalProperties: false,
};

const inputOf = (action: SqlAction, described: Described): SchemaObjectInput => {
  if (action === 'list') return listInput(described);
  if (action === 'create') return newRecordSchema(described.table, described) as SchemaObjectInput;
  if (action === 'count')
    return { type: 'object', properties: { where: typeReference(described.names.where) }, additionalProperties: false };
  const input = keyInput(described);
  if (action !== 'update') return input;
  const changes = changesProperty(described.table);
  const properties = { ...input.properties, [changes]: typeReference(described.names.changes) };
  return { ...input, properties, required: [...(input.required ?? []), changes] };
};

const bindingOf = (action: SqlAction, { table, returning }: Described): SqlBinding => {
  const changes = changesProperty(table);
  return {
    action,
    ...(table.schema === undefined ? {} : { schema: table.schema }),
    table: table.name,
    columns: table.columns.map(boundColumn),
    key: keyOf(table),
    ...(action === 'update' && changes !== 'changes' ? { changes } : {}),
    ...(returning ? { returning: true as const } : {}),
  };
};

const summaries: Partial<Record<SqlAction, (title: string) => string>> = {
  list: (title) => `Lists rows of ${title}.`,
  get: (title) => `Gets one row of ${title} by its key.`,
  count: (title) => `Counts rows of ${title}.`,
  create: (title) => `Adds a row to ${title} and gives it back complete.`,
  update: (title) => `Changes a row of ${title} and gives it back complete.`,
  delete: (title) => `Deletes a row of ${title} and gives it back as it was.`,
};

const effects: Partial<Record<SqlAction, Operation['effect']>> = { create: 'write', update: 'write', delete: 'delete' };

/** The operation of one action on a table. */
export const tableOperation = (id: string, action: SqlAction, described: Described): Operation => {
  const { table, names, auth } = described;
  const output = action === 'list' ? listOutput(described) : action === 'count' ? countOutput : typeReference(names.record);
  return {
    id,
    summary: summaries[action]?.(tableTitle(table)) ?? '',
    ...(table.comment === undefined ? {} : { description: table.comment }),
    tags: [tableTitle(table)],
    effect: effects[action] ?? 'read',
    idempotent: action !== 'create',
    input: inputOf(action, described),
    output,
    errors: failureResults(failures[action] ?? []),
    auth,
    ...(action === 'list'
      ? {
          pagination: {
            style: 'cursor' as const,
            input: { limit: 'limit', position: 'cursor' },
            output: { items: '/items', next: '/next' },
          },
        }
      : {}),
    examples: [],
    bindings: { sql: bindingOf(action, described) as unknown as JsonValue },
  };
};
