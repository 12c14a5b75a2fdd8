/** A first look at the text of a free query. The database is the wall; this keeps out what no read-only mode stops. */
import { failureMeanings } from '../runtime/failure.ts';
import type { SqlFailure } from '../runtime/result.ts';

/** First words of statements that only read. */
const reading = /^(?:select|with|values|table|show|explain|describe|desc)$/i;

/** Ends of what can be opened: comments, texts and quoted names. Which are known depends on the database. */
const skippers = (mysql: boolean): readonly RegExp[] => [
  mysql ? /(?:--(?=\s|$)|#)[^\n]*/y : /--[^\n]*/y,
  /\/\*(?:[^*]|\*(?!\/))*\*\//y,
  mysql ? /'(?:[^'\\]|\\.|'')*'/sy : /'(?:[^']|'')*'/y,
  mysql ? /"(?:[^"\\]|\\.|"")*"/sy : /"(?:[^"]|"")*"/y,
  /`(?:[^`]|``)*`/y,
];

const dollarQuote = /\$(?:[A-Za-z_]\w*)?\$/y;

/** The words and marks of a statement outside of comments, texts and quoted names; undefined when something is left open. */
const wordsOf = (text: string, dialect: 'postgres' | 'mysql'): string[] | undefined => {
  const words: string[] = [];
  const skips = skippers(dialect === 'mysql');
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const skipped = skips.map(match).find((found) => found !== undefined);
    const dollar = dialect === 'postgres' ? match(dollarQuote) : undefined;
    if (skipped !== undefined) {
      // MySQL runs what stands in such a comment.
      if (dialect === 'mysql' && /^\/\*(?:!|M!)/i.test(skipped)) return undefined;
      at += skipped.length;
    } else if (dollar !== undefined) {
      const end = text.indexOf(dollar, at + dollar.length);
      if (end < 0) return undefined;
      at = end + dollar.length;
    } else if (/['"`]|\/\*/y.test(text.slice(at, at + 2)) && /^(?:['"`]|\/\*)/.test(text.slice(at, at + 2))) {
      return undefined;
    } else {
      const word = match(/[A-Za-z_][\w$]*|;/y);
      if (word !== undefined) words.push(word.toLowerCase());
      at += word?.length ?? 1;
    }
  }
  return words;
};

const refused = (detail: string): SqlFailure => ({ code: 'read-only', message: `${failureMeanings['read-only']} ${detail}` });

/**
 * Why a text is not one statement that reads; undefined when it seems to be one. `INTO` is refused anywhere: in a statement that reads it
 * writes a file, a table or a variable.
 */
export const readTextFailure = (text: string, dialect: 'postgres' | 'mysql'): SqlFailure | undefined => {
  const words = wordsOf(text, dialect);
  if (words === undefined) return refused('The text leaves a quote or comment open, or has a comment that is run.');
  while (words.at(-1) === ';') words.pop();
  if (words.includes(';')) return refused('Only one statement is taken.');
  if (!reading.test(words[0] ?? '')) return refused(`A statement that begins with "${words[0] ?? ''}" is not taken.`);
  return words.includes('into') ? refused('INTO is not taken.') : undefined;
};
