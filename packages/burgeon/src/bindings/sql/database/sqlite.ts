/** SQLite files through Node's own library. */
import { statSync } from 'node:fs';
import { DatabaseSync, constants, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { BurgeonError } from '@burgeon/kit';
import { sessionStatements, type SqlParameter, type SqlQuery, type SqlRow } from '../runtime/binding.ts';
import { decodeValue, type SqlJson } from '../runtime/decode.ts';
import { encodeValue } from '../runtime/encode.ts';
import type { FileConnection } from './connection.ts';
import { distinctNames, type OpenOptions, type ReadBounds, type SqlDatabase, type SqlTableResult } from './database.ts';
import { openFault } from './fault.ts';

/** How long to wait for another process that writes. */
const busyTimeoutMs = 5_000;

const cachedStatements = 256;

/** What a free query may do. Attaching (also behind `VACUUM INTO`) would reach other files. */
const allowedActions: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_RECURSIVE,
]);

const open = (path: string, readOnly: boolean): DatabaseSync => {
  const database = new DatabaseSync(path, { readOnly, timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  try {
    database.prepare('SELECT COUNT(*) FROM sqlite_schema').get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

const prepare = (database: DatabaseSync, text: string): StatementSync => {
  const statement = database.prepare(text);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return statement;
};

const queryOf = (database: DatabaseSync): SqlQuery => {
  const statements = new Map<string, StatementSync>();
  return async (text: string, parameters: SqlParameter[]) => {
    const statement = statements.get(text) ?? prepare(database, text);
    if (statements.size >= cachedStatements) statements.clear();
    statements.set(text, statement);
    return { rows: statement.all(...(parameters as SQLInputValue[])) as unknown as SqlRow[] };
  };
};

const readRows = (database: DatabaseSync, text: string, parameters: SqlJson[], bounds: ReadBounds): SqlTableResult => {
  const statement = prepare(database, text);
  const columns = distinctNames(statement.columns().map(({ name }) => name));
  const deadline = performance.now() + bounds.timeoutMs;
  const bound = parameters.map((value) => encodeValue({ kind: 'any' }, value, 'sqlite') ?? JSON.stringify(value));
  const rows: SqlTableResult['rows'] = [];
  for (const raw of statement.iterate(...(bound as SQLInputValue[]))) {
    if (rows.length >= bounds.limit) return { columns, rows, truncated: true };
    if (performance.now() > deadline)
      throw new BurgeonError('TIMEOUT', { message: `The query took longer than ${bounds.timeoutMs} ms.` });
    const values = raw as unknown as unknown[];
    rows.push(Object.fromEntries(columns.map((name, index) => [name, decodeValue({ kind: 'any' }, values[index], 'sqlite')])));
  }
  return { columns, rows, truncated: false };
};

/**
 * Opens an SQLite file that exists. Calls take turns on one connection; free queries have a connection that is opened read-only.
 * @throws {BurgeonError} as {@link openFault}
 */
export const openSqlite = async (connection: FileConnection, { readOnly = false, role }: OpenOptions): Promise<SqlDatabase> => {
  let database: DatabaseSync;
  try {
    statSync(connection.path);
    database = open(connection.path, readOnly);
  } catch (error) {
    throw openFault(error, connection, role);
  }
  if (!readOnly) for (const statement of sessionStatements.sqlite) database.exec(statement);
  const query = queryOf(database);
  let reader: DatabaseSync | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => {});
    return mine;
  };
  const atomically = async <T>(work: (query: SqlQuery) => Promise<T>): Promise<T> => {
    database.exec(readOnly ? 'BEGIN' : 'BEGIN IMMEDIATE');
    try {
      const result = await work(query);
      database.exec('COMMIT');
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };
  return {
    dialect: 'sqlite',
    use: (work, options = {}) =>
      inTurn(async () => {
        if (options.signal?.aborted) throw new BurgeonError('CANCELLED', { message: 'The call was cancelled.' });
        return options.atomic ? atomically(work) : work(query);
      }),
    read: async (text, parameters, bounds) => {
      if (reader === undefined) {
        reader = open(connection.path, true);
        reader.setAuthorizer((action) => (allowedActions.has(action) ? constants.SQLITE_OK : constants.SQLITE_DENY));
      }
      return readRows(reader, text, parameters, bounds);
    },
    close: async () => {
      await turn;
      reader?.close();
      if (database.isOpen) database.close();
    },
  };
};
