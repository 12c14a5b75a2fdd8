/** SQL as a protocol: calls become statements, and a provider can stand up as an SQLite file. */
import { defineProtocol, type ConnectContext, type Interface, type Protocol } from '@burgeon/kit';
import { parseConnection, schemes } from '../../../bindings/sql/database/connection.ts';
import { introspectDatabase } from '../../../bindings/sql/introspect/introspect.ts';
import { connect } from './connect.ts';
import { expose } from './expose.ts';

const introspect = async (location: string, { egress }: ConnectContext): Promise<Interface> =>
  introspectDatabase(parseConnection(location), { egress, role: 'connection' });

/**
 * Two-faced SQL. `connect` takes the connection string from the vault (`connection`), for SQLite from the location. `expose` gives an
 * SQLite file; it loses foreign keys, checks, collations, schemas (they become a part of the name) and expressions in defaults.
 */
export const sql: Protocol & Required<Pick<Protocol, 'connect' | 'expose' | 'introspect'>> = defineProtocol({
  name: 'sql',
  schemes: Object.keys(schemes),
  connect,
  expose,
  introspect,
});
