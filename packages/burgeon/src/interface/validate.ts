/** Checking values against the schemas of an interface: any schema, from anywhere, in bounded time. */
import type { JsonSchema } from '@burgeon/kit';
import { type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { canonicalJson } from '../base/json.ts';
import { linearPattern } from './regular-expression.ts';
import { directReferences, typeOf, visitSchemas } from './schema.ts';
import { type Unchecked, checkableSchema, typeIdentifier } from './checkable.ts';
import { type Issue, issueOf } from './issue.ts';

export type { Issue } from './issue.ts';
export type { Unchecked } from './checkable.ts';

/** Which way a value travels: `request` does not ask for `readOnly` properties, `response` not for `writeOnly` ones. */
export type Direction = 'request' | 'response';

/** Checks values against schemas of one interface. */
export interface Validator {
  /** What is wrong with a value, at most 20 issues; empty when it is valid. Never throws. `all` collects every issue, not only the first kind. */
  check(schema: JsonSchema, value: unknown, options?: { direction?: Direction; all?: boolean }): Issue[];
  /** What could not be checked in the schemas used so far (patterns beyond the linear engine, malformed keywords): it counts as satisfied. At most 1,000 entries. */
  readonly unchecked: readonly Unchecked[];
}

const maxIssues = 20;

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

/** Thrown inside one check only, and caught there. */
const tooManySteps = Symbol('too many steps');

const base64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

const anyText = true as const;

/** One ajv per direction and thoroughness; everything is compiled at its first use. */
const createEngine = (
  types: Record<string, JsonSchema>,
  direction: Direction | undefined,
  all: boolean,
  report: (entry: Unchecked) => void,
) => {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: all,
    validateSchema: false,
    validateFormats: true,
    inlineRefs: false,
    ownProperties: true,
    logger: false,
    messages: false,
    addUsedSchema: false,
    formats: { ...fullFormats, byte: base64, binary: anyText, password: anyText },
    code: {
      optimize: false,
      regExp: Object.assign((pattern: string) => linearPattern(pattern) ?? /(?:)/, { code: 'linearPattern' }) as never,
    },
  });
  let steps = 0;
  let maxSteps = freeSteps;
  let checked: unknown;
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    errors: false,
    validate: (wanted: boolean, items: unknown[]) => !wanted || new Set(items.map(canonicalJson)).size === items.length,
  });
  ajv.addKeyword({
    keyword: 'burgeonStep',
    // First of all: a later keyword is never reached when an earlier one fails.
    before: '$ref',
    errors: false,
    validate: () => {
      if (++steps <= maxSteps) return true;
      if (maxSteps > freeSteps) throw tooManySteps;
      maxSteps = freeSteps + stepsPerNode * countNodes(checked);
      return true;
    },
  });
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
    const known = functions.get(schema);
    if (known) return known;
    let made: ValidateFunction | 'anything';
    try {
      addTypes(schema as JsonSchema);
      made = ajv.compile(checkableSchema(schema as JsonSchema, { types, direction, at: '', report }) as object);
    } catch (error) {
      report({ path: '', keyword: '', message: error instanceof Error ? error.message : String(error) });
      made = 'anything';
    }
    functions.set(schema, made);
    return made;
  };
  return (schema: object, value: unknown): ErrorObject[] => {
    const validate = compile(schema);
    [steps, maxSteps, checked] = [0, freeSteps, value];
    return validate === 'anything' || validate(value) ? [] : (validate.errors ?? []);
  };
};

const marksOneWay = (schema: JsonSchema): boolean => {
  let found = false;
  visitSchemas(schema, (each) => {
    found ||= each.readOnly === true || each.writeOnly === true;
  });
  return found;
};

/** Whether the direction can matter to a schema; where it cannot, both directions share what was compiled. */
const oneWayTest = (types: Record<string, JsonSchema>): ((schema: object) => boolean) => {
  let inTypes: boolean | undefined;
  const known = new WeakMap<object, boolean>();
  return (schema) => {
    inTypes ??= Object.values(types).some(marksOneWay);
    const answer = known.get(schema) ?? (inTypes || marksOneWay(schema as JsonSchema));
    known.set(schema, answer);
    return answer;
  };
};

const validators = new WeakMap<object, Validator>();

/**
 * The checker for the types of one interface, the same one for the same table of types: whoever looks at an interface shares what was compiled.
 * Schemas are compiled at first use and remembered by identity; patterns run on a linear-time engine; broken schemas never make a check
 * fail, they are listed in `unchecked`.
 * @see https://json-schema.org/draft/2020-12/json-schema-validation
 */
export const createValidator = (types: Record<string, JsonSchema>): Validator => {
  const known = validators.get(types) ?? makeValidator(types);
  validators.set(types, known);
  return known;
};

const makeValidator = (types: Record<string, JsonSchema>): Validator => {
  const unchecked: Unchecked[] = [];
  const reported = new Set<string>();
  const report = (entry: Unchecked): void => {
    const key = `${entry.path}\n${entry.keyword}\n${entry.message}`;
    if (reported.has(key) || reported.size >= 1_000) return;
    reported.add(key);
    unchecked.push(entry);
  };
  const isOneWay = oneWayTest(types);
  const engines = new Map<string, ReturnType<typeof createEngine>>();
  const engineFor = (direction: Direction | undefined, all: boolean): ReturnType<typeof createEngine> => {
    const key = `${direction ?? ''}/${all}`;
    const engine = engines.get(key) ?? createEngine(types, direction, all, report);
    engines.set(key, engine);
    return engine;
  };
  return {
    unchecked,
    check: (schema, value, options = {}) => {
      if (typeof schema === 'boolean') return schema ? [] : [{ path: '', message: 'nothing is allowed here', keyword: 'false' }];
      try {
        const errors = engineFor(isOneWay(schema) ? options.direction : undefined, options.all ?? false)(schema, value);
        return errors.slice(0, maxIssues).map((error) => issueOf(error, value));
      } catch (error) {
        if (error === tooManySteps) return [{ path: '', message: 'is too entangled to be checked', keyword: 'complexity' }];
        return [{ path: '', message: 'is nested too deeply to be checked', keyword: 'depth' }];
      }
    },
  };
};
