import type { JsonSchema, JsonValue } from '@burgeon/kit';
import { canonicalJson, isObject, valueAt } from '../../base/json.ts';
import type { NumberRule } from './numbers.ts';
import { patternOf } from './pattern/generate.ts';

/** Kinds of JSON values as bits; a `number` that may be whole carries both number bits. */
export const kinds = { null: 1, boolean: 2, integer: 4, number: 12, string: 16, array: 32, object: 64 } as const;

/** All kinds. */
export const anyKind = 127;

/** A point where one of several schemas has to be taken. */
export interface Choice {
  options: readonly JsonSchema[];
  /** True when no more than one may be satisfied. */
  exclusive: boolean;
  /** Set when a property tells the options apart. */
  discriminator?: Discriminator;
}

/** Which property names the type of a value; `mapping` is value -> reference. */
export interface Discriminator {
  property: string;
  mapping: Record<string, unknown>;
}

/** Properties one schema closes: names beyond `names` and `patterns` must fit `schema`. */
export interface Closure {
  names: ReadonlySet<string>;
  patterns: readonly string[];
  schema: JsonSchema;
}

/** Items as one schema sees them. */
export interface Sequence {
  prefix: readonly JsonSchema[];
  /** What follows the prefix; undefined when the schema does not say. */
  rest: JsonSchema | undefined;
}

/** All that a conjunction of schemas asks of a value, gathered in one place; choices are still open. Never changed after it is built. */
export interface Shape extends NumberRule {
  /** The conjunction itself, for checks; the same object each time. */
  schema: JsonSchema;
  /** No value can satisfy it, as far as the gathering saw. */
  impossible: boolean;
  kinds: number;
  /** Kinds that keywords speak of although no `type` is there. */
  hinted: number;
  /** The only values allowed; undefined when there is no such list. */
  values: readonly JsonValue[] | undefined;
  excluded: readonly JsonValue[];
  examples: readonly JsonValue[];
  readOnly: boolean;
  writeOnly: boolean;
  formats: readonly string[];
  patterns: readonly string[];
  minLength: number;
  maxLength: number;
  base64: boolean;
  sequences: readonly Sequence[];
  unevaluatedItems: readonly JsonSchema[];
  contains: readonly { schema: JsonSchema; min: number; max: number }[];
  minItems: number;
  maxItems: number;
  uniqueItems: boolean;
  properties: ReadonlyMap<string, readonly JsonSchema[]>;
  required: ReadonlySet<string>;
  forbidden: ReadonlySet<string>;
  patternProperties: readonly (readonly [string, JsonSchema])[];
  closures: readonly Closure[];
  unevaluated: readonly JsonSchema[];
  propertyNames: readonly JsonSchema[];
  minProperties: number;
  maxProperties: number;
  dependentRequired: readonly (readonly [string, readonly string[]])[];
  dependentSchemas: readonly (readonly [string, JsonSchema])[];
  choices: readonly Choice[];
  /** Something that only a check can judge: overlapping choices, conditions, negations. */
  tricky: boolean;
  discriminators: readonly Discriminator[];
  /** Names of types that were gathered, outermost first, and the names that the taken choices imply. */
  names: readonly string[];
  implied: readonly (readonly [property: string, value: string])[];
  memory: ShapeMemory;
}

/** What was already worked out about a shape. */
export interface ShapeMemory {
  variants?: Map<number, Shape>;
  extensions?: Map<JsonSchema, Shape>;
  members?: Map<string, Shape>;
  items?: Map<string, Shape>;
  /** Choices that were taken on the way to this shape. */
  taken: number;
  /** Least nesting known to suffice, and the largest known not to. */
  reachable: number;
  unreachable: number;
  /** Nodes of the smallest value, by the levels it may have. */
  least?: Map<number, number>;
  /** Whether values need no check, by direction, once that was asked. */
  sound: { request?: boolean; response?: boolean };
  /** The examples that may be shown. */
  examples?: readonly JsonValue[];
}

type Mutable<T> = {
  -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? I[] : T[K] extends ReadonlySet<infer S> ? Set<S> : T[K];
};

/** A shape while it is gathered. */
export interface Draft extends Omit<Mutable<Shape>, 'values' | 'properties'> {
  values: JsonValue[] | undefined;
  properties: Map<string, JsonSchema[]>;
}

/** Finds what a reference names; undefined when it leads nowhere. */
export type Resolve = (reference: string) => JsonSchema | undefined;

/** Resolves references among named types and inside one root schema. */
export const resolver =
  (types: Record<string, JsonSchema>, root: () => JsonSchema): Resolve =>
  (reference) => {
    if (!reference.startsWith('#')) return undefined;
    const pointer = reference.includes('%') ? decodeLeniently(reference.slice(1)) : reference.slice(1);
    const found = pointer.startsWith('/types/') ? valueAt({ types }, pointer) : valueAt(root(), pointer);
    return typeof found === 'boolean' || isObject(found) ? (found as JsonSchema) : undefined;
  };

const decodeLeniently = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const emptyDraft = (schema: JsonSchema): Draft => ({
  schema,
  impossible: false,
  kinds: anyKind,
  hinted: 0,
  values: undefined,
  excluded: [],
  examples: [],
  readOnly: false,
  writeOnly: false,
  low: -Infinity,
  high: Infinity,
  lowExclusive: false,
  highExclusive: false,
  steps: [],
  whole: false,
  formats: [],
  patterns: [],
  minLength: 0,
  maxLength: Infinity,
  base64: false,
  sequences: [],
  unevaluatedItems: [],
  contains: [],
  minItems: 0,
  maxItems: Infinity,
  uniqueItems: false,
  properties: new Map(),
  required: new Set(),
  forbidden: new Set(),
  patternProperties: [],
  closures: [],
  unevaluated: [],
  propertyNames: [],
  minProperties: 0,
  maxProperties: Infinity,
  dependentRequired: [],
  dependentSchemas: [],
  choices: [],
  tricky: false,
  discriminators: [],
  names: [],
  implied: [],
  memory: emptyMemory(),
});

const emptyMemory = (): ShapeMemory => ({
  taken: 0,
  reachable: Infinity,
  unreachable: -1,
  sound: {},
});

/** A draft that begins with all that a shape holds. */
const reopen = (shape: Shape, schema: JsonSchema): Draft => {
  const copy = { ...shape, schema, memory: emptyMemory() } as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(copy)) if (Array.isArray(value)) copy[key] = [...(value as unknown[])];
  copy['required'] = new Set(shape.required);
  copy['forbidden'] = new Set(shape.forbidden);
  copy['properties'] = new Map([...shape.properties].map(([name, list]) => [name, [...list]]));
  return copy as unknown as Draft;
};

/** Adds one schema to a draft. */
export type Gather = (draft: Draft, schema: JsonSchema) => void;

/** Builds shapes out of schemas and remembers them. */
export interface Shapes {
  /** The shape of a conjunction. */
  of(schemas: readonly JsonSchema[]): Shape;
  /** The shape after its first choice took an option. */
  variant(shape: Shape, option: number): Shape;
  /** The shape with one more schema in force. */
  extended(shape: Shape, schema: JsonSchema): Shape;
  /** The shape of a property. */
  member(shape: Shape, name: string): Shape;
  /** The shape of the item at an index; `containing` is the index of a `contains` it must satisfy. */
  item(shape: Shape, index: number, containing?: number): Shape;
}

/** Plain schemas whose shapes are shared. */
const mostPlain = 10_000;

/** What stays apart although it is plain: prose says nothing, references depend on where they stand, defaults are told by place. */
const prose = new Set(['description', 'title', '$comment']);
const placed = new Set(['$ref', 'default', 'example', 'const']);

/** A key equal for schemas that say the same in plain keywords (`{type: string, format: uuid}`); undefined for all others. */
const plainKey = (schema: object): string | undefined => {
  let key = '';
  for (const [keyword, value] of Object.entries(schema)) {
    if (prose.has(keyword)) continue;
    if (placed.has(keyword) || (typeof value === 'object' && value !== null)) return undefined;
    key += `${JSON.stringify(keyword)}:${JSON.stringify(value)},`;
  }
  return key;
};

/** Opens a memory of shapes over one way to gather. */
export const createShapes = (gather: Gather): Shapes => {
  const shapes = new WeakMap<object, Shape>();
  const plain = new Map<string, Shape>();
  const build = (schemas: readonly JsonSchema[]): Shape => {
    const draft = emptyDraft(schemas.length === 1 ? (schemas[0] as JsonSchema) : { allOf: [...schemas] });
    for (const schema of schemas) gather(draft, schema);
    return settle(draft);
  };
  const of = (schemas: readonly JsonSchema[]): Shape => {
    const only = schemas.length === 1 ? schemas[0] : undefined;
    if (typeof only !== 'object') return build(schemas);
    const known = shapes.get(only);
    if (known) return known;
    const key = plainKey(only);
    const shape = (key === undefined ? undefined : plain.get(key)) ?? build(schemas);
    shapes.set(only, shape);
    if (key !== undefined && plain.size < mostPlain) plain.set(key, shape);
    return shape;
  };
  const variant = (shape: Shape, option: number): Shape =>
    remembered((shape.memory.variants ??= new Map()), option, () => {
      const draft = reopen(shape, shape.schema);
      const choice = draft.choices.shift() as Choice;
      draft.memory.taken = shape.memory.taken + 1;
      const before = draft.names.length;
      gather(draft, choice.options[option] as JsonSchema);
      if (choice.exclusive) draft.kinds &= ~takenKinds(choice, option, of);
      const name = draft.names[before];
      if (choice.discriminator && name !== undefined) draft.implied.push([choice.discriminator.property, name]);
      return settle(draft);
    });
  const extended = (shape: Shape, schema: JsonSchema): Shape =>
    remembered((shape.memory.extensions ??= new Map()), schema, () => {
      const draft = reopen(shape, { allOf: [shape.schema, schema] });
      gather(draft, schema);
      return settle(draft);
    });
  const member = (shape: Shape, name: string): Shape =>
    remembered((shape.memory.members ??= new Map()), name, () => of(memberSchemas(shape, name)));
  const item = (shape: Shape, index: number, containing = -1): Shape => {
    const longest = Math.max(0, ...shape.sequences.map((sequence) => sequence.prefix.length));
    return remembered((shape.memory.items ??= new Map()), `${Math.min(index, longest)}/${containing}`, () => {
      const told = shape.sequences.map(({ prefix, rest }) => prefix[index] ?? rest).filter((schema) => schema !== undefined);
      const schemas = told.length > 0 ? told : shape.unevaluatedItems;
      const wanted = shape.contains[containing];
      return of(wanted ? [...schemas, wanted.schema] : schemas);
    });
  };
  return { of, variant, extended, member, item };
};

/** Kinds of which some other option takes every value: with exactly one allowed, none of them is left for this option. */
const takenKinds = ({ options }: Choice, option: number, of: (schemas: readonly JsonSchema[]) => Shape): number => {
  let taken = 0;
  for (const [index, other] of options.entries()) if (index !== option) taken |= unrestrictedKinds(of([other]));
  return taken;
};

/** Kinds of which a shape takes every value. */
const unrestrictedKinds = (shape: Shape): number => {
  if (shape.tricky || shape.values || shape.choices.length > 0 || shape.impossible) return 0;
  let open = shape.kinds & (kinds.null | kinds.boolean | kinds.number | kinds.string);
  if (shape.low !== -Infinity || shape.high !== Infinity || shape.steps.length > 0 || shape.formats.length > 0)
    open &= ~kinds.number;
  if (shape.minLength > 0 || shape.maxLength < Infinity || shape.patterns.length + shape.formats.length > 0 || shape.base64)
    open &= ~kinds.string;
  return open;
};

const remembered = <K>(memory: Map<K, Shape>, key: K, make: () => Shape): Shape => {
  const known = memory.get(key);
  if (known) return known;
  const made = make();
  memory.set(key, made);
  return made;
};

/** True when one of the patterns matches the name. */
export const matchesAny = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => patternOf(pattern)?.test(name) === true);

/** Every schema that has a say about a property of that name; `[false]` when it may not be there. */
const memberSchemas = (shape: Shape, name: string): JsonSchema[] => {
  const schemas: JsonSchema[] = [...(shape.properties.get(name) ?? [])];
  for (const [pattern, schema] of shape.patternProperties) if (matchesAny([pattern], name)) schemas.push(schema);
  const evaluated = schemas.length > 0;
  for (const closure of shape.closures) {
    if (!closure.names.has(name) && !matchesAny(closure.patterns, name)) schemas.push(closure.schema);
  }
  if (!evaluated) schemas.push(...shape.unevaluated);
  if (shape.forbidden.has(name)) schemas.push(false);
  return [...new Set(schemas)];
};

/** Brings what was gathered to its final form. */
const settle = (draft: Draft): Shape => {
  if ((draft.kinds & kinds.number) === kinds.integer) draft.whole = true;
  if (draft.values) {
    draft.values = draft.values.filter((value) => (kindOf(value) & draft.kinds) !== 0);
    const excluded = new Set(draft.excluded.map(canonicalJson));
    if (excluded.size > 0) draft.values = draft.values.filter((value) => !excluded.has(canonicalJson(value)));
    if (draft.values.length === 0) draft.impossible = true;
  }
  if (draft.kinds === 0) draft.impossible = true;
  return draft;
};

/** The bit of a value's kind; whole numbers carry the bit of `integer`. */
export const kindOf = (value: JsonValue): number => {
  if (value === null) return kinds.null;
  if (Array.isArray(value)) return kinds.array;
  if (typeof value === 'number') return Number.isInteger(value) ? kinds.integer : 8;
  return kinds[typeof value as 'boolean' | 'string' | 'object'];
};
