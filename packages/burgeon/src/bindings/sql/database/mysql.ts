/** MySQL and MariaDB through `mysql2`, prepared statements only. */
import { connect } from 'node:net';
import type { Connection, FieldPacket, Pool, PoolConnection, PoolOptions } from 'mysql2';
import { sessionStatements, type SqlParameter, type SqlQuery, type SqlRow, type SqlType } from '../runtime/binding.ts';
import { base64Of } from '../runtime/bytes.ts';
import { decodeValue, type SqlJson } from '../runtime/decode.ts';
import { failureMeanings } from '../runtime/failure.ts';
import { success, type SqlOutcome } from '../runtime/result.ts';
import type { ServerConnection } from './connection.ts';
import type { OpenOptions, ReadBounds, SqlDatabase, SqlTableResult } from './database.ts';
import { loadDriver, openFault, untilAborted } from './fault.ts';
import { distinctNames } from './names.ts';
import { readTextFailure } from './read-text.ts';
import { poolBounds, tlsOptions } from './tls.ts';

/** Column types of the wire whose text is more than text. @see https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html */
const knownTypes: Record<number, SqlType> = {
  1: { kind: 'integer' },
  2: { kind: 'integer' },
  3: { kind: 'integer' },
  4: { kind: 'float', bits: 32 },
  5: { kind: 'float' },
  7: { kind: 'timestamptz' },
  8: { kind: 'bigint' },
  9: { kind: 'integer' },
  12: { kind: 'timestamp' },
  13: { kind: 'integer' },
  245: { kind: 'json' },
};

const callback = <T>(start: (done: (error: Error | null, value?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T)));
  });

const execute = (
  connection: Connection,
  sql: string,
  values: readonly unknown[],
): Promise<{ rows: unknown; fields: FieldPacket[] }> =>
  new Promise((resolve, reject) => {
    connection.execute({ sql, rowsAsArray: true }, values as never, (error, rows, fields) =>
      error ? reject(error) : resolve({ rows, fields }),
    );
  });

const command = (connection: Connection, sql: string): Promise<void> =>
  callback<void>((done) => {
    connection.query(sql, (error) => done(error));
  });

const queryOf =
  (connection: Connection): SqlQuery =>
  async (text: string, parameters: SqlParameter[]) => {
    const { rows } = await execute(connection, text, parameters);
    return { rows: Array.isArray(rows) ? (rows as SqlRow[]) : [] };
  };

const jsonOf = (raw: unknown, field: FieldPacket | undefined): SqlJson => {
  if (raw instanceof Uint8Array) return base64Of(raw);
  return decodeValue(knownTypes[field?.columnType ?? 0] ?? { kind: 'text' }, raw, 'mysql');
};

/** Values of a free query: numbers as numbers, the rest as text. */
const boundValue = (value: SqlJson): string | number | null => {
  if (typeof value === 'boolean') return Number(value);
  return value === null || typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);
};

/** Ends a connection whose statement still runs, and the statement with it: the server would go on for nobody. */
const stop = (pool: Pool, connection: PoolConnection): void => {
  const { threadId } = connection;
  connection.destroy();
  if (typeof threadId === 'number') pool.query(`KILL ${Math.floor(threadId)}`, () => {});
};

/** How the reading of rows ended: `enough` and `late` leave the connection unusable. */
type Ending = 'complete' | 'enough' | 'late';

/** Reads row by row until all are there, enough are there, or the time is over. */
const collectRows = (
  connection: PoolConnection,
  text: string,
  values: readonly unknown[],
  { limit, timeoutMs }: ReadBounds,
): Promise<{ raw: unknown[][]; fields: FieldPacket[]; ending: Ending }> => {
  const { promise, resolve, reject } = Promise.withResolvers<Ending>();
  const raw: unknown[][] = [];
  let fields: FieldPacket[] = [];
  const timer = setTimeout(() => resolve('late'), timeoutMs);
  const running = connection.execute({ sql: text, rowsAsArray: true }, values as never);
  running.on('fields', (found: FieldPacket[] | undefined) => {
    fields = found ?? fields;
  });
  running.on('result', (row: unknown) => {
    if (raw.length >= limit) resolve('enough');
    else if (Array.isArray(row)) raw.push(row);
  });
  running.on('error', reject);
  running.on('end', () => resolve('complete'));
  return promise.then((ending) => ({ raw, fields, ending })).finally(() => clearTimeout(timer));
};

const readTable = async (
  pool: Pool,
  connection: PoolConnection,
  { text, parameters, bounds }: { text: string; parameters: SqlJson[]; bounds: ReadBounds },
): Promise<SqlOutcome<SqlTableResult>> => {
  await command(connection, 'START TRANSACTION READ ONLY');
  let ending: Ending = 'complete';
  try {
    const read = await collectRows(connection, text, parameters.map(boundValue), bounds);
    ending = read.ending;
    if (ending === 'late')
      return { ok: false, failure: { code: 'statement-timeout', message: failureMeanings['statement-timeout'] } };
    const columns = distinctNames(read.fields.map(({ name }) => name));
    const rows = read.raw.map((row) =>
      Object.fromEntries(columns.map((name, index) => [name, jsonOf(row[index], read.fields[index])])),
    );
    return success({ columns, rows, truncated: ending === 'enough' });
  } finally {
    if (ending !== 'complete') stop(pool, connection);
    else for (const after of ['ROLLBACK', 'DO RELEASE_ALL_LOCKS()']) await command(connection, after);
  }
};

const createPool = async (connection: ServerConnection, { egress }: OpenOptions): Promise<Pool> => {
  const { host, port, user, password, database } = connection;
  const driver = await loadDriver('mysql2', () => import('mysql2'));
  const to = egress ? await egress.resolve(host, port) : { address: host, port };
  const tls = tlsOptions(connection);
  const options: PoolOptions = {
    host,
    port,
    database,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { ssl: { ...tls, verifyIdentity: tls.rejectUnauthorized } }),
    // The name stays for the certificate; the socket goes to the address that was allowed.
    stream: () => connect({ host: to.address, port: to.port, noDelay: true }),
    connectionLimit: poolBounds.connections,
    maxIdle: poolBounds.connections,
    idleTimeout: poolBounds.idleTimeoutMs,
    connectTimeout: poolBounds.connectTimeoutMs,
    maxPreparedStatements: 256,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    multipleStatements: false,
    charset: 'utf8mb4',
    flags: ['-LOCAL_FILES'],
  };
  return driver.default.createPool(options);
};

const atomically = async <T>(connection: Connection, work: (query: SqlQuery) => Promise<T>): Promise<T> => {
  await command(connection, 'START TRANSACTION');
  try {
    const result = await work(queryOf(connection));
    await command(connection, 'COMMIT');
    return result;
  } catch (error) {
    await command(connection, 'ROLLBACK');
    throw error;
  }
};

/** Opens a pool of at most {@link poolBounds} connections; the first is made now. @throws {BurgeonError} as {@link openFault}, DEPENDENCY_MISSING, CAPABILITY_DENIED */
export const openMysql = async (connection: ServerConnection, options: OpenOptions): Promise<SqlDatabase> => {
  let pool: Pool;
  try {
    pool = await createPool(connection, options);
  } catch (error) {
    throw openFault(error, connection, options.role);
  }
  const ready = new WeakSet<PoolConnection>();
  const setUp = async (own: PoolConnection): Promise<void> => {
    if (ready.has(own)) return;
    for (const statement of sessionStatements.mysql) await command(own, statement);
    if (options.readOnly) await command(own, 'SET SESSION TRANSACTION READ ONLY');
    ready.add(own);
  };
  const take = async (): Promise<PoolConnection> => {
    try {
      const own = await callback<PoolConnection>((done) => pool.getConnection(done));
      await setUp(own);
      return own;
    } catch (error) {
      throw openFault(error, connection, options.role);
    }
  };
  const withConnection = async <T>(
    work: (connection: PoolConnection) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    const own = await take();
    try {
      return await untilAborted(work(own), signal, () => stop(pool, own));
    } finally {
      own.release();
    }
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= callback<void>((done) => pool.end((error) => done(error))));
  try {
    (await take()).release();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    dialect: 'mysql',
    use: (work, { atomic = false, signal } = {}) =>
      withConnection((own) => (atomic ? atomically(own, work) : work(queryOf(own))), signal),
    read: async (text, parameters, bounds) => {
      const failure = readTextFailure(text, 'mysql');
      if (failure) return { ok: false, failure };
      return withConnection((own) => readTable(pool, own, { text, parameters, bounds }), bounds.signal);
    },
    close,
  };
};
