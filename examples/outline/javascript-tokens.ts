/** One piece of source text that is neither white space nor comment. */
export interface Token {
  kind: 'word' | 'mark' | 'text' | 'number' | 'pattern';
  text: string;
  start: number;
  end: number;
  /** 1-based. */
  line: number;
}

const closers = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

/** Words after which a slash begins a pattern, not a division. */
const beforePattern = new Set('return typeof case in of delete void throw new do else await yield instanceof'.split(' '));

const space = /\s+/y;
const word = /[#@]?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy;
const number = /\.?\d[\w.]*/y;
const mark = /=>|\.\.\.|\?\.|[=!]==?|&&|\|\||\?\?|[-+*/%<>&|^]=|\+\+|--|[\s\S]/uy;

const find = (expression: RegExp, text: string, at: number): string | undefined => {
  expression.lastIndex = at;
  return expression.exec(text)?.[0];
};

/** Offset behind a quoted text that begins at `at`; where it is never closed, the end of its line. */
const quotedEnd = (text: string, at: number): number => {
  const quote = text.charAt(at);
  for (let offset = at + 1; offset < text.length; offset += 1) {
    const character = text.charAt(offset);
    if (character === '\\') offset += 1;
    else if (character === quote) return offset + 1;
    else if (character === '\n') return offset;
  }
  return text.length;
};

/** Offset behind a template that begins at `at`, with everything inside its `${...}`. */
const templateEnd = (text: string, at: number): number => {
  let open = 0;
  const holes: number[] = [];
  for (let offset = at + 1; offset < text.length; offset += 1) {
    const character = text.charAt(offset);
    if (character === '\\') offset += 1;
    else if (holes.length > open) {
      // Inside a hole: code, in which a template may begin again.
      const depth = holes.length - 1;
      if (character === '{') holes.splice(depth, 1, (holes.at(-1) ?? 0) + 1);
      else if (character === '}' && (holes.at(-1) ?? 0) > 0) holes.splice(depth, 1, (holes.at(-1) ?? 0) - 1);
      else if (character === '}') holes.pop();
      else if (character === '`') open += 1;
      else if (character === "'" || character === '"') offset = quotedEnd(text, offset) - 1;
    } else if (character === '`') {
      if (open === 0) return offset + 1;
      open -= 1;
    } else if (character === '$' && text.charAt(offset + 1) === '{') {
      holes.push(0);
      offset += 1;
    }
  }
  return text.length;
};

/** Offset behind a pattern (a regular expression literal) that begins at `at`; undefined when it is none. */
const patternEnd = (text: string, at: number): number | undefined => {
  let inClass = false;
  for (let offset = at + 1; offset < text.length; offset += 1) {
    const character = text.charAt(offset);
    if (character === '\n') return undefined;
    if (character === '\\') offset += 1;
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if (character === '/' && !inClass) return offset + 1 + (find(/[a-z]*/y, text, offset + 1)?.length ?? 0);
  }
  return undefined;
};

const startsPattern = (before: Token | undefined): boolean => {
  if (!before) return true;
  if (before.kind === 'word') return beforePattern.has(before.text);
  return before.kind === 'mark' && ![')', ']', '}', '++', '--'].includes(before.text);
};

/** Where a comment that begins at `at` ends; undefined when there is none. */
const commentEnd = (text: string, at: number): number | undefined => {
  const line = text.startsWith('//', at) || (at === 0 && text.startsWith('#!'));
  if (!line && !text.startsWith('/*', at)) return undefined;
  const end = text.indexOf(line ? '\n' : '*/', at + 2);
  return end < 0 ? text.length : end + (line ? 0 : 2);
};

const read = (text: string, at: number, before: Token | undefined): { kind: Token['kind']; end: number } => {
  const character = text.charAt(at);
  if (character === '"' || character === "'") return { kind: 'text', end: quotedEnd(text, at) };
  if (character === '`') return { kind: 'text', end: templateEnd(text, at) };
  const pattern = character === '/' && startsPattern(before) ? patternEnd(text, at) : undefined;
  if (pattern !== undefined) return { kind: 'pattern', end: pattern };
  const name = find(word, text, at);
  if (name !== undefined) return { kind: 'word', end: at + name.length };
  const digits = find(number, text, at);
  if (digits !== undefined) return { kind: 'number', end: at + digits.length };
  return { kind: 'mark', end: at + (find(mark, text, at)?.length ?? 1) };
};

/** Takes source text apart, in one pass. Never fails: what is not closed ends with the text. */
export const tokensOf = (text: string): Token[] => {
  const tokens: Token[] = [];
  let line = 1;
  let counted = 0;
  for (let at = 0; at < text.length;) {
    const skipped = commentEnd(text, at) ?? at + (find(space, text, at)?.length ?? 0);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    for (let next = text.indexOf('\n', counted); next >= 0 && next < at; next = text.indexOf('\n', counted)) {
      line += 1;
      counted = next + 1;
    }
    const { kind, end } = read(text, at, tokens.at(-1));
    tokens.push({ kind, text: text.slice(at, end), start: at, end, line });
    at = end;
  }
  return tokens;
};

/** For each opening bracket the index of the one that closes it; what is never closed ends with the last token. */
export const pairsOf = (tokens: readonly Token[]): ReadonlyMap<number, number> => {
  const pairs = new Map<number, number>();
  const open: number[] = [];
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind !== 'mark') continue;
    if (text === '(' || text === '[' || text === '{') open.push(index);
    else if (text === ')' || text === ']' || text === '}') {
      const from = open.findLast((each) => closers.get(tokens.at(each)?.text ?? '') === text);
      if (from === undefined) continue;
      while (open.length > 0 && open.at(-1) !== from) open.pop();
      open.pop();
      pairs.set(from, index);
    }
  }
  for (const index of open) pairs.set(index, tokens.length - 1);
  return pairs;
};
