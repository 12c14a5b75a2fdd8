import type { JsonObject, JsonSchema, JsonValue } from '@burgeon/kit';
import { define, isObject, pointerOf, pointerPath, valueAt } from '../../base/json.ts';
import type { Direction, Issue, Validator } from '../../interface/validate.ts';

/** What a value is made to fit. */
export interface ReconcileOptions {
  schema: JsonSchema;
  direction: Direction;
  validator: Pick<Validator, 'check'>;
  /** A value that satisfies the schema: where the given one cannot stay, its parts are taken from here. Called at most once. */
  template(): JsonValue;
}

/** Corrections tried before the template stands in for the whole. */
const rounds = 64;

/** Keywords that mean: this should not be there at all. */
const unwanted = new Set(['additionalProperties', 'unevaluatedProperties', 'false schema', 'propertyNames', 'maxItems', 'not']);

/**
 * Makes a value satisfy a schema with as few changes as possible, in place: what is missing is taken from the template, what is not
 * allowed goes, what has the wrong form is converted or replaced. Gives the template when that does not suffice.
 */
export const reconcile = (value: JsonValue, options: ReconcileOptions): JsonValue => {
  const { schema, direction, validator } = options;
  let template: { value: JsonValue } | undefined;
  const holder: { value: JsonValue } = { value };
  const tried = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const issue = validator.check(schema, holder.value, { direction })[0];
    if (!issue) return holder.value;
    template ??= { value: options.template() };
    if (!correct(holder, issue, { template, tried })) break;
  }
  template ??= { value: options.template() };
  return template.value;
};

interface Means {
  template: { value: JsonValue };
  tried: Map<string, number>;
}

/** Applies the next correction for the place of an issue, or for a place around it; false when none is left. */
const correct = (holder: { value: JsonValue }, issue: Issue, { template, tried }: Means): boolean => {
  const path = ['value', ...pointerPath(issue.path)];
  for (; path.length > 1; path.pop()) {
    const pointer = pointerOf(path);
    const attempt = tried.get(pointer) ?? 0;
    if (attempt >= 3) continue;
    const current = valueAt(holder, pointer) as JsonValue | undefined;
    const model = modelAt(template, path);
    const steps = [
      () => {
        const other = current === undefined || unwanted.has(issue.keyword) ? undefined : convert(current, model);
        return other !== undefined && other !== current && put(holder, path, other);
      },
      () => current !== null && !unwanted.has(issue.keyword) && model !== undefined && put(holder, path, structuredClone(model)),
      () => current !== undefined && remove(holder, path),
    ];
    for (let step = attempt; step < steps.length; step++) {
      tried.set(pointer, step + 1);
      if (steps[step]?.()) return true;
    }
  }
  return false;
};

/** The template's value for a place; any item of its list stands for all. */
const modelAt = (template: { value: JsonValue }, path: readonly string[]): JsonValue | undefined => {
  let value: JsonValue | undefined = template as unknown as JsonValue;
  for (const token of path) {
    if (Array.isArray(value)) value = value[Number(token)] ?? value[0];
    else if (isObject(value) && Object.hasOwn(value, token)) value = (value as Record<string, JsonValue>)[token];
    else return undefined;
  }
  return value;
};

/** The same thing in another form: `5` for `"5"`, `true` for `1`, and the thing itself for its key. Undefined when there is no such form. */
const convert = (current: JsonValue, model: JsonValue | undefined): JsonValue | undefined => {
  const written =
    typeof current === 'string'
      ? current
      : typeof current === 'number' || typeof current === 'boolean'
        ? String(current)
        : undefined;
  if (written === undefined) return undefined;
  switch (typeof model) {
    case 'string':
      return written;
    case 'number':
      return typeof current === 'boolean'
        ? Number(current)
        : /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/.test(written)
          ? Number(written)
          : undefined;
    case 'boolean':
      return ['true', '1'].includes(written) ? true : ['false', '0'].includes(written) ? false : undefined;
    case 'object':
      return isObject(model) ? expanded(current, model as JsonObject) : undefined;
    default:
      return typeof current === 'string' ? undefined : written;
  }
};

/** Properties by which a thing is usually named where only its key was sent. */
const handles = ['id', 'key', 'code', 'sha', 'login', 'email', 'name', 'value'];

const expanded = (current: JsonValue, model: JsonObject): JsonValue | undefined => {
  const handle = handles.find((name) => Object.hasOwn(model, name) && typeof model[name] === typeof current);
  return handle === undefined ? undefined : { ...structuredClone(model), [handle]: current };
};

const put = (holder: object, path: readonly string[], value: JsonValue): boolean => {
  const parent = valueAt(holder, pointerOf(path.slice(0, -1)));
  const last = path.at(-1) as string;
  if (Array.isArray(parent)) parent[Number(last)] = value;
  else if (isObject(parent)) define<unknown>(parent, last, value);
  else return false;
  return true;
};

const remove = (holder: object, path: readonly string[]): boolean => {
  const parent = valueAt(holder, pointerOf(path.slice(0, -1)));
  const last = path.at(-1) as string;
  if (Array.isArray(parent)) return parent.splice(Number(last), 1).length === 1;
  return isObject(parent) && Object.hasOwn(parent, last) && delete parent[last];
};
