import type { AuthScheme, Interface } from '@burgeon/kit';
import { httpSchemes } from '../../bindings/http/operation.ts';
import type { HttpScheme } from '../../bindings/http/runtime/types.ts';
import { apiKey } from './api-key.ts';
import { awsSigV4 } from './aws-sigv4.ts';
import { basic } from './basic.ts';
import { bearer } from './bearer.ts';
import { type CredentialKind, jsonMembers, wronglyWritten } from './credential.ts';
import { digest } from './digest.ts';
import { mutualTls } from './mutual-tls.ts';
import { oauth2 } from './oauth2.ts';

/**
 * The kind of a credential: by its scheme, and where a scheme can be served in several ways by how the secret is written. A scheme that no
 * description names is a token.
 */
export const kindOf = (auth: AuthScheme | undefined, place: Pick<HttpScheme, 'name'>, value: string): CredentialKind => {
  const members = value.startsWith('{') ? jsonMembers(value) : undefined;
  switch (auth?.kind) {
    case 'mutualTls':
      return mutualTls;
    case 'basic':
      return basic;
    case 'oauth2':
    case 'openIdConnect':
      // No token begins like that: what does is meant to be a client, also when it is not written as one.
      return value.startsWith('{') ? oauth2 : bearer;
    case 'apiKey':
      // Descriptions have no word for signed requests: they say that a key goes into the Authorization header.
      return members?.['accessKeyId'] === undefined ? apiKey : awsSigV4;
    case 'other':
      if (place.name.toLowerCase() === 'digest') return digest;
      return members?.['accessKeyId'] === undefined ? bearer : awsSigV4;
    default:
      return bearer;
  }
};

/**
 * Judges how a secret is written, where a description says what it is for.
 * @throws {BurgeonError} INPUT_INVALID
 */
export const checkSecret = (name: string, description: Interface, value: string): void => {
  const scheme = name.split('/').slice(2).join('/');
  const auth = Object.hasOwn(description.auth, scheme) ? description.auth[scheme] : undefined;
  // A connection string is judged by the driver that it is for.
  if (auth === undefined || auth.kind === 'password') return;
  const kind = kindOf(auth, httpSchemes(description)[scheme] ?? { name: '' }, value);
  if (kind.read(value) === undefined) throw wronglyWritten(name, kind);
};
