/** One piece of Python that is neither white space nor comment. */
export interface Token {
  kind: 'name' | 'number' | 'string' | 'mark';
  text: string;
  start: number;
  end: number;
  /** 1-based; a text in triple quotes may end on another line. */
  line: number;
  endLine: number;
}

/** What Python calls a logical line: everything up to a line break outside brackets. Indexes of tokens, `to` exclusive. */
export interface Line {
  /** Columns before it, a tab going to the next multiple of eight. */
  indent: number;
  from: number;
  to: number;
}

/** A Python text taken apart. `text` has `\n` for every line break; offsets of tokens are in it. */
export interface Python {
  text: string;
  tokens: Token[];
  lines: Line[];
}

const space = /[ \t\f]+/y;
const name = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const number = /\.?\d(?:[\w.]|(?<=[eE])[+-])*/y;
const mark = /->|:=|\.\.\.|\*\*=?|\/\/=?|<<=?|>>=?|[-+*/%@&|^=<>!]=|[\s\S]/uy;
const stringStart = /(r[bft]?|[bft]r?|u)?("""|'''|"|')/iy;

/** Words that can only begin a statement: where one stands first on a line inside brackets, the brackets were never closed. */
const statement =
  /(?:def|class|import|return|while|with|try|raise|del|pass|break|continue|global|nonlocal|assert|except|finally|elif|async[ \t]+def)\b(?![ \t]*=)/y;

const find = (expression: RegExp, text: string, at: number): string | undefined => {
  expression.lastIndex = at;
  return expression.exec(text)?.[0];
};

/** Offset behind a plain text whose quotes open before `from`; where they are never closed, the end of the line or of all. */
const quotedEnd = (text: string, from: number, quotes: string): number => {
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '\n' && quotes.length === 1) return at;
    else if (text.startsWith(quotes, at)) return at + quotes.length;
  }
  return text.length;
};

/** Where a formatted text is being read: in its words, in a `{...}` (with brackets open in it), or behind that one's colon. */
interface Part {
  in: 'words' | 'hole' | 'format';
  quotes: string;
  raw: boolean;
  open: number;
}

/** Characters that may be read in vain for formatted texts that are never closed; then they are read like plain ones. */
const vainLength = 1_000_000;

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
};

/** Reads on in the words of a formatted text, or behind a colon in it; undefined when it is not closed there. */
const afterWords = (text: string, at: number, parts: Part[]): number | undefined => {
  const part = parts.at(-1);
  const character = text.charAt(at);
  if (!part || (character === '\n' && part.quotes.length === 1)) return undefined;
  if (part.in === 'words' && text.startsWith(part.quotes, at)) {
    parts.pop();
    return at + part.quotes.length;
  }
  if (character === '\\') {
    const named = !part.raw && text.startsWith('N{', at + 1) ? text.indexOf('}', at) : -1;
    if (named > 0) return named + 1;
    return text.charAt(at + 1) === '{' || text.charAt(at + 1) === '}' ? at + 1 : at + 2;
  }
  if (character === '{' && part.in === 'words' && text.charAt(at + 1) === '{') return at + 2;
  if (character === '{') parts.push({ ...part, in: 'hole', open: 0 });
  else if (character === '}' && part.in === 'format') parts.pop();
  return at + 1;
};

/** Reads on in a hole of a formatted text: code, in which a text may begin again. */
const afterHole = (text: string, at: number, parts: Part[]): number => {
  const part = parts.at(-1);
  const string = stringBegin(text, at);
  if (string?.formatted) {
    parts.push({ in: 'words', quotes: string.quotes, raw: string.raw, open: 0 });
    return string.from;
  }
  if (string) return quotedEnd(text, string.from, string.quotes);
  const character = text.charAt(at);
  if (character === '#') return lineEnd(text, at);
  if (!part) return at + 1;
  if (character === '(' || character === '[' || character === '{') part.open += 1;
  else if (part.open > 0 && (character === ')' || character === ']' || character === '}')) part.open -= 1;
  else if (character === '}') parts.pop();
  else if (character === ':' && part.open === 0) part.in = 'format';
  // A word is taken whole, so that its last letter is no prefix of a text.
  const word = find(name, text, at);
  return at + (word?.length ?? 1);
};

/**
 * Offset behind a formatted text, or how far it was read in vain. Since Python 3.12 the same quotes may stand in its holes.
 * @see https://docs.python.org/3/reference/lexical_analysis.html#formatted-string-literals
 */
const formattedEnd = (text: string, { from, quotes, raw }: Begin): { end: number } | { read: number } => {
  const parts: Part[] = [{ in: 'words', quotes, raw, open: 0 }];
  let at = from;
  while (at < text.length) {
    const next = parts.at(-1)?.in === 'hole' ? afterHole(text, at, parts) : afterWords(text, at, parts);
    if (next === undefined) break;
    at = next;
    if (parts.length === 0) return { end: at };
  }
  return { read: at - from };
};

/** How a text begins: the offset behind its opening quotes, and what its prefix says. */
interface Begin {
  from: number;
  quotes: string;
  formatted: boolean;
  raw: boolean;
}

const stringBegin = (text: string, at: number): Begin | undefined => {
  stringStart.lastIndex = at;
  const [start, prefix = '', quotes = ''] = stringStart.exec(text) ?? [];
  if (start === undefined) return undefined;
  return { from: at + start.length, quotes, formatted: /[ft]/i.test(prefix), raw: /r/i.test(prefix) };
};

/** Takes a text apart, in one pass. */
class Reader {
  readonly tokens: Token[] = [];
  readonly lines: Line[] = [];
  private readonly text: string;
  private at = 0;
  private line = 1;
  /** Brackets that are open. */
  private depth = 0;
  /** First token of the logical line that is being read. */
  private from = 0;
  private indent = 0;
  private vain = 0;

  constructor(text: string) {
    this.text = text;
  }

  read(): this {
    this.beginLine(this.columns());
    while (this.at < this.text.length) {
      if (this.isSkipped()) continue;
      const token = this.token();
      this.tokens.push(token);
      if (token.kind !== 'mark') continue;
      if (token.text === '(' || token.text === '[' || token.text === '{') this.depth += 1;
      else if (token.text === ')' || token.text === ']' || token.text === '}') this.depth = Math.max(0, this.depth - 1);
    }
    this.endLine();
    return this;
  }

  /** Passes white space, comments and line breaks over. */
  private isSkipped(): boolean {
    const character = this.text.charAt(this.at);
    if (character === '\n') {
      this.at += 1;
      this.line += 1;
      this.breakLine();
    } else if (character === '#') {
      this.at = lineEnd(this.text, this.at);
    } else if (character === '\\' && this.text.charAt(this.at + 1) === '\n') {
      this.at += 2;
      this.line += 1;
    } else {
      const skipped = find(space, this.text, this.at)?.length ?? 0;
      this.at += skipped;
      return skipped > 0;
    }
    return true;
  }

  /** A line of text begins: it is a logical one, too, where no bracket is open or none can be. */
  private breakLine(): void {
    const columns = this.columns();
    if (this.depth > 0) {
      if (find(statement, this.text, this.at) === undefined) return;
      this.depth = 0;
    }
    this.endLine();
    this.beginLine(columns);
  }

  private beginLine(indent: number): void {
    this.from = this.tokens.length;
    this.indent = indent;
  }

  private endLine(): void {
    const to = this.tokens.length;
    if (to > this.from) this.lines.push({ indent: this.indent, from: this.from, to });
  }

  /** Columns of white space here, which is passed over. */
  private columns(): number {
    let columns = 0;
    for (; this.at < this.text.length; this.at += 1) {
      const character = this.text.charAt(this.at);
      if (character === ' ') columns += 1;
      else if (character === '\t') columns += 8 - (columns % 8);
      else if (character === '\f') columns = 0;
      else break;
    }
    return columns;
  }

  private token(): Token {
    const { at: start, line } = this;
    const string = stringBegin(this.text, start);
    if (string) {
      this.at = this.stringEnd(string);
      const text = this.text.slice(start, this.at);
      for (let next = text.indexOf('\n'); next >= 0; next = text.indexOf('\n', next + 1)) this.line += 1;
      return { kind: 'string', text, start, end: this.at, line, endLine: this.line };
    }
    const word = find(name, this.text, start);
    const digits = word === undefined ? find(number, this.text, start) : undefined;
    const text = word ?? digits ?? find(mark, this.text, start) ?? this.text.charAt(start);
    this.at = start + text.length;
    const kind = word !== undefined ? 'name' : digits !== undefined ? 'number' : 'mark';
    return { kind, text, start, end: this.at, line, endLine: line };
  }

  private stringEnd(string: Begin): number {
    if (string.formatted && this.vain < vainLength) {
      const found = formattedEnd(this.text, string);
      if ('end' in found) return found.end;
      this.vain += found.read;
    }
    return quotedEnd(this.text, string.from, string.quotes);
  }
}

/** Takes Python text apart, in one pass. Never fails: what is not closed ends with its line or with the text. */
export const readPython = (source: string): Python => {
  const text = source.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  const { tokens, lines } = new Reader(text).read();
  return { text, tokens, lines };
};
