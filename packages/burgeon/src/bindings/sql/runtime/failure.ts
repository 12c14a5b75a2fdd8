/** What the errors of drivers mean, in words that are the same for every database. */
import type { SqlDialect } from './binding.ts';
import type { SqlFailure } from './result.ts';
import { own } from './text.ts';

/** Class of a failure -> the sentence that explains it. */
export const failureMeanings = {
  'not-found': 'There is no such row.',
  'unique-violation': 'Another row has the same value where values must be different.',
  'foreign-key-violation': 'The row refers to another row that does not exist, or is referred to.',
  'not-null-violation': 'A column that needs a value got none.',
  'check-violation': 'A rule of the table does not hold for the row.',
  'value-invalid': 'A value does not fit the type of its column.',
  'permission-denied': 'The database does not allow this to its user.',
  'read-only': 'The statement would change something, and only reading is allowed here.',
  'statement-invalid': 'The database does not understand the statement.',
  'table-missing': 'The database no longer has this table or column.',
  'serialization-failure': 'Another transaction was in the way; trying again can help.',
  'lock-timeout': 'The database was busy for too long.',
  'statement-timeout': 'The statement took too long.',
  'result-too-large': 'The answer is larger than a reply may be.',
  'database-error': 'The database answered with an error.',
} as const;

/** Class of a failure. */
export type SqlFailureCode = keyof typeof failureMeanings;

const retryable: readonly SqlFailureCode[] = ['serialization-failure', 'lock-timeout', 'statement-timeout'];

/** SQLSTATE, exact or its first two digits. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const sqlStates: Record<string, SqlFailureCode> = {
  '23505': 'unique-violation',
  '23P01': 'unique-violation',
  '23503': 'foreign-key-violation',
  '23001': 'foreign-key-violation',
  '23502': 'not-null-violation',
  '23514': 'check-violation',
  '44000': 'check-violation',
  '22': 'value-invalid',
  '42501': 'permission-denied',
  '25006': 'read-only',
  '42P01': 'table-missing',
  '42703': 'table-missing',
  '42': 'statement-invalid',
  '40': 'serialization-failure',
  '55P03': 'lock-timeout',
  '57014': 'statement-timeout',
};

/** Error numbers of MySQL and MariaDB. @see https://mariadb.com/kb/en/mariadb-error-code-reference/ */
const mysqlNumbers: Record<number, SqlFailureCode> = {
  1062: 'unique-violation',
  1586: 'unique-violation',
  1451: 'foreign-key-violation',
  1452: 'foreign-key-violation',
  1216: 'foreign-key-violation',
  1217: 'foreign-key-violation',
  1048: 'not-null-violation',
  1364: 'not-null-violation',
  4025: 'check-violation',
  3819: 'check-violation',
  1264: 'value-invalid',
  1265: 'value-invalid',
  1292: 'value-invalid',
  1366: 'value-invalid',
  1406: 'value-invalid',
  1411: 'value-invalid',
  1142: 'permission-denied',
  1143: 'permission-denied',
  1044: 'permission-denied',
  1227: 'permission-denied',
  1792: 'read-only',
  1146: 'table-missing',
  1054: 'table-missing',
  1213: 'serialization-failure',
  1205: 'lock-timeout',
  1969: 'statement-timeout',
  3024: 'statement-timeout',
};

/** Extended result codes of SQLite. @see https://www.sqlite.org/rescode.html */
const sqliteCodes: Record<number, [name: string, code: SqlFailureCode]> = {
  2067: ['SQLITE_CONSTRAINT_UNIQUE', 'unique-violation'],
  1555: ['SQLITE_CONSTRAINT_PRIMARYKEY', 'unique-violation'],
  2579: ['SQLITE_CONSTRAINT_ROWID', 'unique-violation'],
  787: ['SQLITE_CONSTRAINT_FOREIGNKEY', 'foreign-key-violation'],
  1811: ['SQLITE_CONSTRAINT_TRIGGER', 'check-violation'],
  1299: ['SQLITE_CONSTRAINT_NOTNULL', 'not-null-violation'],
  275: ['SQLITE_CONSTRAINT_CHECK', 'check-violation'],
  3091: ['SQLITE_CONSTRAINT_DATATYPE', 'value-invalid'],
  20: ['SQLITE_MISMATCH', 'value-invalid'],
  18: ['SQLITE_TOOBIG', 'value-invalid'],
  8: ['SQLITE_READONLY', 'read-only'],
  23: ['SQLITE_AUTH', 'read-only'],
  5: ['SQLITE_BUSY', 'lock-timeout'],
  6: ['SQLITE_LOCKED', 'lock-timeout'],
  1: ['SQLITE_ERROR', 'statement-invalid'],
};

const textOf = (error: unknown, property: string): string | undefined => {
  const value = own(error, property);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const named = (code: SqlFailureCode, facts: Omit<SqlFailure, 'code' | 'message'>, detail: string): SqlFailure => ({
  code,
  message: detail === '' ? failureMeanings[code] : `${failureMeanings[code]} ${detail}`,
  ...facts,
  ...(retryable.includes(code) ? { retryable: true as const } : {}),
});

const sqliteFailure = (error: unknown): SqlFailure => {
  const number = Number(own(error, 'errcode') ?? 0);
  const message = textOf(error, 'message') ?? '';
  const missing = number === 1 && /^(no such (table|column)|table .* has no column)/.test(message);
  const [name, code] = sqliteCodes[number] ?? sqliteCodes[number & 0xff] ?? ['SQLITE_ERROR', 'database-error'];
  const targets = /constraint failed: ([^()]+)$/i.exec(message)?.[1]?.split(', ') ?? [];
  const columns = targets.flatMap((target) => (target.includes('.') ? [target.slice(target.lastIndexOf('.') + 1)] : []));
  const table = columns.length > 0 ? targets[0]?.slice(0, targets[0].lastIndexOf('.')) : undefined;
  return named(
    missing ? 'table-missing' : code,
    { sqlState: name, ...(table === undefined ? {} : { table }), ...(columns.length === 0 ? {} : { columns }) },
    message,
  );
};

const postgresFailure = (error: unknown): SqlFailure | undefined => {
  const state = textOf(error, 'code');
  if (state === undefined || !/^[0-9A-Z]{5}$/.test(state)) return undefined;
  const [constraint, table, column] = [textOf(error, 'constraint'), textOf(error, 'table'), textOf(error, 'column')];
  return named(
    sqlStates[state] ?? sqlStates[state.slice(0, 2)] ?? 'database-error',
    {
      sqlState: state,
      ...(constraint === undefined ? {} : { constraint }),
      ...(table === undefined ? {} : { table }),
      ...(column === undefined ? {} : { columns: [column] }),
    },
    textOf(error, 'message') ?? '',
  );
};

const mysqlFailure = (error: unknown): SqlFailure | undefined => {
  const number = own(error, 'errno');
  const state = textOf(error, 'sqlState');
  if (typeof number !== 'number' || state === undefined) return undefined;
  const message = textOf(error, 'sqlMessage') ?? textOf(error, 'message') ?? '';
  const column = /^(?:Column|Field) '([^']+)'/.exec(message)?.[1];
  const constraint = /(?:for key|CONSTRAINT) ['`]([^'`]+)['`]/.exec(message)?.[1];
  return named(
    mysqlNumbers[number] ?? sqlStates[state.slice(0, 2)] ?? 'database-error',
    {
      sqlState: state,
      ...(constraint === undefined ? {} : { constraint }),
      ...(column === undefined ? {} : { columns: [column] }),
    },
    message,
  );
};

/** What an error of a driver means; undefined when the database did not answer at all (a socket that broke, a driver's own fault). */
export const failureOf = (error: unknown, dialect: SqlDialect): SqlFailure | undefined => {
  if (dialect === 'sqlite') return textOf(error, 'code') === 'ERR_SQLITE_ERROR' ? sqliteFailure(error) : undefined;
  return dialect === 'postgres' ? postgresFailure(error) : mysqlFailure(error);
};
