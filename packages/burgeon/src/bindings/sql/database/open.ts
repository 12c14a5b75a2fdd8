/** Opening whatever a connection string names. */
import type { SqlConnection } from './connection.ts';
import type { OpenOptions, SqlDatabase } from './database.ts';

/**
 * Opens a database; its driver is loaded only now. The caller closes what it gets.
 * @throws {BurgeonError} DEPENDENCY_MISSING, CAPABILITY_DENIED, and by role SOURCE_UNREACHABLE, SOURCE_FORBIDDEN, SOURCE_NOT_FOUND,
 * SOURCE_INVALID or REMOTE_UNREACHABLE, REMOTE_ERROR, TIMEOUT
 */
export const openDatabase = async (connection: SqlConnection, options: OpenOptions): Promise<SqlDatabase> => {
  switch (connection.dialect) {
    case 'sqlite':
      return (await import('./sqlite.ts')).openSqlite(connection, options);
    case 'postgres':
      return (await import('./postgres.ts')).openPostgres(connection, options);
    case 'mysql':
      return (await import('./mysql.ts')).openMysql(connection, options);
  }
};
