/** Why a text cannot be formatted; the code that the operation's errors list. */
export type FailureCode = 'syntax' | 'unclosed' | 'deep' | 'large';

/** Where something stands in a text. Lines and columns begin at 1, columns count UTF-16 code units. */
export interface Position {
  line: number;
  column: number;
}

/** The place of an offset. */
export const positionOf = (source: string, offset: number): Position => {
  let line = 1;
  let begin = 0;
  for (let next = source.indexOf('\n'); next >= 0 && next < offset; next = source.indexOf('\n', begin)) {
    line += 1;
    begin = next + 1;
  }
  return { line, column: offset - begin + 1 };
};

/** An error as callers get it: `data` holds what `errors` in plugin.json describes. */
export const failure = (code: FailureCode, what: string, at: Position): Error =>
  Object.assign(new Error(`${what} at line ${at.line}, column ${at.column}.`), { data: { code, message: what, ...at } });

/** The longest text that is written, in UTF-16 code units. */
export const mostText: number = 8 * 1024 * 1024;

/** The most that may stand in one another. */
export const mostDepth = 1_000;
