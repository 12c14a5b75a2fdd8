/** Reading texts from the wire as the values that a schema means. */
import type { JsonSchema, JsonValue } from '@burgeon/kit';
import { canonicalJson, define, isObject } from '../../../base/json.ts';
import { isBytes, resolveSchema } from '../../../interface/schema.ts';

type Types = Record<string, JsonSchema>;
type Kind = 'string' | 'integer' | 'number' | 'boolean' | 'null' | 'array' | 'object';

/** What a schema lets a value be, seen through references and compositions. */
interface Shape {
  kinds: Set<Kind>;
  /** Members of an enumeration, or the constant. */
  values: JsonValue[];
  items?: JsonSchema;
  prefix: JsonSchema[];
  properties: Record<string, JsonSchema>;
  additional?: JsonSchema;
  /** True when other properties than the named ones may be there. */
  open: boolean;
  bytes: boolean;
}

/** Turns texts into values of one schema; parts are made when they are first asked for. */
export interface Reader {
  /** The value of one text; a text that does not fit stays a string, for the check to complain about. */
  text(text: string): JsonValue;
  /** Whether the schema admits lists, objects, or neither. */
  readonly list: boolean;
  readonly object: boolean;
  /** Whether it admits a single value too. */
  readonly single: boolean;
  /** Whether strings stand for bytes. */
  readonly bytes: boolean;
  /** Whether objects may have properties beyond the named ones. */
  readonly open: boolean;
  readonly properties: readonly string[];
  item(index: number): Reader;
  property(name: string): Reader;
}

/** Compositions and references looked through, in depth and in all. */
const maxDepth = 24;
const maxVisits = 400;

const kindNames = new Set<string>(['string', 'integer', 'number', 'boolean', 'null', 'array', 'object']);

const kindOf = (value: JsonValue): Kind => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as Kind;
};

/** The kinds a schema names itself: by type, constant, enumeration, or by keywords that only fit one. */
const ownKinds = (schema: Exclude<JsonSchema, boolean>): Set<Kind> | undefined => {
  const names = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((name): name is Kind =>
    kindNames.has(String(name)),
  );
  const values = schema.const === undefined ? schema.enum : [schema.const];
  const fromValues = Array.isArray(values) ? new Set(values.map(kindOf)) : undefined;
  if (names.length > 0) return fromValues ? new Set([...fromValues].filter((kind) => accepts(names, kind))) : new Set(names);
  if (fromValues) return fromValues;
  if (schema.items !== undefined || schema.prefixItems !== undefined) return new Set<Kind>(['array']);
  if (schema.properties !== undefined || isObject(schema.additionalProperties)) return new Set<Kind>(['object']);
  return undefined;
};

const accepts = (names: Kind[], kind: Kind): boolean => names.includes(kind) || (kind === 'integer' && names.includes('number'));

const intersect = (a: Set<Kind> | undefined, b: Set<Kind> | undefined): Set<Kind> | undefined => {
  if (!a || !b) return a ?? b;
  return new Set(
    [...a]
      .filter((kind) => b.has(kind) || (kind === 'integer' && b.has('number')))
      .concat(a.has('number') && b.has('integer') ? ['integer'] : []),
  );
};

/** Collects a shape; gives the kinds, undefined when anything goes. */
const collect = (
  schema: JsonSchema,
  types: Types,
  into: Shape,
  walk: { depth: number; visits: number },
): Set<Kind> | undefined => {
  const resolved = resolveSchema(schema, types);
  if (!isObject(resolved) || walk.depth > maxDepth || ++walk.visits > maxVisits) return undefined;
  let kinds = ownKinds(resolved);
  const values = resolved.const === undefined ? resolved.enum : [resolved.const];
  if (Array.isArray(values)) into.values.push(...values);
  if (resolved.items !== undefined) into.items ??= resolved.items;
  if (Array.isArray(resolved.prefixItems) && into.prefix.length === 0) into.prefix = resolved.prefixItems;
  if (isBytes(resolved)) into.bytes = true;
  for (const [name, property] of Object.entries(resolved.properties ?? {})) {
    if (!Object.hasOwn(into.properties, name)) define(into.properties, name, property);
  }
  if (resolved.additionalProperties !== undefined) into.additional ??= resolved.additionalProperties;
  walk.depth += 1;
  for (const member of Array.isArray(resolved.allOf) ? resolved.allOf : [])
    kinds = intersect(kinds, collect(member, types, into, walk));
  for (const list of [resolved.anyOf, resolved.oneOf]) {
    if (!Array.isArray(list)) continue;
    const each = list.map((member) => collect(member, types, into, walk));
    const union = each.some((some) => some === undefined) ? undefined : new Set(each.flatMap((some) => [...(some ?? [])]));
    kinds = intersect(kinds, union);
  }
  walk.depth -= 1;
  return kinds;
};

const shapeOf = (schema: JsonSchema, types: Types): Shape => {
  const shape: Shape = { kinds: new Set(), values: [], prefix: [], properties: {}, open: true, bytes: false };
  const kinds = collect(schema, types, shape, { depth: 0, visits: 0 });
  if (kinds) shape.kinds = kinds;
  else shape.kinds = new Set<Kind>(['string', ...(Object.keys(shape.properties).length > 0 ? ['object' as const] : [])]);
  shape.open = shape.additional !== false;
  return shape;
};

const numeral = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const asJson = (text: string, kind: 'array' | 'object'): JsonValue | undefined => {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    return kindOf(value) === kind ? value : undefined;
  } catch {
    return undefined;
  }
};

const readText = ({ kinds, values }: Shape, text: string): JsonValue => {
  const member = values.find((value) => (typeof value === 'object' ? canonicalJson(value) : String(value)) === text);
  if (member !== undefined) return member;
  if ((kinds.has('integer') || kinds.has('number')) && numeral.test(text)) {
    const number = Number(text);
    if (Number.isFinite(number) && (kinds.has('number') || Number.isInteger(number))) return number;
  }
  if (kinds.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (kinds.has('null') && (text === 'null' || (text === '' && !kinds.has('string')))) return null;
  for (const kind of ['object', 'array'] as const) {
    const value = kinds.has(kind) ? asJson(text, kind) : undefined;
    if (value !== undefined) return value;
  }
  return text;
};

/** Makes the reader of a schema. */
export const createReader = (schema: JsonSchema, types: Types): Reader => {
  const shape = shapeOf(schema, types);
  const { kinds } = shape;
  const made = new Map<string, Reader>();
  const part = (key: string, inner: () => JsonSchema): Reader => {
    const reader = made.get(key) ?? createReader(inner(), types);
    if (made.size < 1_000) made.set(key, reader);
    return reader;
  };
  const inList = (index: number): JsonSchema => shape.prefix[index] ?? shape.items ?? true;
  return {
    text: (text) => readText(shape, text),
    list: kinds.has('array'),
    object: kinds.has('object'),
    single: [...kinds].some((kind) => kind !== 'array' && kind !== 'object' && kind !== 'null'),
    bytes: shape.bytes,
    open: shape.open,
    properties: Object.keys(shape.properties),
    item: (index) => part(`#${Math.min(index, shape.prefix.length)}`, () => inList(index)),
    property: (name) => {
      const known = Object.hasOwn(shape.properties, name);
      return part(known ? `.${name}` : '+', () => (known ? (shape.properties[name] ?? true) : (shape.additional ?? true)));
    },
  };
};
