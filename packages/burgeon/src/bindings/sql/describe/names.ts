/** Tables -> names of types and operations. */
import { assignNames } from '../../../interface/naming.ts';
import type { SqlTable } from '../facts.ts';
import type { SqlAction, SqlType } from '../runtime/binding.ts';
import { filterName } from './filter-types.ts';
import { actionsOf, type TableNames } from './operations.ts';
import { sharedTypes } from './value-types.ts';
import { pluralOf, singularOf } from './words.ts';

/** Identifies a table or a named enum among all. */
export const keyOfName = ({ schema, name }: { schema?: string; name: string }): string => `${schema ?? ''}\0${name}`;

/** The schema whose name is not a part of names. */
const usualSchema = 'public';

/** The name of a table as a wish: its schema in front unless it is the usual one. */
const wishOf = ({ schema, name }: { schema?: string; name: string }): string =>
  schema === undefined || schema === usualSchema ? name : `${schema} ${name}`;

const kinds: SqlType['kind'][] = [
  'integer',
  'bigint',
  'decimal',
  'float',
  'boolean',
  'text',
  'uuid',
  'date',
  'time',
  'timestamp',
  'timestamptz',
];
const otherKinds: SqlType['kind'][] = ['interval', 'json', 'bytes', 'any', 'other'];

/** Names of types that mean the same in every description. */
const sharedNames: ReadonlySet<string> = new Set([
  'DatabaseError',
  'UnsignedInt64Filter',
  ...Object.keys(sharedTypes),
  ...[...kinds, ...otherKinds].flatMap((kind) => filterName({ kind }) ?? []),
]);

/** The names of everything that is made from tables. */
export interface AssignedNames {
  tables: Map<string, TableNames>;
  /** By the enum's name as columns have it. */
  enums: Map<string, { type: string; filter: string }>;
  query: string;
  /** Absent when nothing can be written. */
  transaction: string;
}

const wishedOperation = (action: SqlAction, table: SqlTable): string => {
  const wish = wishOf(table);
  return `${action} ${action === 'list' || action === 'count' ? pluralOf(wish) : singularOf(wish)}`;
};

/** Gives names to all tables and enums; the same database gets the same names, and new tables leave old names alone as far as they can. */
export const assignTableNames = (tables: readonly SqlTable[], enums: readonly string[]): AssignedNames => {
  const typeItems = tables.flatMap((table) => {
    const wish = singularOf(wishOf(table));
    const key = keyOfName(table);
    return [
      { key: `record\0${key}`, wish },
      { key: `where\0${key}`, wish: `${wish} where` },
      { key: `changes\0${key}`, wish: `${wish} changes` },
    ];
  });
  const enumItems = enums.flatMap((name) => {
    const wish = name.startsWith(`${usualSchema}.`) ? name.slice(usualSchema.length + 1) : name;
    return [
      { key: `zenum\0${name}`, wish },
      { key: `zfilter\0${name}`, wish: `${wish} filter` },
    ];
  });
  const types = assignNames([...typeItems, ...enumItems], { style: 'pascal', reserved: sharedNames });
  const operationItems = tables.flatMap((table) =>
    actionsOf(table).map((action) => ({ key: `${action}\0${keyOfName(table)}`, wish: wishedOperation(action, table) })),
  );
  const operations = assignNames(
    [...operationItems, { key: 'query', wish: 'query' }, { key: 'transaction', wish: 'transaction' }],
    { style: 'camel' },
  );
  const of = (names: Map<string, string>, key: string): string => names.get(key) ?? key;
  const tableNames = (table: SqlTable): TableNames => {
    const key = keyOfName(table);
    return {
      record: of(types, `record\0${key}`),
      where: of(types, `where\0${key}`),
      changes: of(types, `changes\0${key}`),
      operations: Object.fromEntries(actionsOf(table).map((action) => [action, of(operations, `${action}\0${key}`)])),
    };
  };
  return {
    tables: new Map(tables.map((table) => [keyOfName(table), tableNames(table)])),
    enums: new Map(enums.map((name) => [name, { type: of(types, `zenum\0${name}`), filter: of(types, `zfilter\0${name}`) }])),
    query: of(operations, 'query'),
    transaction: of(operations, 'transaction'),
  };
};
