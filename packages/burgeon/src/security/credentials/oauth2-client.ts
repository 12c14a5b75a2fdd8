import { createHash } from 'node:crypto';
import { jsonMembers } from './credential.ts';

/** A client that is registered with an authorization server. `scope`: what it asks for instead of what an operation needs. */
export interface OAuthClient {
  clientId: string;
  clientSecret?: string;
  /** How the secret goes to the token endpoint. Default: `basic`. @see RFC 6749 section 2.3.1 */
  clientAuth?: string;
  scope?: string;
  /** Who the server says it is, when that is not the origin of its addresses. */
  issuer?: string;
}

/** The client that a secret names; undefined when it is written otherwise. */
export const readClient = (value: string): OAuthClient | undefined => {
  const client = jsonMembers(value) as Partial<OAuthClient> | undefined;
  const known = client?.clientAuth === undefined || ['basic', 'post', 'none'].includes(client.clientAuth);
  return client?.clientId && known ? (client as OAuthClient) : undefined;
};

/** Ties a token to the client it was made for: another secret under the name makes it void. */
export const madeBy = (value: string): string => createHash('sha256').update(value).digest('base64url');
