import { toBase64 } from './base64.ts';
import { AnswerError } from './errors.ts';
import { isXml, mediaKind, mediaMatches, mediaParameter } from './media-type.ts';
import { type EventCursor, type ServerEvent, readEvents, readJsonLines, readJsonSequence } from './stream.ts';
import { readXml } from './xml.ts';
import type { BytesForm, HttpOperation, WireContent, WireResponse, XmlShape } from './types.ts';

/** A body as it was read. */
export interface Answer {
  output: unknown;
  /** The body's text, when it is text. */
  raw?: string;
}

/** Headers as a plain object, lower-case names. */
export const headersOf = (response: Response): Record<string, string> => {
  const headers: [string, string][] = [];
  // Iterating over headers differs between environments; forEach is in all of them.
  response.headers.forEach((value, name) => headers.push([name, value]));
  return Object.fromEntries(headers);
};

/** The documented response of a status: the exact one, its class, or `default`. @see https://spec.openapis.org/oas/v3.2.0#patterned-fields-0 */
export const documentedResponse = <R extends WireResponse>(responses: R[], status: number): R | undefined =>
  responses.find((response) => response.status === String(status)) ??
  responses.find((response) => response.status === `${String(status).charAt(0)}XX`) ??
  responses.find((response) => response.status === 'default');

/** The documented content that an actual media type belongs to. */
const contentOf = (response: WireResponse | undefined, mediaType: string): WireContent | undefined =>
  response?.contents.find((content) => content.mediaType === mediaType) ??
  response?.contents.find((content) => mediaMatches(content.mediaType, mediaType));

/** The text of a body. JSON without another charset is UTF-8 and nothing else (RFC 8259 section 8.1). @throws {TypeError} when it is not */
const decoded = (bytes: ArrayBuffer, mediaType: string): string => {
  const charset = mediaParameter(mediaType, 'charset') ?? 'utf-8';
  if (mediaKind(mediaType) === 'json' && /^utf-?8$/i.test(charset))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
};

/** Text that may hold a number which a double cannot: most does not, and is read many times faster without looking at each value. */
const mayHoldMore = /\d{16}|\de\+?\d{3}/i;

/**
 * A value as it was written: whole numbers beyond what a double holds are their digits, as they are of databases; what is beyond every number
 * is no answer. Where the platform does not tell the source, they stay what it read.
 */
const asWritten = (_key: string, value: unknown, context?: { source?: string }): unknown => {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  if (!Number.isFinite(value)) throw new RangeError(`a number in it is beyond every double`);
  const digits = context?.source;
  return digits !== undefined && /^-?\d+$/.test(digits) && BigInt(digits) !== BigInt(value) ? digits : value;
};

const parseJson = (text: string): unknown => {
  if (text.trim() === '') return null;
  return mayHoldMore.test(text) ? (JSON.parse(text, asWritten) as unknown) : (JSON.parse(text) as unknown);
};

const parseText = async (text: string, mediaType: string, operation: string): Promise<unknown> => {
  const kind = mediaKind(mediaType);
  if (kind === 'json') return parseJson(text);
  if (kind === 'form') return formFields(text);
  if (kind === 'lines' || kind === 'sequence')
    return collect(items(streamOf(text), { kind, operation, item: 'data', cursor: {} }));
  if (kind === 'events') return collect(items(streamOf(text), { kind, operation, item: 'data', cursor: {} }));
  return text;
};

const streamOf = (text: string): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });

const collect = async (source: AsyncIterable<unknown>): Promise<unknown[]> => {
  const all: unknown[] = [];
  for await (const item of source) all.push(item);
  return all;
};

/** Fields of a form; a name that repeats gives a list. */
const formFields = (text: string): Record<string, unknown> => {
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(fields);
};

/** What reading an answer needs to know. */
export interface AnswerContext {
  id: string;
  operation: HttpOperation;
  bytes: BytesForm;
}

/** Reads a whole body by its actual media type, or, when the answer names none, by the documented one. */
export const readAnswer = async (response: Response, context: AnswerContext): Promise<Answer> => {
  const { id, operation, bytes: form } = context;
  const bytes = await response.arrayBuffer();
  const given = response.headers.get('content-type');
  const bare = given === null || operation.binding.method === 'HEAD' || [204, 205, 304].includes(response.status);
  if (bytes.byteLength === 0 && bare) return { output: null };
  const documented = documentedResponse(operation.binding.responses, response.status);
  const only = documented?.contents[0]?.mediaType;
  const mediaType = given ?? (only?.includes('*') ? undefined : only);
  const content = mediaType === undefined ? undefined : contentOf(documented, mediaType);
  if (content?.bytes || (mediaType !== undefined && ['bytes', 'multipart'].includes(mediaKind(mediaType)))) {
    const all = new Uint8Array(bytes);
    return { output: form === 'base64' ? toBase64(all) : all };
  }
  const raw = textOf(bytes, mediaType ?? '', response.ok ? id : undefined);
  if (content?.xml && mediaType !== undefined && isXml(mediaType)) return { output: xmlOrText(raw, content.xml), raw };
  if (mediaType === undefined || content?.structured || isMislabelled(documented, content, mediaType))
    return { output: guess(raw), raw };
  try {
    return { output: await parseText(raw, mediaType, id), raw };
  } catch (cause) {
    if (!response.ok) return { output: raw, raw };
    throw new AnswerError(id, { message: `the answer is not ${mediaType}`, raw, cause });
  }
};

/** What came with an error is shown as well as it can be; `id` when it is a result, of which nothing may be lost without a word. */
const textOf = (bytes: ArrayBuffer, mediaType: string, id: string | undefined): string => {
  try {
    return decoded(bytes, mediaType);
  } catch (cause) {
    const raw = new TextDecoder().decode(bytes);
    if (id === undefined) return raw;
    throw new AnswerError(id, { message: `the answer is not ${mediaType}: it holds bytes that are no UTF-8`, raw, cause });
  }
};

/** True for text where the description promises JSON and no text: many servers forget to say that it is JSON. */
const isMislabelled = (documented: WireResponse | undefined, content: WireContent | undefined, mediaType: string): boolean =>
  content === undefined &&
  mediaKind(mediaType) === 'text' &&
  documented?.contents.some((each) => mediaKind(each.mediaType) === 'json') === true;

/** An answer without a media type: JSON when it reads as JSON. */
const guess = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
};

/** XML as the value its shape means; text that is not well formed stays as it is. */
const xmlOrText = (text: string, shape: XmlShape): unknown => {
  try {
    return readXml(text, shape);
  } catch {
    return text;
  }
};

/** What an item stream is read with. */
export interface ItemContext {
  kind: string;
  operation: string;
  item: 'event' | 'data';
  cursor: EventCursor;
}

/** Items of a sequential body, by the kind of its media type. */
export async function* items(stream: ReadableStream<Uint8Array>, context: ItemContext): AsyncGenerator<unknown, void, undefined> {
  const { kind, operation, item, cursor } = context;
  if (kind === 'lines') return yield* readJsonLines(stream, operation);
  if (kind === 'sequence') return yield* readJsonSequence(stream, operation);
  for await (const event of readEvents(stream, { operation, cursor })) {
    // The sentinel by which many streams of JSON say that they end; itself it is no JSON.
    if (item === 'data' && event.data === '[DONE]') return;
    yield item === 'event' ? event : eventData(event);
  }
}

const eventData = (event: ServerEvent): unknown => guess(event.data);
