/** A first look at the text of a free query. The database is the wall; this keeps out what no read-only mode stops. */
import type { SqlDialect } from '../runtime/binding.ts';
import { failureMeanings } from '../runtime/failure.ts';
import type { SqlFailure } from '../runtime/result.ts';

/** First words of statements that only read. */
const reading = /^(?:select|with|values|table|show|explain|describe|desc)$/;

/** What is passed over: comments, texts and quoted names, as each database knows them. Each pattern is linear. */
const passed: Record<SqlDialect, readonly RegExp[]> = {
  sqlite: [/--[^\n]*/y, /\/\*[^]*?(?:\*\/|$)/y, /'(?:[^']|'')*'/y, /"(?:[^"]|"")*"/y, /`(?:[^`]|``)*`/y, /\[[^\]]*\]/y],
  postgres: [/--[^\n]*/y, /[eE]'(?:[^'\\]|\\[^]|'')*'/y, /'(?:[^']|'')*'/y, /"(?:[^"]|"")*"/y],
  mysql: [
    /--(?:[ \t\r][^\n]*)?(?=\n|$)/y,
    /#[^\n]*/y,
    /\/\*(?![!M])[^]*?\*\//y,
    /'(?:[^'\\]|\\[^]|'')*'/y,
    /"(?:[^"\\]|\\[^]|"")*"/y,
    /`(?:[^`]|``)*`/y,
  ],
};

/** What opens something that was not closed, or a comment that MySQL runs. */
const opening: Record<SqlDialect, RegExp> = { sqlite: /['"`[]/y, postgres: /['"]/y, mysql: /['"`]|\/\*/y };

const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|;/y;

const dollarQuote = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;

const matchAt = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

/** Where a PostgreSQL comment ends, nested ones included; undefined when it does not. */
const commentEnd = (text: string, from: number): number | undefined => {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const two = text.slice(at, at + 2);
    if (two === '/*') depth += 1;
    else if (two === '*/') depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
};

/** Where that ends which only PostgreSQL knows: nested comments and dollar quotes. Undefined: nothing of it begins here; -1: it never ends. */
const postgresEnd = (text: string, at: number): number | undefined => {
  if (text.startsWith('/*', at)) return commentEnd(text, at) ?? -1;
  const dollar = matchAt(dollarQuote, text, at);
  if (dollar === undefined) return undefined;
  const end = text.indexOf(dollar, at + dollar.length);
  return end < 0 ? -1 : end + dollar.length;
};

/** The words and semicolons of a text outside of comments, texts and quoted names, lower case; undefined when something stays open. */
const wordsOf = (text: string, dialect: SqlDialect): string[] | undefined => {
  const words: string[] = [];
  for (let at = 0; at < text.length;) {
    const own = dialect === 'postgres' ? postgresEnd(text, at) : undefined;
    if (own === -1) return undefined;
    const skipped = passed[dialect].map((pattern) => matchAt(pattern, text, at)).find((found) => found !== undefined);
    if (own !== undefined) at = own;
    else if (skipped !== undefined) at += skipped.length;
    else if (matchAt(opening[dialect], text, at) !== undefined) return undefined;
    else {
      const found = matchAt(word, text, at);
      if (found !== undefined) words.push(found.toLowerCase());
      at += found?.length ?? 1;
    }
  }
  return words;
};

const refused = (detail: string): SqlFailure => ({ code: 'read-only', message: `${failureMeanings['read-only']} ${detail}` });

/**
 * Why a text is not one statement that reads; undefined when it seems to be one. `INTO` is refused anywhere: in a statement that reads it
 * writes a file, a table or a variable.
 */
export const readTextFailure = (text: string, dialect: SqlDialect): SqlFailure | undefined => {
  const words = wordsOf(text, dialect);
  if (words === undefined) return refused('The text leaves a quote or comment open, or has a comment that is run.');
  while (words.at(-1) === ';') words.pop();
  if (words.includes(';')) return refused('Only one statement is taken.');
  const [first] = words;
  if (first === undefined || !reading.test(first)) return refused(`A statement that begins with "${first ?? ''}" is not taken.`);
  return words.includes('into') ? refused('INTO is not taken.') : undefined;
};
