/** Several interfaces as one. */
import type { Diagnostic, Entity, Interface, JsonSchema, JsonValue, Operation } from '@burgeon/kit';
import { canonicalJson, define, digestOf, isObject, pointerOf, pointerPath } from '../base/json.ts';
import { assignNames } from './naming.ts';
import { mapReferences, typeNameIn, typeReference } from './schema.ts';

/** One interface of a merge and the word its names begin with; prefixes are unique. */
export interface MergePart {
  prefix: string;
  interface: Interface;
}

/** How the names of one part change. */
interface Renaming {
  prefixed(name: string): string;
  type(name: string): string;
}

const typeKey = (prefix: string, name: string): string => JSON.stringify([prefix, name]);

/** References inside plain JSON, such as bindings: text that names a type names the renamed one. */
const renameInJson = (value: JsonValue, renaming: Renaming): JsonValue => {
  if (typeof value === 'string') {
    const name = typeNameIn(value);
    return name === undefined ? value : typeReference(renaming.type(name));
  }
  if (Array.isArray(value)) return value.map((item) => renameInJson(item, renaming));
  if (!isObject(value)) return value;
  const result: Record<string, JsonValue> = {};
  for (const [key, item] of Object.entries(value)) define(result, key, renameInJson(item as JsonValue, renaming));
  return result;
};

const renamedTable = <T>(
  table: Record<string, T>,
  rename: (key: string) => string,
  change: (value: T) => T,
): Record<string, T> => {
  const result: Record<string, T> = {};
  for (const [key, value] of Object.entries(table)) define(result, rename(key), change(value));
  return result;
};

const mergeOperation = (operation: Operation, renaming: Renaming): Operation => {
  const schema = (each: JsonSchema): JsonSchema => mapReferences(each, (name) => typeReference(renaming.type(name)));
  const result = <R extends { schema: JsonSchema }>(each: R): R => ({ ...each, schema: schema(each.schema) });
  return {
    ...operation,
    id: renaming.prefixed(operation.id),
    input: schema(operation.input) as Operation['input'],
    output: schema(operation.output),
    ...(operation.alternatives && { alternatives: operation.alternatives.map(result) }),
    errors: operation.errors.map(result),
    ...(operation.stream && { stream: { ...operation.stream, item: schema(operation.stream.item) } }),
    auth: operation.auth.map((alternative) => renamedTable(alternative, renaming.prefixed, (scopes) => scopes)),
    bindings: renameInJson(operation.bindings, renaming) as Operation['bindings'],
  };
};

const mergeEntity = (entity: Entity, renaming: Renaming): Entity => {
  const operations: Entity['operations'] = {};
  for (const [role, mapped] of Object.entries(entity.operations)) {
    operations[role as keyof Entity['operations']] = { ...mapped, operation: renaming.prefixed(mapped.operation) };
  }
  return {
    ...entity,
    name: renaming.prefixed(entity.name),
    type: mapReferences(entity.type, (name) => typeReference(renaming.type(name))),
    operations,
    ...(entity.relations && {
      relations: entity.relations.map((relation) => ({ ...relation, entity: renaming.prefixed(relation.entity) })),
    }),
  };
};

/** A pointer into one part as a pointer into the whole. */
const movedPointer = (pointer: string, renaming: Renaming, offsets: Record<string, number>): string => {
  const [table = '', name = '', ...rest] = pointerPath(pointer);
  if (table === 'types') return pointerOf([table, renaming.type(name), ...rest]);
  if (table === 'auth') return pointerOf([table, renaming.prefixed(name), ...rest]);
  if (Object.hasOwn(offsets, table) && /^\d+$/.test(name))
    return pointerOf([table, Number(name) + (offsets[table] ?? 0), ...rest]);
  return pointer;
};

const distinct = <T>(items: readonly T[]): T[] => [...new Map(items.map((item) => [canonicalJson(item), item])).values()];

/** Facts about the whole survive when all parts agree on them. */
const sharedBindings = (parts: readonly MergePart[]): { bindings?: Interface['bindings']; diagnostics: Diagnostic[] } => {
  const all = parts.map((part) => part.interface.bindings ?? {});
  const shared: Record<string, JsonValue> = {};
  const diagnostics: Diagnostic[] = [];
  for (const key of new Set(all.flatMap((each) => Object.keys(each)))) {
    const values = distinct(all.map((each) => (Object.hasOwn(each, key) ? (each[key] as JsonValue) : null)));
    if (values.length === 1) define(shared, key, values[0] as JsonValue);
    else
      diagnostics.push({
        severity: 'warning',
        code: 'merge-binding-dropped',
        path: '/bindings',
        message: `The parts disagree about "${key}"; it was dropped.`,
      });
  }
  return { ...(Object.keys(shared).length > 0 ? { bindings: shared } : {}), diagnostics };
};

/**
 * One interface out of several: operations, channels, entities and auth keys become `prefix.name`, types `PrefixName` (told apart by a
 * hash where two would be equal). Names do not depend on the order of the parts, nor on what other parts are there unless they collide.
 */
export const mergeInterfaces = (parts: readonly MergePart[], identity: { name: string; version: string }): Interface => {
  const names = assignNames(
    parts.flatMap(({ prefix, interface: part }) =>
      Object.keys(part.types).map((name) => ({ key: typeKey(prefix, name), wish: `${prefix} ${name}` })),
    ),
    { style: 'pascal' },
  );
  const { bindings, diagnostics } = sharedBindings(parts);
  const whole: Interface = {
    format: 'burgeon.interface/1',
    ...identity,
    source: {
      kind: 'merge',
      location: parts.map(({ prefix }) => prefix).join('+'),
      digest: digestOf(parts.map((part) => [part.prefix, part.interface.source.digest])),
    },
    locations: distinct(parts.flatMap((part) => part.interface.locations)),
    operations: [],
    channels: [],
    entities: [],
    types: {},
    auth: {},
    origins: {},
    diagnostics,
    ...(bindings && { bindings }),
  };
  for (const { prefix, interface: part } of parts) {
    const renaming: Renaming = {
      prefixed: (name) => `${prefix}.${name}`,
      type: (name) => names.get(typeKey(prefix, name)) ?? name,
    };
    const schema = (each: JsonSchema): JsonSchema => mapReferences(each, (name) => typeReference(renaming.type(name)));
    const offsets = { operations: whole.operations.length, channels: whole.channels.length, entities: whole.entities.length };
    const moved = (pointer: string): string => movedPointer(pointer, renaming, offsets);
    whole.operations.push(...part.operations.map((operation) => mergeOperation(operation, renaming)));
    whole.entities.push(...part.entities.map((entity) => mergeEntity(entity, renaming)));
    for (const channel of part.channels) {
      const auth = channel.auth.map((alternative) => renamedTable(alternative, renaming.prefixed, (scopes) => scopes));
      const bound = renameInJson(channel.bindings, renaming) as Interface['channels'][number]['bindings'];
      whole.channels.push({
        ...channel,
        id: renaming.prefixed(channel.id),
        message: schema(channel.message),
        ...(channel.reply !== undefined && { reply: schema(channel.reply) }),
        auth,
        bindings: bound,
      });
    }
    for (const [name, type] of Object.entries(part.types)) define(whole.types, renaming.type(name), schema(type));
    for (const [key, scheme] of Object.entries(part.auth)) define(whole.auth, renaming.prefixed(key), scheme);
    for (const [pointer, origin] of Object.entries(part.origins)) define(whole.origins, moved(pointer), `${prefix}:${origin}`);
    whole.diagnostics.push(...part.diagnostics.map((each) => ({ ...each, path: moved(each.path) })));
  }
  return whole;
};
