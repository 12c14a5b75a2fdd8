import { createHash } from 'node:crypto';
import type { JsonValue } from '@burgeon/kit';

/**
 * Canonical JSON text: keys in code-unit order, no white space, shortest numbers. Same value, same bytes.
 * @see RFC 8785
 */
export const canonicalJson = (value: unknown): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item === undefined ? null : item)).join(',')}]`;
  const entries = Object.entries(value as Record<string, unknown>).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
};

/** sha-256 of text or bytes, lower-case hex. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** sha-256 over the canonical JSON of a value, lower-case hex. */
export const digestOf = (value: unknown): string => sha256(canonicalJson(value));

/** One reference token of a JSON pointer, escaped. @see RFC 6901 section 3 */
export const pointerToken = (token: string | number): string => String(token).replaceAll('~', '~0').replaceAll('/', '~1');

/** JSON pointer of a path: `['paths', '/pets']` gives `/paths/~1pets`. */
export const pointerOf = (path: readonly (string | number)[]): string => path.map((token) => `/${pointerToken(token)}`).join('');

/** Path of a JSON pointer; the inverse of {@link pointerOf} with every token a string. */
export const pointerPath = (pointer: string): string[] =>
  pointer === ''
    ? []
    : pointer
        .split('/')
        .slice(1)
        .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The value a JSON pointer names, looking at own properties only; undefined when there is none. */
export const valueAt = (root: unknown, pointer: string): unknown => {
  let value = root;
  for (const token of pointerPath(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
    value = (value as Record<string, unknown>)[token];
  }
  return value;
};

/** A value from outside as text: text as it is, nothing as `''`, anything else as its JSON. */
export const asText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : (JSON.stringify(value) ?? '');

/** True for a plain JSON object: neither null nor an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Sets an own property even when the key is `__proto__`. */
export const define = <T>(target: Record<string, T>, key: string, value: T): void => {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
};

/** A deep copy of a JSON value. */
export const cloneJson = <T extends JsonValue>(value: T): T => structuredClone(value);
