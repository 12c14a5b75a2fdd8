/** Why a database could not be opened, in plain words and without a secret. */
import { BurgeonError, type ErrorCode } from '@burgeon/kit';
import { redactedLocation, type SqlConnection } from './connection.ts';
import type { OpenOptions } from './database.ts';

type Reason = 'unreachable' | 'refused' | 'missing' | 'timeout' | 'damaged' | 'tls' | 'crowded' | 'unknown';

const codes: Record<OpenOptions['role'], Record<Reason, ErrorCode>> = {
  source: {
    unreachable: 'SOURCE_UNREACHABLE',
    refused: 'SOURCE_FORBIDDEN',
    missing: 'SOURCE_NOT_FOUND',
    timeout: 'SOURCE_UNREACHABLE',
    damaged: 'SOURCE_INVALID',
    tls: 'SOURCE_UNREACHABLE',
    crowded: 'SOURCE_UNREACHABLE',
    unknown: 'SOURCE_UNREACHABLE',
  },
  connection: {
    unreachable: 'REMOTE_UNREACHABLE',
    refused: 'REMOTE_ERROR',
    missing: 'REMOTE_UNREACHABLE',
    timeout: 'TIMEOUT',
    damaged: 'REMOTE_ERROR',
    tls: 'REMOTE_UNREACHABLE',
    crowded: 'REMOTE_UNREACHABLE',
    unknown: 'REMOTE_UNREACHABLE',
  },
};

const texts: Record<Reason, [happened: string, hint: string]> = {
  unreachable: ['does not answer', 'Check that the server runs, and that host and port are right.'],
  refused: ['does not let this user in', 'Check user and password of the connection string, and the rights of the user.'],
  missing: ['does not exist', 'Check the name of the database.'],
  timeout: ['did not answer in time', 'Check that nothing between here and the server swallows the connection.'],
  damaged: [
    'is no database that can be read',
    'Check that the path is right and that the file is an SQLite database, not encrypted and not cut short.',
  ],
  tls: [
    'could not be reached over TLS',
    'Add ?sslrootcert=/path/to/ca.pem to trust its certificate, or ?sslmode=disable on a network you trust.',
  ],
  crowded: ['takes no more connections', 'Try again later, or raise the limit of the server.'],
  unknown: ['could not be opened', 'Check the connection string and the state of the server.'],
};

const reasons: Record<string, Reason> = {
  ECONNREFUSED: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ECONNRESET: 'unreachable',
  EPIPE: 'unreachable',
  PROTOCOL_CONNECTION_LOST: 'unreachable',
  ETIMEDOUT: 'timeout',
  '28P01': 'refused',
  '28000': 'refused',
  '42501': 'refused',
  ER_ACCESS_DENIED_ERROR: 'refused',
  ER_DBACCESS_DENIED_ERROR: 'refused',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'refused',
  ER_NOT_SUPPORTED_AUTH_MODE: 'refused',
  '3D000': 'missing',
  ER_BAD_DB_ERROR: 'missing',
  ENOENT: 'missing',
  EISDIR: 'damaged',
  EACCES: 'refused',
  EPERM: 'refused',
  ERR_SQLITE_ERROR: 'damaged',
  '53300': 'crowded',
  ER_CON_COUNT_ERROR: 'crowded',
  HANDSHAKE_NO_SSL_SUPPORT: 'tls',
  HANDSHAKE_SSL_ERROR: 'tls',
};

const reasonOf = (error: unknown): Reason => {
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown; message?: unknown };
  const known = typeof code === 'string' && Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (known !== undefined) return known;
  const text = String(message);
  if (/certificate|SSL|TLS|self.signed/i.test(`${text} ${String(code)}`)) return 'tls';
  if (/timeout|timed out/i.test(text)) return 'timeout';
  return /password|authentication/i.test(text) ? 'refused' : 'unknown';
};

/** The error to throw when a database cannot be opened. The driver's own words are left out: they may repeat a part of the connection string. */
export const openFault = (error: unknown, connection: SqlConnection, role: OpenOptions['role']): BurgeonError => {
  if (BurgeonError.is(error)) return error;
  const reason = reasonOf(error);
  const [happened, hint] = texts[reason];
  return new BurgeonError(codes[role][reason], {
    message: `The database ${redactedLocation(connection)} ${happened}.`,
    hint,
    data: { code: reason },
    retryable: reason === 'unreachable' || reason === 'timeout' || reason === 'crowded',
  });
};

/** Loads an optional driver. @throws {BurgeonError} DEPENDENCY_MISSING with the command that installs it */
export const loadDriver = async <T>(name: string, load: () => Promise<T>): Promise<T> => {
  try {
    return await load();
  } catch (error) {
    throw new BurgeonError('DEPENDENCY_MISSING', {
      message: `The library "${name}", which speaks to this database, is not installed.`,
      hint: `Run: npm install ${name}`,
      cause: error,
    });
  }
};

/** Ends when the work or the signal does; `abandon` lets the work's connection go when the signal is first. */
export const untilAborted = async <T>(work: Promise<T>, signal: AbortSignal | undefined, abandon: () => void): Promise<T> => {
  if (signal === undefined) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const aborted = (): void => {
    abandon();
    reject(new BurgeonError('CANCELLED', { message: 'The call was cancelled.', cause: signal.reason }));
  };
  if (signal.aborted) aborted();
  else signal.addEventListener('abort', aborted, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', aborted);
    work.catch(() => {});
  }
};
