import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFault, untilAborted } from './fault.ts';
import { parseConnection, redactedLocation, type SqlConnection } from './connection.ts';

describe('connection strings', () => {
  it.each<[string, SqlConnection, string]>([
    [
      'postgres://u:p%40ss@host/db',
      { dialect: 'postgres', host: 'host', port: 5432, user: 'u', password: 'p@ss', database: 'db', tls: 'off' },
      'postgres://host:5432/db',
    ],
    [
      'postgresql://ann@host:6000',
      { dialect: 'postgres', host: 'host', port: 6000, user: 'ann', database: 'ann', tls: 'off' },
      'postgres://host:6000/ann',
    ],
    [
      'MariaDB://[::1]/a%20b?ssl=true',
      { dialect: 'mysql', host: '::1', port: 3306, database: 'a b', tls: 'verified' },
      'mysql://[::1]:3306/a%20b',
    ],
    ['mysql://h/d?ssl-mode=DISABLE', { dialect: 'mysql', host: 'h', port: 3306, database: 'd', tls: 'off' }, 'mysql://h:3306/d'],
    [
      'postgres://h/d?sslmode=no-verify',
      { dialect: 'postgres', host: 'h', port: 5432, database: 'd', tls: 'unverified' },
      'postgres://h:5432/d',
    ],
    [
      'postgres://h/d?sslmode=verify-full&sslrootcert=/ca.pem',
      { dialect: 'postgres', host: 'h', port: 5432, database: 'd', tls: 'verified', certificates: '/ca.pem' },
      'postgres://h:5432/d',
    ],
    ['sqlite:///abs/my%20x.db', { dialect: 'sqlite', path: '/abs/my x.db' }, 'sqlite:/abs/my x.db'],
    ['sqlite:x.db?mode=ro', { dialect: 'sqlite', path: resolve('x.db') }, `sqlite:${resolve('x.db')}`],
    ['sqlite://x.db', { dialect: 'sqlite', path: resolve('x.db') }, `sqlite:${resolve('x.db')}`],
    ['a/x.sqlite3', { dialect: 'sqlite', path: resolve('a/x.sqlite3') }, `sqlite:${resolve('a/x.sqlite3')}`],
  ])('%s', (location, connection, redacted) => {
    expect(parseConnection(location)).toEqual(connection);
    expect(redactedLocation(connection)).toBe(redacted);
  });
});

describe('openFault', () => {
  const connection = parseConnection('postgres://someone:hidden@host/db');
  it.each([
    [{ code: '28P01', message: 'password authentication failed for user "someone"' }, 'source', 'SOURCE_FORBIDDEN'],
    [{ code: '28P01' }, 'connection', 'REMOTE_ERROR'],
    [{ code: 'ETIMEDOUT' }, 'connection', 'TIMEOUT'],
    [{ message: 'self-signed certificate' }, 'connection', 'REMOTE_UNREACHABLE'],
    [{ message: 'timeout exceeded when trying to connect' }, 'connection', 'TIMEOUT'],
    [{ message: 'SASL: client password must be a string hidden' }, 'source', 'SOURCE_FORBIDDEN'],
    [{ code: '53300' }, 'source', 'SOURCE_UNREACHABLE'],
    ['anything hidden', 'source', 'SOURCE_UNREACHABLE'],
  ] as const)('%j as %s is %s', (error, role, code) => {
    const fault = openFault(error, connection, role);
    expect(fault.code).toBe(code);
    expect(JSON.stringify(fault) + String(fault.cause)).not.toMatch(/someone|hidden/);
  });
});

describe('untilAborted', () => {
  it('lets go of the work when the signal is first', async () => {
    const controller = new AbortController();
    let abandoned = false;
    const waiting = untilAborted(new Promise(() => {}), controller.signal, () => {
      abandoned = true;
    });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(abandoned).toBe(true);
    expect(await untilAborted(Promise.resolve(1), new AbortController().signal, () => {})).toBe(1);
  });
});
