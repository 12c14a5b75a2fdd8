/** Problem documents. @see RFC 9457 */
import { STATUS_CODES } from 'node:http';
import { BurgeonError, type JsonValue, errorTable } from '@burgeon/kit';

/** A problem before it is written. */
export interface Problem {
  status: number;
  /** What happened, in one sentence. */
  detail: string;
  /** Code of the error table, when there is one. */
  code?: string;
  hint?: string;
  /** Further members. */
  more?: Record<string, JsonValue>;
  headers?: Record<string, string>;
}

/** Media type of a written problem. */
export const problemType = 'application/problem+json';

/** The document's text. */
export const problemText = ({ status, detail, code, hint, more }: Problem): string =>
  JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(code === undefined ? {} : { code }),
    ...(hint === undefined ? {} : { hint }),
    ...more,
  });

/** The problem that an error is to somebody outside: its code's status, its message and hint, and the facts it carries. */
export const problemOf = (error: unknown): Problem => {
  const { code, message, hint, data } = BurgeonError.from(error);
  const problem: Problem = { status: errorTable[code].status, detail: message, code };
  if (hint !== undefined) problem.hint = hint;
  if (data !== undefined)
    problem.more =
      typeof data === 'object' && data !== null && !Array.isArray(data) && 'issues' in data
        ? { issues: data['issues'] ?? null }
        : { data };
  return problem;
};
