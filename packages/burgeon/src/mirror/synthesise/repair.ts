import type { JsonValue } from '@burgeon/kit';
import { isObject, pointerOf, pointerPath, valueAt } from '../../base/json.ts';

/** Rounds of taking something out before a value is given up. */
const rounds = 24;

/**
 * Takes out of a value, in place, what the check complains about, from the inside outward; undefined when that does not make it valid.
 * What can be left out is better left out than wrong.
 */
export const repair = (value: JsonValue, check: (value: JsonValue) => readonly { path: string }[]): JsonValue | undefined => {
  const taken = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const issues = check(value);
    if (issues.length === 0) return value;
    const path = pointerPath(issues[0]?.path ?? '');
    // What was taken out and is still complained about is needed: then its parent goes.
    while (path.length > 0 && (taken.has(pointerOf(path)) || !remove(value, path))) path.pop();
    if (path.length === 0) return undefined;
    taken.add(pointerOf(path));
  }
  return undefined;
};

const remove = (value: JsonValue, path: readonly string[]): boolean => {
  const parent = valueAt(value, pointerOf(path.slice(0, -1)));
  const last = path.at(-1) as string;
  if (Array.isArray(parent)) return parent.splice(Number(last), 1).length === 1;
  if (!isObject(parent) || !Object.hasOwn(parent, last)) return false;
  return delete parent[last];
};
