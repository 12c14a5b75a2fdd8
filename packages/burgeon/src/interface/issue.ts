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

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);

const shown = (value: unknown): string => shortened(JSON.stringify(value) ?? 'nothing');

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
  pattern: ({ pattern }) => `must match ${shortened(String(pattern))}`,
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

/** Errors that are looked at to find the alternative that was meant. */
const mostErrors = 1_000;

/**
 * Of the errors of a schema engine that stops at the first kind, in its order, those that tell the caller what to change: of alternatives,
 * the ones whose type fits the value speak; the others only when there is none.
 */
export const meantErrors = (errors: readonly ErrorObject[], value: unknown): ErrorObject[] => {
  const kept: ErrorObject[] = [];
  for (const error of errors.slice(0, mostErrors)) {
    if (error.keyword === 'anyOf' || error.keyword === 'oneOf') {
      let from = kept.length;
      while (from > 0 && isWithin(kept[from - 1]!.instancePath, error.instancePath)) from--;
      kept.push(...meant(error, kept.splice(from), value));
    }
    kept.push(error);
  }
  return kept;
};

const isWithin = (path: string, holder: string): boolean => path === holder || path.startsWith(`${holder}/`);

/** Of the errors of the alternatives those that the caller can do something about. */
const meant = (alternatives: ErrorObject, errors: ErrorObject[], value: unknown): ErrorObject[] => {
  if (alternatives.keyword === 'oneOf' && (alternatives.params as Parameters)['passingSchemas']) return [];
  const path = alternatives.instancePath;
  const kind = kindOf(valueAt(value, path));
  const fitting = errors.filter((error) => error.instancePath !== path || hasKind(error, kind));
  return fitting.length > 0 ? fitting : errors;
};

/** Whether an error is of an alternative for values of this kind. */
const hasKind = ({ keyword, params }: ErrorObject, kind: string): boolean => {
  const { allowedValues, allowedValue } = params as Parameters;
  if (keyword === 'enum') return Array.isArray(allowedValues) && allowedValues.some((each) => kindOf(each) === kind);
  if (keyword === 'const') return kindOf(allowedValue) === kind;
  return keyword !== 'type' && keyword !== 'anyOf' && keyword !== 'oneOf';
};
