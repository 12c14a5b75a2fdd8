/** Checking values against the schemas of an interface: any schema, from anywhere, in bounded time. */
import type { JsonSchema } from '@burgeon/kit';
import type { Unchecked } from './checkable.ts';
import { type Engine, createEngine, tooManySteps } from './engine.ts';
import { type Issue, issueOf, meantErrors } from './issue.ts';
import { visitSchemas } from './schema.ts';

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
  const engines = new Map<string, Engine>();
  const engineFor = (direction: Direction | undefined, all: boolean): Engine => {
    const key = `${direction ?? ''}/${all}`;
    const engine = engines.get(key) ?? createEngine({ types, direction, all, report });
    engines.set(key, engine);
    return engine;
  };
  return {
    unchecked,
    check: (schema, value, options = {}) => {
      if (typeof schema === 'boolean') return schema ? [] : [{ path: '', message: 'nothing is allowed here', keyword: 'false' }];
      try {
        const errors = engineFor(isOneWay(schema) ? options.direction : undefined, options.all ?? false)(schema, value);
        const meant = options.all ? errors : meantErrors(errors, value);
        return meant.slice(0, maxIssues).map((error) => issueOf(error, value));
      } catch (error) {
        if (error === tooManySteps) return [{ path: '', message: 'is too entangled to be checked', keyword: 'complexity' }];
        return [{ path: '', message: 'is nested too deeply to be checked', keyword: 'depth' }];
      }
    },
  };
};
