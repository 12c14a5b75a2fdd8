import { singularOf } from './operation-names.ts';
import type { ReadOperation } from './operations.ts';

/** A collection and its members, found by the shapes of their paths: `/pets` and `/pets/{petId}`. */
export interface Resource {
  /** Path of the collection with all variables as `{}`. */
  path: string;
  /** Last static part of the path: `pets`. */
  noun: string;
  /** Static parts before it that are followed by a variable, outermost first. */
  parents: { noun: string; variable: string }[];
  /** Variable of a member; absent when no member path was found. */
  variable: string;
  collection: Map<string, ReadOperation>;
  member: Map<string, ReadOperation>;
}

/** Parts of a path without a file ending (`/Accounts/{Sid}.json`) and without a slash at the end. */
const segmentsOf = (path: string): string[] =>
  path
    .replace(/\.(json|xml)$/i, '')
    .split('/')
    .filter((segment) => segment !== '');

const variableIn = (segment: string): string | undefined => /^\{([^{}]+)\}$/.exec(segment)?.[1];

const shapeKey = (segments: readonly string[]): string =>
  `/${segments.map((segment) => (variableIn(segment) === undefined ? segment : '{}')).join('/')}`;

/** Finds the resources among operations; only those with a member path. Sorted by path. */
export const findResources = (operations: readonly ReadOperation[]): Resource[] => {
  const byPath = new Map<string, { segments: string[]; methods: Map<string, ReadOperation> }>();
  for (const read of operations) {
    if (read.binding.query !== undefined || read.endpoint.key.includes('#')) continue;
    const segments = segmentsOf(read.binding.path);
    const key = shapeKey(segments);
    const known = byPath.get(key) ?? { segments, methods: new Map<string, ReadOperation>() };
    if (!known.methods.has(read.binding.method)) known.methods.set(read.binding.method, read);
    byPath.set(key, known);
  }
  const resources: Resource[] = [];
  for (const { segments, methods } of byPath.values()) {
    const variable = variableIn(segments.at(-1) ?? '');
    const noun = segments.at(-2);
    // `{ids}` names several members at once.
    if (variable === undefined || /ids$/i.test(variable) || noun === undefined || noun.includes('{')) continue;
    const collection = byPath.get(shapeKey(segments.slice(0, -1)));
    resources.push({
      path: shapeKey(segments.slice(0, -1)),
      noun,
      parents: parentsOf(segments.slice(0, -2)),
      variable,
      collection: collection?.methods ?? new Map<string, ReadOperation>(),
      member: methods,
    });
  }
  return resources.toSorted((a, b) => (a.path < b.path ? -1 : 1));
};

const parentsOf = (segments: readonly string[]): Resource['parents'] => {
  let before = '';
  return segments.flatMap((segment) => {
    const variable = variableIn(segment);
    if (variable !== undefined) return [{ noun: singularOf(before), variable }];
    if (!segment.includes('{')) before = segment;
    return [];
  });
};
