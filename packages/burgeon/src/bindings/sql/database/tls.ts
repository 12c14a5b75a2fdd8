/** Trust in the other side of an encrypted connection. */
import { readFileSync } from 'node:fs';
import type { ServerConnection } from './connection.ts';

/** What both drivers take as `ssl`; undefined for a connection in the clear. */
export interface TlsOptions {
  rejectUnauthorized: boolean;
  ca?: string;
}

/** TLS options of a connection; the file of certificates is read now. */
export const tlsOptions = ({ tls, certificates }: ServerConnection): TlsOptions | undefined => {
  if (tls === 'off') return undefined;
  const ca = certificates === undefined ? undefined : readFileSync(certificates, 'utf8');
  return { rejectUnauthorized: tls === 'verified', ...(ca === undefined ? {} : { ca }) };
};

/** Connections to one server at most, and how long to wait for one. */
export const poolBounds = { connections: 4, connectTimeoutMs: 10_000, idleTimeoutMs: 30_000 } as const;
