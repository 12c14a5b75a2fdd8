/** Whether every value of one schema is still a value of another: structure against structure, without trying values. */
import type { JsonSchema, JsonValue, SchemaObject } from '@burgeon/kit';
import { canonicalJson, isObject, pointerToken } from '../base/json.ts';
import { resolveSchema, typeNameIn, typeReference } from './schema.ts';

/** What a difference means to those who call. */
export type Impact = 'breaking' | 'compatible' | 'documentation';

/** One difference. */
export interface Change {
  impact: Impact;
  /** Kebab-case, stable: `property-removed`, `type-narrowed`, ... */
  code: string;
  /** JSON pointer into the later interface, or the earlier one for what is gone. */
  path: string;
  message: string;
}

/** Input is contravariant (accepting less breaks), output covariant (giving more kinds of things breaks). */
export type Role = 'input' | 'output';

/** Both sides of a comparison and what was found; one per pair of interfaces. */
export interface Comparison {
  before: Record<string, JsonSchema>;
  after: Record<string, JsonSchema>;
  changes: Change[];
  /** Pairs of types already compared, by role. */
  seen: Set<string>;
}

/** How the set of values changed. */
type Shift = 'narrowed' | 'widened' | 'changed';

interface Place {
  comparison: Comparison;
  role: Role;
  path: string;
  depth: number;
}

const maxDepth = 64;
const maxChanges = 5_000;

const impactOf = (shift: Shift, role: Role): Impact =>
  shift === 'changed' || shift === (role === 'input' ? 'narrowed' : 'widened') ? 'breaking' : 'compatible';

const add = (place: Place, impact: Impact, code: string, message: string): void => {
  const { changes } = place.comparison;
  if (changes.length < maxChanges) changes.push({ impact, code, path: place.path, message });
};

const shifted = (place: Place, what: string, shift: Shift, message: string): void =>
  add(place, impactOf(shift, place.role), `${what}-${shift}`, message);

const below = (place: Place, token: string): Place => ({ ...place, path: `${place.path}/${token}`, depth: place.depth + 1 });

const allTypes = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

const typesOf = (schema: SchemaObject): Set<string> => {
  const { type } = schema;
  const named = typeof type === 'string' ? [type] : Array.isArray(type) ? type : allTypes;
  return new Set(named.includes('number') ? [...named, 'integer'] : named);
};

/** How one set became another; undefined when they are equal. */
const shiftOf = (before: ReadonlySet<string>, after: ReadonlySet<string>): Shift | undefined => {
  const lost = !before.isSubsetOf(after);
  const gained = !after.isSubsetOf(before);
  return lost ? (gained ? 'changed' : 'narrowed') : gained ? 'widened' : undefined;
};

const list = (values: Iterable<string>): string => [...values].slice(0, 8).join(', ');

const compareTypes = (before: SchemaObject, after: SchemaObject, place: Place): void => {
  const [from, to] = [typesOf(before), typesOf(after)];
  const shift = shiftOf(from, to);
  if (shift) shifted(place, 'type', shift, `The type was ${list(from)} and is ${list(to)}.`);
};

const valuesOf = (schema: SchemaObject): Set<string> | undefined => {
  if (schema.const !== undefined) return new Set([canonicalJson(schema.const)]);
  return Array.isArray(schema.enum) ? new Set(schema.enum.map(canonicalJson)) : undefined;
};

const compareValues = (before: SchemaObject, after: SchemaObject, place: Place): void => {
  const [from, to] = [valuesOf(before), valuesOf(after)];
  if (!from && !to) return;
  if (!from) return shifted(place, 'values', 'narrowed', `Only ${list(to ?? [])} are left.`);
  if (!to) return shifted(place, 'values', 'widened', 'The list of values is gone.');
  const shift = shiftOf(from, to);
  if (shift)
    shifted(place, 'values', shift, `Gone: ${list(from.difference(to)) || 'none'}; new: ${list(to.difference(from)) || 'none'}.`);
};

/** Keywords where a larger number allows less (1) or more (-1). */
const bounds: Record<string, 1 | -1> = {
  minimum: 1,
  exclusiveMinimum: 1,
  minLength: 1,
  minItems: 1,
  minProperties: 1,
  minContains: 1,
  maximum: -1,
  exclusiveMaximum: -1,
  maxLength: -1,
  maxItems: -1,
  maxProperties: -1,
  maxContains: -1,
};

const compareBounds = (before: SchemaObject, after: SchemaObject, place: Place): void => {
  for (const [keyword, sense] of Object.entries(bounds)) {
    const unbound = sense === 1 ? -Infinity : Infinity;
    const value = (schema: SchemaObject): number => (typeof schema[keyword] === 'number' ? schema[keyword] : unbound);
    const [from, to] = [value(before), value(after)];
    if (from === to) continue;
    shifted(
      below(place, keyword),
      'bound',
      Math.sign(to - from) === sense ? 'narrowed' : 'widened',
      `${keyword} was ${from} and is ${to}.`,
    );
  }
};

/** Keywords that restrict by their presence; another value is another restriction. */
const restrictions = [
  'pattern',
  'format',
  'multipleOf',
  'contentEncoding',
  'contentMediaType',
  'uniqueItems',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'contains',
].concat(['patternProperties', 'dependentRequired', 'dependentSchemas', 'unevaluatedProperties', 'unevaluatedItems']);

const compareRestrictions = (before: SchemaObject, after: SchemaObject, place: Place): void => {
  for (const keyword of restrictions) {
    const present = (schema: SchemaObject): unknown =>
      schema[keyword] === false && keyword === 'uniqueItems' ? undefined : schema[keyword];
    const [from, to] = [present(before), present(after)];
    if (from === undefined && to === undefined) continue;
    const where = below(place, keyword);
    if (from === undefined) shifted(where, 'restriction', 'narrowed', `${keyword} is new.`);
    else if (to === undefined) shifted(where, 'restriction', 'widened', `${keyword} is gone.`);
    else if (canonicalJson(from) !== canonicalJson(to)) shifted(where, 'restriction', 'changed', `${keyword} is another one.`);
  }
};

const propertiesOf = (schema: SchemaObject): Record<string, JsonSchema> =>
  isObject(schema.properties) ? (schema.properties as Record<string, JsonSchema>) : {};

const compareProperties = (before: SchemaObject, after: SchemaObject, place: Place): void => {
  const [from, to] = [propertiesOf(before), propertiesOf(after)];
  const needed = { before: new Set(before.required ?? []), after: new Set(after.required ?? []) };
  for (const name of Object.keys(from)) {
    const where = below(below(place, 'properties'), pointerToken(name));
    if (Object.hasOwn(to, name)) compareSchemas(from[name] as JsonSchema, to[name] as JsonSchema, where);
    else add(where, 'breaking', 'property-removed', `The property "${name}" is gone.`);
  }
  for (const name of Object.keys(to)) {
    if (Object.hasOwn(from, name)) continue;
    const breaking = place.role === 'input' && needed.after.has(name);
    add(
      below(below(place, 'properties'), pointerToken(name)),
      breaking ? 'breaking' : 'compatible',
      'property-added',
      `The property "${name}" is new.`,
    );
  }
  for (const name of needed.after.difference(needed.before)) {
    if (Object.hasOwn(from, name) || !Object.hasOwn(to, name))
      shifted(below(place, 'required'), 'required', 'narrowed', `"${name}" is now required.`);
  }
  for (const name of needed.before.difference(needed.after)) {
    if (Object.hasOwn(to, name) || !Object.hasOwn(from, name))
      shifted(below(place, 'required'), 'required', 'widened', `"${name}" is no longer required.`);
  }
};

/** A keyword that holds one schema; absent means anything. */
const compareSingle = (keyword: string, before: SchemaObject, after: SchemaObject, place: Place): void => {
  const value = (schema: SchemaObject): JsonSchema => (schema[keyword] as JsonSchema | undefined) ?? true;
  if (before[keyword] !== undefined || after[keyword] !== undefined)
    compareSchemas(value(before), value(after), below(place, keyword));
};

/** What tells members of a composition apart: the type's name, else the whole. */
const memberKey = (member: JsonSchema): string => typeNameIn(isObject(member) ? member.$ref : undefined) ?? canonicalJson(member);

const compareMembers = (
  keyword: 'allOf' | 'anyOf' | 'oneOf' | 'prefixItems',
  before: SchemaObject,
  after: SchemaObject,
  place: Place,
): void => {
  const members = (schema: SchemaObject): JsonSchema[] =>
    Array.isArray(schema[keyword]) ? (schema[keyword] as JsonSchema[]) : [];
  const [from, to] = [members(before), members(after)];
  if (from.length === to.length || keyword === 'prefixItems') {
    const rest = keyword === 'prefixItems' ? true : undefined;
    for (let index = 0; index < Math.max(from.length, to.length); index++) {
      const [one, other] = [from[index] ?? rest, to[index] ?? rest];
      if (one !== undefined && other !== undefined) compareSchemas(one, other, below(place, `${keyword}/${index}`));
    }
    return;
  }
  const [fromKeys, toKeys] = [
    new Map(from.map((member) => [memberKey(member), member])),
    new Map(to.map((member) => [memberKey(member), member])),
  ];
  for (const [key, member] of fromKeys) {
    const other = toKeys.get(key);
    if (other !== undefined) compareSchemas(member, other, below(place, keyword));
  }
  const [gone, fresh] = [
    fromKeys.size > 0 && [...fromKeys.keys()].some((key) => !toKeys.has(key)),
    toKeys.size > 0 && [...toKeys.keys()].some((key) => !fromKeys.has(key)),
  ];
  // Without alternatives anything goes: the first alternative restricts, as every member of `allOf` does.
  const restricts = keyword === 'allOf' || from.length === 0 || to.length === 0;
  const shift: Shift = gone && fresh ? 'changed' : (fresh ? restricts : !restricts) ? 'narrowed' : 'widened';
  if (gone || fresh) shifted(below(place, keyword), 'alternatives', shift, `${keyword} has other members.`);
};

const words = (schema: SchemaObject): string =>
  canonicalJson([schema.title, schema.description, schema.deprecated, schema.examples, schema['example']] as JsonValue[]);

const compareWords = (before: SchemaObject, after: SchemaObject, place: Place): void => {
  if (words(before) !== words(after)) add(place, 'documentation', 'description-changed', 'The description is another one.');
  if (canonicalJson(before.default ?? null) !== canonicalJson(after.default ?? null)) {
    add(
      below(place, 'default'),
      'compatible',
      'default-changed',
      `The default was ${canonicalJson(before.default ?? null).slice(0, 80)} and is ${canonicalJson(after.default ?? null).slice(0, 80)}.`,
    );
  }
  for (const mark of ['readOnly', 'writeOnly']) {
    if ((before[mark] === true) !== (after[mark] === true))
      add(
        below(place, mark),
        'compatible',
        'access-changed',
        `${mark} was ${before[mark] === true} and is ${after[mark] === true}.`,
      );
  }
};

/** Compares two schemas; what is found is added to the comparison. */
export const compareSchemas = (before: JsonSchema, after: JsonSchema, place: Place): void => {
  const { comparison, role } = place;
  if (place.depth > maxDepth || comparison.changes.length >= maxChanges) return;
  const [fromName, toName] = [
    typeNameIn(isObject(before) ? before.$ref : undefined),
    typeNameIn(isObject(after) ? after.$ref : undefined),
  ];
  if (fromName !== undefined || toName !== undefined) {
    const key = canonicalJson([
      role,
      fromName === undefined ? before : fromName,
      toName === undefined ? after : toName,
      words(isObject(before) ? before : {}),
      words(isObject(after) ? after : {}),
    ]);
    if (comparison.seen.has(key)) return;
    comparison.seen.add(key);
  }
  const where = toName === undefined ? place : { ...place, path: typeReference(toName).slice(1) };
  const [from, to] = [resolveSchema(before, comparison.before), resolveSchema(after, comparison.after)];
  if (typeof from === 'boolean' || typeof to === 'boolean') return compareBooleans(from, to, where);
  compareTypes(from, to, where);
  compareValues(from, to, where);
  compareBounds(from, to, where);
  compareRestrictions(from, to, where);
  compareProperties(from, to, where);
  for (const keyword of ['items', 'additionalProperties']) compareSingle(keyword, from, to, where);
  for (const keyword of ['allOf', 'anyOf', 'oneOf', 'prefixItems'] as const) compareMembers(keyword, from, to, where);
  compareWords(from, to, where);
};

const compareBooleans = (before: JsonSchema, after: JsonSchema, place: Place): void => {
  const isAnything = (schema: JsonSchema): boolean => schema === true || (isObject(schema) && Object.keys(schema).length === 0);
  if (before === after || (isAnything(before) && isAnything(after))) return;
  const narrowed = isAnything(before) || after === false;
  shifted(
    place,
    'schema',
    narrowed ? 'narrowed' : 'widened',
    narrowed ? 'Less is allowed than before.' : 'More is allowed than before.',
  );
};
