/** What a check says about a value, in words for people. */
import type { ErrorObject } from 'ajv';
import { pointerToken, valueAt } from '../base/json.ts';

/** One thing that is wrong with a value. */
export interface Issue {
  /** JSON pointer into the value; for a missing or unknown property, the place where it is or should be. */
  path: string;
  /** Begins with a verb: the path is its subject. */
  message: string;
  /** The JSON Schema keyword that was not met; also `false`, `complexity` and `depth`. */
  keyword: string;
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const plural = (count: unknown, word: string): string => `${String(count)} ${word}${count === 1 ? '' : 's'}`;

type Parameters = Record<string, unknown>;

/** Keyword -> message; what is missing here gets a general sentence. */
const messages: Record<string, (params: Parameters, data: unknown) => string> = {
  required: () => 'is required',
  type: ({ type }, data) => `must be ${Array.isArray(type) ? type.join(' or ') : String(type)}, not ${kindOf(data)}`,
  enum: ({ allowedValues }) => {
    const values = Array.isArray(allowedValues) ? allowedValues : [];
    return `must be one of ${values.slice(0, 10).map(shown).join(', ')}${values.length > 10 ? `, ... (${values.length} values)` : ''}`;
  },
  const: ({ allowedValue }) => `must be ${shown(allowedValue)}`,
  additionalProperties: () => 'is not a known property',
  unevaluatedProperties: () => 'is not a known property',
  format: ({ format }, data) => `must be a valid ${String(format)}, not ${shown(data)}`,
  pattern: ({ pattern }) => `must match ${String(pattern).slice(0, 200)}`,
  minLength: ({ limit }) => `must have at least ${plural(limit, 'character')}`,
  maxLength: ({ limit }) => `must have at most ${plural(limit, 'character')}`,
  minItems: ({ limit }) => `must have at least ${plural(limit, 'item')}`,
  maxItems: ({ limit }) => `must have at most ${plural(limit, 'item')}`,
  minProperties: ({ limit }) => `must have at least ${limit === 1 ? '1 property' : `${String(limit)} properties`}`,
  maxProperties: ({ limit }) => `must have at most ${limit === 1 ? '1 property' : `${String(limit)} properties`}`,
  minimum: ({ limit }) => `must be at least ${String(limit)}`,
  maximum: ({ limit }) => `must be at most ${String(limit)}`,
  exclusiveMinimum: ({ limit }) => `must be more than ${String(limit)}`,
  exclusiveMaximum: ({ limit }) => `must be less than ${String(limit)}`,
  multipleOf: ({ multipleOf }) => `must be a multiple of ${String(multipleOf)}`,
  uniqueItems: () => 'must not hold the same item twice',
  oneOf: ({ passingSchemas }) =>
    passingSchemas ? 'fits several of the alternatives, but must fit exactly one' : 'fits none of the alternatives',
  anyOf: () => 'fits none of the alternatives',
  not: () => 'has a form that is not allowed',
  'false schema': () => 'is not allowed',
  dependentRequired: ({ property }) => `is required beside ${shown(property)}`,
  contains: () => 'does not hold the items that are asked for',
  propertyNames: ({ propertyName }) => `has a property whose name is not allowed: ${shown(propertyName)}`,
};

/** The issue that one error of the schema engine stands for; `value` is what was checked. */
export const issueOf = (error: ErrorObject, value: unknown): Issue => {
  const params = error.params as Parameters;
  const missing = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  const path = typeof missing === 'string' ? `${error.instancePath}/${pointerToken(missing)}` : error.instancePath;
  const message = Object.hasOwn(messages, error.keyword)
    ? messages[error.keyword]?.(params, valueAt(value, error.instancePath))
    : undefined;
  return { path, message: message ?? `does not meet "${error.keyword}"`, keyword: error.keyword };
};
