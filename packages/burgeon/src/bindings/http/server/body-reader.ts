/** Reading a request's payload as the value its media type and schema mean. */
import type { JsonSchema, JsonValue } from '@burgeon/kit';
import { define, isObject } from '../../../base/json.ts';
import { isBytes, resolveSchema } from '../../../interface/schema.ts';
import type { HttpContent, HttpEncoding } from '../binding.ts';
import { isXml, mediaKind, mediaParameter } from '../runtime/media-type.ts';
import type { XmlShape } from '../runtime/types.ts';
import { readXml } from '../runtime/xml.ts';
import { xmlShape } from '../xml-shape.ts';
import { type ReceivedPart, readMultipart } from './multipart-reader.ts';
import { type Reader, createReader } from './reader.ts';
import { type Fields, formDecode, readField, readFields } from './styles.ts';

/** What is wrong with a payload as a whole; `path` begins below the body. */
export interface BodyIssue {
  path: string;
  message: string;
}

/** Reads payloads of one documented content. */
export type BodyReader = (body: Buffer, mediaType: string) => { value: JsonValue } | BodyIssue;

/** Deepest nesting of a JSON payload. */
const maxDepth = 512;

/** True when the brackets of a JSON text open deeper than anything may be nested. Text in strings is counted apart. */
const isTooDeep = (text: string): boolean => {
  if (text.length <= maxDepth) return false;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return false;
};

/** Parses JSON text, or says why it cannot. */
export const parseJson = (text: string): { value: JsonValue } | BodyIssue => {
  if (isTooDeep(text)) return { path: '', message: `is nested deeper than ${maxDepth}` };
  try {
    return { value: JSON.parse(text) as JsonValue };
  } catch (error) {
    return { path: '', message: `is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
};

const decodeText = (body: Buffer, mediaType: string): string => {
  const charset = mediaParameter(mediaType, 'charset')?.toLowerCase() ?? 'utf-8';
  // A byte order mark is no part of the text.
  if (charset === 'utf-8' || charset === 'utf8')
    return body.toString('utf8', body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0);
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return body.toString('utf8');
  }
};

const parseItems = (texts: string[]): { value: JsonValue } | BodyIssue => {
  const items: JsonValue[] = [];
  for (const text of texts) {
    if (text.trim() === '') continue;
    const item = parseJson(text);
    if (!('value' in item)) return { path: `/${items.length}`, message: item.message };
    items.push(item.value);
  }
  return { value: items };
};

const encodingOf = (content: HttpContent, name: string): HttpEncoding => {
  const encodings = content.encoding ?? {};
  return Object.hasOwn(encodings, name) ? (encodings[name] ?? {}) : {};
};

/** Reads one property of a form: by its style when it has one, else repeated names are a list and objects are JSON. */
const readProperty = (
  fields: Fields,
  name: string,
  context: { content: HttpContent; reader: Reader; claimed: ReadonlySet<string> },
): JsonValue | undefined => {
  const { style = 'form', explode = style === 'form' } = encodingOf(context.content, name);
  const reader = context.reader.property(name);
  const own = reader.object && explode && style === 'form' && !fields.has(name);
  if (own && encodingOf(context.content, name).explode === undefined) return undefined;
  return readField(fields, { name, style, explode, reader, claimed: context.claimed, decode: formDecode });
};

const readForm = (text: string, content: HttpContent, reader: Reader): JsonValue => {
  const fields = readFields(text);
  const claimed = new Set(reader.properties);
  const value: Record<string, JsonValue> = {};
  for (const name of reader.properties) {
    const found = readProperty(fields, name, { content, reader, claimed });
    if (found !== undefined) define(value, name, found);
  }
  const deep = reader.properties.filter((name) => encodingOf(content, name).style === 'deepObject');
  for (const [name, values] of fields) {
    if (claimed.has(name) || deep.some((prefix) => name.startsWith(`${prefix}[`))) continue;
    const inner = reader.property(name);
    const texts = values.map((raw) => formDecode(raw));
    define(
      value,
      name,
      texts.length > 1 || (inner.list && !inner.single)
        ? texts.map((each, index) => inner.item(index).text(each))
        : inner.text(texts[0] ?? ''),
    );
  }
  return value;
};

const partValue = (part: ReceivedPart, reader: Reader): JsonValue => {
  const kind = part.contentType === undefined ? 'text' : mediaKind(part.contentType);
  if (reader.bytes || (kind === 'bytes' && !reader.object && !reader.list)) return part.bytes.toString('base64');
  const text = decodeText(part.bytes, part.contentType ?? '');
  if (kind !== 'json') return reader.text(text);
  const parsed = parseJson(text);
  return 'value' in parsed ? parsed.value : text;
};

const readParts = (parts: ReceivedPart[], reader: Reader): JsonValue => {
  if (parts.every((part) => part.name === undefined) && reader.list)
    return parts.map((part, index) => partValue(part, reader.item(index)));
  const byName = new Map<string, ReceivedPart[]>();
  for (const part of parts) {
    const same = byName.get(part.name ?? '');
    if (same) same.push(part);
    else byName.set(part.name ?? '', [part]);
  }
  const value: Record<string, JsonValue> = {};
  for (const [name, [first, ...more]] of byName) {
    if (!first) continue;
    const inner = reader.property(name);
    const json = first.contentType !== undefined && mediaKind(first.contentType) === 'json';
    const whole = more.length === 0 && json ? partValue(first, inner) : undefined;
    if (Array.isArray(whole)) define(value, name, whole);
    else if (more.length > 0 || (inner.list && !inner.single))
      define(
        value,
        name,
        [first, ...more].map((part, index) => partValue(part, inner.item(index))),
      );
    else define(value, name, whole ?? partValue(first, inner));
  }
  return value;
};

/** Reads XML by its shape; a text that only stands for itself, and JSON under the name of XML, are left to the schema. */
const readDocument = (text: string, shape: XmlShape): { value: JsonValue } | BodyIssue => {
  if (/^\s*[[{]/.test(text)) return parseJson(text);
  try {
    return { value: readXml(text, shape) as JsonValue };
  } catch (error) {
    return { path: '', message: `is not XML: ${error instanceof Error ? error.message : String(error)}` };
  }
};

/** Makes the reader of one documented content; what the schema costs is paid once. */
export const createBodyReader = (content: HttpContent, types: Record<string, JsonSchema>): BodyReader => {
  const schema = resolveSchema(content.schema, types);
  let reader: Reader | undefined;
  let shape: XmlShape | undefined;
  const lazily = (): Reader => (reader ??= createReader(content.schema, types));
  return (body, mediaType) => {
    const kind = mediaKind(mediaType);
    if (isBytes(schema) || kind === 'bytes') return { value: body.toString('base64') };
    if (kind === 'multipart') {
      const parts = readMultipart(body, mediaParameter(mediaType, 'boundary') ?? '');
      return parts ? { value: readParts(parts, lazily()) } : { path: '', message: 'is not a well-formed multipart body' };
    }
    const text = decodeText(body, mediaType);
    if (kind === 'json') return parseJson(text);
    if (kind === 'lines') return parseItems(text.split('\n'));
    if (kind === 'sequence') return parseItems(text.split('\u001e'));
    if (kind === 'form')
      return { value: isObject(schema) && !lazily().object && lazily().single ? text : readForm(text, content, lazily()) };
    if (isXml(mediaType) && (lazily().object || lazily().list))
      return readDocument(text, (shape ??= xmlShape(content.schema, types)));
    return { value: lazily().text(text) };
  };
};
