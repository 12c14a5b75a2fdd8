/** The schema compiler behind the validator: ajv, with everything replaced that hostile schemas or values could slow down. */
import type { JsonSchema } from '@burgeon/kit';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { canonicalJson } from '../base/json.ts';
import { type CheckableContext, checkableSchema, typeIdentifier } from './checkable.ts';
import { linearPattern } from './regular-expression.ts';
import { directReferences, typeOf } from './schema.ts';

/** Types that may be entered while any value is checked; a larger value gets {@link stepsPerNode} more for each of its nodes. */
const freeSteps = 50_000;

/** A bound for schemas whose work multiplies with the depth of the value: ordinary ones enter a type or two per node. */
const stepsPerNode = 4;

const countNodes = (value: unknown): number => {
  let count = 0;
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    count++;
    if (typeof next === 'object' && next !== null) for (const item of Object.values(next)) waiting.push(item);
  }
  return count;
};

/** Thrown out of a check whose work multiplies; never leaves the validator. */
export const tooManySteps: unique symbol = Symbol('too many steps');

/** Counts the types that are entered while one value is checked. */
const createBudget = (): { begin(value: unknown): void; step(): boolean } => {
  let steps = 0;
  let most = freeSteps;
  let checked: unknown;
  return {
    begin: (value) => {
      [steps, most, checked] = [0, freeSteps, value];
    },
    step: () => {
      if (++steps <= most) return true;
      if (most > freeSteps) throw tooManySteps;
      most = freeSteps + stepsPerNode * countNodes(checked);
      return true;
    },
  };
};

const base64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

const createCompiler = (all: boolean, step: () => boolean): Ajv2020 => {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: all,
    validateSchema: false,
    inlineRefs: false,
    ownProperties: true,
    logger: false,
    messages: false,
    addUsedSchema: false,
    formats: { ...fullFormats, byte: base64, binary: true, password: true },
    code: {
      optimize: false,
      regExp: Object.assign((pattern: string) => linearPattern(pattern) ?? /(?:)/, { code: 'linearPattern' }) as never,
    },
  });
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    errors: false,
    validate: (wanted: boolean, items: unknown[]) => !wanted || new Set(items.map(canonicalJson)).size === items.length,
  });
  // First of all keywords: a later one is never reached when an earlier one fails.
  ajv.addKeyword({ keyword: 'burgeonStep', before: '$ref', errors: false, validate: step });
  return ajv;
};

/** Checks a value against a schema; gives what ajv found, empty when the value is valid. May throw {@link tooManySteps} or a stack overflow. */
export type Engine = (schema: object, value: unknown) => ErrorObject[];

/** What an engine is made of. `all`: collect every error, not only the first kind. */
export interface EngineOptions extends Omit<CheckableContext, 'at'> {
  all: boolean;
}

/** An engine for one direction; types and schemas are compiled at their first use and remembered by identity. */
export const createEngine = ({ types, direction, report, all }: EngineOptions): Engine => {
  const budget = createBudget();
  const ajv = createCompiler(all, budget.step);
  const added = new Set<string>();
  const functions = new WeakMap<object, ValidateFunction | 'anything'>();
  const addTypes = (schema: JsonSchema): void => {
    const waiting = directReferences(schema);
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const original = typeOf(types, name);
      if (original === undefined || added.has(name)) continue;
      added.add(name);
      const type = checkableSchema(original, { types, direction, at: `/types/${name}`, report });
      ajv.addSchema(typeof type === 'boolean' ? (type ? {} : { not: {} }) : { burgeonStep: true, ...type }, typeIdentifier(name));
      waiting.push(...directReferences(original));
    }
  };
  const compile = (schema: object): ValidateFunction | 'anything' => {
    try {
      addTypes(schema as JsonSchema);
      return ajv.compile(checkableSchema(schema as JsonSchema, { types, direction, at: '', report }) as object);
    } catch (error) {
      report({ path: '', keyword: '', message: error instanceof Error ? error.message : String(error) });
      return 'anything';
    }
  };
  return (schema, value) => {
    const validate = functions.get(schema) ?? compile(schema);
    functions.set(schema, validate);
    budget.begin(value);
    return validate === 'anything' || validate(value) ? [] : (validate.errors ?? []);
  };
};
