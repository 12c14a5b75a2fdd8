/** Types that would be nothing but themselves: which references have to give way so that every type ends. */
import type { JsonSchema } from '@burgeon/kit';
import { immediateReferences, isPlainObject } from './type-node.ts';

type Edges = Map<string, Set<string>>;

const turned = (edges: Edges): Edges => {
  const result: Edges = new Map([...edges.keys()].map((name) => [name, new Set<string>()]));
  for (const [from, names] of edges) for (const to of names) result.get(to)?.add(from);
  return result;
};

/** Takes away, over and over, what leads to nothing that is left. */
const peel = (left: Set<string>, edges: Edges): void => {
  const backward = turned(edges);
  const degrees = new Map([...left].map((name) => [name, [...(edges.get(name) ?? [])].filter((to) => left.has(to)).length]));
  const waiting = [...left].filter((name) => degrees.get(name) === 0);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    left.delete(next);
    for (const from of backward.get(next) ?? []) {
      const open = (degrees.get(from) ?? 0) - 1;
      degrees.set(from, open);
      if (open === 0 && left.has(from)) waiting.push(from);
    }
  }
};

/** The names on circles, and between two of them. */
const circular = (edges: Edges): Set<string> => {
  const left = new Set(edges.keys());
  peel(left, edges);
  peel(left, turned(edges));
  return left;
};

/**
 * Type -> names it may not refer to outside objects and arrays. Where inheritance goes in a circle (`Pet` is one of `Cat`, which is all of
 * `Pet`), the inheriting reference gives way; where a choice does, the choice.
 */
export const circularReferences = (types: Record<string, JsonSchema>): Map<string, Set<string>> => {
  const found = new Map(
    Object.entries(types)
      .filter(([, schema]) => !isPlainObject(schema))
      .map(([name, schema]) => [name, immediateReferences(schema)] as const),
  );
  const known = (names: readonly string[]): Set<string> => new Set(names.filter((name) => found.has(name)));
  const edges: Edges = new Map([...found].map(([name, { all }]) => [name, known(all)]));
  const cut = new Map<string, Set<string>>();
  const remove = (from: string, to: string): void => {
    edges.get(from)?.delete(to);
    cut.set(from, (cut.get(from) ?? new Set()).add(to));
  };
  const within = circular(edges);
  for (const from of within) for (const to of found.get(from)?.joined ?? []) if (within.has(to)) remove(from, to);
  const rest = circular(edges);
  for (const from of rest) for (const to of new Set(edges.get(from))) if (rest.has(to)) remove(from, to);
  return cut;
};
