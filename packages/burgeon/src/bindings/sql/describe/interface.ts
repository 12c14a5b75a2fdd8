/** Facts about a database -> its interface. */
import type { Diagnostic, Interface, JsonSchema, JsonValue, SchemaObject } from '@burgeon/kit';
import { define, digestOf, pointerOf } from '../../../base/json.ts';
import { kebabOf } from '../../../interface/naming.ts';
import type { Introspection, SqlFacts, SqlTable } from '../facts.ts';
import type { SqlType } from '../runtime/binding.ts';
import { changesSchema, keyOf, recordSchema, type SchemaContext } from './columns.ts';
import { describeEntities } from './entities.ts';
import { filterName, filterSchema } from './filter-types.ts';
import { assignTableNames, keyOfName, type AssignedNames } from './names.ts';
import { actionsOf, tableOperation, tableTitle, type Described, type TableNames } from './operations.ts';
import { sharedTypes } from './value-types.ts';
import { queryOperation, transactionOperation } from './whole.ts';

/** Name of the auth scheme under which the vault keeps the connection string. */
export const connectionScheme = 'connection';

const errorType: SchemaObject = {
  type: 'object',
  description: 'What the database said, in words that are the same for every database.',
  properties: {
    code: { type: 'string', description: 'Class of the failure, e.g. unique-violation.' },
    message: { type: 'string' },
    sqlState: { type: 'string', description: "The database's own code." },
    constraint: { type: 'string' },
    table: { type: 'string' },
    columns: { type: 'array', items: { type: 'string' } },
    step: { type: 'integer', minimum: 0, description: 'Which step of a transaction failed.' },
    retryable: { type: 'boolean' },
  },
  required: ['code', 'message'],
};

/** The enum in a column's type, also inside an array. */
const enumOf = (type: SqlType): SqlType | undefined =>
  type.kind === 'array' ? type.element && enumOf(type.element) : type.kind === 'enum' ? type : undefined;

const namedEnums = (tables: readonly SqlTable[]): Map<string, SqlType> => {
  const found = new Map<string, SqlType>();
  for (const { columns } of tables) {
    for (const { type } of columns) {
      const named = enumOf(type);
      if (named?.name !== undefined) found.set(named.name, named);
    }
  }
  return found;
};

/** Collects the types of a description. */
class TypeTable {
  readonly types: Record<string, JsonSchema> = {};
  readonly #context: SchemaContext;
  readonly #names: AssignedNames;

  constructor(context: SchemaContext, names: AssignedNames) {
    this.#context = context;
    this.#names = names;
    define(this.types, 'DatabaseError', errorType);
  }

  add(name: string, schema: JsonSchema): void {
    define(this.types, name, schema);
    const text = JSON.stringify(schema);
    for (const [shared, type] of Object.entries(sharedTypes)) {
      if (!Object.hasOwn(this.types, shared) && text.includes(`"#/types/${shared}"`)) define(this.types, shared, type);
    }
  }

  filterOf(type: SqlType): SchemaObject {
    const name =
      filterName(type) ??
      (type.kind === 'enum' && type.name !== undefined ? this.#names.enums.get(type.name)?.filter : undefined);
    if (name === undefined) return filterSchema(type, this.#context.dialect);
    if (!Object.hasOwn(this.types, name)) this.add(name, filterSchema(type, this.#context.dialect));
    return { $ref: `#/types/${name}` };
  }
}

const addTableTypes = (table: SqlTable, names: TableNames, types: TypeTable, context: SchemaContext): void => {
  types.add(names.record, recordSchema(table, context));
  if (actionsOf(table).includes('update')) types.add(names.changes, changesSchema(table, context));
  const properties = table.columns.map((column): [string, JsonSchema] => [column.name, types.filterOf(column.type)]);
  types.add(names.where, { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false });
};

const sourcePointer = ({ schema, name }: SqlTable): string => pointerOf(schema === undefined ? [name] : [schema, name]);

/** What a reader of the description should know about single tables. */
const judge = (table: SqlTable): Diagnostic[] => {
  const at = { path: sourcePointer(table), from: 'sql' } as const;
  const found: Diagnostic[] = [];
  if (
    keyOf(table).length === 0 &&
    table.kind !== 'view' &&
    table.kind !== 'materialized-view' &&
    table.kind !== 'virtual-table'
  ) {
    const message = `"${tableTitle(table)}" has no key: single rows cannot be reached, and pages are counted, so that rows written meanwhile may be missed or seen twice.`;
    found.push({ severity: 'info', code: 'table-without-key', message, ...at, hint: 'Give the table a primary key.' });
  }
  if (table.forbidden !== undefined) {
    const message = `The user that looked may not ${table.forbidden.join(', ')} in "${tableTitle(table)}": these operations are left out.`;
    found.push({ severity: 'info', code: 'table-restricted', message, ...at });
  }
  return found;
};

const authOf = ({ dialect }: SqlFacts): Pick<Interface, 'auth'> =>
  dialect === 'sqlite'
    ? { auth: {} }
    : {
        auth: {
          [connectionScheme]: {
            kind: 'password',
            description:
              'The connection string: postgres://user:password@host:5432/database or mysql://user:password@host:3306/database.',
            bindings: { sql: {} },
          },
        },
      };

/** Fills operations and origins table by table. */
const describeTables = (
  facts: SqlFacts,
  names: AssignedNames,
  types: TypeTable,
  context: SchemaContext,
): Pick<Interface, 'operations' | 'origins'> => {
  const auth = facts.dialect === 'sqlite' ? [] : [{ [connectionScheme]: [] }];
  const operations: Interface['operations'] = [];
  const origins: Interface['origins'] = {};
  for (const table of facts.tables) {
    const of = names.tables.get(keyOfName(table));
    if (of === undefined) continue;
    addTableTypes(table, of, types, context);
    define(origins, pointerOf(['types', of.record]), sourcePointer(table));
    const described: Described = {
      ...context,
      table,
      names: of,
      auth,
      returning: facts.dialect === 'mysql' && /mariadb/i.test(facts.product),
    };
    for (const action of actionsOf(table)) {
      define(origins, pointerOf(['operations', operations.length]), sourcePointer(table));
      operations.push(tableOperation(of.operations[action] ?? action, action, described));
    }
  }
  const steps = [...operations];
  operations.push(queryOperation(names.query, auth));
  if (steps.length > 0) operations.push(transactionOperation(names.transaction, steps, auth));
  return { operations, origins };
};

/** The interface of a database. `location` must be free of secrets; the same facts give the same interface. */
export const describeDatabase = ({ facts, diagnostics }: Introspection, location: string): Interface => {
  const enums = namedEnums(facts.tables);
  const names = assignTableNames(facts.tables, [...enums.keys()].toSorted());
  const context: SchemaContext = {
    dialect: facts.dialect,
    enumReference: (name) => {
      const type = name === undefined ? undefined : names.enums.get(name)?.type;
      return type === undefined ? undefined : { $ref: `#/types/${type}` };
    },
  };
  const types = new TypeTable(context, names);
  for (const [name, { values = [] }] of enums) types.add(names.enums.get(name)?.type ?? name, { type: 'string', enum: values });
  const { operations, origins } = describeTables(facts, names, types, context);
  return {
    format: 'burgeon.interface/1',
    name: kebabOf(facts.name),
    title: facts.name,
    version: '0',
    description: `The database "${facts.name}": ${facts.tables.length} tables and views.`,
    source: { kind: 'sql', location, digest: digestOf({ dialect: facts.dialect, tables: facts.tables }) },
    locations: [{ url: location }],
    operations,
    channels: [],
    entities: describeEntities(facts.tables, (table) => names.tables.get(keyOfName(table))),
    types: types.types,
    ...authOf(facts),
    origins,
    diagnostics: [...diagnostics, ...facts.tables.flatMap(judge)],
    bindings: { sql: facts as unknown as JsonValue },
  };
};
