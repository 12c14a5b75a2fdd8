import type { XmlShape } from './types.ts';

/** Deepest nesting of elements. */
const maxDepth = 256;

/** Thrown for text that is not well-formed XML, or that declares entities; says where. */
export class XmlError extends Error {
  constructor(message: string, at: number) {
    super(`${message} at character ${at + 1}`);
    this.name = 'XmlError';
  }
}

/** One element. Names are local: prefixes are left out. */
interface Element {
  name: string;
  attributes: Map<string, string>;
  children: Element[];
  text: string;
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' };
const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Text for an element or attribute; what no XML document may hold is replaced. @see https://www.w3.org/TR/xml/#charsets */
const escaped = (value: unknown): string => {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
  return text
    .replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"\r]/g, (character) => escapes[character] ?? character);
};

/** A name that XML takes; other characters become underscores. */
const safeName = (name: string): string => name.replace(/[^\p{L}\p{N}_.-]/gu, '_').replace(/^(?![\p{L}_])/u, '_');

const tagName = (shape: XmlShape, fallback: string): string =>
  `${shape.prefix === undefined ? '' : `${safeName(shape.prefix)}:`}${safeName(shape.name ?? fallback)}`;

const namespaceOf = ({ prefix, namespace }: XmlShape): string =>
  namespace === undefined ? '' : ` xmlns${prefix === undefined ? '' : `:${safeName(prefix)}`}="${escaped(namespace)}"`;

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const partOf = (shape: XmlShape, property: string): XmlShape => {
  const { properties = {}, additional = {} } = shape;
  return Object.hasOwn(properties, property) ? (properties[property] ?? additional) : additional;
};

/** A value as XML text, without a declaration. Null and undefined members are left out; a list repeats its element unless it is wrapped. */
export const writeXml = (value: unknown, shape: XmlShape): string => {
  const list = Array.isArray(value);
  const root: XmlShape = list ? { ...shape, wrapped: true } : shape;
  return writeElement(value, root, { name: shape.name ?? (list ? 'items' : 'root'), depth: 0 });
};

const writeElement = (value: unknown, shape: XmlShape, context: { name: string; depth: number }): string => {
  if (value === undefined || value === null) return '';
  const depth = context.depth + 1;
  const tag = tagName(shape, context.name);
  if (Array.isArray(value)) {
    const items = shape.items ?? {};
    const name = items.name ?? (context.depth === 0 ? 'item' : context.name);
    const inner = value.map((item: unknown) => writeElement(item, items, { name, depth })).join('');
    return shape.wrapped ? `<${tag}${namespaceOf(shape)}>${inner}</${tag}>` : inner;
  }
  if (!isMap(value) || depth > maxDepth) return `<${tag}${namespaceOf(shape)}>${escaped(value)}</${tag}>`;
  const members = Object.entries(value).map(([key, item]) => ({ key, item, part: partOf(shape, key) }));
  const attributes = members.filter(({ part, item }) => part.attribute && item !== undefined && item !== null);
  const head = attributes.map(({ key, item, part }) => ` ${tagName(part, key)}="${escaped(item)}"`).join('');
  const inner = members
    .map(({ key, item, part }) => (part.attribute ? '' : writeElement(item, part, { name: key, depth })))
    .join('');
  return `<${tag}${namespaceOf(shape)}${head}>${inner}</${tag}>`;
};

/**
 * Reads XML text as the value its shape means: numbers and booleans where the shape says so, lists where it says so or where an element
 * repeats. Entities other than the predefined ones are refused.
 * @throws {XmlError} when the text is not well formed
 */
export const readXml = (text: string, shape: XmlShape): unknown => valueOf(parse(text), shape, 0);

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

const unescaped = (text: string, at: number): string =>
  text.includes('&')
    ? text.replace(/&([^&;]{0,32});?/g, (whole, name: string) => {
        const code = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(name);
        const point = code ? parseInt(code[1] ?? code[2] ?? '', code[1] === undefined ? 10 : 16) : undefined;
        const character = point === undefined ? entities.get(name) : point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
        if (character === undefined || !whole.endsWith(';')) throw new XmlError('There is an unknown entity', at);
        return character;
      })
    : text;

const attributesOf = (text: string, at: number): Map<string, string> => {
  const attributes = new Map<string, string>();
  for (const found of text.matchAll(/(?<=\s)([^\s=/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    const name = found[1] ?? '';
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) attributes.set(local(name), unescaped(found[2] ?? found[3] ?? '', at));
  }
  return attributes;
};

/** Offset of the `>` that ends a tag; quoted values may hold one. */
const tagEnd = (text: string, from: number): number => {
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return at;
  }
  throw new XmlError('A tag is not closed', from);
};

/** Parts that hold no element: their beginnings and ends. */
const passages: [begin: string, end: string][] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
];

const parse = (text: string): Element => {
  const top: Element = { name: '', attributes: new Map(), children: [], text: '' };
  const open: Element[] = [top];
  const here = (): Element => open.at(-1) ?? top;
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf('<', at);
    const end = next < 0 ? text.length : next;
    here().text += unescaped(text.slice(at, end), at);
    if (next < 0) break;
    at = passage(text, end, here()) ?? tag(text, end, open);
  }
  const [root] = top.children;
  if (open.length > 1 || !root || top.children.length > 1)
    throw new XmlError('There is not one closed root element', text.length);
  return root;
};

/** Passes over a comment or instruction, or takes the text of a CDATA section; undefined when none begins here. */
const passage = (text: string, at: number, into: Element): number | undefined => {
  if (text.startsWith('<!DOCTYPE', at)) throw new XmlError('A document type is not accepted', at);
  const found = passages.find(([begin]) => text.startsWith(begin, at));
  if (!found) return undefined;
  const [begin, end] = found;
  const stop = text.indexOf(end, at + begin.length);
  if (stop < 0) throw new XmlError(`${begin} is not closed`, at);
  if (begin === '<![CDATA[') into.text += text.slice(at + begin.length, stop);
  return stop + end.length;
};

const tag = (text: string, at: number, open: Element[]): number => {
  const end = tagEnd(text, at + 1);
  const inner = text.slice(at + 1, end);
  if (inner.startsWith('/')) {
    const closed = open.length > 1 ? open.pop() : undefined;
    if (closed?.name !== local(inner.slice(1).trim())) throw new XmlError(`</${inner.slice(1, 50)}> closes nothing`, at);
    return end + 1;
  }
  const name = /^[^\s/]+/.exec(inner)?.[0];
  if (name === undefined) throw new XmlError('There is a tag without a name', at);
  const element: Element = { name: local(name), attributes: attributesOf(inner.slice(name.length), at), children: [], text: '' };
  open.at(-1)?.children.push(element);
  if (!inner.endsWith('/')) open.push(element);
  if (open.length > maxDepth) throw new XmlError(`Elements are nested deeper than ${maxDepth}`, at);
  return end + 1;
};

const leaf = (text: string, kind: XmlShape['kind']): unknown => {
  const trimmed = text.trim();
  if (kind === 'number' && trimmed !== '' && Number.isFinite(Number(trimmed))) return Number(trimmed);
  if (kind === 'boolean' && /^(true|false|1|0)$/.test(trimmed)) return trimmed === 'true' || trimmed === '1';
  return text;
};

const valueOf = (element: Element, shape: XmlShape, depth: number): unknown => {
  if (shape.items) return element.children.map((child) => valueOf(child, shape.items ?? {}, depth + 1));
  const structured = shape.properties !== undefined || shape.additional !== undefined;
  if (!structured && element.children.length === 0 && element.attributes.size === 0) return leaf(element.text, shape.kind);
  if (shape.kind !== undefined && !structured) return leaf(element.text, shape.kind);
  const children = byName(element.children);
  const value = new Map<string, unknown>();
  const taken = new Set<string>();
  for (const [property, part] of Object.entries(shape.properties ?? {})) {
    const name = partName(property, part);
    taken.add(name);
    const found = part.attribute ? attributeOf(element, name, part) : memberOf(children.get(name) ?? [], part, depth);
    if (found !== undefined) value.set(property, found);
  }
  for (const [name, same] of children) {
    if (taken.has(name)) continue;
    const values = same.map((child) => valueOf(child, shape.additional ?? {}, depth + 1));
    value.set(name, values.length === 1 ? values[0] : values);
  }
  return Object.fromEntries(value);
};

const byName = (elements: Element[]): Map<string, Element[]> => {
  const groups = new Map<string, Element[]>();
  for (const element of elements) {
    const group = groups.get(element.name);
    if (group) group.push(element);
    else groups.set(element.name, [element]);
  }
  return groups;
};

/** The name that the elements of a property have. */
const partName = (property: string, part: XmlShape): string =>
  safeName((part.items && !part.wrapped ? part.items.name : part.name) ?? property);

const attributeOf = (element: Element, name: string, part: XmlShape): unknown => {
  const text = element.attributes.get(name);
  return text === undefined ? undefined : leaf(text, part.kind);
};

const memberOf = (children: Element[], part: XmlShape, depth: number): unknown => {
  const [first] = children;
  if (!first) return undefined;
  if (part.items && !part.wrapped) return children.map((child) => valueOf(child, part.items ?? {}, depth + 1));
  return valueOf(first, part, depth + 1);
};
