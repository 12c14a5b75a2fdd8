/** Connection strings: read once, never repeated. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BurgeonError } from '@burgeon/kit';
import type { SqlDialect } from '../runtime/binding.ts';

/** A database file. `path` is absolute. */
export interface FileConnection {
  dialect: 'sqlite';
  path: string;
}

/** A database server. Holds secrets: it is never written, logged or put into an error. */
export interface ServerConnection {
  dialect: 'postgres' | 'mysql';
  host: string;
  port: number;
  user?: string;
  password?: string;
  database: string;
  /** `unverified`: encrypted without looking at the certificate. */
  tls: 'off' | 'verified' | 'unverified';
  /** File with the certificates to trust. */
  certificates?: string;
}

/** Where a database is and how to get in. */
export type SqlConnection = FileConnection | ServerConnection;

/** URL scheme -> dialect. */
export const schemes: Readonly<Record<string, SqlDialect>> = {
  sqlite: 'sqlite',
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
};

const usualPorts = { postgres: 5432, mysql: 3306 } as const;

/** The dialect a location's scheme names; undefined when it is no connection string of ours. */
export const dialectOf = (location: string): SqlDialect | undefined => {
  const scheme = /^([a-z]+):/i.exec(location)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
};

/** True for the path of a database file, by its ending. */
export const isDatabaseFile = (location: string): boolean =>
  !/^[a-z]{2,}:/i.test(location) && /\.(?:db|db3|sqlite|sqlite3)$/i.test(location);

const unreadable = (reason: string): BurgeonError =>
  new BurgeonError('SOURCE_INVALID', {
    message: `The connection string cannot be read: ${reason}.`,
    hint: 'Write postgres://user:password@host:5432/database, mysql://user:password@host:3306/database, or sqlite:path/to/file.db; encode special letters of the password as in a URL.',
  });

const parseFile = (location: string): FileConnection => {
  const rest = location.replace(/^sqlite:/i, '').replace(/[?#].*$/s, '');
  const path = rest.startsWith('//') ? (rest.startsWith('///') ? fileURLToPath(`file:${rest}`) : rest.slice(2)) : rest;
  if (path === '' || path.startsWith(':')) throw unreadable('it names no file');
  return { dialect: 'sqlite', path: resolve(path) };
};

const tlsModes: Record<string, ServerConnection['tls']> = {
  disable: 'off',
  false: 'off',
  '0': 'off',
  allow: 'off',
  prefer: 'off',
  'no-verify': 'unverified',
  require: 'verified',
  'verify-ca': 'verified',
  'verify-full': 'verified',
  true: 'verified',
  '1': 'verified',
};

const parseTls = (parameters: URLSearchParams): ServerConnection['tls'] => {
  const mode = parameters.get('sslmode') ?? parameters.get('ssl-mode') ?? parameters.get('ssl') ?? parameters.get('tls') ?? 'off';
  if (mode === 'off') return 'off';
  const tls = Object.hasOwn(tlsModes, mode.toLowerCase()) ? tlsModes[mode.toLowerCase()] : undefined;
  if (tls === undefined) throw unreadable('its TLS mode is unknown; use disable, require, verify-full or no-verify');
  return tls;
};

const parseServer = (location: string, dialect: 'postgres' | 'mysql'): ServerConnection => {
  let url: URL;
  try {
    url = new URL(location.replace(/^[a-z]+:/i, 'socket:'));
  } catch {
    throw unreadable('it is no URL');
  }
  const text = (encoded: string): string => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      throw unreadable('a part of it is not encoded as in a URL');
    }
  };
  const [user, password, path] = [text(url.username), text(url.password), text(url.pathname.replace(/^\//, ''))];
  const host = text(url.hostname).replace(/^\[|\]$/g, '');
  const database = path === '' && dialect === 'postgres' ? user : path;
  if (host === '' || host.startsWith('/')) throw unreadable('it names no host');
  if (database === '') throw unreadable('it names no database');
  const certificates = url.searchParams.get('sslrootcert') ?? undefined;
  return {
    dialect,
    host,
    port: url.port === '' ? usualPorts[dialect] : Number(url.port),
    ...(user === '' ? {} : { user }),
    ...(password === '' ? {} : { password }),
    database,
    tls: parseTls(url.searchParams),
    ...(certificates === undefined ? {} : { certificates }),
  };
};

/**
 * Reads a connection string, or the path of a database file.
 * @throws {BurgeonError} SOURCE_INVALID without a word of the string itself
 */
export const parseConnection = (location: string): SqlConnection => {
  const dialect = dialectOf(location) ?? (isDatabaseFile(location) ? 'sqlite' : undefined);
  if (dialect === undefined) throw unreadable('its scheme is unknown');
  return dialect === 'sqlite' ? parseFile(location) : parseServer(location, dialect);
};

/** The file that a connection string opens; undefined when it opens none. @throws {BurgeonError} SOURCE_INVALID */
export const databaseFileOf = (location: string): string | undefined =>
  dialectOf(location) === 'sqlite' ? parseFile(location).path : undefined;

/** The location without user, password and options: fit for an interface, a log or an error. */
export const redactedLocation = (connection: SqlConnection): string => {
  if (connection.dialect === 'sqlite') return `sqlite:${connection.path}`;
  const host = connection.host.includes(':') ? `[${connection.host}]` : connection.host;
  return `${connection.dialect}://${host}:${connection.port}/${encodeURIComponent(connection.database)}`;
};
