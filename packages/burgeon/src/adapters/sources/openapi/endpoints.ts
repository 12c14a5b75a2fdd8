import { isObject } from '../../../base/json.ts';
import { type Node, type Place, type Reading, member, placeOf } from './reading.ts';

/** One operation of the description before it is read. */
export interface Endpoint {
  /** Key under `paths` (or name of the webhook) as written. */
  key: string;
  /** Upper case. */
  method: string;
  node: Node;
  place: Place;
  /** The object that holds it, with parameters and servers of its own. */
  item: Node;
  itemPlace: Place;
}

const methods: ReadonlySet<string> = new Set('get put post delete options head patch trace query'.split(' '));
const itemMembers: ReadonlySet<string> = new Set('$ref summary description servers parameters additionalOperations'.split(' '));

/** No server takes a longer one (RFC 9110 section 4.1 asks for 8,000). */
const longestPath = 8_000;

/** The operations under a map of path items (`paths`, `webhooks`, a callback), in the order of the source. */
export const endpointsOf = (reading: Reading, node: unknown, place: Place): Endpoint[] => {
  if (node === undefined || node === null) return [];
  if (!isObject(node)) {
    reading.report({
      severity: 'error',
      code: 'invalid-paths',
      message: 'The paths are not an object; they are passed over.',
      place,
    });
    return [];
  }
  return Object.entries(node).flatMap(([key, written]) => {
    const at = placeOf(place, key);
    if (/^x-/i.test(key)) return [];
    if (key.length > longestPath) {
      reading.report({
        severity: 'error',
        code: 'path-too-long',
        message: `A path has ${key.length} characters; it is passed over.`,
        place,
      });
      return [];
    }
    if (key === '$ref') {
      const located = reading.references.follow(node, place);
      return located === undefined ? [] : endpointsOf(reading, located.value, located.place);
    }
    const located = reading.references.follow(written, at);
    if (located === undefined) {
      if (!isObject(written) && written !== null) {
        reading.report({
          severity: 'error',
          code: 'invalid-path-item',
          message: 'A path must hold an object; it is passed over.',
          place: at,
        });
      }
      return [];
    }
    return endpointsOfItem(reading, key, located.value, located.place);
  });
};

const endpointsOfItem = (reading: Reading, key: string, item: Node, itemPlace: Place): Endpoint[] => {
  const found: Endpoint[] = [];
  const add = (method: string, node: unknown, place: Place): void => {
    const located = reading.references.follow(node, place);
    if (located !== undefined) found.push({ key, method, node: located.value, place, item, itemPlace });
    else if (!isObject(node)) {
      reading.report({
        severity: 'error',
        code: 'invalid-operation',
        message: 'An operation must be an object; it is left out.',
        place,
      });
    }
  };
  for (const [name, node] of Object.entries(item)) {
    const place = placeOf(itemPlace, name);
    const lower = name.toLowerCase();
    if (methods.has(lower)) {
      if (lower !== name)
        reading.report({ code: 'method-case', message: `The method "${name}" should be written in lower case.`, place });
      if (lower === name || !Object.hasOwn(item, lower)) add(lower.toUpperCase(), node, place);
    } else if (name === 'additionalOperations' && isObject(node)) {
      for (const [method, operation] of Object.entries(node)) {
        if (/^[!#$%&'*+.^_`|~\w-]+$/.test(method)) add(method, operation, placeOf(place, method));
        else
          reading.report({
            severity: 'error',
            code: 'invalid-method',
            message: `"${method.slice(0, 40)}" cannot be a method; it is left out.`,
            place,
          });
      }
    } else if (!itemMembers.has(name) && !name.startsWith('x-')) {
      reading.report({
        code: 'unknown-key',
        message: `"${name.slice(0, 80)}" means nothing in a path; it is passed over.`,
        place,
      });
    }
  }
  return found;
};

/** Operations that are called back: `callbacks` of an endpoint. */
export const callbacksOf = (reading: Reading, endpoint: Endpoint): { name: string; endpoint: Endpoint }[] => {
  const written = member(endpoint.node, 'callbacks');
  if (!isObject(written)) return [];
  return Object.entries(written).flatMap(([name, node]) => {
    const located = reading.references.follow(node, placeOf(endpoint.place, 'callbacks', name));
    if (located === undefined || name.startsWith('x-')) return [];
    return endpointsOf(reading, located.value, located.place).map((each) => ({ name, endpoint: each }));
  });
};
