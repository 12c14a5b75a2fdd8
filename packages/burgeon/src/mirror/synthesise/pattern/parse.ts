import { type CharacterSet, classes, dot, holds, property, single } from './characters.ts';

/** One node of a parsed pattern. */
export type PatternNode =
  | { kind: 'set'; set: CharacterSet }
  | { kind: 'sequence'; items: PatternNode[] }
  | { kind: 'choice'; options: PatternNode[] }
  | { kind: 'repeat'; item: PatternNode; min: number; max: number }
  | { kind: 'group'; item: PatternNode; index: number }
  | { kind: 'back'; index: number }
  | { kind: 'start' | 'end' | 'boundary' | 'inside' }
  | { kind: 'look'; item: PatternNode; ahead: boolean; negated: boolean };

/** Bounds of what is parsed: a longer or deeper pattern is left alone. */
const limits = { length: 8_192, depth: 64 } as const;

/** Where the reading stands. `failed` is set once and ends everything. */
interface Reader {
  text: string;
  at: number;
  depth: number;
  groups: number;
  names: Map<string, number>;
  failed: boolean;
}

/**
 * Parses a pattern as ECMA-262 with the `u` flag writes it, leniently: escapes without a meaning stand for themselves.
 * Undefined when it is not a pattern or exceeds the bounds.
 * @see https://json-schema.org/draft/2020-12/json-schema-core section 6.4
 */
export const parsePattern = (text: string): PatternNode | undefined => {
  if (text.length > limits.length) return undefined;
  const reader: Reader = { text, at: 0, depth: 0, groups: 0, names: new Map(), failed: false };
  const node = readChoice(reader);
  return reader.failed || reader.at < text.length ? undefined : node;
};

const fail = (reader: Reader): PatternNode => {
  reader.failed = true;
  reader.at = reader.text.length;
  return { kind: 'sequence', items: [] };
};

const take = (reader: Reader, wanted: string): boolean => {
  const there = reader.text.startsWith(wanted, reader.at);
  if (there) reader.at += wanted.length;
  return there;
};

const readChoice = (reader: Reader): PatternNode => {
  if (++reader.depth > limits.depth) return fail(reader);
  const options = [readSequence(reader)];
  while (take(reader, '|')) options.push(readSequence(reader));
  reader.depth--;
  return options.length === 1 ? (options[0] as PatternNode) : { kind: 'choice', options };
};

const readSequence = (reader: Reader): PatternNode => {
  const items: PatternNode[] = [];
  while (reader.at < reader.text.length && reader.text[reader.at] !== '|' && reader.text[reader.at] !== ')') {
    items.push(readQuantified(reader));
  }
  return items.length === 1 ? (items[0] as PatternNode) : { kind: 'sequence', items };
};

const readQuantified = (reader: Reader): PatternNode => {
  let item = readAtom(reader);
  for (let bounds = readQuantifier(reader); bounds; bounds = readQuantifier(reader)) {
    if (bounds.min > bounds.max) return fail(reader);
    item = { kind: 'repeat', item, ...bounds };
    // A lazy or possessive mark changes what is preferred, not what matches.
    if (!take(reader, '?')) take(reader, '+');
  }
  return item;
};

const readQuantifier = (reader: Reader): { min: number; max: number } | undefined => {
  if (take(reader, '*')) return { min: 0, max: Infinity };
  if (take(reader, '+')) return { min: 1, max: Infinity };
  if (take(reader, '?')) return { min: 0, max: 1 };
  if (reader.text[reader.at] !== '{') return undefined;
  const match = /^\{(\d{0,9})(,?)(\d{0,9})\}/.exec(reader.text.slice(reader.at, reader.at + 24));
  if (!match || (match[1] === '' && match[3] === '')) return undefined;
  reader.at += match[0].length;
  const min = Number(match[1]);
  return { min, max: match[3] === '' ? (match[2] === '' ? min : Infinity) : Number(match[3]) };
};

const readAtom = (reader: Reader): PatternNode => {
  const codePoint = reader.text.codePointAt(reader.at) as number;
  const character = String.fromCodePoint(codePoint);
  reader.at += character.length;
  if (character === '(') return readGroup(reader);
  if (character === '[') return readClass(reader);
  if (character === '\\') return readEscape(reader);
  if (character === '^') return { kind: 'start' };
  if (character === '$') return { kind: 'end' };
  if (character === '.') return { kind: 'set', set: dot };
  if (character === '*' || character === '+' || character === '?') return fail(reader);
  return { kind: 'set', set: single(codePoint) };
};

const looks = { '?=': [true, false], '?!': [true, true], '?<=': [false, false], '?<!': [false, true] } as const;

const readGroup = (reader: Reader): PatternNode => {
  let wrap = (item: PatternNode): PatternNode => item;
  const look = Object.entries(looks).find(([mark]) => take(reader, mark));
  if (look) {
    const [ahead, negated] = look[1];
    wrap = (item) => ({ kind: 'look', item, ahead, negated });
  } else if (!take(reader, '?:') && !take(reader, '?>')) {
    const named = /^\?P?<([A-Za-z_$][\w$]{0,63})>/.exec(reader.text.slice(reader.at, reader.at + 70));
    if (!named && reader.text[reader.at] === '?') return fail(reader);
    const index = ++reader.groups;
    if (named) {
      reader.at += named[0].length;
      reader.names.set(named[1] as string, index);
    }
    wrap = (item) => ({ kind: 'group', item, index });
  }
  const item = readChoice(reader);
  return take(reader, ')') ? wrap(item) : fail(reader);
};

const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, 0: 0 };

/** What stands after a backslash, as a set; undefined when it is not a set. */
const readEscapedSet = (reader: Reader): CharacterSet | undefined => {
  const codePoint = reader.text.codePointAt(reader.at);
  if (codePoint === undefined) return undefined;
  const letter = String.fromCodePoint(codePoint);
  reader.at += letter.length;
  if (Object.hasOwn(classes, letter)) return classes[letter];
  if (letter === 'p' || letter === 'P') {
    const name = /^(?:\{([^}]{1,81})\}|([A-Z]))/.exec(reader.text.slice(reader.at, reader.at + 84));
    if (!name) return undefined;
    reader.at += name[0].length;
    return property((name[1] ?? name[2]) as string, letter === 'P');
  }
  if (Object.hasOwn(controls, letter)) return single(controls[letter] as number);
  if (letter === 'c' && /^[A-Za-z]/.test(reader.text.slice(reader.at))) {
    return single((reader.text.charCodeAt(reader.at++) as number) % 32);
  }
  const rest = reader.text.slice(reader.at, reader.at + 10);
  const code =
    letter === 'x'
      ? /^([0-9a-fA-F]{2})/.exec(rest)
      : letter === 'u'
        ? /^(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]{1,6})\})/.exec(rest)
        : null;
  if (!code) return single(codePoint);
  reader.at += code[0].length;
  const value = Number.parseInt((code[1] ?? code[2]) as string, 16);
  return value > 0x10ffff ? undefined : single(value);
};

const readEscape = (reader: Reader): PatternNode => {
  const letter = reader.text[reader.at];
  const anchors = { b: 'boundary', B: 'inside', A: 'start', z: 'end', Z: 'end' } as const;
  if (letter !== undefined && Object.hasOwn(anchors, letter)) {
    reader.at++;
    return { kind: anchors[letter as keyof typeof anchors] };
  }
  const back = /^(?:([1-9]\d?)|k<([A-Za-z_$][\w$]{0,63})>)/.exec(reader.text.slice(reader.at, reader.at + 70));
  if (back) {
    reader.at += back[0].length;
    return { kind: 'back', index: back[1] ? Number(back[1]) : (reader.names.get(back[2] as string) ?? 0) };
  }
  const set = readEscapedSet(reader);
  return set ? { kind: 'set', set } : fail(reader);
};

const posix: Readonly<Record<string, [number, number][]>> = {
  alpha: [[65, 90], [97, 122]],
  digit: [[48, 57]],
  alnum: [[48, 57], [65, 90], [97, 122]],
  upper: [[65, 90]],
  lower: [[97, 122]],
  space: [[9, 13], [32, 32]],
  punct: [[33, 47], [58, 64], [91, 96], [123, 126]],
  xdigit: [[48, 57], [65, 70], [97, 102]],
}; // prettier-ignore

/** One member of a bracket class. */
const readMember = (reader: Reader): CharacterSet | undefined => {
  const named = /^\[:([a-z]{5,6}):\]/.exec(reader.text.slice(reader.at, reader.at + 10));
  if (named && Object.hasOwn(posix, named[1] as string)) {
    reader.at += named[0].length;
    return { ranges: posix[named[1] as string] as [number, number][], properties: [], negated: false };
  }
  if (take(reader, '\\')) return take(reader, 'b') ? single(8) : readEscapedSet(reader);
  const codePoint = reader.text.codePointAt(reader.at) as number;
  reader.at += codePoint > 0xffff ? 2 : 1;
  return single(codePoint);
};

const isSingle = (set: CharacterSet): boolean =>
  !set.negated && set.ranges.length === 1 && set.ranges[0]?.[0] === set.ranges[0]?.[1];

const readClass = (reader: Reader): PatternNode => {
  const set: CharacterSet = { ranges: [], properties: [], negated: take(reader, '^') };
  for (;;) {
    if (reader.at >= reader.text.length) return fail(reader);
    if (take(reader, ']')) return { kind: 'set', set };
    const low = readMember(reader);
    if (!low) return fail(reader);
    const next = reader.text[reader.at + 1];
    if (isSingle(low) && reader.text[reader.at] === '-' && next !== undefined && next !== ']') {
      reader.at++;
      const high = readMember(reader);
      if (!high) return fail(reader);
      const from = low.ranges[0]?.[0] as number;
      if (!isSingle(high)) addMember(set, low, single(45), high);
      else if ((high.ranges[0]?.[0] as number) < from) return fail(reader);
      else set.ranges.push([from, high.ranges[0]?.[0] as number]);
    } else addMember(set, low);
  }
};

const addMember = (target: CharacterSet, ...members: CharacterSet[]): void => {
  for (const member of members) {
    if (!member.negated && member.properties.length === 0) target.ranges.push(...member.ranges);
    else target.properties.push({ test: (character) => holds(member, character.codePointAt(0) as number) });
  }
};
