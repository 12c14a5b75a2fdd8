/** SQLite files through Node's own library. */
import { statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { BurgeonError } from '@burgeon/kit';
import { sessionStatements, type SqlParameter, type SqlQuery, type SqlRow } from '../runtime/binding.ts';
import type { FileConnection } from './connection.ts';
import type { OpenOptions, SqlDatabase } from './database.ts';
import { openFault } from './fault.ts';
import { readTextFailure } from './read-text.ts';
import { createSqliteReader } from './sqlite-reader.ts';

/** How long to wait for another process that writes. */
const busyTimeoutMs = 5_000;

const cachedStatements = 256;

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

/**
 * Opens an SQLite file that exists. Calls take turns on one connection; free queries have a process of their own.
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
  const reader = createSqliteReader(connection.path);
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
      const failure = readTextFailure(text, 'sqlite');
      return failure ? { ok: false, failure } : reader.read(text, parameters, bounds);
    },
    close: async () => {
      await turn;
      reader.close();
      if (database.isOpen) database.close();
    },
  };
};
