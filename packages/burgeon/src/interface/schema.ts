/** Walking, resolving and detaching the schemas of an interface. */
import type { JsonSchema, SchemaObject } from '@burgeon/kit';
import { define, isObject, pointerToken } from '../base/json.ts';

/** Keywords whose value is one schema, a list of schemas, or schemas by name (JSON Schema 2020-12, core 10 and 11). */
export const schemaKeywords: Record<'single' | 'listed' | 'named', readonly string[]> = {
  single: [
    'items',
    'contains',
    'unevaluatedItems',
    'additionalProperties',
    'unevaluatedProperties',
    'propertyNames',
    'not',
    'if',
    'then',
    'else',
  ],
  listed: ['prefixItems', 'allOf', 'anyOf', 'oneOf'],
  named: ['properties', 'patternProperties', 'dependentSchemas', '$defs'],
};

const { single, listed, named } = schemaKeywords;

const places: ReadonlyMap<string, 'single' | 'listed' | 'named'> = new Map([
  ...single.map((keyword) => [keyword, 'single'] as const),
  ...listed.map((keyword) => [keyword, 'listed'] as const),
  ...named.map((keyword) => [keyword, 'named'] as const),
]);

/** A schema and where it sits: JSON pointer from the schema the walk began at. */
export interface PlacedSchema {
  schema: JsonSchema;
  pointer: string;
}

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'boolean' || isObject(value);

/** Direct subschemas, in keyword order; `pointer` begins at `schema`. Values that are no schemas are passed over. */
export const subschemas = (schema: JsonSchema): PlacedSchema[] => {
  if (typeof schema === 'boolean') return [];
  const found: PlacedSchema[] = [];
  const add = (value: unknown, pointer: string): void => {
    if (isSchema(value)) found.push({ schema: value, pointer });
  };
  for (const keyword of single) if (Object.hasOwn(schema, keyword)) add(schema[keyword], `/${keyword}`);
  for (const keyword of listed) {
    const list = Object.hasOwn(schema, keyword) ? schema[keyword] : undefined;
    if (Array.isArray(list)) list.forEach((item, index) => add(item, `/${keyword}/${index}`));
  }
  for (const keyword of named) {
    const members = Object.hasOwn(schema, keyword) ? schema[keyword] : undefined;
    if (isObject(members)) for (const key of Object.keys(members)) add(members[key], `/${keyword}/${pointerToken(key)}`);
  }
  return found;
};

/** Visits a schema and all below it, parents first; `visit` returns false to keep out of a subtree. References are not followed. No recursion. */
export const walkSchema = (schema: JsonSchema, visit: (schema: JsonSchema, pointer: string) => boolean | void): void => {
  const waiting: PlacedSchema[] = [{ schema, pointer: '' }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (visit(next.schema, next.pointer) === false) continue;
    const { pointer } = next;
    for (const child of subschemas(next.schema).reverse())
      waiting.push({ schema: child.schema, pointer: pointer + child.pointer });
  }
};

/** Deepest nesting of one schema that is copied; below it anything is accepted. */
const maxDepth = 512;

/** A copy of a schema in which `change` was applied to every object schema, children first; `change` gets a node of its own, which it may alter, and the original. */
export const mapSchema = (
  schema: JsonSchema,
  change: (node: SchemaObject, original: SchemaObject) => JsonSchema,
  depth = 0,
): JsonSchema => {
  if (!isObject(schema)) return schema !== false;
  if (depth > maxDepth) return true;
  const node: SchemaObject = { ...schema };
  const below = (value: unknown): unknown => (isSchema(value) ? mapSchema(value, change, depth + 1) : value);
  for (const keyword of single) if (Object.hasOwn(node, keyword)) node[keyword] = below(node[keyword]);
  for (const keyword of listed) {
    const list = Object.hasOwn(node, keyword) ? node[keyword] : undefined;
    if (Array.isArray(list)) node[keyword] = list.map(below);
  }
  for (const keyword of named) {
    const members = Object.hasOwn(node, keyword) ? node[keyword] : undefined;
    if (!isObject(members)) continue;
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(members)) define(copy, key, below(members[key]));
    node[keyword] = copy;
  }
  return change(node, schema);
};

/** A copy in which each reference to a type reads as `rename` says; undefined drops the reference, discriminator entries included. */
export const mapReferences = (schema: JsonSchema, rename: (name: string) => string | undefined): JsonSchema =>
  mapSchema(schema, (node) => {
    const name = typeNameIn(node.$ref);
    if (name !== undefined) {
      const reference = rename(name);
      if (reference === undefined) delete node.$ref;
      else node.$ref = reference;
    }
    const mapping = isObject(node.discriminator) ? node.discriminator['mapping'] : undefined;
    if (isObject(mapping)) {
      const renamed: Record<string, string> = {};
      for (const [value, target] of Object.entries(mapping)) {
        const type = typeNameIn(target);
        const reference = type === undefined ? undefined : rename(type);
        if (reference !== undefined) define(renamed, value, reference);
      }
      node.discriminator = { ...(node.discriminator as { propertyName: string }), mapping: renamed };
    }
    return node;
  });

const typePrefix = '#/types/';

/** Name of the type that a reference names; undefined when it names something else. */
export const typeNameIn = (reference: unknown): string | undefined =>
  typeof reference === 'string' && reference.startsWith(typePrefix) ? unescaped(reference.slice(typePrefix.length)) : undefined;

const unescaped = (token: string): string => (token.includes('~') ? token.replaceAll('~1', '/').replaceAll('~0', '~') : token);

/** The reference to a type of the interface. */
export const typeReference = (name: string): string => typePrefix + pointerToken(name);

/** The type of that name; undefined when there is none of its own. */
export const typeOf = (types: Record<string, JsonSchema>, name: string): JsonSchema | undefined =>
  Object.hasOwn(types, name) ? types[name] : undefined;

/** Visits a schema and all below it in no particular order; cheaper than {@link walkSchema} for lack of pointers. */
export const visitSchemas = (schema: JsonSchema, visit: (schema: SchemaObject) => void): void => {
  const waiting: unknown[] = [schema];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!isObject(next)) continue;
    visit(next);
    for (const keyword of Object.keys(next)) {
      const value = next[keyword];
      if (typeof value !== 'object' || value === null) continue;
      const place = places.get(keyword);
      if (place === 'single') waiting.push(value);
      else if (place === 'listed' && Array.isArray(value)) for (const item of value) waiting.push(item);
      else if (place === 'named') for (const key of Object.keys(value)) waiting.push((value as Record<string, unknown>)[key]);
    }
  }
};

/** Names of types a schema refers to itself, each once, discriminator mappings included. */
export const directReferences = (schema: JsonSchema): string[] => {
  const names = new Set<string>();
  visitSchemas(schema, (each) => {
    const name = typeNameIn(each.$ref);
    if (name !== undefined) names.add(name);
    const mapping = each.discriminator !== undefined && isObject(each.discriminator) ? each.discriminator['mapping'] : undefined;
    if (!isObject(mapping)) return;
    for (const value of Object.values(mapping)) {
      const target = typeNameIn(value);
      if (target !== undefined) names.add(target);
    }
  });
  return [...names];
};

/** Names of all types reachable from a schema, nearest first; names without a type are left out. */
export const referencedTypes = (schema: JsonSchema, types: Record<string, JsonSchema>): Set<string> => {
  const reached = new Set<string>();
  const add = (from: JsonSchema): void => {
    for (const name of directReferences(from)) if (Object.hasOwn(types, name)) reached.add(name);
  };
  add(schema);
  // A Set visits what is added while it is being walked: this is a breadth-first search.
  for (const name of reached) add(types[name] as JsonSchema);
  return reached;
};

/** Keywords that say something about a schema without restricting values. */
const annotations: ReadonlySet<string> = new Set(
  '$comment title description default examples example deprecated readOnly writeOnly externalDocs xml $defs'.split(' '),
);

/** True for keywords that restrict no value. */
export const isAnnotation = (keyword: string): boolean => annotations.has(keyword) || keyword.startsWith('x-');

/**
 * The schema behind a chain of `#/types/` references. What stands beside a reference stays in force: annotations win over those of
 * the type, restrictions give `{allOf: [type, rest]}`. A reference that leads nowhere or in a circle gives `true`.
 */
export const resolveSchema = (schema: JsonSchema, types: Record<string, JsonSchema>): JsonSchema => {
  const seen = new Set<string>();
  let current = schema;
  const beside: SchemaObject[] = [];
  while (typeof current === 'object' && current.$ref !== undefined) {
    const name = typeNameIn(current.$ref);
    const { $ref: _reference, ...rest } = current;
    if (Object.keys(rest).length > 0) beside.push(rest);
    const next = name === undefined || seen.has(name) ? undefined : typeOf(types, name);
    if (name !== undefined) seen.add(name);
    current = next ?? true;
  }
  return beside.reduceRight<JsonSchema>((type, rest) => {
    if (type === false) return false;
    if (Object.keys(rest).every(isAnnotation)) return type === true ? rest : { ...type, ...rest };
    return type === true ? rest : { allOf: [type, rest] };
  }, current);
};

/** Bounds of {@link standalone}. */
export interface StandaloneOptions {
  /** References followed at most on the way to a type; types further away accept anything. */
  maxDepth?: number;
  /** Characters of JSON at most, roughly; the farthest types give way first and accept anything. */
  maxBytes?: number;
}

const definitionPrefix = '#/$defs/';

/** A copy with `#/types/` references turned into `#/$defs/`; those to unknown types become schemas that accept anything. */
const detached = (schema: JsonSchema, types: Record<string, JsonSchema>): JsonSchema =>
  mapReferences(schema, (name) => (Object.hasOwn(types, name) ? definitionPrefix + pointerToken(name) : undefined));

/** Type -> its detached copy, its length and what it refers to; lives as long as the table of types. */
const detachedTypes = new WeakMap<object, Map<string, { schema: JsonSchema; bytes: number; references: string[] }>>();

const detachedType = (
  name: string,
  types: Record<string, JsonSchema>,
): { schema: JsonSchema; bytes: number; references: string[] } => {
  const known = detachedTypes.get(types) ?? new Map<string, { schema: JsonSchema; bytes: number; references: string[] }>();
  detachedTypes.set(types, known);
  const existing = known.get(name);
  if (existing) return existing;
  const schema = detached(types[name] as JsonSchema, types);
  const made = { schema, bytes: JSON.stringify(schema).length, references: directReferences(types[name] as JsonSchema) };
  known.set(name, made);
  return made;
};

/**
 * A schema that means the same without the interface: reachable types under `$defs`, nearest first, references rewritten.
 * Copies of types are shared between calls with the same `types`: do not change the result.
 */
export const standalone = (
  schema: JsonSchema,
  types: Record<string, JsonSchema>,
  options: StandaloneOptions = {},
): JsonSchema => {
  if (typeof schema === 'boolean') return schema;
  const { maxDepth: maxDistance = Infinity, maxBytes = Infinity } = options;
  const root = detached(schema, types) as SchemaObject;
  const definitions: Record<string, JsonSchema> = { ...root.$defs };
  const depths = new Map<string, number>(
    directReferences(schema).flatMap((name) => (Object.hasOwn(types, name) ? [[name, 1] as const] : [])),
  );
  let bytes = maxBytes === Infinity ? 0 : JSON.stringify(root).length;
  for (const [name, depth] of depths) {
    const type = detachedType(name, types);
    if (depth > maxDistance || bytes + type.bytes > maxBytes) {
      define<JsonSchema>(definitions, name, {});
      continue;
    }
    bytes += type.bytes;
    define(definitions, name, type.schema);
    for (const next of type.references) if (!depths.has(next) && Object.hasOwn(types, next)) depths.set(next, depth + 1);
  }
  return Object.keys(definitions).length === 0 ? root : { ...root, $defs: definitions };
};

/** Whether `null` is a valid value, as far as structure tells; looks through references, `allOf`, `anyOf` and `oneOf` to a depth of 32. */
export const allowsNull = (schema: JsonSchema, types: Record<string, JsonSchema>, depth = 0): boolean => {
  if (typeof schema === 'boolean') return schema;
  if (depth > 32) return false;
  if (schema.type !== undefined && schema.type !== 'null' && !(Array.isArray(schema.type) && schema.type.includes('null')))
    return false;
  if (schema.enum !== undefined && !(Array.isArray(schema.enum) && schema.enum.includes(null))) return false;
  if (schema.const !== undefined && schema.const !== null) return false;
  const within = (each: JsonSchema): boolean => allowsNull(each, types, depth + 1);
  const name = typeNameIn(schema.$ref);
  const target = name === undefined ? undefined : typeOf(types, name);
  if (target !== undefined && !within(target)) return false;
  if (Array.isArray(schema.allOf) && !schema.allOf.every(within)) return false;
  if (Array.isArray(schema.anyOf) && !schema.anyOf.some(within)) return false;
  return !Array.isArray(schema.oneOf) || schema.oneOf.some(within);
};

/** True when values are bytes, which travel as base64 text. Does not follow references. */
export const isBytes = (schema: JsonSchema): boolean => typeof schema === 'object' && schema.contentEncoding === 'base64';
