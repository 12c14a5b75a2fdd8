/** The inside of the reading process: opens one file read-only and answers one query at a time. It ends with its channel. */
import { DatabaseSync, constants, type SQLInputValue } from 'node:sqlite';
import { decodeValue, type SqlJson } from '../runtime/decode.ts';
import { encodeValue } from '../runtime/encode.ts';
import { distinctNames } from './names.ts';
import type { SqlTableResult } from './database.ts';

/** One query. */
export interface ReaderRequest {
  text: string;
  parameters: SqlJson[];
  limit: number;
}

/** What came of it; an error has the fields that SQLite's errors have. */
export type ReaderAnswer = { result: SqlTableResult } | { error: { message: string; code?: string; errcode?: number } };

/** Memory of SQLite at most, bytes. */
const memoryBytes = 256 * 1024 * 1024;

/** What a free query may do. Attaching (also behind `VACUUM INTO`) would reach other files. */
const allowedActions: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_RECURSIVE,
]);

const open = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  database.exec(`PRAGMA hard_heap_limit = ${memoryBytes}`);
  database.setAuthorizer((action) => (allowedActions.has(action) ? constants.SQLITE_OK : constants.SQLITE_DENY));
  return database;
};

const bound = (value: SqlJson): SQLInputValue =>
  (encodeValue({ kind: 'any' }, value, 'sqlite') ?? JSON.stringify(value)) as SQLInputValue;

/** Answers one query: at most `limit` rows, and whether there are more. */
export const answerQuery = (database: DatabaseSync, { text, parameters, limit }: ReaderRequest): SqlTableResult => {
  const statement = database.prepare(text);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const columns = distinctNames(statement.columns().map(({ name }) => name));
  const rows: SqlTableResult['rows'] = [];
  for (const raw of statement.iterate(...parameters.map(bound))) {
    if (rows.length >= limit) return { columns, rows, truncated: true };
    const values = raw as unknown as unknown[];
    rows.push(Object.fromEntries(columns.map((name, index) => [name, decodeValue({ kind: 'any' }, values[index], 'sqlite')])));
  }
  return { columns, rows, truncated: false };
};

const errorOf = (error: unknown): ReaderAnswer => {
  const { message, code, errcode } = error as { message: string; code?: string; errcode?: number };
  return { error: { message, ...(code === undefined ? {} : { code }), ...(errcode === undefined ? {} : { errcode }) } };
};

const [, , path] = process.argv;
if (process.send !== undefined && path !== undefined) {
  let database: DatabaseSync | undefined;
  process.on('message', (request) => {
    let answer: ReaderAnswer;
    try {
      database ??= open(path);
      answer = { result: answerQuery(database, request as ReaderRequest) };
    } catch (error) {
      answer = errorOf(error);
    }
    process.send?.(answer);
  });
  process.on('disconnect', () => process.exit(0));
}
