/** Tables -> entities: keys, the operations that reach them, and the links between them. */
import type { Entity, EntityOperation } from '@burgeon/kit';
import { pointerOf } from '../../../base/json.ts';
import { typeNameOf } from '../../../interface/naming.ts';
import type { SqlForeignKey, SqlTable } from '../facts.ts';
import { keyOf } from './columns.ts';
import { changesProperty, type TableNames } from './operations.ts';
import { pluralOf } from './words.ts';

const keyMap = (key: readonly string[]): Record<string, string> => Object.fromEntries(key.map((name) => [name, name]));

const operationsOf = (table: SqlTable, { operations }: TableNames): Entity['operations'] => {
  const key = keyMap(keyOf(table));
  const roles = {
    list: { key: {}, result: '/items' },
    get: { key, result: '' },
    create: { key: {}, record: '', result: '' },
    update: { key, record: pointerOf([changesProperty(table)]), result: '' },
    delete: { key, result: '' },
  } satisfies Partial<Record<keyof Entity['operations'], Omit<EntityOperation, 'operation'>>>;
  const found: Entity['operations'] = {};
  for (const [role, facts] of Object.entries(roles) as [keyof typeof roles, Omit<EntityOperation, 'operation'>][]) {
    const operation = operations[role];
    if (operation !== undefined) found[role] = { operation, ...facts };
  }
  return found;
};

type Relation = NonNullable<Entity['relations']>[number];

/** Names relations differently: by the referring column where two lead to the same entity. */
const distinct = (relations: readonly Relation[]): Relation[] => {
  const taken = new Set<string>();
  return relations.map((relation) => {
    let name = taken.has(relation.name)
      ? `${relation.name}By${typeNameOf((relation.many ? relation.to : relation.from).join(' and '))}`
      : relation.name;
    while (taken.has(name)) name += '_';
    taken.add(name);
    return { ...relation, name };
  });
};

/** One entity per table. `nameOf` gives the names of a table by its key, or undefined when it is not described. */
export const describeEntities = (
  tables: readonly SqlTable[],
  nameOf: (table: { schema?: string; name: string }) => TableNames | undefined,
): Entity[] => {
  const incoming = new Map<string, Relation[]>();
  const outgoing = new Map<string, Relation[]>();
  const add = (to: Map<string, Relation[]>, entity: string, relation: Relation): void => {
    to.set(entity, [...(to.get(entity) ?? []), relation]);
  };
  const link = (table: SqlTable, { columns, schema, table: target, references }: SqlForeignKey): void => {
    const from = nameOf(table)?.record;
    const to = nameOf({ ...(schema === undefined ? {} : { schema }), name: target })?.record;
    if (from === undefined || to === undefined) return;
    add(outgoing, from, { name: to, entity: to, from: columns, to: references, many: false });
    add(incoming, to, { name: pluralOf(from), entity: from, from: references, to: columns, many: true });
  };
  for (const table of tables) for (const key of table.foreignKeys) link(table, key);
  return tables.flatMap((table) => {
    const names = nameOf(table);
    if (names === undefined) return [];
    const relations = distinct([...(outgoing.get(names.record) ?? []), ...(incoming.get(names.record) ?? [])]);
    return [
      {
        name: names.record,
        type: { $ref: `#/types/${names.record}` },
        key: keyOf(table),
        operations: operationsOf(table, names),
        ...(relations.length === 0 ? {} : { relations }),
      },
    ];
  });
};
