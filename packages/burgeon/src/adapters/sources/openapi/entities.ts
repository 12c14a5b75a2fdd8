import type { Entity, EntityOperation, EntityRole, JsonSchema } from '@burgeon/kit';
import { define, pointerToken } from '../../../base/json.ts';
import { assignNames } from '../../../interface/naming.ts';
import { keyProperty, parentProperty } from './entity-keys.ts';
import { findList } from './lists.ts';
import { singularOf } from './operation-names.ts';
import type { ReadOperation } from './operations.ts';
import type { Reading } from './reading.ts';
import { type Resource, findResources } from './resources.ts';
import { type Shape, isList, isRecord, isScalar, plainName, shapeOf } from './shapes.ts';

/** What is known of one resource while its entity is made. */
interface Draft {
  resource: Resource;
  types: Record<string, JsonSchema>;
  record: { schema: JsonSchema; shape: Shape };
  /** Property of the record that the member variable names; absent when the record does not show its key. */
  key: string | undefined;
  noun: string;
}

/**
 * Finds the kinds of records an interface keeps, from the shapes of its paths: a collection `/pets` with a member `/pets/{petId}`. A kind
 * counts only when a record can be seen, and when it can be reached in at least two ways: a wrong entity is worse than none.
 */
export const readEntities = (
  reading: Reading,
  operations: readonly ReadOperation[],
  types: Record<string, JsonSchema>,
): Entity[] => {
  const drafts = findResources(operations).flatMap((resource) => {
    const draft = draftOf(resource, types);
    const roles = draft === undefined ? {} : rolesOf(draft);
    return draft !== undefined && isCertain(draft, roles) ? [{ draft, roles }] : [];
  });
  const names = entityNames(drafts.map(({ draft }) => draft));
  const owners = new Map(drafts.map(({ draft }) => [draft.resource.path, draft]));
  const used = new Set<string>();
  const entities: Entity[] = [];
  for (const { draft, roles } of drafts) {
    // An operation belongs to one entity only.
    for (const [role, { operation }] of Object.entries(roles)) {
      if (used.has(operation)) delete roles[role as EntityRole];
      used.add(operation);
    }
    const { record, key, resource } = draft;
    const first = [...resource.member.values(), ...resource.collection.values()][0]!;
    reading.origins[`/entities/${entities.length}`] = first.endpoint.itemPlace;
    const relations = relationsOf(draft, owners, names);
    entities.push({
      name: names.get(resource.path)!,
      type: record.schema,
      key: key === undefined ? [] : [key],
      operations: roles,
      ...(relations.length > 0 && { relations }),
    });
  }
  return entities;
};

/** A kind whose key no record shows needs more evidence: it must be listed or made, and shown. */
const isCertain = ({ key }: Draft, roles: Roles): boolean => {
  const shown = roles.get !== undefined || roles.list !== undefined;
  return (
    shown &&
    Object.keys(roles).length > 1 &&
    (key !== undefined || roles.list !== undefined || (roles.create !== undefined && roles.get !== undefined))
  );
};

/** The noun of the collection; with those of its parents, or with its whole path, where the shorter name fits several. */
const entityNames = (drafts: readonly Draft[]): Map<string, string> => {
  const wishes = drafts.map(({ resource, noun }) => {
    const all = resource.path.split('/').filter((segment) => segment !== '' && segment !== '{}');
    return [noun, [...resource.parents.map((parent) => parent.noun), noun].join(' '), all.map(singularOf).join(' ')];
  });
  const counts = new Map<string, number>();
  for (const wish of wishes.flatMap((each) => [...new Set(each.map(plainName))])) counts.set(wish, (counts.get(wish) ?? 0) + 1);
  const items = drafts.map(({ resource }, index) => {
    const candidates = wishes[index]!;
    return { key: resource.path, wish: candidates.find((wish) => counts.get(plainName(wish)) === 1) ?? candidates.at(-1)! };
  });
  return assignNames(items, { style: 'pascal', maxLength: 80 });
};

const draftOf = (resource: Resource, types: Record<string, JsonSchema>): Draft | undefined => {
  const noun = singularOf(resource.noun);
  const sources = [
    resource.member.get('GET')?.operation.output,
    listOf(resource, types)?.items,
    ...['PATCH', 'PUT', 'POST'].map((method) => resource.member.get(method)?.operation.output),
    resource.collection.get('POST')?.operation.output,
  ];
  const candidates = sources.flatMap((schema) => (schema === undefined ? [] : [unwrapped(schema, { noun, resource, types })]));
  const found = candidates.find(({ schema }) => isRecord(shapeOf(schema, types)));
  if (found === undefined) return undefined;
  const shape = shapeOf(found.schema, types);
  const key = keyProperty({ variable: resource.variable, schema: variableSchema(resource), noun, record: shape, types });
  return { resource, types, record: { schema: found.schema, shape }, key, noun };
};

const variableSchema = ({ member, variable }: Resource): JsonSchema | undefined => {
  const read = [...member.values()][0]!;
  const property = read.binding.parameters.find((each) => each.in === 'path' && each.name === variable)?.property;
  return property === undefined ? undefined : read.operation.input.properties[property];
};

const listOf = (resource: Resource, types: Record<string, JsonSchema>): { pointer: string; items: JsonSchema } | undefined => {
  const get = resource.collection.get('GET');
  return get === undefined ? undefined : findList(get.operation.output, resource.noun, types);
};

interface Wrapping {
  noun: string;
  resource: Resource;
  types: Record<string, JsonSchema>;
}

const wrappers: ReadonlySet<string> = new Set('data result item record response resource object payload value entity'.split(' '));

/** Looks through `{data: {...}}` and `{pet: {...}}`, unless the outer object itself has the key. */
const unwrapped = (schema: JsonSchema, { noun, resource, types }: Wrapping): { schema: JsonSchema; pointer: string } => {
  const shape = shapeOf(schema, types);
  const own = keyProperty({ variable: resource.variable, schema: variableSchema(resource), noun, record: shape, types });
  if (own === undefined && isRecord(shape)) {
    const properties = Object.entries(shape.properties);
    const inner = properties.find(([name, part]) => {
      const plain = plainName(name);
      return (plain === plainName(noun) || wrappers.has(plain)) && isRecord(shapeOf(part, types));
    });
    if (inner !== undefined && properties.length <= 8) return { schema: inner[1], pointer: `/${pointerToken(inner[0])}` };
  }
  return { schema, pointer: '' };
};

type Roles = Partial<Record<EntityRole, EntityOperation>>;

const rolesOf = (draft: Draft): Roles => {
  const { resource } = draft;
  const { collection, member } = resource;
  const roles: Roles = {};
  const set = (role: EntityRole, mapping: EntityOperation | undefined): void => {
    if (mapping !== undefined && roles[role] === undefined) roles[role] = mapping;
  };
  set('list', listRole(draft));
  set('get', reads(draft, member.get('GET')));
  set('create', writes(draft, collection.get('POST'), false));
  set('update', writes(draft, member.get('PATCH'), true));
  set('replace', writes(draft, member.get('PUT'), true));
  if (!member.has('PATCH') && !member.has('PUT')) set('update', writes(draft, member.get('POST'), true));
  if (!member.has('PUT') && !member.has('PATCH') && draft.key !== undefined)
    set('replace', wholeWrite(draft, collection.get('PUT')));
  const remove = member.get('DELETE');
  if (remove !== undefined) set('delete', { operation: remove.operation.id, key: keysOf(draft, remove, true) });
  return roles;
};

/** Input property -> record property, for the parents' variables and, on a member, its own. */
const keysOf = (draft: Draft, { binding }: ReadOperation, member: boolean): Record<string, string> => {
  const { resource, record, key } = draft;
  const keys: Record<string, string> = {};
  const propertyOf = (variable: string): string | undefined =>
    binding.parameters.find((each) => each.in === 'path' && each.name === variable)?.property;
  const variables = Array.from(binding.path.matchAll(/\{([^{}]+)\}/g), (match) => match[1]!);
  resource.parents.forEach((parent, index) => {
    // The collection and the member may call the same parent by different names.
    const property = propertyOf(variables[index] ?? parent.variable);
    if (property !== undefined) define(keys, property, parentProperty(parent, record.shape));
  });
  const own = member ? propertyOf(variables.at(-1) ?? resource.variable) : undefined;
  if (own !== undefined) define(keys, own, key ?? hiddenKey(draft));
  return keys;
};

/** A record that does not show its key is remembered by the value in the path, under a name no property has. */
const hiddenKey = ({ resource, record }: Draft): string => {
  let name = resource.variable;
  while (Object.hasOwn(record.shape.properties, name)) name = `${resource.noun}_${name}`;
  return name;
};

/** Whether a schema shows the same kind of record: the same type, or an object with the key. */
const isSame = (draft: Draft, schema: JsonSchema): boolean => {
  const { record, key, types } = draft;
  const shape = shapeOf(schema, types);
  if (shape.name !== undefined && shape.name === record.shape.name) return true;
  if (!isRecord(shape)) return false;
  if (key !== undefined)
    return (
      Object.hasOwn(shape.properties, key) &&
      isScalar(shapeOf(shape.properties[key], types)) &&
      overlap(shape, record.shape) * 2 >= Object.keys(shape.properties).length
    );
  const own = Object.keys(shape.properties);
  return own.length > 0 && overlap(shape, record.shape) === own.length;
};

const overlap = (a: Shape, b: Shape): number =>
  Object.keys(a.properties).filter((name) => Object.hasOwn(b.properties, name)).length;

const listRole = (draft: Draft): EntityOperation | undefined => {
  const get = draft.resource.collection.get('GET');
  const list = listOf(draft.resource, draft.types);
  if (get === undefined || list === undefined) return undefined;
  const { schema, pointer } = unwrapped(list.items, { ...draft });
  if (pointer !== '' || !isSame(draft, schema)) return undefined;
  return { operation: get.operation.id, key: keysOf(draft, get, false), result: list.pointer };
};

const resultIn = (draft: Draft, output: JsonSchema): { result?: string } => {
  const { schema, pointer } = unwrapped(output, draft);
  return isSame(draft, schema) ? { result: pointer } : {};
};

const reads = (draft: Draft, read: ReadOperation | undefined): EntityOperation | undefined => {
  if (read === undefined) return undefined;
  const found = resultIn(draft, read.operation.output);
  return found.result === undefined ? undefined : { operation: read.operation.id, key: keysOf(draft, read, true), ...found };
};

/** A write counts when its payload is an object that has something in common with the record. */
const writes = (draft: Draft, read: ReadOperation | undefined, member: boolean): EntityOperation | undefined => {
  const property = read?.input.body?.property;
  if (read === undefined || property === undefined) return undefined;
  const { schema, pointer } = unwrapped(read.operation.input.properties[property] ?? true, draft);
  const shape = shapeOf(schema, draft.types);
  const named = shape.name !== undefined && shape.name === draft.record.shape.name;
  if (isList(shape) || (!named && overlap(shape, draft.record.shape) === 0)) return undefined;
  return {
    operation: read.operation.id,
    key: keysOf(draft, read, member),
    record: `/${pointerToken(property)}${pointer}`,
    ...resultIn(draft, read.operation.output),
  };
};

/** `PUT /pet` with the key inside the payload. */
const wholeWrite = (draft: Draft, read: ReadOperation | undefined): EntityOperation | undefined => {
  const mapping = writes(draft, read, false);
  if (mapping?.record === undefined || read === undefined) return undefined;
  const property = read.input.body!.property;
  const { schema } = unwrapped(read.operation.input.properties[property] ?? true, draft);
  return Object.hasOwn(shapeOf(schema, draft.types).properties, draft.key!) ? mapping : undefined;
};

/** The link to the nearest parent that is an entity too, when the record shows the parent's key. */
const relationsOf = (
  draft: Draft,
  owners: ReadonlyMap<string, Draft>,
  names: ReadonlyMap<string, string>,
): NonNullable<Entity['relations']> => {
  const { resource, record } = draft;
  const parent = resource.parents.at(-1);
  const path = resource.path.replace(/\/\{\}\/[^/]+$/, '');
  const owner = owners.get(path);
  if (parent === undefined || owner?.key === undefined || path === resource.path) return [];
  const from = parentProperty(parent, record.shape);
  if (!Object.hasOwn(record.shape.properties, from)) return [];
  return [{ name: parent.noun, entity: names.get(path)!, from: [from], to: [owner.key], many: false }];
};
