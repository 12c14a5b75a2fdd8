import { type Wanted, wantedOf } from './position.ts';

/**
 * Offsets of the values that JSON pointers name, in one pass over JSON or JSON5 text. A value in an object is found at its key. What
 * is not wanted is skipped without being parsed; a pointer that names nothing is left out.
 */
export const bracketedOffsets = (text: string, pointers: Iterable<string>): Map<string, number> => {
  const found = new Map<string, number>();
  const scan: Scan = { text, at: 0, found };
  space(scan);
  visit(scan, wantedOf(pointers), scan.at);
  return found;
};

interface Scan {
  text: string;
  at: number;
  found: Map<string, number>;
}

/** Recursion goes only as deep as the wanted pointers. */
const visit = (scan: Scan, wanted: Wanted, offset: number): void => {
  for (const pointer of wanted.pointers) scan.found.set(pointer, offset);
  const opener = scan.text[scan.at];
  if (wanted.children.size === 0 || (opener !== '{' && opener !== '[')) return skip(scan);
  scan.at++;
  for (let index = 0; ; index++) {
    space(scan);
    const character = scan.text[scan.at];
    if (character === undefined) return;
    if (character === '}' || character === ']') {
      scan.at++;
      return;
    }
    const start = scan.at;
    const key = opener === '{' ? readKey(scan) : String(index);
    const child = wanted.children.get(key);
    if (child === undefined) skip(scan);
    else visit(scan, child, start);
    space(scan);
    if (scan.text[scan.at] === ',') scan.at++;
    else if (scan.at === start) scan.at++;
  }
};

/** Reads a key and the colon after it. */
const readKey = (scan: Scan): string => {
  const start = scan.at;
  skip(scan, true);
  const raw = scan.text.slice(start, scan.at);
  space(scan);
  if (scan.text[scan.at] === ':') scan.at++;
  space(scan);
  if (raw.startsWith('"') && raw.includes('\\')) {
    try {
      return String(JSON.parse(raw));
    } catch {
      return raw.slice(1, -1);
    }
  }
  return /^['"]/.test(raw) ? raw.slice(1, -1) : raw;
};

/** Passes white space and comments. */
const space = (scan: Scan): void => {
  const { text } = scan;
  for (;;) {
    const character = text[scan.at];
    if (character === '/' && text[scan.at + 1] === '/') scan.at = lineEnd(text, scan.at);
    else if (character === '/' && text[scan.at + 1] === '*') scan.at = indexOr(text, '*/', scan.at) + 2;
    else if (character !== undefined && /[\s\uFEFF]/.test(character)) scan.at++;
    else return;
  }
};

const indexOr = (text: string, what: string, from: number): number => {
  const at = text.indexOf(what, from);
  return at === -1 ? text.length : at;
};

const lineEnd = (text: string, from: number): number => indexOr(text, '\n', from);

/** Passes one value (or one key) whatever it holds. */
const skip = (scan: Scan, key = false): void => {
  const { text } = scan;
  let depth = 0;
  while (scan.at < text.length) {
    const character = text[scan.at];
    if (character === '"' || character === "'") {
      scan.at = stringEnd(text, scan.at);
      if (depth === 0) return;
    } else if (character === '{' || character === '[') {
      depth++;
      scan.at++;
    } else if (character === '}' || character === ']') {
      if (depth === 0) return;
      scan.at++;
      if (--depth === 0) return;
    } else if (depth === 0 && (character === ',' || (key && (character === ':' || /\s/.test(character!))))) return;
    else if (character === '/' && (text[scan.at + 1] === '/' || text[scan.at + 1] === '*')) space(scan);
    else scan.at++;
  }
};

/** Offset after the quote that closes the string at `start`. */
const stringEnd = (text: string, start: number): number => {
  const quote = text[start]!;
  let end = text.indexOf(quote, start + 1);
  while (end !== -1) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end + 1;
    end = text.indexOf(quote, end + 1);
  }
  return text.length;
};
