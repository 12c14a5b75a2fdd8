import type { Interface, JsonSchema, SchemaObject } from '@burgeon/kit';

/** Named types that references point into. */
export type Types = Interface['types'];

const hops = 16;

/** The object form of a schema with its references followed; an empty schema when it says nothing or leads in circles. */
const follow = (schema: JsonSchema | undefined, types: Types): SchemaObject => {
  let current = schema;
  for (let hop = 0; hop < hops; hop++) {
    if (current === undefined || typeof current === 'boolean') return {};
    const reference = current.$ref;
    if (typeof reference !== 'string' || !reference.startsWith('#/types/')) return current;
    const name = reference.slice('#/types/'.length).replaceAll('~1', '/').replaceAll('~0', '~');
    current = Object.hasOwn(types, name) ? types[name] : undefined;
  }
  return {};
};

/** The schema itself and the members of its `allOf`, `anyOf` and `oneOf`, references followed; at most a few hundred. */
const members = (schema: JsonSchema | undefined, types: Types): SchemaObject[] => {
  const found: SchemaObject[] = [];
  const open: (JsonSchema | undefined)[] = [schema];
  while (open.length > 0 && found.length < 256) {
    const next = follow(open.shift(), types);
    if (found.includes(next)) continue;
    found.push(next);
    for (const list of [next.allOf, next.anyOf, next.oneOf]) if (Array.isArray(list)) open.push(...list);
  }
  return found;
};

/** Every type name that a schema allows; empty when it allows anything. */
export const typeNames = (schema: JsonSchema | undefined, types: Types): Set<string> => {
  const names = new Set<string>();
  for (const member of members(schema, types)) {
    for (const name of typeof member.type === 'string' ? [member.type] : (member.type ?? [])) names.add(name);
    if (member.type === undefined && member.properties) names.add('object');
    if (member.type === undefined && member.items !== undefined) names.add('array');
    for (const value of [...(member.enum ?? []), ...(Object.hasOwn(member, 'const') ? [member.const] : [])])
      if (member.type === undefined) names.add(value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
  }
  return names;
};

/** Schema of one property, wherever the schema's members define it. */
export const propertyOf = (schema: JsonSchema | undefined, name: string, types: Types): JsonSchema | undefined => {
  for (const { properties } of members(schema, types)) if (properties && Object.hasOwn(properties, name)) return properties[name];
  return undefined;
};

/** Names of all properties that the schema's members define. */
export const propertyNames = (schema: JsonSchema | undefined, types: Types): string[] => [
  ...new Set(members(schema, types).flatMap(({ properties }) => Object.keys(properties ?? {}))),
];

/** True when properties that are not named are allowed. */
export const isOpen = (schema: JsonSchema | undefined, types: Types): boolean =>
  members(schema, types).some((member) => member.additionalProperties !== undefined && member.additionalProperties !== false);

/** Schema of the items of an array schema. */
export const itemsOf = (schema: JsonSchema | undefined, types: Types): JsonSchema | undefined =>
  members(schema, types).find((member) => member.items !== undefined)?.items;
