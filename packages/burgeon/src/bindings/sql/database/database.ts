/** What every database offers to the layers above, whatever its driver. */
import type { Egress } from '@burgeon/kit';
import type { SqlDialect, SqlQuery } from '../runtime/binding.ts';
import type { SqlJson } from '../runtime/decode.ts';
import type { SqlOutcome } from '../runtime/result.ts';

/** The answer to a free query. */
export interface SqlTableResult {
  /** In the order of the statement; repeated names are numbered: `a`, `a_2`. */
  columns: string[];
  rows: Record<string, SqlJson>[];
  /** True when there were more rows than asked for. */
  truncated: boolean;
}

/** Bounds of a free query. */
export interface ReadBounds {
  /** Rows at most. */
  limit: number;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** How {@link SqlDatabase.use} treats the work. */
export interface UseOptions {
  /** One transaction around the work: rolled back when it throws. */
  atomic?: boolean;
  signal?: AbortSignal | undefined;
}

/** An open database. Its owner closes it. */
export interface SqlDatabase {
  readonly dialect: SqlDialect;
  /** Gives the work one connection of its own. Errors of the driver come as they are; CANCELLED when the signal fires first. */
  use<T>(work: (query: SqlQuery) => Promise<T>, options?: UseOptions): Promise<T>;
  /** Runs one statement that can change nothing, whatever its text says. Errors of the driver come as they are. */
  read(text: string, parameters: SqlJson[], bounds: ReadBounds): Promise<SqlOutcome<SqlTableResult>>;
  close(): Promise<void>;
}

/** How to open a database. */
export interface OpenOptions {
  /** Looks addresses up and refuses those that are not allowed; absent = the driver looks them up itself. */
  egress?: Egress | undefined;
  /** Refuses every write, in the driver or in the file itself. */
  readOnly?: boolean;
  /** What is being done, for the codes of errors: a source is pointed at, a connection is used. */
  role: 'source' | 'connection';
}
