/** Outcomes as data: this folder has no error class of its own, its callers throw theirs. */

/** Why an operation could not be carried out. `path` is a JSON pointer into the input when the input is to blame. */
export interface SqlFailure {
  /** Kebab-case class: `unique-violation`, `not-found`, ... */
  code: string;
  message: string;
  path?: string;
  /** The database's own code: SQLSTATE, or the name of an SQLite result code. */
  sqlState?: string;
  constraint?: string;
  table?: string;
  columns?: string[];
  /** The same call may succeed later. */
  retryable?: true;
}

/** A value, or the reason why there is none. */
export type SqlOutcome<T> = { ok: true; value: T } | { ok: false; failure: SqlFailure };

/** A successful outcome. */
export const success = <T>(value: T): SqlOutcome<T> => ({ ok: true, value });

/** An outcome that blames the input at a JSON pointer. */
export const invalid = (path: string, message: string): { ok: false; failure: SqlFailure } => ({
  ok: false,
  failure: { code: 'input-invalid', message, path },
});
