import { toBase64 } from './base64.ts';
import { percentEncode, percentEncodeReserved } from './percent.ts';
import type { HttpParameter, HttpStyle } from './types.ts';

/** What the styles know of a value: nothing, one text, a list of texts, or names with texts. */
type Shape = { kind: 'one'; text: string } | { kind: 'list'; texts: string[] } | { kind: 'map'; pairs: [string, string][] };

/** How a value is written, wherever it goes. */
export interface Writing {
  name: string;
  style: HttpStyle;
  explode: boolean;
  allowReserved?: boolean;
  /** True: an empty list or map is written as the name with nothing. */
  keepEmpty?: boolean;
}

const delimiters: Partial<Record<HttpStyle, string>> = { spaceDelimited: '%20', pipeDelimited: '%7C', tabDelimited: '%09' };

/** Nesting beyond this is written as JSON. */
const maxDepth = 32;

/** True for null and undefined, which have no written form. @see RFC 6570 section 2.3 */
export const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Date) &&
  !(value instanceof Uint8Array);

/** The text of one value: numbers and booleans as JSON writes them, dates in ISO 8601, bytes in base64, anything nested as JSON. */
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return toBase64(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value as number | bigint | boolean);
};

const present = (value: Record<string, unknown>): [string, unknown][] =>
  Object.entries(value).filter(([, item]) => !isAbsent(item));

const shapeOf = (value: unknown): Shape => {
  if (Array.isArray(value)) return { kind: 'list', texts: value.filter((item) => !isAbsent(item)).map(textOf) };
  if (isMap(value)) return { kind: 'map', pairs: present(value).map(([key, item]) => [key, textOf(item)]) };
  return { kind: 'one', text: textOf(value) };
};

/** Texts of a shape in a row; the names of a map stand before their values. */
const flat = (shape: Shape, encode: (text: string) => string): string[] => {
  if (shape.kind === 'one') return [encode(shape.text)];
  return (shape.kind === 'list' ? shape.texts : shape.pairs.flat()).map(encode);
};

const pairsOf = (shape: Shape & { kind: 'map' }, encode: (text: string) => string): string[] =>
  shape.pairs.map(([key, text]) => `${encode(key)}=${encode(text)}`);

/** A path parameter, encoded, with the prefix its style demands. Undefined and null give the empty text. */
export const writePath = (parameter: Writing, value: unknown): string => {
  if (isAbsent(value)) return '';
  const encode = (text: string): string => (parameter.allowReserved ? percentEncodeReserved(text, 'path') : percentEncode(text));
  const shape = shapeOf(value);
  const { style, explode } = parameter;
  const apart = explode && shape.kind !== 'one';
  const texts = apart && shape.kind === 'map' ? pairsOf(shape, encode) : flat(shape, encode);
  if (style === 'matrix') return texts.length === 0 ? '' : writeMatrix(percentEncode(parameter.name), texts, { shape, apart });
  if (style === 'label') return texts.length === 0 ? '' : `.${texts.join(apart ? '.' : ',')}`;
  return texts.join(delimiters[style] ?? ',');
};

const writeMatrix = (name: string, texts: string[], { shape, apart }: { shape: Shape; apart: boolean }): string => {
  const named = (text: string): string => (text === '' ? `;${name}` : `;${name}=${text}`);
  if (!apart) return named(texts.join(','));
  if (shape.kind === 'list') return texts.map(named).join('');
  return texts.map((pair) => `;${pair.endsWith('=') ? pair.slice(0, -1) : pair}`).join('');
};

/** A query parameter, or a property of a form, as encoded `name=value` pairs. */
export const writeQuery = (parameter: Writing, value: unknown): string[] => {
  const { style, explode, allowReserved } = parameter;
  const encode = (text: string): string => (allowReserved ? percentEncodeReserved(text, 'query') : percentEncode(text));
  const name = percentEncode(parameter.name);
  if (isAbsent(value)) return parameter.keepEmpty && value === null ? [`${name}=`] : [];
  if (style === 'deepObject' && typeof value === 'object') return writeDeep(name, value, { encode, depth: 0 });
  const shape = shapeOf(value);
  if (shape.kind === 'one') return [`${name}=${encode(shape.text)}`];
  const texts = flat(shape, encode);
  if (texts.length === 0) return parameter.keepEmpty ? [`${name}=`] : [];
  if (!explode) return [`${name}=${texts.join(delimiters[style] ?? ',')}`];
  return shape.kind === 'list' ? texts.map((text) => `${name}=${text}`) : pairsOf(shape, encode);
};

/** `name[a][b]=1`; members of lists are numbered. Brackets are encoded, as RFC 3986 wants them in a query. */
const writeDeep = (name: string, value: unknown, context: { encode: (text: string) => string; depth: number }): string[] => {
  if (isAbsent(value)) return [];
  const inner = Array.isArray(value) ? Object.entries(value) : isMap(value) ? present(value) : undefined;
  if (inner === undefined || context.depth >= maxDepth) return [`${name}=${context.encode(textOf(value))}`];
  const next = { ...context, depth: context.depth + 1 };
  return inner.flatMap(([key, item]) => writeDeep(`${name}%5B${percentEncode(key)}%5D`, item, next));
};

/** A header's text, not encoded; undefined when there is nothing to send. @see https://spec.openapis.org/oas/v3.2.0#header-object */
export const writeHeader = (parameter: Writing, value: unknown): string | undefined => {
  if (isAbsent(value)) return undefined;
  const shape = shapeOf(value);
  const plain = (text: string): string => text;
  if (shape.kind === 'map' && parameter.explode) return shape.pairs.map(([key, text]) => `${key}=${text}`).join(',');
  return flat(shape, plain).join(',');
};

/** A cookie parameter as `name=value` pairs: encoded in style `form`, as they are in style `cookie`. */
export const writeCookie = (parameter: Writing, value: unknown): string[] => {
  if (isAbsent(value)) return [];
  const encode = parameter.style === 'cookie' ? (text: string): string => text : percentEncode;
  const shape = shapeOf(value);
  if (shape.kind === 'one') return [`${parameter.name}=${encode(shape.text)}`];
  const texts = flat(shape, encode);
  if (!parameter.explode) return [`${parameter.name}=${texts.join(',')}`];
  return shape.kind === 'list' ? texts.map((text) => `${parameter.name}=${text}`) : pairsOf(shape, encode);
};

/** How a parameter of the description is written. A required one is kept when it is empty. */
export const writingOf = (parameter: HttpParameter): Writing => ({
  ...parameter,
  keepEmpty: parameter.required === true || parameter.allowEmptyValue === true,
});
