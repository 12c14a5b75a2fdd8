/** The way back from the wire for every serialisation style: the inverse of `runtime/serialize.ts`. */
import type { JsonValue } from '@burgeon/kit';
import { define } from '../../../base/json.ts';
import type { HttpParameter, HttpStyle } from '../binding.ts';
import { percentDecode } from '../runtime/percent.ts';
import type { Reader } from './reader.ts';

/** Raw values by decoded name, in the order they came. */
export type Fields = Map<string, string[]>;

/** Decodes one text of a query or form: `+` is a space there. @see https://url.spec.whatwg.org/#concept-urlencoded-parser */
export const formDecode = (text: string): string => percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text);

/** Splits a query, or a form body, into raw values by name. */
export const readFields = (text: string): Fields => {
  const fields: Fields = new Map();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = formDecode(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? '' : pair.slice(at + 1);
    const values = fields.get(name);
    if (values) values.push(value);
    else fields.set(name, [value]);
  }
  return fields;
};

/** Splits a Cookie header. @see RFC 6265 section 4.2 */
export const readCookies = (header: string): Fields => {
  const fields: Fields = new Map();
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at < 0) continue;
    const name = pair.slice(0, at).trim();
    const value = pair.slice(at + 1).trim();
    fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  return fields;
};

/** How raw texts come apart and are decoded. */
interface Parting {
  separator: string | RegExp;
  decode: (text: string) => string;
}

const listOf = (texts: string[], reader: Reader, decode: (text: string) => string): JsonValue[] =>
  texts.map((text, index) => reader.item(index).text(decode(text)));

/** Names and values in turn: `R,100,G,200`. */
const alternating = (texts: string[], reader: Reader, decode: (text: string) => string): JsonValue => {
  const object: Record<string, JsonValue> = {};
  for (let at = 0; at + 1 < texts.length; at += 2) {
    const name = decode(texts[at] ?? '');
    define(object, name, reader.property(name).text(decode(texts[at + 1] ?? '')));
  }
  return object;
};

/** Pairs: `R=100`, `G=200`. */
const paired = (texts: string[], reader: Reader, decode: (text: string) => string): JsonValue => {
  const object: Record<string, JsonValue> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = decode(at < 0 ? text : text.slice(0, at));
    define(object, name, reader.property(name).text(at < 0 ? '' : decode(text.slice(at + 1))));
  }
  return object;
};

/** One raw text as a list, an object, or a single value, whichever the schema means. */
const readJoined = (raw: string, reader: Reader, { separator, decode }: Parting, explode: boolean): JsonValue => {
  const texts = raw === '' ? [] : raw.split(separator);
  if (reader.list && (texts.length > 1 || !reader.single)) return unfolded(listOf(texts, reader, decode), raw, reader, decode);
  if (reader.object && (texts.length > 1 || !reader.single) && !/^\s*(\{|%7B)/i.test(raw)) {
    return explode ? paired(texts, reader, decode) : alternating(texts, reader, decode);
  }
  return reader.text(decode(raw));
};

/** Stock clients encode the commas between numbers too: one member that is no number is taken apart once more. */
const unfolded = (list: JsonValue[], raw: string, reader: Reader, decode: (text: string) => string): JsonValue => {
  const [only] = list;
  if (list.length !== 1 || typeof only !== 'string' || !only.includes(',')) return list;
  const parts = only.split(',').map((text, index) => reader.item(index).text(text.trim()));
  if (parts.every((part) => typeof part !== 'string')) return parts;
  const whole = /^\s*(\[|%5B)/i.test(raw) ? reader.text(decode(raw)) : list;
  return Array.isArray(whole) ? whole : list;
};

/** A path parameter from the raw text of its segment. */
export const readPath = (parameter: HttpParameter, raw: string, reader: Reader): JsonValue => {
  const { style, explode, name } = parameter;
  const parting = (separator: string): Parting => ({ separator, decode: percentDecode });
  if (style === 'label')
    return readJoined(raw.startsWith('.') ? raw.slice(1) : raw, reader, parting(explode ? '.' : ','), explode);
  if (style !== 'matrix') return readJoined(raw, reader, parting(','), explode);
  const texts = (raw.startsWith(';') ? raw.slice(1) : raw).split(';');
  const own = texts.map((text) => /^([^=]*)=?(.*)$/s.exec(text)).filter((found) => percentDecode(found?.[1] ?? '') === name);
  const values = own.map((found) => found?.[2] ?? '');
  if (explode && reader.list && (values.length > 1 || !reader.single)) return listOf(values, reader, percentDecode);
  if (explode && reader.object && values.length === 0) return paired(texts.filter(Boolean), reader, percentDecode);
  return readJoined(values[0] ?? raw, reader, parting(','), false);
};

/** A header's value as text: what is beyond ASCII is UTF-8 when it can be, else Latin-1. */
export const headerText = (raw: string): string => {
  if (/^[\0-~]*$/.test(raw)) return raw;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(raw, 'latin1'));
  } catch {
    return raw;
  }
};

/** A header parameter. */
export const readHeader = (parameter: HttpParameter, raw: string, reader: Reader): JsonValue =>
  readJoined(headerText(raw), reader, { separator: ',', decode: (text) => text.trim() }, parameter.explode);

const delimiters: Partial<Record<HttpStyle, RegExp>> = {
  spaceDelimited: /%20|\+| /,
  pipeDelimited: /%7C|\|/i,
  tabDelimited: /%09|\t/,
};

/** What a name of a query or form is read with. */
export interface FieldReading {
  name: string;
  style: HttpStyle;
  explode: boolean;
  reader: Reader;
  /** Names that others lay claim to: an exploded object takes none of them. */
  claimed: ReadonlySet<string>;
  decode: (text: string) => string;
}

/** A query, form or cookie value; undefined when it is not there. */
export const readField = (fields: Fields, reading: FieldReading): JsonValue | undefined => {
  const { name, style, explode, reader, decode } = reading;
  if (style === 'deepObject') return readDeep(fields, reading);
  const values = fields.get(name);
  if (values === undefined) return explode && reader.object ? readSpread(fields, reading) : undefined;
  const [first = ''] = values;
  if (reader.list && explode && (values.length > 1 || !reader.single)) {
    return values.length === 1 && first === '' ? [] : exploded(values, first, reading);
  }
  return readJoined(first, reader, { separator: delimiters[style] ?? ',', decode }, false);
};

/** Repeated names; a single one may hold a whole list of numbers after all. */
const exploded = (values: string[], first: string, { reader, decode }: FieldReading): JsonValue => {
  const list = listOf(values, reader, decode);
  return values.length === 1 ? unfolded(list, first, reader, decode) : list;
};

/** An exploded object: its properties stand as names of their own. */
const readSpread = (fields: Fields, { name, reader, claimed, decode }: FieldReading): JsonValue | undefined => {
  const object: Record<string, JsonValue> = {};
  const known = new Set(reader.properties);
  for (const [key, values] of fields) {
    if (!known.has(key) && (!reader.open || claimed.has(key) || key === name)) continue;
    define(object, key, reader.property(key).text(decode(values[0] ?? '')));
  }
  return Object.keys(object).length === 0 ? undefined : object;
};

/** Deepest brackets that are followed. */
const maxBrackets = 32;

type Tree = Map<string, Tree | string[]>;

/** `name[a][b]`, `name[0]`, `name[]`: a tree of names, then values by the schema. */
const readDeep = (fields: Fields, { name, reader, decode }: FieldReading): JsonValue | undefined => {
  const tree: Tree = new Map();
  for (const [key, values] of fields) {
    if (!key.startsWith(`${name}[`)) continue;
    const path = [...key.slice(name.length).matchAll(/\[([^[\]]*)\]/g)].map((found) => found[1] ?? '').slice(0, maxBrackets);
    plant(tree, path, values.map(decode));
  }
  if (tree.size > 0) return grown(tree, reader);
  const plain = fields.get(name);
  if (plain === undefined) return undefined;
  if (reader.list && !reader.single) return plain.length === 1 && plain[0] === '' ? [] : listOf(plain, reader, decode);
  return plain.length === 1 && plain[0] === '' && reader.object ? {} : reader.text(decode(plain[0] ?? ''));
};

const plant = (tree: Tree, path: string[], values: string[]): void => {
  let at = tree;
  for (const [index, key] of path.entries()) {
    const next = at.get(key);
    if (index === path.length - 1) at.set(key, [...(Array.isArray(next) ? next : []), ...values]);
    else if (next instanceof Map) at = next;
    else {
      const branch: Tree = new Map();
      at.set(key, branch);
      at = branch;
    }
  }
};

const grown = (node: Tree | string[], reader: Reader): JsonValue => {
  if (Array.isArray(node)) {
    if (!reader.list || (reader.single && node.length === 1)) return reader.text(node[0] ?? '');
    return listOf(node, reader, (text) => text);
  }
  const numbered = [...node.keys()].every((key) => /^\d*$/.test(key));
  if (numbered && (reader.list || !reader.object)) {
    const members = [...node]
      .sort(([a], [b]) => Number(a) - Number(b))
      .flatMap(([, child]): (Tree | string[])[] => (Array.isArray(child) ? child.map((text) => [text]) : [child]));
    return members.map((child, index) => grown(child, reader.item(index)));
  }
  const object: Record<string, JsonValue> = {};
  for (const [key, child] of node) define(object, key, grown(child, reader.property(key)));
  return object;
};
