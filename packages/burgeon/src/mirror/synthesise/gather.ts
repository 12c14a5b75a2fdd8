import type { JsonSchema, JsonValue, SchemaObject } from '@burgeon/kit';
import { canonicalJson, isObject } from '../../base/json.ts';
import { type Draft, type Gather, type Resolve, anyKind, kinds } from './shape.ts';

/** Conjunctions and references followed inside one shape. */
const maxDepth = 96;

/** Makes the way to gather schemas into shapes: references are followed, `allOf` is flattened, circles are cut. */
export const createGather = (resolve: Resolve): Gather => {
  const gather = (draft: Draft, schema: JsonSchema, seen: Set<JsonSchema>): void => {
    if (schema === false) draft.impossible = true;
    if (typeof schema !== 'object' || schema === null || seen.has(schema) || seen.size > maxDepth) return;
    seen.add(schema);
    const and = (next: JsonSchema): void => gather(draft, next, seen);
    const target = typeof schema.$ref === 'string' ? resolve(schema.$ref) : undefined;
    gatherAnnotations(draft, schema);
    if (target !== undefined) {
      const name = /^#\/types\/([^/]+)$/.exec(schema.$ref as string)?.[1];
      if (name !== undefined) draft.names.push(name.replaceAll('~1', '/').replaceAll('~0', '~'));
      and(target);
    }
    gatherKinds(draft, schema);
    gatherNumber(draft, schema);
    gatherString(draft, schema);
    gatherArray(draft, schema);
    gatherObject(draft, schema);
    if (Array.isArray(schema.allOf)) schema.allOf.forEach(and);
    gatherChoices(draft, schema, and);
    if (schema.not !== undefined) gatherNot(draft, schema.not, and);
  };
  return (draft, schema) => gather(draft, schema, new Set());
};

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'boolean' || isObject(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter(isText) : []);
const schemas = (value: unknown): JsonSchema[] => (Array.isArray(value) ? value.filter(isSchema) : []);
const named = (value: unknown): [string, JsonSchema][] =>
  isObject(value) ? Object.entries(value).filter((entry): entry is [string, JsonSchema] => isSchema(entry[1])) : [];

const gatherAnnotations = (draft: Draft, schema: SchemaObject): void => {
  if (schema.readOnly === true) draft.readOnly = true;
  if (schema.writeOnly === true) draft.writeOnly = true;
  if (Array.isArray(schema.examples)) draft.examples.push(...schema.examples.slice(0, 16));
  if (Object.hasOwn(schema, 'example') && schema['example'] !== undefined) draft.examples.push(schema['example'] as JsonValue);
  if (schema.default !== undefined) draft.examples.push(schema.default);
};

const gatherKinds = (draft: Draft, schema: SchemaObject): void => {
  const wanted = isText(schema.type) ? [schema.type] : texts(schema.type);
  const bits = wanted.reduce((sum, type) => sum | (Object.hasOwn(kinds, type) ? kinds[type as keyof typeof kinds] : 0), 0);
  if (bits !== 0) draft.kinds &= bits | (schema['nullable'] === true ? kinds.null : 0);
  if (Object.hasOwn(schema, 'const')) intersect(draft, [schema.const as JsonValue]);
  if (Array.isArray(schema.enum) && schema.enum.length > 0) intersect(draft, schema.enum);
};

const intersect = (draft: Draft, values: JsonValue[]): void => {
  if (!draft.values) {
    draft.values = [...values];
    return;
  }
  const allowed = new Set(values.map(canonicalJson));
  draft.values = draft.values.filter((value) => allowed.has(canonicalJson(value)));
};

/** Ranges of the integer formats. @see https://spec.openapis.org/registry/format/ */
const ranges: Readonly<Record<string, [number, number]>> = {
  int8: [-128, 127],
  int16: [-32_768, 32_767],
  int32: [-2_147_483_648, 2_147_483_647],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint8: [0, 255],
  uint16: [0, 65_535],
  uint32: [0, 4_294_967_295],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

const gatherNumber = (draft: Draft, schema: SchemaObject): void => {
  const raise = (low: number, exclusive: boolean): void => {
    if (low > draft.low || (low === draft.low && exclusive)) Object.assign(draft, { low, lowExclusive: exclusive });
    draft.hinted |= kinds.number;
  };
  const lower = (high: number, exclusive: boolean): void => {
    if (high < draft.high || (high === draft.high && exclusive)) Object.assign(draft, { high, highExclusive: exclusive });
    draft.hinted |= kinds.number;
  };
  if (isNumber(schema.minimum)) raise(schema.minimum, false);
  if (isNumber(schema.maximum)) lower(schema.maximum, false);
  if (isNumber(schema.exclusiveMinimum)) raise(schema.exclusiveMinimum, true);
  if (isNumber(schema.exclusiveMaximum)) lower(schema.exclusiveMaximum, true);
  if (isNumber(schema.multipleOf) && schema.multipleOf > 0) {
    draft.steps.push(schema.multipleOf);
    draft.hinted |= kinds.number;
  }
};

/** Narrows a rule by the range of an integer format, where the bounds leave that side open. */
export const formatRange = (formats: readonly string[]): [number, number] | undefined => {
  const format = formats.find((each) => Object.hasOwn(ranges, each));
  return format === undefined ? undefined : ranges[format];
};

const numberFormats = new Set([...Object.keys(ranges), 'float', 'double', 'decimal', 'number', 'integer', 'long']);

const gatherString = (draft: Draft, schema: SchemaObject): void => {
  if (isText(schema.format)) {
    draft.formats.push(schema.format);
    draft.hinted |= numberFormats.has(schema.format) ? kinds.number : kinds.string;
  }
  if (isText(schema.pattern) && !draft.patterns.includes(schema.pattern)) draft.patterns.push(schema.pattern);
  if (isNumber(schema.minLength)) draft.minLength = Math.max(draft.minLength, schema.minLength);
  if (isNumber(schema.maxLength)) draft.maxLength = Math.min(draft.maxLength, schema.maxLength);
  if (schema.contentEncoding === 'base64') draft.base64 = true;
  if (isText(schema.pattern) || isNumber(schema.minLength) || isNumber(schema.maxLength)) draft.hinted |= kinds.string;
};

const gatherArray = (draft: Draft, schema: SchemaObject): void => {
  const prefix = schemas(schema.prefixItems);
  const rest = isSchema(schema.items) ? schema.items : undefined;
  if (isSchema(schema.unevaluatedItems)) draft.unevaluatedItems.push(schema.unevaluatedItems);
  if (prefix.length > 0 || rest !== undefined) {
    draft.sequences.push({ prefix, rest });
    if (rest === false) draft.maxItems = Math.min(draft.maxItems, prefix.length);
  }
  if (isSchema(schema.contains)) {
    const min = isNumber(schema.minContains) ? schema.minContains : 1;
    draft.contains.push({ schema: schema.contains, min, max: isNumber(schema.maxContains) ? schema.maxContains : Infinity });
    draft.tricky ||= isNumber(schema.maxContains);
  }
  if (isNumber(schema.minItems)) draft.minItems = Math.max(draft.minItems, schema.minItems);
  if (isNumber(schema.maxItems)) draft.maxItems = Math.min(draft.maxItems, schema.maxItems);
  if (schema.uniqueItems === true) draft.uniqueItems = true;
  if (draft.sequences.length + draft.contains.length + draft.unevaluatedItems.length > 0 || isNumber(schema.minItems))
    draft.hinted |= kinds.array;
};

const gatherObject = (draft: Draft, schema: SchemaObject): void => {
  const properties = named(schema.properties);
  const patterns = named(schema.patternProperties);
  for (const [name, property] of properties) {
    const list = draft.properties.get(name);
    if (!list) draft.properties.set(name, [property]);
    else if (!list.includes(property)) list.push(property);
  }
  draft.patternProperties.push(...patterns);
  for (const name of texts(schema.required)) draft.required.add(name);
  if (isSchema(schema.additionalProperties) && schema.additionalProperties !== true) {
    const names = new Set(properties.map(([name]) => name));
    draft.closures.push({ names, patterns: patterns.map(([pattern]) => pattern), schema: schema.additionalProperties });
  }
  if (isSchema(schema.unevaluatedProperties) && schema.unevaluatedProperties !== true)
    draft.unevaluated.push(schema.unevaluatedProperties);
  if (isSchema(schema.propertyNames)) draft.propertyNames.push(schema.propertyNames);
  if (isNumber(schema.minProperties)) draft.minProperties = Math.max(draft.minProperties, schema.minProperties);
  if (isNumber(schema.maxProperties)) draft.maxProperties = Math.min(draft.maxProperties, schema.maxProperties);
  if (isObject(schema.dependentRequired)) {
    for (const [name, needed] of Object.entries(schema.dependentRequired)) draft.dependentRequired.push([name, texts(needed)]);
  }
  draft.dependentSchemas.push(...named(schema.dependentSchemas));
  if (properties.length + patterns.length > 0 || Array.isArray(schema.required) || isNumber(schema.minProperties))
    draft.hinted |= kinds.object;
  if (schema.additionalProperties !== undefined || schema.propertyNames !== undefined) draft.hinted |= kinds.object;
};

const gatherChoices = (draft: Draft, schema: SchemaObject, and: (schema: JsonSchema) => void): void => {
  const discriminator = discriminatorOf(schema);
  if (discriminator) draft.discriminators.push(discriminator);
  for (const keyword of ['oneOf', 'anyOf'] as const) {
    const options = schemas(schema[keyword]);
    const exclusive = keyword === 'oneOf';
    if (options.length === 1) and(options[0] as JsonSchema);
    if (options.length < 2) continue;
    draft.choices.push(discriminator ? { options, exclusive, discriminator } : { options, exclusive });
    draft.tricky ||= exclusive;
  }
  if (!isSchema(schema.if) || (schema.then === undefined && schema.else === undefined)) return;
  const met = { allOf: [schema.if, isSchema(schema.then) ? schema.then : true] };
  const unmet = { allOf: [isSchema(schema.else) ? schema.else : true, { not: schema.if }] };
  draft.choices.push({ options: [met, unmet], exclusive: false });
  draft.tricky = true;
};

const discriminatorOf = ({ discriminator }: SchemaObject): Draft['discriminators'][number] | undefined => {
  if (!isObject(discriminator) || !isText(discriminator.propertyName)) return undefined;
  return { property: discriminator.propertyName, mapping: isObject(discriminator.mapping) ? discriminator.mapping : {} };
};

/** Turns the usual negations round; the rest is left to checks. */
const gatherNot = (draft: Draft, not: JsonSchema, and: (schema: JsonSchema) => void): void => {
  draft.tricky = true;
  if (not === true) draft.impossible = true;
  if (!isObject(not)) return;
  const keywords = Object.keys(not).filter((keyword) => not[keyword] !== undefined);
  const only = (...allowed: string[]): boolean => keywords.every((keyword) => allowed.includes(keyword));
  if (keywords.length === 0) draft.impossible = true;
  if (Object.hasOwn(not, 'const') && only('const', 'type')) draft.excluded.push(not.const as JsonValue);
  if (Array.isArray(not.enum) && only('enum', 'type')) draft.excluded.push(...not.enum);
  if (keywords.length === 1 && not.type !== undefined) gatherNotKinds(draft, isText(not.type) ? [not.type] : texts(not.type));
  if (keywords.length === 1 && Array.isArray(not.anyOf)) for (const option of schemas(not.anyOf)) and({ not: option });
  const properties = named(not.properties);
  const required = texts(not.required);
  if (properties.length === 0 && required.length > 0 && only('required', 'type')) {
    const free = required.find((name) => !draft.required.has(name)) ?? required[0];
    draft.forbidden.add(free as string);
  }
  if (properties.length !== 1 || !only('properties', 'required', 'type')) return;
  const [name, property] = properties[0] as [string, JsonSchema];
  // Absent is enough only where the negated schema asks for the property.
  if (!required.includes(name)) draft.required.add(name);
  draft.properties.set(name, [...(draft.properties.get(name) ?? []), property === false ? true : { not: property }]);
};

const gatherNotKinds = (draft: Draft, names: string[]): void => {
  for (const name of names) {
    const bits = name === 'number' ? kinds.number : Object.hasOwn(kinds, name) ? kinds[name as keyof typeof kinds] : 0;
    draft.kinds &= anyKind & ~bits;
  }
};
