import { signatureOf, signatureSource } from './declaration.ts';
import type { Line, Python, Token } from './python-tokens.ts';

/** Indexes of tokens, `to` exclusive. */
export interface Span {
  from: number;
  to: number;
}

/** Words that are no names, however they stand. */
const keywords = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if import in is ' +
    'lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

/** First words of statements that have others inside, beside `def` and `class`. */
const compound = new Set('if elif else for while try except finally with async match case'.split(' '));

/** The text of one token; empty where there is none. */
export const textAt = ({ tokens }: Python, index: number): string => (index < 0 ? '' : (tokens.at(index)?.text ?? ''));

/** True for a word that may be somebody's name. */
export const isName = (token: Token | undefined): token is Token => token?.kind === 'name' && !keywords.has(token.text);

/** Where a mark stands outside brackets and behind no `lambda`; undefined when it does not. */
export const markIn = (python: Python, { from, to }: Span, wanted: string): number | undefined => {
  let depth = 0;
  let lambdas = 0;
  for (let at = from; at < to; at += 1) {
    const text = textAt(python, at);
    if (text === '(' || text === '[' || text === '{') depth += 1;
    else if (text === ')' || text === ']' || text === '}') depth = Math.max(0, depth - 1);
    else if (depth > 0) continue;
    else if (text === 'lambda') lambdas += 1;
    else if (text === ':' && lambdas > 0) lambdas -= 1;
    else if (text === wanted && lambdas === 0) return at;
  }
  return undefined;
};

/** The parts between marks of one kind; empty ones are left out. */
export const partsOf = (python: Python, { from, to }: Span, mark: string): Span[] => {
  const parts: Span[] = [];
  for (let begin = from; begin < to;) {
    const end = markIn(python, { from: begin, to }, mark) ?? to;
    if (end > begin) parts.push({ from: begin, to: end });
    begin = end + 1;
  }
  return parts;
};

/** `match = 1` and `case: int = 2`: only in their place the two words are more than names. */
const isPlain = (python: Python, { from }: Line): boolean =>
  /^(?:match|case)$/.test(textAt(python, from)) && /^(?:=|:|,|\.|.=)$/.test(textAt(python, from + 1));

/** The simple statements of a line: all of it, or what stands behind the colon of `if x: a = 1; b = 2`. */
export const simpleStatements = (python: Python, line: Line): Span[] => {
  const holds = compound.has(textAt(python, line.from)) && !isPlain(python, line);
  const colon = holds ? markIn(python, line, ':') : undefined;
  return partsOf(python, { from: colon === undefined ? line.from : colon + 1, to: line.to }, ';');
};

/** Index behind the lines that belong to the one at `index`: those that are indented further. */
export const blockEnd = ({ lines }: Python, index: number, end: number): number => {
  const indent = lines.at(index)?.indent ?? 0;
  let next = index + 1;
  while (next < end && (lines.at(next)?.indent ?? 0) > indent) next += 1;
  return next;
};

/** Code without comments and line breaks, and not too much of it. */
export const codeIn = ({ tokens }: Python, { from, to }: Span): string => {
  let code = '';
  let before: Token | undefined;
  for (const token of tokens.slice(from, Math.min(to, from + signatureSource))) {
    const apart = before && before.end < token.start && !/^[([{]$/.test(before.text) && !/^[)\]}]$/.test(token.text);
    code += (apart ? ' ' : '') + token.text.slice(0, signatureSource);
    before = token;
  }
  return signatureOf(code);
};

/** What a text in quotes stands for; escapes that give a character by its name are left as they are written. */
export const stringValue = (literal: string): string => {
  const [, prefix = '', quotes = ''] = /^(\w*)("""|'''|"|')/.exec(literal) ?? [];
  const from = prefix.length + quotes.length;
  const inside = literal.slice(
    from,
    literal.length >= from + quotes.length && literal.endsWith(quotes) ? -quotes.length : undefined,
  );
  if (/r/i.test(prefix)) return inside;
  return inside.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g, escaped);
};

const escaped = (whole: string, ...[x, u, long, octal, character]: (string | undefined)[]): string => {
  const digits = x ?? u ?? long ?? octal;
  if (digits === undefined) return escapes.get(character ?? '') ?? whole;
  const code = Number.parseInt(digits, octal === undefined ? 16 : 8);
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
};

const escapes = new Map([
  ['\n', ''],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
]);
