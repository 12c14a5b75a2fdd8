/** PostgreSQL through `pg`. Every value comes as PostgreSQL writes it; nothing is parsed by the driver. */
import { Socket, isIP } from 'node:net';
import type { Pool, PoolClient, PoolConfig, QueryArrayResult } from 'pg';
import { sessionStatements, type SqlParameter, type SqlQuery, type SqlType } from '../runtime/binding.ts';
import { decodeValue, type SqlJson } from '../runtime/decode.ts';
import { success } from '../runtime/result.ts';
import type { ServerConnection } from './connection.ts';
import type { OpenOptions, ReadBounds, SqlDatabase, SqlTableResult } from './database.ts';
import { loadDriver, openFault, untilAborted } from './fault.ts';
import { distinctNames } from './names.ts';
import { readTextFailure } from './read-text.ts';
import { poolBounds, tlsOptions } from './tls.ts';

/** Object ids of types whose text is more than text. They never change. @see pg_type.dat of PostgreSQL */
const knownTypes: Record<number, SqlType> = {
  16: { kind: 'boolean' },
  17: { kind: 'bytes' },
  20: { kind: 'bigint' },
  21: { kind: 'integer' },
  23: { kind: 'integer' },
  26: { kind: 'bigint' },
  114: { kind: 'json' },
  700: { kind: 'float' },
  701: { kind: 'float' },
  1000: { kind: 'array', element: { kind: 'boolean' } },
  1005: { kind: 'array', element: { kind: 'integer' } },
  1007: { kind: 'array', element: { kind: 'integer' } },
  1009: { kind: 'array', element: { kind: 'text' } },
  1015: { kind: 'array', element: { kind: 'text' } },
  1016: { kind: 'array', element: { kind: 'bigint' } },
  1114: { kind: 'timestamp' },
  1184: { kind: 'timestamptz' },
  1231: { kind: 'array', element: { kind: 'decimal' } },
  2951: { kind: 'array', element: { kind: 'uuid' } },
  3802: { kind: 'json' },
};

const asWritten = { getTypeParser: () => (text: string) => text } as unknown as NonNullable<PoolConfig['types']>;

const run = (client: PoolClient, text: string, values: unknown[]): Promise<QueryArrayResult<unknown[]>> =>
  client.query({ text, values, rowMode: 'array' });

const queryOf =
  (client: PoolClient): SqlQuery =>
  async (text: string, parameters: SqlParameter[]) => ({ rows: (await run(client, text, parameters)).rows });

/** Values of a free query as text, for PostgreSQL to read as the type it infers. */
const boundText = (value: SqlJson): string | null =>
  value === null ? null : typeof value === 'object' ? JSON.stringify(value) : String(value);

const tableOf = (result: QueryArrayResult<unknown[]>, limit: number): SqlTableResult => {
  const columns = distinctNames(result.fields.map(({ name }) => name));
  const types = result.fields.map(({ dataTypeID }): SqlType => knownTypes[dataTypeID] ?? { kind: 'text' });
  const rows = result.rows
    .slice(0, limit)
    .map((row) =>
      Object.fromEntries(
        columns.map((name, index) => [name, decodeValue(types[index] ?? { kind: 'text' }, row[index], 'postgres')]),
      ),
    );
  return { columns, rows, truncated: result.rows.length > limit };
};

/** Reads through a cursor, so that no more rows travel than are wanted; what cannot have a cursor answers in few rows anyway. */
const readTable = async (
  client: PoolClient,
  text: string,
  parameters: SqlJson[],
  { limit, timeoutMs }: ReadBounds,
): Promise<SqlTableResult> => {
  const values = parameters.map(boundText);
  await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${Math.floor(timeoutMs)}`);
  try {
    if (/^\s*(?:explain|show)\b/i.test(text)) return tableOf(await run(client, text, values), limit);
    await run(client, `DECLARE burgeon_rows NO SCROLL CURSOR FOR ${text}`, values);
    return tableOf(await run(client, `FETCH FORWARD ${Math.floor(limit) + 1} FROM burgeon_rows`, []), limit);
  } finally {
    await client.query('ROLLBACK; SELECT pg_advisory_unlock_all()');
  }
};

/** The sockets of a pool that are open: the driver forgets those whose greeting failed. */
type Sockets = Set<Socket>;

const createPool = async (connection: ServerConnection, { egress }: OpenOptions, sockets: Sockets): Promise<Pool> => {
  const { host, port, user, password, database } = connection;
  const driver = await loadDriver('pg', () => import('pg'));
  const to = egress ? await egress.resolve(host, port) : { address: host, port };
  const tls = tlsOptions(connection);
  return new driver.default.Pool({
    host: to.address,
    port: to.port,
    database,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    // The address was looked up before: the certificate is still for the name.
    ssl: tls === undefined ? false : { ...tls, ...(isIP(host) === 0 ? { servername: host } : {}) },
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket));
    },
    types: asWritten,
    max: poolBounds.connections,
    connectionTimeoutMillis: poolBounds.connectTimeoutMs,
    idleTimeoutMillis: poolBounds.idleTimeoutMs,
    application_name: 'burgeon',
    allowExitOnIdle: true,
  });
};

const atomically = async <T>(client: PoolClient, work: (query: SqlQuery) => Promise<T>): Promise<T> => {
  await client.query('BEGIN');
  try {
    const result = await work(queryOf(client));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
};

/** What the calls on one open database share. */
interface Opened {
  pool: Pool;
  connection: ServerConnection;
  options: OpenOptions;
  /** Connections that were told how to write times. */
  ready: WeakSet<PoolClient>;
}

const take = async ({ pool, connection, options, ready }: Opened): Promise<PoolClient> => {
  try {
    const client = await pool.connect();
    if (ready.has(client)) return client;
    const readOnly = options.readOnly ? ['SET default_transaction_read_only = on'] : [];
    await client.query([...sessionStatements.postgres, ...readOnly].join('; '));
    ready.add(client);
    return client;
  } catch (error) {
    throw openFault(error, connection, options.role);
  }
};

/** Gives the work a connection; one that broke or was abandoned does not go back to the pool. */
const withClient = async <T>(
  opened: Opened,
  work: (client: PoolClient) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> => {
  const client = await take(opened);
  let [broken, released] = [false, false];
  const lost = (): void => {
    broken = true;
  };
  const release = (): void => {
    if (!released) client.release(broken);
    released = true;
  };
  const abandon = (): void => {
    broken = true;
    release();
  };
  client.on('error', lost);
  try {
    return await untilAborted(work(client), signal, abandon);
  } finally {
    client.removeListener('error', lost);
    release();
  }
};

/** Opens a pool of at most {@link poolBounds} connections; the first is made now. @throws {BurgeonError} as {@link openFault}, DEPENDENCY_MISSING, CAPABILITY_DENIED */
export const openPostgres = async (connection: ServerConnection, options: OpenOptions): Promise<SqlDatabase> => {
  const sockets: Sockets = new Set();
  let pool: Pool;
  try {
    pool = await createPool(connection, options, sockets);
  } catch (error) {
    throw openFault(error, connection, options.role);
  }
  // A connection that breaks while nobody uses it is simply replaced.
  pool.on('error', () => {});
  const opened: Opened = { pool, connection, options, ready: new WeakSet() };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= pool.end().then(() => {
      for (const socket of sockets) socket.destroy();
    }));
  try {
    (await take(opened)).release();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    dialect: 'postgres',
    use: (work, { atomic = false, signal } = {}) =>
      withClient(opened, (client) => (atomic ? atomically(client, work) : work(queryOf(client))), signal),
    read: async (text, parameters, bounds) => {
      const failure = readTextFailure(text, 'postgres');
      if (failure) return { ok: false, failure };
      return withClient(opened, async (client) => success(await readTable(client, text, parameters, bounds)), bounds.signal);
    },
    close,
  };
};
