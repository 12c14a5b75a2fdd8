import type { JsonValue } from '@burgeon/kit';
import { canonicalJson, isObject } from '../../../base/json.ts';

/** What the value of a JSON Schema keyword must be. */
export type KeywordKind =
  'schema' | 'schemas' | 'map' | 'patterns' | 'count' | 'number' | 'boolean' | 'text' | 'texts' | 'any' | 'pattern';

const kinds: Record<KeywordKind, string> = {
  schema:
    'additionalItems additionalProperties contains contentSchema else if items not propertyNames then unevaluatedItems unevaluatedProperties',
  schemas: 'allOf anyOf oneOf prefixItems',
  map: 'properties dependentSchemas',
  patterns: 'patternProperties',
  count: 'maxContains maxItems maxLength maxProperties minContains minItems minLength minProperties',
  number: 'exclusiveMaximum exclusiveMinimum maximum minimum multipleOf',
  boolean: 'deprecated readOnly uniqueItems writeOnly',
  text: 'contentEncoding contentMediaType description format title',
  texts: 'required',
  any: 'const default',
  pattern: 'pattern',
};

/** Keyword -> what its value must be. */
export const keywords: ReadonlyMap<string, KeywordKind> = new Map(
  Object.entries(kinds).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind as KeywordKind] as const)),
);

/** Keywords that say nothing about values, and leftovers of other places that tools put into schemas. */
export const silentKeywords: ReadonlySet<string> = new Set(
  '$anchor $comment $dynamicAnchor $id $schema $vocabulary $recursiveAnchor $defs definitions id xml externalDocs collectionFormat allowEmptyValue'.split(
    ' ',
  ),
);

/** A value that fits the keyword, or undefined. Texts that mean numbers and truth are taken for what they mean. */
export const fitting = (kind: KeywordKind, value: unknown): unknown => {
  switch (kind) {
    case 'count':
      return typeof numberOf(value) === 'number' && Number.isInteger(numberOf(value)) && numberOf(value)! >= 0
        ? numberOf(value)
        : undefined;
    case 'number':
      return numberOf(value);
    case 'boolean':
      return typeof value === 'boolean' ? value : value === 'true' ? true : value === 'false' ? false : undefined;
    case 'text':
    case 'pattern':
      return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
    case 'texts':
      return Array.isArray(value) ? [...new Set(value.filter((item) => typeof item === 'string'))] : undefined;
    default:
      return value;
  }
};

const numberOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value.trim()) ? Number(value) : undefined;
};

const typeNames: ReadonlySet<string> = new Set('array boolean integer null number object string'.split(' '));

/** Words people write as a type, and what they mean: a type and a format. */
const looseTypes: ReadonlyMap<string, readonly [type: string, format?: string]> = new Map([
  ['int', ['integer']],
  ['int32', ['integer', 'int32']],
  ['int64', ['integer', 'int64']],
  ['long', ['integer', 'int64']],
  ['float', ['number', 'float']],
  ['double', ['number', 'double']],
  ['decimal', ['number']],
  ['bool', ['boolean']],
  ['date', ['string', 'date']],
  ['datetime', ['string', 'date-time']],
  ['date-time', ['string', 'date-time']],
  ['timestamp', ['string']],
  ['uuid', ['string', 'uuid']],
  ['str', ['string']],
  ['text', ['string']],
  ['enum', ['string']],
  ['file', ['string', 'binary']],
  ['binary', ['string', 'binary']],
  ['list', ['array']],
  ['map', ['object']],
  ['dict', ['object']],
  ['dictionary', ['object']],
  ['nil', ['null']],
  ['none', ['null']],
]);

/** What a `type` means: proper names, a format that came with them, and whether it was written properly. */
export interface TypeReading {
  types: string[];
  format?: string;
  proper: boolean;
}

/** Reads a `type`. `null` (an unquoted one in YAML) is the null type. */
export const readType = (value: unknown): TypeReading => {
  const words = Array.isArray(value) ? value : [value];
  const reading: TypeReading = { types: [], proper: true };
  for (const word of words) {
    const name = word === null ? 'null' : word;
    if (typeof name === 'string' && typeNames.has(name)) reading.types.push(name);
    else {
      const loose = typeof name === 'string' ? name.trim().toLowerCase() : '';
      const [type, format] = typeNames.has(loose) ? [loose] : (looseTypes.get(loose) ?? []);
      if (type !== undefined) reading.types.push(type);
      if (format !== undefined) reading.format = format;
      if (loose !== 'file') reading.proper = false;
    }
  }
  reading.types = [...new Set(reading.types)];
  return reading;
};

/** Values of an `enum` without doubles; texts and numbers are taken for each other when the type allows only one of them. */
export const readEnum = (value: unknown, types: readonly string[]): JsonValue[] | undefined => {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const seen = new Map<string, JsonValue>();
  for (const item of value) {
    const fitted = toType(item as JsonValue, types);
    seen.set(canonicalJson(fitted), fitted);
  }
  return [...seen.values()];
};

/** The same scalar in the only type that is allowed, or the value as it is. */
export const toType = (value: JsonValue, types: readonly string[]): JsonValue => {
  const [type, ...others] = types.filter((name) => name !== 'null');
  if (type === undefined || others.length > 0 || value === null || isObject(value) || Array.isArray(value)) return value;
  if (type === 'string') return String(value);
  if (typeof value !== 'string') return value;
  if (type === 'number' || type === 'integer')
    return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
  return type === 'boolean' && /^(true|false)$/.test(value) ? value === 'true' : value;
};
