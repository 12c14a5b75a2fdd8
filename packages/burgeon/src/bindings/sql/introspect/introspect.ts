/** A live database -> its interface. */
import type { Interface } from '@burgeon/kit';
import { describeDatabase } from '../describe/interface.ts';
import { redactedLocation, type SqlConnection } from '../database/connection.ts';
import type { OpenOptions, SqlDatabase } from '../database/database.ts';
import { openFault } from '../database/fault.ts';
import { openDatabase } from '../database/open.ts';
import type { Introspection } from '../facts.ts';

const readFacts = async (
  database: SqlDatabase,
  connection: SqlConnection,
  signal: AbortSignal | undefined,
): Promise<Introspection> =>
  database.use(
    async (query) => {
      switch (connection.dialect) {
        case 'sqlite':
          return (await import('./sqlite.ts')).introspectSqlite(query, connection.path);
        case 'postgres':
          return (await import('./postgres.ts')).introspectPostgres(query, connection.database);
        case 'mysql':
          return (await import('./mysql.ts')).introspectMysql(query, connection.database);
      }
    },
    { signal },
  );

/**
 * Reads the description of a database, changing nothing. The connection string is not in it.
 * @throws {BurgeonError} as `openDatabase`; CANCELLED
 */
export const introspectDatabase = async (
  connection: SqlConnection,
  options: Omit<OpenOptions, 'readOnly'> & { signal?: AbortSignal },
): Promise<Interface> => {
  const database = await openDatabase(connection, { ...options, readOnly: true });
  try {
    return describeDatabase(await readFacts(database, connection, options.signal), redactedLocation(connection));
  } catch (error) {
    throw openFault(error, connection, options.role);
  } finally {
    await database.close();
  }
};
