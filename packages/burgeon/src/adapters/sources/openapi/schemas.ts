import type { JsonSchema, JsonValue, SchemaObject } from '@burgeon/kit';
import { asText, define, isObject } from '../../../base/json.ts';
import { discriminatorOf } from './discriminators.ts';
import { type TypeReading, fitting, keywords, readEnum, readType, silentKeywords, toType } from './keywords.ts';
import { repairPattern } from './patterns.ts';
import { type Node, type Place, type Reading, member, placeOf } from './reading.ts';

/** Keywords that are read together with others, after the rest. */
const joint: ReadonlySet<string> = new Set(
  '$ref $dynamicRef type enum nullable x-nullable example examples discriminator dependencies divisibleBy exclusiveMinimum exclusiveMaximum items additionalItems'.split(
    ' ',
  ),
);

/**
 * Reads a schema of any OpenAPI dialect into JSON Schema 2020-12. Keywords that mean nothing there are dropped with a report; a
 * schema that is none becomes `true`. References become types, never copies.
 */
export const readSchema = (reading: Reading, node: unknown, place: Place): JsonSchema => {
  if (typeof node === 'boolean') return node;
  if (!isObject(node)) return looseSchema(reading, node, place);
  if (typeof member(node, '$ref') === 'string' || typeof member(node, '$dynamicRef') === 'string')
    return readReference(reading, node, place);
  return readObject(reading, node, place);
};

const looseSchema = (reading: Reading, node: unknown, place: Place): JsonSchema => {
  const type = typeof node === 'string' ? readType(node).types : [];
  reading.report({ code: 'invalid-schema', message: 'A schema must be an object; this one is treated as unknown.', place });
  return type.length === 1 ? { type: type[0]! } : true;
};

const readObject = (reading: Reading, node: Node, place: Place): SchemaObject => {
  const schema: SchemaObject = {};
  const type = readTypes(reading, node, place, schema);
  for (const key of Object.keys(node)) {
    if (!joint.has(key)) readKeyword(reading, { node, key, place, schema });
  }
  readItems(reading, node, place, schema);
  readBounds(reading, node, place, schema);
  readValues(reading, { node, place, schema, types: type.types });
  readDependencies(reading, node, place, schema);
  const discriminator = discriminatorOf(reading, member(node, 'discriminator'), placeOf(place, 'discriminator'));
  if (discriminator !== undefined) schema.discriminator = discriminator;
  markBytes(schema);
  return nullable(node) ? allowNull(schema) : schema;
};

/** In 2.0 and 3.0 only annotations may stand beside a reference; from 3.1 on everything may. */
const readReference = (reading: Reading, node: Node, place: Place): JsonSchema => {
  const { $ref, $dynamicRef, ...beside } = node;
  const written = typeof $ref === 'string' ? $ref : (($dynamicRef as string) ?? '');
  const target = reading.references.target(written, place);
  const reference: JsonSchema = target === undefined ? true : reading.types.reference(target.place, target.value);
  const kept = reading.version === '2.0' || reading.version === '3.0' ? annotationsOf(beside) : beside;
  if (Object.keys(kept).length === 0) return reference;
  const around = readObject(reading, { ...kept, nullable: undefined, 'x-nullable': undefined }, place);
  if (!nullable(kept)) return reference === true ? around : withReference(around, reference);
  return { ...around, anyOf: [reference, { type: 'null' }] };
};

const withReference = (around: SchemaObject, reference: SchemaObject): SchemaObject => {
  // The reference object itself is kept: its `$ref` is filled in when the types are named.
  for (const [key, value] of Object.entries(around)) define(reference as Node, key, value);
  return reference;
};

const annotations: ReadonlySet<string> = new Set(
  'title description default example examples deprecated readOnly writeOnly nullable x-nullable'.split(' '),
);

const annotationsOf = (node: Node): Node => Object.fromEntries(Object.entries(node).filter(([key]) => annotations.has(key)));

const readTypes = (reading: Reading, node: Node, place: Place, schema: SchemaObject): TypeReading => {
  const written = member(node, 'type');
  if (written === undefined) return { types: [], proper: true };
  const type = readType(written);
  if (!type.proper) {
    const as = type.types.length === 0 ? 'passed over' : `read as ${type.types.join(' or ')}`;
    reading.report({
      code: 'invalid-type',
      message: `The type ${JSON.stringify(written)?.slice(0, 80)} is ${as}.`,
      place: placeOf(place, 'type'),
    });
  }
  if (type.types.length === 1) schema.type = type.types[0]!;
  else if (type.types.length > 1) schema.type = type.types;
  if (type.format !== undefined) schema.format = type.format;
  return type;
};

interface KeywordContext {
  node: Node;
  key: string;
  place: Place;
  schema: SchemaObject;
}

const readKeyword = (reading: Reading, { node, key, place, schema }: KeywordContext): void => {
  const value = node[key];
  const kind = keywords.get(key);
  if (kind === undefined) {
    if (key.startsWith('x-') || silentKeywords.has(key) || value === undefined) return;
    reading.report({
      code: 'unknown-keyword',
      message: `"${key.slice(0, 80)}" means nothing in a schema; it is passed over.`,
      place: placeOf(place, key),
    });
    return;
  }
  const at = placeOf(place, key);
  const invalid = (what: string): void => {
    reading.report({ code: 'invalid-keyword', message: `"${key}" must be ${what}; it is passed over.`, place: at });
  };
  if (kind === 'schema') define(schema, key, readSchema(reading, value, at));
  else if (kind === 'schemas') {
    const list = Array.isArray(value) ? value : isObject(value) ? [value] : [];
    if (list.length === 0) return invalid('a list of schemas');
    define(
      schema,
      key,
      list.map((item, index) => readSchema(reading, item, Array.isArray(value) ? placeOf(at, index) : at)),
    );
  } else if (kind === 'map' || kind === 'patterns') {
    if (!isObject(value)) return value === null ? undefined : invalid('an object of schemas');
    define(schema, key, readMap(reading, value, at, kind === 'patterns'));
  } else {
    const fitted = kind === 'pattern' && typeof value === 'string' ? repairPattern(value) : fitting(kind, value);
    if (fitted === undefined)
      return value === null
        ? undefined
        : invalid(kind === 'texts' ? 'a list of names' : kind === 'pattern' ? 'a regular expression' : `a ${kind}`);
    if (kind === 'pattern' && fitted !== value)
      reading.report({ code: 'pattern-repaired', message: `The pattern is read as ${asText(fitted)}`, place: at });
    if (kind !== 'texts' || (fitted as string[]).length > 0) define(schema, key, fitted);
  }
};

const readMap = (reading: Reading, node: Node, place: Place, patterns: boolean): Record<string, JsonSchema> => {
  const map: Record<string, JsonSchema> = {};
  for (const [name, part] of Object.entries(node)) {
    const at = placeOf(place, name);
    const key = patterns ? repairPattern(name) : name;
    if (key === undefined) {
      reading.report({
        code: 'invalid-keyword',
        message: `"${name}" is not a regular expression; it is passed over.`,
        place: at,
      });
    } else if (isObject(part) || typeof part === 'boolean' || !name.startsWith('x-'))
      define(map, key, readSchema(reading, part, at));
  }
  return map;
};

/** `items` as a list was a tuple in old drafts; OpenAPI never allowed it, and there a list of one means "all of this kind". */
const readItems = (reading: Reading, node: Node, place: Place, schema: SchemaObject): void => {
  const items = member(node, 'items');
  const at = placeOf(place, 'items');
  const additional = member(node, 'additionalItems');
  if (Array.isArray(items) && items.length !== 1) {
    if (items.length > 0) schema.prefixItems = items.map((item, index) => readSchema(reading, item, placeOf(at, index)));
    if (additional !== undefined) schema.items = readSchema(reading, additional, placeOf(place, 'additionalItems'));
    reading.report({ code: 'tuple-items', message: 'A list of schemas under "items" is read as "prefixItems".', place: at });
  } else if (Array.isArray(items)) {
    schema.items = readSchema(reading, items[0], placeOf(at, 0));
    reading.report({ code: 'tuple-items', message: 'A list of one schema under "items" is read as that schema.', place: at });
  } else if (items !== undefined && items !== null) schema.items = readSchema(reading, items, at);
};

/** Old drafts wrote `exclusiveMinimum: true` beside `minimum`. */
const readBounds = (reading: Reading, node: Node, place: Place, schema: SchemaObject): void => {
  for (const [key, inclusive] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const value = member(node, key);
    if (value === undefined || value === false || value === null) continue;
    const bound = value === true ? schema[inclusive] : fitting('number', value);
    if (typeof bound !== 'number') {
      reading.report({
        code: 'invalid-keyword',
        message: `"${key}" must be a number; it is passed over.`,
        place: placeOf(place, key),
      });
      continue;
    }
    schema[key] = bound;
    if (value === true) delete schema[inclusive];
  }
  const divisor = schema.multipleOf ?? fitting('number', member(node, 'divisibleBy'));
  if (typeof divisor !== 'number') return;
  if (divisor > 0) schema.multipleOf = divisor;
  else {
    delete schema.multipleOf;
    reading.report({
      code: 'invalid-keyword',
      message: '"multipleOf" must be above 0; it is passed over.',
      place: placeOf(place, 'multipleOf'),
    });
  }
};

const readValues = (
  reading: Reading,
  { node, place, schema, types }: { node: Node; place: Place; schema: SchemaObject; types: string[] },
): void => {
  const written = member(node, 'enum');
  if (written !== undefined && written !== null) {
    const values = readEnum(written, types);
    if (values === undefined)
      reading.report({
        code: 'invalid-keyword',
        message: '"enum" must be a list with values; it is passed over.',
        place: placeOf(place, 'enum'),
      });
    else schema.enum = values;
  }
  if (Object.hasOwn(node, 'default') && node['default'] !== undefined)
    schema.default = toType(node['default'] as JsonValue, types);
  if (schema.default === null && !nullable(node) && !types.includes('null')) delete schema.default;
  const examples = member(node, 'examples');
  const list = Array.isArray(examples)
    ? examples
    : isObject(examples)
      ? Object.values(examples).map((each) => (isObject(each) && 'value' in each ? each['value'] : each))
      : [];
  if (Object.hasOwn(node, 'example') && node['example'] !== undefined) list.unshift(node['example']);
  if (list.length > 0) schema.examples = list as JsonValue[];
};

const readDependencies = (reading: Reading, node: Node, place: Place, schema: SchemaObject): void => {
  const required: Record<string, string[]> = {};
  const schemas: Record<string, JsonSchema> = schema.dependentSchemas ?? {};
  for (const key of ['dependencies', 'dependentRequired']) {
    const written = member(node, key);
    if (!isObject(written)) continue;
    for (const [name, value] of Object.entries(written)) {
      if (Array.isArray(value)) define(required, name, fitting('texts', value) as string[]);
      else define(schemas, name, readSchema(reading, value, placeOf(place, key, name)));
    }
  }
  if (Object.keys(required).length > 0) schema.dependentRequired = required;
  if (Object.keys(schemas).length > 0) schema.dependentSchemas = schemas;
};

/** Raw bytes and base64 both travel as base64 text inside the interface; raw bytes keep `format: binary`. */
const markBytes = (schema: SchemaObject): void => {
  if (schema.type !== 'string' && !(Array.isArray(schema.type) && schema.type.includes('string'))) return;
  const text = /^(text\/|application\/(json|xml|x-www-form-urlencoded)|[^;]+\+(json|xml)$)/i;
  const raw =
    schema.contentMediaType !== undefined && schema.contentEncoding === undefined && !text.test(schema.contentMediaType);
  if (schema.format !== 'binary' && schema.format !== 'byte' && !raw) return;
  schema.contentEncoding ??= 'base64';
  if (schema.format !== 'byte') schema.contentMediaType ??= 'application/octet-stream';
  // Lengths and patterns of such schemas speak of the bytes, not of their base64 text.
  if (schema.format !== 'byte') for (const key of ['pattern', 'minLength', 'maxLength'] as const) delete schema[key];
};

const nullable = (node: Node): boolean =>
  [member(node, 'nullable'), member(node, 'x-nullable')].some((value) => value === true || value === 'true');

const allowNull = (schema: SchemaObject): SchemaObject => {
  if (schema.enum !== undefined && !schema.enum.includes(null)) schema.enum.push(null);
  if (Array.isArray(schema.type)) {
    if (!schema.type.includes('null')) schema.type.push('null');
  } else if (schema.type !== undefined && schema.type !== 'null') schema.type = [schema.type, 'null'];
  const composed = ['allOf', 'anyOf', 'oneOf', 'not', 'const'].some((key) => schema[key] !== undefined);
  if (!composed) return schema;
  const outside: SchemaObject = {};
  const inside: SchemaObject = {};
  for (const [key, value] of Object.entries(schema)) define(annotations.has(key) ? outside : inside, key, value);
  return { ...outside, anyOf: [inside, { type: 'null' }] };
};
