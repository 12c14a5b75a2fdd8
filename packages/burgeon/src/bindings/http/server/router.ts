/** Finding the operation of a request: a tree over the segments of all path templates. */
import { percentDecode } from '../runtime/percent.ts';

/** One entry of the table. */
export interface RouteEntry<T> {
  /** Upper case. */
  method: string;
  /** Path template; expressions stand in braces. */
  path: string;
  /** Query parameters that must be there with these values. */
  query?: readonly (readonly [name: string, value: string])[];
  value: T;
}

/** An entry that took a path. */
export interface Match<T> {
  value: T;
  /** Raw texts of the template's expressions. */
  path: Record<string, string>;
}

/** What a path leads to. */
export interface Found<T> {
  /** Entries of the method, best first; empty when the path knows only other methods. */
  matches: Match<T>[];
  /** All methods of the path, sorted. */
  methods: string[];
}

/** A template segment that is not plain text: literals around named expressions. */
interface Pattern {
  literals: string[];
  names: string[];
}

interface Leaf<T> {
  entry: RouteEntry<T>;
  names: string[];
  slash: boolean;
}

interface Node<T> {
  fixed: Map<string, Node<T>>;
  patterns: { key: string; pattern: Pattern; node: Node<T> }[];
  any?: Node<T>;
  leaves: Leaf<T>[];
}

const createNode = <T>(): Node<T> => ({ fixed: new Map(), patterns: [], leaves: [] });

const segmentsOf = (path: string): string[] => {
  const start = path.startsWith('/') ? 1 : 0;
  const end = path.length > start && path.endsWith('/') ? path.length - 1 : path.length;
  return path.slice(start, end).split('/');
};

const patternOf = (segment: string): Pattern | undefined => {
  if (!segment.includes('{')) return undefined;
  const literals: string[] = [];
  const names: string[] = [];
  let at = 0;
  for (const found of segment.matchAll(/\{([^{}]*)\}/g)) {
    literals.push(segment.slice(at, found.index));
    names.push(found[1] ?? '');
    at = found.index + found[0].length;
  }
  literals.push(segment.slice(at));
  return names.length === 0 ? undefined : { literals, names };
};

/** Texts of a pattern's expressions, each as short as can be and the last as long; none is empty. */
const matchPattern = ({ literals, names }: Pattern, text: string): string[] | undefined => {
  const first = literals[0] ?? '';
  const last = literals.at(-1) ?? '';
  if (!text.startsWith(first) || !text.endsWith(last)) return undefined;
  const end = text.length - last.length;
  const values: string[] = [];
  let at = first.length;
  for (let index = 1; index < names.length; index += 1) {
    const literal = literals[index] ?? '';
    const next = text.indexOf(literal, at + 1);
    if (next < 0) return undefined;
    values.push(text.slice(at, next));
    at = next + literal.length;
  }
  if (at >= end) return undefined;
  values.push(text.slice(at, end));
  return values;
};

const insert = <T>(root: Node<T>, entry: RouteEntry<T>): void => {
  let node = root;
  const names: string[] = [];
  for (const segment of segmentsOf(entry.path)) {
    const pattern = patternOf(segment);
    node = pattern ? patternNode(node, pattern) : fixedNode(node, percentDecode(segment));
    if (pattern) names.push(...pattern.names);
  }
  node.leaves.push({ entry, names, slash: entry.path.length > 1 && entry.path.endsWith('/') });
};

const fixedNode = <T>(node: Node<T>, text: string): Node<T> => {
  const child = node.fixed.get(text) ?? createNode<T>();
  node.fixed.set(text, child);
  return child;
};

const patternNode = <T>(node: Node<T>, pattern: Pattern): Node<T> => {
  if (pattern.literals.every((literal) => literal === '')) return (node.any ??= createNode<T>());
  const key = pattern.literals.join('{}');
  const known = node.patterns.find((candidate) => candidate.key === key);
  if (known) return known.node;
  const made = { key, pattern, node: createNode<T>() };
  node.patterns.push(made);
  // More literal text says more about a segment.
  node.patterns.sort((a, b) => b.key.length - a.key.length);
  return made.node;
};

/** One search: the path taken apart, and what was found so far. */
interface Search<T> {
  raw: string[];
  texts: string[];
  values: string[];
  leaves: { leaf: Leaf<T>; values: string[] }[];
}

/** Collects the leaves of every way down, fixed text before patterns before whole-segment expressions. */
const descend = <T>(node: Node<T>, depth: number, search: Search<T>): void => {
  if (depth === search.raw.length) {
    for (const leaf of node.leaves) search.leaves.push({ leaf, values: search.values.slice(0, leaf.names.length) });
    return;
  }
  const raw = search.raw[depth] ?? '';
  const fixed = node.fixed.get(search.texts[depth] ?? '');
  if (fixed) descend(fixed, depth + 1, search);
  for (const { pattern, node: next } of node.patterns) {
    const values = matchPattern(pattern, raw);
    if (values) descendWith(next, depth, search, values);
  }
  if (node.any && raw !== '') descendWith(node.any, depth, search, [raw]);
};

const descendWith = <T>(node: Node<T>, depth: number, search: Search<T>, values: string[]): void => {
  search.values.push(...values);
  descend(node, depth + 1, search);
  search.values.length -= values.length;
};

const queryFits = <T>({ query = [] }: RouteEntry<T>, given: URLSearchParams): boolean =>
  query.every(([name, value]) => given.getAll(name).includes(value));

/** A table of routes. */
export interface Router<T> {
  /** Entries of the path, the most literal first; undefined when no template takes it. A slash at the end makes no difference. */
  find(method: string, path: string, query: string): Found<T> | undefined;
  /** Templates that look most like a path, best first. */
  near(path: string): string[];
}

/** Builds a router. `bases` are path prefixes (`/v1`) under which everything is reachable too; prefixes are tried before the bare path. */
export const createRouter = <T>(entries: readonly RouteEntry<T>[], bases: readonly string[] = []): Router<T> => {
  const root = createNode<T>();
  for (const entry of entries) insert(root, entry);
  const prefixes = [...new Set(bases)].filter((base) => base !== '').sort((a, b) => b.length - a.length);
  const search = (path: string): Search<T>['leaves'] => {
    const raw = segmentsOf(path);
    const texts = path.includes('%') ? raw.map(percentDecode) : raw;
    const found: Search<T> = { raw, texts, values: [], leaves: [] };
    descend(root, 0, found);
    return found.leaves;
  };
  const leavesOf = (path: string): Search<T>['leaves'] => {
    for (const base of prefixes) {
      if (!path.startsWith(base) || (path.length > base.length && path[base.length] !== '/')) continue;
      const leaves = search(path.slice(base.length));
      if (leaves.length > 0) return leaves;
    }
    return search(path);
  };
  return {
    find: (method, path, query) => {
      const leaves = leavesOf(path);
      return leaves.length === 0 ? undefined : choose(leaves, { method, query, slash: path.length > 1 && path.endsWith('/') });
    },
    near: (path) => nearest(entries, path),
  };
};

const choose = <T>(leaves: Search<T>['leaves'], wanted: { method: string; query: string; slash: boolean }): Found<T> => {
  let own = leaves.filter(({ leaf }) => leaf.entry.method === wanted.method);
  if (own.some(({ leaf }) => leaf.entry.query !== undefined)) {
    const given = new URLSearchParams(wanted.query);
    const fitting = own.filter(({ leaf }) => queryFits(leaf.entry, given));
    const demanding = fitting.filter(({ leaf }) => leaf.entry.query !== undefined);
    own = fitting.length === 0 ? own : [...demanding, ...fitting.filter((each) => !demanding.includes(each))];
  }
  if (own.length > 1) own.sort((a, b) => Number(b.leaf.slash === wanted.slash) - Number(a.leaf.slash === wanted.slash));
  return {
    matches: own.map(({ leaf, values }) => ({ value: leaf.entry.value, path: named(leaf.names, values) })),
    get methods() {
      return [...new Set(leaves.map(({ leaf }) => leaf.entry.method))].sort();
    },
  };
};

const named = (names: string[], values: string[]): Record<string, string> => {
  const path = Object.create(null) as Record<string, string>;
  for (const [index, name] of names.entries()) path[name] = values[index] ?? '';
  return path;
};

/** How many templates are named, and how many are compared. */
const maxNear = 5;
const maxCompared = 5_000;

/** Templates with the most segments in common with a path; an expression counts for half. */
const nearest = <T>(entries: readonly RouteEntry<T>[], path: string): string[] => {
  const wanted = segmentsOf(path.slice(0, 1_000).toLowerCase());
  const score = (template: string): number => {
    const segments = segmentsOf(template.toLowerCase());
    const alike = segments.map((segment, index) =>
      segment === wanted[index] ? 1 : segment.includes('{') ? 0.5 : likeness(segment, wanted[index] ?? ''),
    );
    return alike.reduce((sum, each) => sum + each, 0) - Math.abs(segments.length - wanted.length) * 0.6;
  };
  const templates = [...new Set(entries.slice(0, maxCompared).map((entry) => entry.path))];
  const scored = templates.map((template) => ({ template, score: score(template) })).filter((each) => each.score > 0);
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, maxNear)
    .map(({ template }) => template);
};

/** Share of the longer text that both begin with, at most 0.9. */
const likeness = (a: string, b: string): number => {
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  return same === 0 ? 0 : (0.9 * same) / Math.max(a.length, b.length);
};
