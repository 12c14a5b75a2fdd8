/**
 * The part of YAML that descriptions are written in, read many times faster than all of YAML: block maps and lists, flow collections,
 * plain, quoted and block scalars. Whatever else there is (anchors, tags, documents in a row, doubled keys, doubt) makes it give up, and
 * the whole text goes to the full reader.
 */
import { define } from '../json.ts';
import { readBlockScalar } from './block-scalars.ts';
import { readQuoted, resolvePlain } from './plain-scalars.ts';

/** Told of every key and item: the object or list, the key or index, and the offset in the text. */
export type OnPart = (container: object, key: string, offset: number) => void;

/** The line that is being read. */
interface Cursor {
  readonly text: string;
  readonly depth: number;
  readonly onPart: OnPart | undefined;
  /** Offset of its first character, of its first that is no space, and of its end. */
  begin: number;
  start: number;
  end: number;
  /** Spaces before its content; -1 after the last line. */
  indent: number;
}

/** Thrown to give up; never leaves this file. */
const unsure = Symbol('unsure');
const giveUp = (): never => {
  // oxlint-disable-next-line no-throw-literal -- a sign to the caller below, not a fault
  throw unsure;
};

/** Reads a text, or gives undefined when it is not certain what the text means. The text has `\n` line ends. */
export const readPlainYaml = (text: string, depth: number, onPart?: OnPart): { value: unknown } | undefined => {
  const cursor: Cursor = { text, depth, onPart, begin: 0, start: 0, end: 0, indent: 0 };
  try {
    moveTo(cursor, 0);
    if (cursor.indent === 0 && lineIs(cursor, '---')) moveTo(cursor, cursor.end + 1);
    if (cursor.indent < 0) return undefined;
    const value = readBlock(cursor, cursor.indent, 0);
    return cursor.indent < 0 ? { value } : undefined;
  } catch (sign) {
    if (sign === unsure) return undefined;
    throw sign;
  }
};

const lineIs = ({ text, start, end }: Cursor, what: string): boolean => text.slice(start, end).trimEnd() === what;

/** Goes to the first line at or after `offset` that has content. */
const moveTo = (cursor: Cursor, offset: number): void => {
  const { text } = cursor;
  for (let begin = offset; begin < text.length;) {
    const newline = text.indexOf('\n', begin);
    const end = newline === -1 ? text.length : newline;
    let start = begin;
    while (text.charCodeAt(start) === 0x20) start++;
    const first = start < end ? text[start] : undefined;
    if (first === '\t') giveUp();
    if (first !== undefined && first !== '#') {
      Object.assign(cursor, { begin, start, end, indent: start - begin });
      const marks = start === begin && /^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(start, start + 4));
      if (marks && (offset > 0 || !lineIs(cursor, '---'))) giveUp();
      if (first === '%' && start === begin) giveUp();
      return;
    }
    begin = end + 1;
  }
  cursor.indent = -1;
};

const isDash = ({ text, end }: Cursor, at: number): boolean => text[at] === '-' && (at + 1 >= end || text[at + 1] === ' ');

const readBlock = (cursor: Cursor, indent: number, level: number): unknown => {
  if (level > cursor.depth) giveUp();
  if (isDash(cursor, cursor.start)) return readSequence(cursor, indent, level);
  const key = readKey(cursor, cursor.start);
  // A block scalar whose header has a line of its own is rare, and at the top its end is not told by indentation.
  if (key === undefined && /[|>]/.test(cursor.text[cursor.start]!)) giveUp();
  return key === undefined ? readInline(cursor, cursor.start, indent - 1, level) : readMapping(cursor, indent, level);
};

const readMapping = (cursor: Cursor, indent: number, level: number): unknown => {
  const map: Record<string, unknown> = {};
  while (cursor.indent === indent) {
    if (isDash(cursor, cursor.start)) giveUp();
    const found = readKey(cursor, cursor.start) ?? giveUp();
    if (found.key === '<<' || Object.hasOwn(map, found.key)) giveUp();
    cursor.onPart?.(map, found.key, cursor.start);
    // The key stands first in the order, before what is below it is read.
    define(map, found.key, null);
    define(map, found.key, readValue(cursor, found.end, indent, level));
  }
  if (cursor.indent > indent) giveUp();
  return map;
};

const readSequence = (cursor: Cursor, indent: number, level: number): unknown => {
  const list: unknown[] = [];
  while (cursor.indent === indent && isDash(cursor, cursor.start)) {
    let at = cursor.start + 1;
    while (cursor.text[at] === ' ') at++;
    cursor.onPart?.(list, String(list.length), at);
    if (at >= cursor.end || cursor.text[at] === '#') {
      moveTo(cursor, cursor.end + 1);
      list.push(cursor.indent > indent ? readBlock(cursor, cursor.indent, level + 1) : null);
      continue;
    }
    if (cursor.text[at] === '\t') giveUp();
    if (isDash(cursor, at) || readKey(cursor, at) !== undefined) {
      // A list or map that begins on the line of the dash is indented as far as it stands there.
      Object.assign(cursor, { start: at, indent: at - cursor.begin });
      list.push(readBlock(cursor, cursor.indent, level + 1));
    } else list.push(readInline(cursor, at, indent, level));
  }
  if (cursor.indent > indent) giveUp();
  return list;
};

/** The key at an offset and the offset after its colon; undefined when the line has none there. */
const readKey = ({ text, end }: Cursor, at: number): { key: string; end: number } | undefined => {
  const first = text[at]!;
  if (first === '"' || first === "'") {
    const quoted = readQuoted(text, at);
    if (quoted === undefined || quoted.end > end) return undefined;
    const colon = text[quoted.end] === ' ' ? giveUpAtColon(text, quoted.end) : quoted.end;
    return text[colon] === ':' && (colon + 1 >= end || text[colon + 1] === ' ')
      ? { key: quoted.value, end: colon + 1 }
      : undefined;
  }
  if ('{[|>'.includes(first)) return undefined;
  // Only this line is searched: a search to the end of the text for each line would never end.
  const line = text.slice(at, end);
  const found = /:(?: |$)/.exec(line)?.index;
  if (found === undefined) return undefined;
  const colon = at + found;
  if (text.slice(at, colon).includes('\t')) giveUp();
  const plain = text.slice(at, colon).trimEnd();
  if (plain.includes('#') || '&*!%@`?,]}-'.includes(first)) return doubtful(plain, colon);
  return named(plain, colon);
};

const giveUpAtColon = (text: string, at: number): number => (/^ +:/.test(text.slice(at, at + 8)) ? giveUp() : at);

/** Keys such as `-1`, `a#b` and `?x` are fine; those with anchors, tags, comments or padding are left to the full reader. */
const doubtful = (plain: string, colon: number): { key: string; end: number } => {
  if (/^[&*!%@`,\]}]|^[-?](?: |$)|(?:^|\s)#/.test(plain)) giveUp();
  return named(plain, colon);
};

/** A key that is a number keeps its text only when that is how the number is written. */
const named = (plain: string, colon: number): { key: string; end: number } => {
  const value = resolvePlain(plain);
  if (typeof value !== 'string' && String(value) !== plain) giveUp();
  return value === null ? giveUp() : { key: plain, end: colon + 1 };
};

/** What follows the colon of a key in a map that is indented by `indent`. */
const readValue = (cursor: Cursor, after: number, indent: number, level: number): unknown => {
  const { text } = cursor;
  let at = after;
  while (text[at] === ' ') at++;
  if (at < cursor.end && text[at] !== '#') return readInline(cursor, at, indent, level);
  moveTo(cursor, cursor.end + 1);
  if (cursor.indent > indent) return readBlock(cursor, cursor.indent, level + 1);
  return cursor.indent === indent && isDash(cursor, cursor.start) ? readSequence(cursor, indent, level + 1) : null;
};

/** A value that begins within a line; `parent` is the indentation of what it belongs to. */
const readInline = (cursor: Cursor, at: number, parent: number, level: number): unknown => {
  const { text } = cursor;
  const first = text[at]!;
  if (first === '"' || first === "'") {
    const quoted = readQuoted(text, at) ?? giveUp();
    leaveLine(cursor, quoted.end);
    return quoted.value;
  }
  if (first === '{' || first === '[') {
    const flow = readFlow(cursor, at, level + 1);
    if (standsOut(text.slice(at, flow.end), parent)) giveUp();
    leaveLine(cursor, flow.end);
    return flow.value;
  }
  if (first === '|' || first === '>') {
    const block = readBlockScalar(text, at, cursor.end, parent) ?? giveUp();
    moveTo(cursor, block.end);
    return block.value;
  }
  if (
    '&*!%@`,]}\t#'.includes(first) ||
    ((first === '-' || first === '?' || first === ':') && /^.(?:\s|$)/.test(text.slice(at, at + 2)))
  )
    giveUp();
  return readPlain(cursor, at, parent);
};

/** Whether a line of a flow collection stands too far left; its last one may begin with the closing bracket below what it belongs to. */
const standsOut = (flow: string, parent: number): boolean => {
  for (const { 0: line, 1: spaces, index } of flow.matchAll(/\n( *)[^ \n]/g)) {
    const indent = spaces!.length;
    const closes = indent === parent && index + line.length === flow.length;
    if ((indent <= parent && !closes) || (indent === 0 && /^\n(?:---|\.\.\.)/.test(flow.slice(index, index + 4)))) return true;
  }
  return false;
};

/** Nothing but a comment may follow on the line; then the next line is read. */
const leaveLine = (cursor: Cursor, offset: number): void => {
  const newline = cursor.text.indexOf('\n', offset);
  const end = newline === -1 ? cursor.text.length : newline;
  if (!/^(?:[ \t]*|[ \t]+#.*)$/.test(cursor.text.slice(offset, end))) giveUp();
  moveTo(cursor, end + 1);
};

/** A plain scalar; lines that are indented further than `parent` go on with it. */
const readPlain = (cursor: Cursor, at: number, parent: number): unknown => {
  const { text } = cursor;
  let line = text.slice(at, cursor.end);
  const comment = line.search(/[ \t]#/);
  if (comment !== -1) line = line.slice(0, comment);
  line = line.trimEnd();
  if (/:(?:[ \t]|$)/.test(line)) giveUp();
  let last = cursor.end;
  moveTo(cursor, cursor.end + 1);
  if (cursor.indent <= parent) return resolvePlain(line);
  if (comment !== -1) giveUp();
  while (cursor.indent > parent) {
    const next = text.slice(cursor.start, cursor.end).trimEnd();
    const gap = text.slice(last + 1, cursor.begin);
    if (/:(?:[ \t]|$)|[ \t]#/.test(next) || /[^\s]/.test(gap)) giveUp();
    const blanks = gap.split('\n').length - 1;
    line += (blanks === 0 ? ' ' : '\n'.repeat(blanks)) + next;
    last = cursor.end;
    moveTo(cursor, cursor.end + 1);
  }
  return line;
};

interface Flow {
  value: unknown;
  end: number;
}

const readFlow = (cursor: Cursor, start: number, level: number): Flow => {
  const { text } = cursor;
  if (level > cursor.depth) giveUp();
  const isMap = text[start] === '{';
  const closer = isMap ? '}' : ']';
  const map: Record<string, unknown> = {};
  const list: unknown[] = [];
  for (let at = skipSpace(text, start + 1); ; at = skipSpace(text, at + 1)) {
    if (text[at] === closer) return { value: isMap ? map : list, end: at + 1 };
    let entry: Flow;
    if (isMap) {
      const key = readFlowScalar(cursor, at, true);
      const name =
        typeof key.value === 'string' || String(key.value) === text.slice(at, key.end).trim() ? String(key.value) : giveUp();
      const colon = skipSpace(text, key.end);
      if (text[colon] !== ':' || key.value === null || name === '<<' || Object.hasOwn(map, name)) giveUp();
      cursor.onPart?.(map, name, at);
      define(map, name, null);
      entry = readFlowValue(cursor, skipSpace(text, colon + 1), level);
      define(map, name, entry.value);
    } else {
      cursor.onPart?.(list, String(list.length), at);
      entry = readFlowValue(cursor, at, level);
      list.push(entry.value);
    }
    at = skipSpace(text, entry.end);
    if (text[at] === closer) return { value: isMap ? map : list, end: at + 1 };
    if (text[at] !== ',') giveUp();
  }
};

const readFlowValue = (cursor: Cursor, at: number, level: number): Flow =>
  cursor.text[at] === '{' || cursor.text[at] === '[' ? readFlow(cursor, at, level + 1) : readFlowScalar(cursor, at, false);

const readFlowScalar = ({ text }: Cursor, at: number, isKey: boolean): Flow => {
  const first = text[at];
  if (first === '"' || first === "'") return readQuoted(text, at) ?? giveUp();
  const match = /[^,[\]{}\n]*/y;
  match.lastIndex = at;
  let raw = match.exec(text)![0];
  const colon = raw.search(/:(?:\s|$)/);
  if (isKey) raw = colon === -1 ? giveUp() : raw.slice(0, colon);
  else if (colon !== -1) giveUp();
  const plain = raw.trimEnd();
  // A plain scalar that ends with its line may go on in the next one.
  if (plain === '' || /^[&*!%@`|>?#"'-](?:\s|$)|^[&*!%@`|>#]|\s#|\t/.test(plain) || text[at + raw.length] === '\n') giveUp();
  return { value: resolvePlain(plain), end: at + plain.length };
};

/** Passes white space and line ends; a comment inside a flow collection is left to the full reader. */
const skipSpace = (text: string, from: number): number => {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n') at++;
  if (at >= text.length || text[at] === '#' || text[at] === '\t') giveUp();
  return at;
};
