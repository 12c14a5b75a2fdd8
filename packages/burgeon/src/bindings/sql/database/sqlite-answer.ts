/** Free queries on an SQLite file that is opened read-only, with nothing in reach but its tables. */
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

/** Length of one value at most, bytes; kept from Node 25.8 on, which brought the option. */
const valueBytes = 64 * 1024 * 1024;

/** What a free query may do. Attaching (also behind `VACUUM INTO`) would reach other files. */
const allowedActions: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_RECURSIVE,
]);

/** Opens a file for {@link answerQuery}. */
export const openReadOnly = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000, limits: { length: valueBytes } });
  database.setAuthorizer((action) => (allowedActions.has(action) ? constants.SQLITE_OK : constants.SQLITE_DENY));
  return database;
};

const bound = (value: SqlJson): SQLInputValue => {
  const parameter = encodeValue({ kind: 'any' }, value, 'sqlite');
  return parameter === undefined ? JSON.stringify(value) : parameter;
};

/** At most `limit` rows, and whether there are more. */
const readRows = (database: DatabaseSync, { text, parameters, limit }: ReaderRequest): SqlTableResult => {
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

const errorAnswer = (error: unknown): ReaderAnswer => {
  const { message, code, errcode } = error as { message: string; code?: string; errcode?: number };
  return { error: { message, ...(code === undefined ? {} : { code }), ...(errcode === undefined ? {} : { errcode }) } };
};

/** Answers one query; never throws. `database` is opened at the first one. */
export const answerQuery = (database: () => DatabaseSync, request: ReaderRequest): ReaderAnswer => {
  try {
    return { result: readRows(database(), request) };
  } catch (error) {
    return errorAnswer(error);
  }
};
