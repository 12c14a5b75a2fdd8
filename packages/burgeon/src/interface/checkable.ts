/** Turning any schema into one that a schema compiler accepts: known keywords of the right shape only, everything else reported. */
import type { JsonSchema, JsonValue, SchemaObject } from '@burgeon/kit';
import { define, isObject } from '../base/json.ts';
import { linearPattern } from './regular-expression.ts';
import { mapSchema, resolveSchema, schemaKeywords, typeNameIn } from './schema.ts';

/** A part of a schema that is not checked. */
export interface Unchecked {
  /** `/types/Name` for a type, empty for a schema outside the types. */
  path: string;
  /** The keyword that counts as satisfied. */
  keyword: string;
  message: string;
}

/** What {@link checkableSchema} needs to know. */
export interface CheckableContext {
  types: Record<string, JsonSchema>;
  direction: 'request' | 'response' | undefined;
  /** Path for reports. */
  at: string;
  report(entry: Unchecked): void;
}

/** Identifier under which a type is known to the compiler. */
export const typeIdentifier = (name: string): string => `type:${encodeURIComponent(name.toWellFormed())}`;

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isStrings = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === 'string');
const isSchemaValue = (value: unknown): boolean => typeof value === 'boolean' || isObject(value);
const isSchemas = (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every(isSchemaValue);
const isSchemaMap = (value: unknown): boolean => isObject(value) && Object.values(value).every(isSchemaValue);
const simpleTypes = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];
const isType = (value: unknown): boolean =>
  typeof value === 'string'
    ? simpleTypes.includes(value)
    : Array.isArray(value) && value.length > 0 && value.every((item) => simpleTypes.includes(item as string));

/** Keywords that restrict values and the shape their value must have; no other keyword reaches the compiler. */
const shapes: Record<string, (value: unknown) => boolean> = {
  $ref: (value) => typeNameIn(value) !== undefined,
  type: isType,
  enum: (value) => Array.isArray(value) && value.length > 0,
  const: (value) => value !== undefined,
  format: (value) => typeof value === 'string',
  pattern: (value) => typeof value === 'string' && linearPattern(value) !== undefined,
  ...Object.fromEntries(
    ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'minContains', 'maxContains'].map(
      (keyword) => [keyword, isCount],
    ),
  ),
  ...Object.fromEntries(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map((keyword) => [keyword, isNumber])),
  multipleOf: (value) => isNumber(value) && (value as number) > 0,
  uniqueItems: (value) => typeof value === 'boolean',
  required: isStrings,
  dependentRequired: (value) => isObject(value) && Object.values(value).every(isStrings),
  ...Object.fromEntries(schemaKeywords.single.map((keyword) => [keyword, isSchemaValue])),
  ...Object.fromEntries(schemaKeywords.listed.map((keyword) => [keyword, isSchemas])),
  ...Object.fromEntries(schemaKeywords.named.filter((keyword) => keyword !== '$defs').map((keyword) => [keyword, isSchemaMap])),
};

const reason = (keyword: string, value: unknown): string => {
  if (keyword === 'pattern' && typeof value === 'string')
    return `the pattern ${JSON.stringify(value.slice(0, 200))} needs more than linear time or is not valid`;
  if (keyword === '$ref') return `the reference ${JSON.stringify(String(value).slice(0, 200))} names no type`;
  return `the value of "${keyword}" has no usable shape`;
};

/** Properties that travel the other way need not be there. */
const asked = (required: string[], properties: unknown, context: CheckableContext): string[] => {
  if (context.direction === undefined || !isObject(properties)) return required;
  const mark = context.direction === 'request' ? 'readOnly' : 'writeOnly';
  return required.filter((name) => {
    const property = Object.hasOwn(properties, name) ? resolveSchema(properties[name] as JsonSchema, context.types) : true;
    return typeof property === 'boolean' || property[mark] !== true;
  });
};

/** Drops patterns of property names beyond the linear engine; what is then unknown about a name is allowed. */
const checkablePatterns = (node: SchemaObject, report: (keyword: string, value: unknown) => void): void => {
  const kept: Record<string, JsonSchema> = {};
  for (const [pattern, schema] of Object.entries(node.patternProperties ?? {})) {
    if (linearPattern(pattern)) define(kept, pattern, schema);
    else report('pattern', pattern);
  }
  if (Object.keys(kept).length === Object.keys(node.patternProperties ?? {}).length) return;
  node.patternProperties = kept;
  delete node.additionalProperties;
  delete node.unevaluatedProperties;
};

/** The schema with nothing but keywords a compiler accepts; what was dropped is reported. */
export const checkableSchema = (schema: JsonSchema, context: CheckableContext): JsonSchema => {
  const report = (keyword: string, value: unknown): void =>
    context.report({ path: context.at, keyword, message: reason(keyword, value) });
  return mapSchema(schema, (node, original) => {
    const checked: SchemaObject = {};
    for (const [keyword, fits] of Object.entries(shapes)) {
      if (!Object.hasOwn(node, keyword)) continue;
      const value = node[keyword];
      if (!fits(value)) report(keyword, value);
      else if (keyword === '$ref') refer(checked, value as string, context, report);
      else checked[keyword] = value as JsonValue;
    }
    if (checked.required) checked.required = [...new Set(asked(checked.required, original.properties, context))];
    if (checked.patternProperties) checkablePatterns(checked, report);
    return checked;
  });
};

const refer = (
  checked: SchemaObject,
  reference: string,
  { types }: CheckableContext,
  report: (keyword: string, value: unknown) => void,
): void => {
  const name = typeNameIn(reference) ?? '';
  if (Object.hasOwn(types, name)) checked.$ref = typeIdentifier(name);
  else report('$ref', reference);
};
