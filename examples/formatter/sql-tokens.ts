import { failure, type FailureCode, positionOf } from './failure.ts';

/** Whose SQL it is: what quotes, escapes and comments there are. */
export type Dialect = 'postgresql' | 'mysql' | 'sqlite';

/**
 * One piece of SQL, exactly as it was written. `string` is everything in quotes; `line` is a line for a client, not for the database;
 * `comment` runs to the end of its line, `note` to its own end.
 */
export interface SqlToken {
  kind: 'word' | 'string' | 'number' | 'operator' | 'mark' | 'comment' | 'note' | 'line';
  text: string;
  /** Line breaks before it. */
  breaks: number;
  /** True when nothing stands between it and the token before it. */
  tight: boolean;
}

type Read = { kind: SqlToken['kind']; end: number } | undefined;

const space = /[ \t\n\r\f\v]+/y;
const lineBreak = /\r\n?|\n/g;
const word = /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy;
const number = /(?:0[xX][\dA-Fa-f_]+|\.\d[\d_]*|\d[\d_]*(?:\.(?!\.)[\d_]*)?)(?:[eE][+-]?\d+)?/y;
const parameter = /\$\d+|[:@](?=[\p{L}_])[\p{L}\p{N}_$]+|\?\d*/uy;
const dollar = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;
const prefixed = /(?:[eEbBxXnN]|[uU]&)?'/y;
/** What a text may begin with. */
const quoteBegins = "'eEbBxXnNuU";
const mark = /::|:=|[\s\S]/uy;

/** A line that a client carries out: `\copy`, `DELIMITER //`, `.mode csv`. The last two only before a statement, the second also where a line begins. */
const clientLine = (dialect: Dialect): RegExp =>
  dialect === 'postgresql' ? /\\/y : dialect === 'mysql' ? /(?:\\|DELIMITER\b)/iy : /\.[a-z]/y;

/** Characters of operators; those that only PostgreSQL allows begin something else elsewhere. */
const operatorRun = (dialect: Dialect): RegExp => (dialect === 'postgresql' ? /[-+*/<>=~!@#%^&|`]+/y : /[-+*/<>=~!%^&|]+/y);

const find = (expression: RegExp, source: string, at: number): string | undefined => {
  expression.lastIndex = at;
  return expression.exec(source)?.[0];
};

const fault = (code: FailureCode, what: string, source: string, at: number): Error => failure(code, what, positionOf(source, at));

/** Offset behind a quoted piece whose quote is at `open`: two quotes are one, and with `escapes` so is a backslash and a quote. */
const quotedEnd = (source: string, open: number, escapes: boolean): number => {
  const close = source.charAt(open) === '[' ? ']' : source.charAt(open);
  for (let at = open + 1; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (escapes && character === '\\') at += 1;
    else if (character === close && source.charAt(at + 1) === close) at += 1;
    else if (character === close) return at + 1;
  }
  throw fault('unclosed', `What begins with ${source.charAt(open)} is not closed`, source, open);
};

/** Offset behind a comment between marks; only PostgreSQL has comments in comments. */
const noteEnd = (source: string, begin: number, dialect: Dialect): number => {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = begin + 2;
  let open = 1;
  for (let found = edge.exec(source); found; found = edge.exec(source)) {
    if (found[0] === '*/') open -= 1;
    else if (dialect === 'postgresql') open += 1;
    if (open === 0) return edge.lastIndex;
  }
  throw fault('unclosed', 'A comment is not closed', source, begin);
};

/** Only for PostgreSQL a carriage return ends a line by itself. */
const lineEnd = (source: string, at: number, dialect: Dialect): number => {
  const breaks = dialect === 'postgresql' ? /[\r\n]/g : /\n/g;
  breaks.lastIndex = at;
  let end = breaks.exec(source)?.index ?? source.length;
  while (source.charAt(end - 1) === '\r') end -= 1;
  return end;
};

const commentAt = (source: string, at: number, dialect: Dialect): Read => {
  if (source.startsWith('/*', at)) return { kind: 'note', end: noteEnd(source, at, dialect) };
  const dashes = source.startsWith('--', at) && (dialect !== 'mysql' || /^(?:\s|$)/.test(source.charAt(at + 2)));
  const hash = dialect === 'mysql' && source.charAt(at) === '#';
  return dashes || hash ? { kind: 'comment', end: lineEnd(source, at, dialect) } : undefined;
};

const stringAt = (source: string, at: number, dialect: Dialect): Read => {
  const character = source.charAt(at);
  const isString = (end: number): Read => ({ kind: 'string', end });
  const prefix = quoteBegins.includes(character) ? find(prefixed, source, at) : undefined;
  if (prefix !== undefined) {
    const escapes = dialect === 'mysql' || (dialect === 'postgresql' && /^e/i.test(prefix));
    return isString(quotedEnd(source, at + prefix.length - 1, escapes));
  }
  if (character === '"') return isString(quotedEnd(source, at, dialect === 'mysql'));
  if (character === '`' && dialect !== 'postgresql') return isString(quotedEnd(source, at, false));
  if (character === '[' && dialect === 'sqlite') return isString(quotedEnd(source, at, false));
  const tag = dialect === 'postgresql' && character === '$' ? find(dollar, source, at) : undefined;
  if (tag === undefined) return undefined;
  const close = source.indexOf(tag, at + tag.length);
  if (close < 0) throw fault('unclosed', `What begins with ${tag} is not closed`, source, at);
  return isString(close + tag.length);
};

/**
 * The operator in a run of operator characters: up to a comment, and without signs at its end, which belong to what follows.
 * @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-OPERATORS
 */
const operatorIn = (run: string, dialect: Dialect): string => {
  const comment = run.search(dialect === 'mysql' ? /\/\*/ : /\/\*|--/);
  const whole = comment > 0 ? run.slice(0, comment) : run;
  const keepsSigns = dialect === 'postgresql' && /[~!@#%^&|`]/.test(whole);
  let end = whole.length;
  if (!keepsSigns) while (end > 1 && '+-'.includes(whole.charAt(end - 1))) end -= 1;
  return whole.slice(0, end);
};

/** What stands at an offset that is no white space. `isFirst`: a line for a client may begin here. */
const readAt = (source: string, at: number, dialect: Dialect, isFirst: boolean): { kind: SqlToken['kind']; end: number } => {
  const isLine = (isFirst || source.charAt(at) === '\\') && find(clientLine(dialect), source, at) !== undefined;
  if (isLine) return { kind: 'line', end: lineEnd(source, at, dialect) };
  const found = commentAt(source, at, dialect) ?? stringAt(source, at, dialect);
  if (found) return found;
  const kinds = [
    ['word', word],
    ['number', number],
    ['word', parameter],
  ] as const;
  for (const [kind, expression] of kinds) {
    const text = find(expression, source, at);
    if (text !== undefined) return { kind, end: at + text.length };
  }
  const run = find(operatorRun(dialect), source, at);
  if (run !== undefined) return { kind: 'operator', end: at + operatorIn(run, dialect).length };
  return { kind: 'mark', end: at + (find(mark, source, at)?.length ?? 1) };
};

/** End of the rows that follow `COPY ... FROM stdin;`; undefined when the statement that ended is none, or no rows follow. */
const rowsEnd = (source: string, { from, to }: { from: number; to: number }): number | undefined => {
  const statement = source.slice(from, Math.min(to, from + 10_000));
  if (!/^copy\b/i.test(statement) || !/\bfrom\s{1,100}stdin\b/i.test(statement)) return undefined;
  if (!/^[ \t]*[\r\n]/.test(source.slice(to, to + 100))) return undefined;
  const end = /^\\\.[ \t]*\r?$/gm;
  end.lastIndex = to;
  return end.exec(source) ? end.lastIndex : undefined;
};

/** Takes SQL apart. @throws what `failure` makes, for what is opened and never closed */
export const sqlTokens = (source: string, dialect: Dialect): SqlToken[] => {
  const tokens: SqlToken[] = [];
  let at = source.charCodeAt(0) === 0xfeff ? 1 : 0;
  let statement = -1;
  while (at < source.length) {
    const blank = find(space, source, at) ?? '';
    const begin = at + blank.length;
    if (begin >= source.length) break;
    const breaks = blank.match(lineBreak)?.length ?? 0;
    const { kind, end } = readAt(source, begin, dialect, statement < 0 || (breaks > 0 && dialect === 'mysql'));
    tokens.push({ kind, text: source.slice(begin, end), breaks, tight: blank === '' });
    at = end;
    if (kind === 'comment' || kind === 'note' || kind === 'line') continue;
    if (statement < 0) statement = begin;
    if (source.charAt(begin) !== ';' || kind !== 'mark') continue;
    const rows = dialect === 'postgresql' ? rowsEnd(source, { from: statement, to: end }) : undefined;
    statement = -1;
    if (rows === undefined) continue;
    tokens.push({ kind: 'line', text: source.slice(end, rows).replace(/^[ \t]*(?:\r\n?|\n)/, ''), breaks: 1, tight: false });
    at = rows;
  }
  return tokens;
};
