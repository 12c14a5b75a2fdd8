/** From a request to the input of its operation: the inverse of `runtime/request.ts`. */
import type { JsonSchema, JsonValue, Operation } from '@burgeon/kit';
import { define, pointerToken } from '../../../base/json.ts';
import { propertiesOf } from '../operation.ts';
import type { HttpBinding, HttpContent, HttpParameter } from '../binding.ts';
import { mediaKind, mediaMatches } from '../runtime/media-type.ts';
import { percentDecode } from '../runtime/percent.ts';
import { type BodyReader, createBodyReader, parseJson } from './body-reader.ts';
import { type Reader, createReader } from './reader.ts';
import { type Fields, formDecode, headerText, readCookies, readField, readFields, readHeader, readPath } from './styles.ts';

/** The parts of a request that hold the input. */
export interface RequestParts {
  /** Raw (still encoded) texts of the path template's expressions, by name. */
  path: Record<string, string>;
  /** Raw query without the question mark. */
  query: string;
  /** Lower-case names; several values are joined as the web joins them. */
  headers: Record<string, string | string[] | undefined>;
  body?: Buffer;
}

/** One thing that is wrong with a request: a JSON pointer into the input, and what is wrong. */
export interface RequestIssue {
  path: string;
  message: string;
}

/** The input, as far as it could be read. */
export interface Decoded {
  input: Record<string, JsonValue>;
  issues: RequestIssue[];
  /** Set when the payload has a media type that the operation does not take: what it takes. */
  unsupported?: string[];
}

/** Reads requests of one operation. */
export type Decoder = (request: RequestParts) => Decoded;

/** A parameter with what reads it. */
interface Slot {
  parameter: HttpParameter;
  reader: Reader;
}

/** What the slots read from, taken apart once for each request. */
interface Raw {
  request: RequestParts;
  query: Fields;
  cookies: Fields;
}

const pointer = (property: string): string => `/${pointerToken(property)}`;

const headerOf = (request: RequestParts, name: string): string | undefined => {
  const key = name.toLowerCase();
  const value = Object.hasOwn(request.headers, key) ? request.headers[key] : undefined;
  return Array.isArray(value) ? value.join(', ') : value;
};

const same = (text: string): string => text;

/** The text of a parameter that is written as a media type. */
const contentText = ({ parameter }: Slot, { request, query, cookies }: Raw): string | undefined => {
  const { name } = parameter;
  if (parameter.in === 'path') return Object.hasOwn(request.path, name) ? percentDecode(request.path[name] ?? '') : undefined;
  const header = parameter.in === 'header' ? headerOf(request, name) : undefined;
  if (parameter.in === 'header') return header === undefined ? undefined : headerText(header);
  if (parameter.in === 'querystring') return request.query === '' ? undefined : request.query;
  const raw = (parameter.in === 'cookie' ? cookies : query).get(name)?.[0];
  return raw === undefined ? undefined : formDecode(raw);
};

const readContent = (slot: Slot, text: string): { value: JsonValue } | { message: string } => {
  const { parameter, reader } = slot;
  const kind = mediaKind(parameter.mediaType ?? '');
  if (kind === 'form') return { value: readFormText(text, reader) };
  if (kind !== 'json') return { value: reader.text(parameter.in === 'querystring' ? percentDecode(text) : text) };
  return parseJson(parameter.in === 'querystring' ? percentDecode(text) : text);
};

/** Form text as an object: each name a property of the schema. */
const readFormText = (text: string, reader: Reader): JsonValue => {
  const object: Record<string, JsonValue> = {};
  for (const [name, values] of readFields(text)) {
    const inner = reader.property(name);
    const list = values.length > 1 || (inner.list && !inner.single);
    define(
      object,
      name,
      list ? values.map((value, index) => inner.item(index).text(formDecode(value))) : inner.text(formDecode(values[0] ?? '')),
    );
  }
  return object;
};

const readStyled = ({ parameter, reader }: Slot, raw: Raw, claimed: ReadonlySet<string>): JsonValue | undefined => {
  const { name, style, explode } = parameter;
  if (parameter.in === 'path') {
    const { path } = raw.request;
    return Object.hasOwn(path, name) ? readPath(parameter, path[name] ?? '', reader) : undefined;
  }
  if (parameter.in === 'header') {
    const text = headerOf(raw.request, name);
    return text === undefined ? undefined : readHeader(parameter, text, reader);
  }
  if (parameter.in === 'querystring') return raw.request.query === '' ? undefined : readFormText(raw.request.query, reader);
  const cookie = parameter.in === 'cookie';
  const decode = !cookie ? formDecode : style === 'cookie' ? same : percentDecode;
  return readField(cookie ? raw.cookies : raw.query, { name, style, explode, reader, claimed, decode });
};

/** Names of the query or of the cookies that belong to other parameters. */
const claims = (slots: Slot[], place: string): Set<string> =>
  new Set(slots.filter(({ parameter }) => parameter.in === place).map(({ parameter }) => parameter.name));

interface Payloads {
  contents: { content: HttpContent; read: BodyReader }[];
  binding: NonNullable<HttpBinding['body']>;
}

/** The content that a request's media type belongs to: the same type first, then a range, then a relative of JSON. */
const contentFor = ({ contents }: Payloads, mediaType: string): Payloads['contents'][number] | undefined =>
  contents.find(({ content }) => !content.mediaType.includes('*') && mediaMatches(content.mediaType, mediaType)) ??
  contents.find(({ content }) => mediaMatches(content.mediaType, mediaType));

const readPayload = (payloads: Payloads, request: RequestParts, decoded: Decoded): void => {
  const { binding, contents } = payloads;
  const given = headerOf(request, 'content-type');
  const body = request.body ?? Buffer.alloc(0);
  if (body.length === 0 && (given === undefined || ['json', 'multipart'].includes(mediaKind(given)) || !binding.required)) return;
  const chosen = given === undefined ? contents[0] : contentFor(payloads, given);
  if (!chosen) {
    decoded.unsupported = contents.map(({ content }) => content.mediaType);
    return;
  }
  const { mediaType } = chosen.content;
  const result = chosen.read(body, given ?? mediaType);
  if (!('value' in result)) decoded.issues.push({ path: pointer(binding.property) + result.path, message: result.message });
  else define(decoded.input, binding.property, result.value);
  if (binding.mediaTypeProperty !== undefined)
    define(decoded.input, binding.mediaTypeProperty, mediaType.includes('*') ? (given ?? mediaType) : mediaType);
};

/** Compiles the reader of one operation's requests. Values get the types that the input schema means; nothing is checked. */
export const createDecoder = (operation: Operation, binding: HttpBinding, types: Record<string, JsonSchema>): Decoder => {
  const properties = propertiesOf(operation.input, types);
  const slots = binding.parameters.map((parameter): Slot => {
    const schema = Object.hasOwn(properties, parameter.property) ? (properties[parameter.property] ?? true) : true;
    return { parameter, reader: createReader(schema, types) };
  });
  const needs = (place: string): boolean => slots.some(({ parameter }) => parameter.in === place);
  const [needsQuery, needsCookies] = [needs('query'), needs('cookie')];
  const claimed = { query: claims(slots, 'query'), cookie: claims(slots, 'cookie') };
  const body = binding.body;
  const payloads = body && {
    binding: body,
    contents: body.contents.map((content) => ({ content, read: createBodyReader(content, types) })),
  };
  const nothing: Fields = new Map();
  return (request) => {
    const decoded: Decoded = { input: {}, issues: [] };
    const raw: Raw = {
      request,
      query: needsQuery ? readFields(request.query) : nothing,
      cookies: needsCookies ? readCookies(headerText(headerOf(request, 'cookie') ?? '')) : nothing,
    };
    for (const slot of slots) readSlot(slot, raw, decoded, slot.parameter.in === 'cookie' ? claimed.cookie : claimed.query);
    if (payloads) readPayload(payloads, request, decoded);
    return decoded;
  };
};

const readSlot = (slot: Slot, raw: Raw, decoded: Decoded, claimed: ReadonlySet<string>): void => {
  const { property, mediaType } = slot.parameter;
  if (mediaType === undefined) {
    const value = readStyled(slot, raw, claimed);
    if (value !== undefined) define(decoded.input, property, value);
    return;
  }
  const text = contentText(slot, raw);
  if (text === undefined) return;
  const result = readContent(slot, text);
  if ('value' in result) define(decoded.input, property, result.value);
  else decoded.issues.push({ path: pointer(property), message: result.message });
};
