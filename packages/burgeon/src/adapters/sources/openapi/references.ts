import { isObject, pointerPath } from '../../../base/json.ts';
import { type Located, type Node, type Place, type References, type Report, member, placeOf } from './reading.ts';

/** What the resolver may look at. */
export interface ReferenceScope {
  root: Node;
  /** Absolute location of the description, and its `$self` when it has one. */
  bases: readonly string[];
  /** Other documents by absolute location. */
  documents: ReadonlyMap<string, unknown>;
  report(report: Report): void;
}

/** The document a place is in: empty for the description itself. */
export const documentOfPlace = (place: Place): string =>
  place === '' || place.startsWith('/') ? '' : place.slice(0, place.lastIndexOf('#'));

/** Absolute location of what `reference` names, seen from `base`. Without a base that has a scheme, paths are joined as they are. */
export const absoluteLocation = (reference: string, base: string): string => {
  const file = !/^[a-z][a-z\d+.-]+:/i.test(base);
  try {
    const url = new URL(reference, file ? new URL(base.replaceAll('\\', '/'), 'file:///') : base);
    url.hash = '';
    return url.href;
  } catch {
    return reference.split('#')[0]!;
  }
};

/** Nobody writes longer chains of references, but for the harm. */
const longestChain = 100;

/** Makes the resolver of one reading. */
export const resolverOf = (scope: ReferenceScope): References => {
  const anchors = new Map<string, Map<string, Place>>();
  const memo = new Map<string, Located | null>();

  const target = (reference: string, from: Place): Located | undefined => {
    const document = documentOfPlace(from);
    const key = `${document} ${reference}`;
    const known = memo.get(key);
    if (known !== undefined) return known ?? undefined;
    const found = find(scope, anchors, { reference, document, from });
    memo.set(key, found ?? null);
    return found;
  };

  const follow = (node: unknown, place: Place): Located<Node> | undefined => {
    let at: Located = { value: node, place };
    const overrides: Node[] = [];
    for (const seen = new Set<Place>(); isObject(at.value);) {
      const reference = member(at.value, '$ref');
      if (typeof reference !== 'string') {
        const value = at.value;
        return {
          value: overrides.length === 0 ? value : overrides.reduceRight((base, over) => ({ ...base, ...over }), value),
          place: at.place,
        };
      }
      const { $ref: _, ...beside } = at.value;
      if (Object.keys(beside).length > 0) overrides.push(beside);
      if (seen.has(at.place) || seen.size > longestChain) {
        scope.report({
          code: 'reference-cycle',
          message: `The reference "${reference}" leads back to itself, or nowhere in a hundred steps.`,
          place,
        });
        return undefined;
      }
      seen.add(at.place);
      const next = target(reference, at.place);
      if (next === undefined) return undefined;
      at = next;
    }
    return undefined;
  };
  return { target, follow };
};

interface Search {
  reference: string;
  document: string;
  from: Place;
}

const find = (scope: ReferenceScope, anchors: Map<string, Map<string, Place>>, search: Search): Located | undefined => {
  const { reference, from } = search;
  const report = (code: string, message: string, hint?: string): undefined => {
    scope.report({ code, message, place: placeOf(from, '$ref'), ...(hint === undefined ? {} : { hint }) });
  };
  const hash = reference.indexOf('#');
  const location = hash === -1 ? reference : reference.slice(0, hash);
  const fragment = hash === -1 ? '' : decode(reference.slice(hash + 1));
  const short = hash === -1 ? shorthand(scope, reference, search.document) : undefined;
  if (short !== undefined) return short;
  const document = location === '' ? search.document : documentFor(scope, location, search.document);
  const embedded = document === undefined ? identified(scope, anchors, location) : undefined;
  if (document === undefined && embedded === undefined) {
    return report(
      'external-ref-refused',
      `The reference "${reference.slice(0, 200)}" leads to another document, which was not read.`,
      'Allow that location, or bundle the description into one document.',
    );
  }
  const root = embedded ?? {
    value: document === '' ? scope.root : scope.documents.get(document!),
    place: document === '' ? '' : `${document}#`,
  };
  const found = fragment === '' || fragment.startsWith('/') ? walk(root, fragment) : undefined;
  if (found !== undefined && isObject(root.value)) return found;
  return (
    repaired(root, fragment, from, scope) ??
    anchored(anchors, root, fragment) ??
    report(
      'dangling-ref',
      `The reference "${reference.slice(0, 200)}" names nothing in the document.`,
      'What it stands for is treated as unknown.',
    )
  );
};

const decode = (fragment: string): string => {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
};

/** `$ref: Pet`, an old way to name a definition. */
const shorthand = (scope: ReferenceScope, name: string, document: string): Located | undefined => {
  if (document !== '' || !/^[\w.-]+$/.test(name)) return undefined;
  for (const path of [['definitions'], ['components', 'schemas']]) {
    const found = walk({ value: scope.root, place: '' }, placeOf('', ...path, name));
    if (found !== undefined) return found;
  }
  return undefined;
};

const documentFor = (scope: ReferenceScope, location: string, from: string): string | undefined => {
  const bases = from === '' ? scope.bases : [from];
  for (const base of bases) {
    const absolute = absoluteLocation(location, base);
    if (scope.bases.includes(absolute)) return '';
    if (scope.documents.has(absolute)) return absolute;
  }
  return undefined;
};

/** Follows a pointer through own members only; passes through a `$ref` in the middle never. */
const walk = (root: Located, pointer: string): Located | undefined => {
  let value = root.value;
  let place = root.place;
  for (const token of pointerPath(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
    value = (value as Node)[token];
    place = placeOf(place, token);
  }
  return value === undefined ? undefined : { value, place };
};

/** Idioms of one version in a description of another, lost slashes, and `#/$defs` meant from the enclosing schema. */
const repaired = (root: Located, fragment: string, from: Place, scope: ReferenceScope): Located | undefined => {
  const pointer = fragment.startsWith('/') ? fragment : `/${fragment}`;
  const moved = moves.flatMap(([pattern, to]) => (pattern.test(pointer) ? [pointer.replace(pattern, to)] : []));
  for (const candidate of [pointer, ...moved]) {
    const found = walk(root, candidate);
    if (found === undefined || candidate === fragment) continue;
    scope.report({
      code: 'ref-repaired',
      message: `The reference "#${fragment}" is taken for "#${candidate}".`,
      place: placeOf(from, '$ref'),
    });
    return found;
  }
  if (!/^\/(\$defs|definitions)\//.test(fragment)) return undefined;
  const schema = /^(\/components\/schemas\/[^/]+|\/definitions\/[^/]+)/.exec(from)?.[0];
  return schema === undefined ? undefined : walk({ value: walk(root, schema)?.value, place: schema }, fragment);
};

const moves: readonly (readonly [RegExp, string])[] = [
  [/^\/definitions\//, '/components/schemas/'],
  [/^\/components\/schemas\//, '/definitions/'],
  [/^\/components\/(parameters|responses)\//, '/$1/'],
  [/^\/(parameters|responses|requestBodies|headers|examples)\//, '/components/$1/'],
  [/^\/components\/schema\//, '/components/schemas/'],
  [/^\/components\/definitions\//, '/components/schemas/'],
  [/^\/schemas\//, '/components/schemas/'],
  [/^\/components\/securitySchemes\//, '/securityDefinitions/'],
];

/** `#name`: an `$anchor` or `$dynamicAnchor`; old drafts wrote `id: "#name"`. */
const anchored = (anchors: Map<string, Map<string, Place>>, root: Located, fragment: string): Located | undefined => {
  const place = indexOf(anchors, root).get(`#${fragment}`);
  return place === undefined ? undefined : walk(root, place.slice(root.place.length));
};

/** A schema that carries the wanted location as its `$id`. */
const identified = (scope: ReferenceScope, anchors: Map<string, Map<string, Place>>, location: string): Located | undefined => {
  const root: Located = { value: scope.root, place: '' };
  const place = indexOf(anchors, root).get(location);
  return place === undefined ? undefined : walk(root, place);
};

/** Anchors and identifiers of a document; built once, and only for descriptions that use them. */
const indexOf = (anchors: Map<string, Map<string, Place>>, root: Located): Map<string, Place> => {
  const known = anchors.get(root.place);
  if (known !== undefined) return known;
  const found = new Map<string, Place>();
  const stack: Located[] = [root];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (typeof at.value !== 'object' || at.value === null) continue;
    for (const [key, value] of Object.entries(at.value)) {
      if (typeof value === 'object') stack.push({ value, place: placeOf(at.place, key) });
      else if (typeof value !== 'string') continue;
      else if (key === '$anchor' || key === '$dynamicAnchor') found.set(`#${value}`, at.place);
      else if (key === '$id' || (key === 'id' && value.startsWith('#'))) found.set(value, at.place);
    }
  }
  anchors.set(root.place, found);
  return found;
};
