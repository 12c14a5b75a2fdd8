import { fromBase64 } from './base64.ts';
import type { InputIssue } from './errors.ts';
import { concreteType, essence, mediaKind, mediaMatches } from './media-type.ts';
import { writeMultipart } from './multipart.ts';
import { isAbsent, textOf, writeQuery } from './serialize.ts';
import { writeXml } from './xml.ts';
import type { WireBody, WireContent, WireEncoding } from './types.ts';

/** A body as `fetch` takes it. */
export type FetchBody = NonNullable<RequestInit['body']>;

/** A written payload. */
export interface Payload {
  body: FetchBody;
  /** Absent when `fetch` writes it itself. */
  contentType?: string;
  /** False for streams, which can be sent once. */
  replayable: boolean;
}

/** The one content of a body that a call uses, with a concrete media type. */
export interface ChosenContent {
  content: WireContent;
  mediaType: string;
}

const concrete = (pattern: string, value: unknown): string => {
  if (value instanceof Blob && pattern.includes('*') && value.type !== '' && mediaMatches(pattern, value.type)) return value.type;
  return concreteType(pattern, value instanceof Uint8Array || value instanceof Blob || typeof value === 'string');
};

/** Chooses by the input's media type property, else the first; undefined when the input names one that is not documented. */
export const chooseContent = (body: WireBody, input: Record<string, unknown>): ChosenContent | undefined => {
  const value = input[body.property];
  const named = body.mediaTypeProperty === undefined ? undefined : input[body.mediaTypeProperty];
  if (typeof named === 'string') {
    const content =
      body.contents.find(({ mediaType }) => mediaType === named) ??
      body.contents.find(({ mediaType }) => mediaMatches(mediaType, named));
    return content && { content, mediaType: concrete(named, value) };
  }
  const [content] = body.contents;
  return content && { content, mediaType: concrete(content.mediaType, value) };
};

/** How a property of a form is written when its encoding does not say: lists repeat the name, objects are JSON. */
const writeProperty = (name: string, value: unknown, encoding: WireEncoding): string[] => {
  const { style, explode, allowReserved, contentType } = encoding;
  const styled = style !== undefined || explode !== undefined || allowReserved !== undefined;
  const writing = {
    name,
    style: style ?? 'form',
    explode: explode ?? (style ?? 'form') === 'form',
    allowReserved: allowReserved ?? false,
  };
  if (styled) return writeQuery(writing, value);
  if (contentType !== undefined && mediaKind(contentType) === 'json' && !isAbsent(value))
    return writeQuery(writing, JSON.stringify(value));
  return writeQuery(writing, Array.isArray(value) || typeof value !== 'object' || value === null ? value : textOf(value));
};

/** An object as `application/x-www-form-urlencoded` text. */
export const writeForm = (value: object, encoding: Record<string, WireEncoding> = {}): string =>
  Object.entries(value)
    .flatMap(([name, item]: [string, unknown]) =>
      writeProperty(name, item, Object.hasOwn(encoding, name) ? (encoding[name] ?? {}) : {}),
    )
    .join('&');

/** True for what `fetch` can send untouched. */
const isRaw = (value: unknown): value is FetchBody & object =>
  value instanceof Blob ||
  value instanceof Uint8Array ||
  value instanceof ArrayBuffer ||
  (typeof ReadableStream !== 'undefined' && value instanceof ReadableStream);

const isStream = (value: object): boolean => typeof ReadableStream !== 'undefined' && value instanceof ReadableStream;

/** Text of a body that is not bytes; undefined when the value does not fit the media type. */
const writeText = (mediaType: string, content: WireContent, value: unknown): string | undefined => {
  const kind = mediaKind(mediaType);
  const list = Array.isArray(value) ? value : [value];
  if (kind === 'json') return JSON.stringify(value);
  if (kind === 'lines') return list.map((item) => `${JSON.stringify(item)}\n`).join('');
  if (kind === 'sequence') return list.map((item) => `\u001e${JSON.stringify(item)}\n`).join('');
  if (kind === 'events') return list.map((item) => `data: ${textOf(item).replaceAll('\n', '\ndata: ')}\n\n`).join('');
  if (kind === 'form') return typeof value === 'object' && value !== null ? writeForm(value, content.encoding) : textOf(value);
  if (content.xml && typeof value === 'object' && value !== null) return writeXml(value, content.xml);
  return textOf(value);
};

/** Writes a payload in its media type, or says why it cannot be written. `path` names the input property. */
export const writeBody = (
  chosen: ChosenContent,
  value: unknown,
  options: { path: string; random: () => number },
): Payload | InputIssue => {
  const { content, mediaType } = chosen;
  const kind = mediaKind(mediaType);
  if (typeof FormData !== 'undefined' && value instanceof FormData) return { body: value, replayable: true };
  if (isRaw(value)) return { body: value, contentType: mediaType, replayable: !isStream(value) };
  if (kind === 'multipart') {
    if (typeof value !== 'object' || value === null)
      return { path: options.path, message: `must be an object to be sent as ${mediaType}` };
    const subtype = essence(mediaType).slice('multipart/'.length);
    const encoding = content.encoding ?? {};
    return {
      ...writeMultipart(value, { subtype: subtype === '*' ? 'form-data' : subtype, encoding, random: options.random }),
      replayable: true,
    };
  }
  if ((kind === 'bytes' || content.bytes) && typeof value === 'string') {
    const bytes = fromBase64(value);
    if (bytes === undefined) return { path: options.path, message: `must be base64 text or bytes to be sent as ${mediaType}` };
    return { body: bytes, contentType: mediaType, replayable: true };
  }
  const text = writeText(mediaType, content, value);
  if (text === undefined) return { path: options.path, message: `cannot be written as ${mediaType}` };
  return { body: text, contentType: mediaType, replayable: true };
};
