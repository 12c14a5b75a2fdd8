import { BurgeonError } from '@burgeon/kit';
import type * as oauth from 'oauth4webapi';
import { type ProofContext } from './credential.ts';
import { type OAuthClient } from './oauth2-client.ts';
import {
  type TokenPlace,
  absolute,
  askToken,
  clientProof,
  refusal,
  requestOptions,
  serverAt,
  tokenPlace,
} from './oauth2-endpoint.ts';
import type { GotToken } from './oauth2-token.ts';
import { isSealed } from './sealed.ts';

/** A login that a person is at: what only the one who began it knows. */
export interface BegunLogin {
  /** Where the person goes. */
  url: string;
  /** What came back is judged by it, and exchanged for a token. */
  finish(callback: URLSearchParams): Promise<GotToken>;
}

/** A login on another device. */
export interface BegunDeviceLogin {
  url: string;
  /** What the person types there. */
  userCode: string;
  expiresAt: number;
  intervalMs: number;
  /** The token; undefined while the person has not decided yet. */
  poll(): Promise<GotToken | undefined>;
}

/** How a login is begun. */
export interface LoginWish {
  client: OAuthClient;
  scopes: readonly string[];
  /** Address of the listener that the person's browser is sent back to. */
  redirectUri: string;
}

/**
 * Begins a login by authorization code with PKCE. The answer has to carry the state, and an issuer, where it names one, of the right server.
 * @throws {BurgeonError} UNSUPPORTED when the description has no such flow
 * @see RFC 6749 section 4.1, RFC 7636, RFC 8252, RFC 9207
 */
export const beginLogin = async (context: ProofContext, { client, scopes, redirectUri }: LoginWish): Promise<BegunLogin> => {
  const library = await import('oauth4webapi');
  const place = tokenPlace(context, 'authorizationCode');
  const server = await serverAt(context, client, place);
  const address = authorizationAddress(context, server);
  const verifier = library.generateRandomCodeVerifier();
  const state = library.generateRandomState();
  for (const [name, value] of Object.entries({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: redirectUri,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    state,
    code_challenge: await library.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }))
    address.searchParams.set(name, value);
  return {
    url: address.href,
    finish: async (callback) => {
      const expected = withIssuer(server, client, { place, address, callback });
      const parameters = judged(library, expected, { client, callback, state, context });
      return askToken(
        context,
        { ...client, issuer: expected.issuer },
        { grant: 'code', place, parameters, redirectUri, verifier },
      );
    },
  };
};

const authorizationAddress = (context: ProofContext, server: oauth.AuthorizationServer): URL => {
  const written = context.auth?.flows?.['authorizationCode']?.authorizationUrl;
  const url = URL.parse(written === undefined ? (server.authorization_endpoint ?? '') : absolute(context, written));
  if (url && isSealed(url)) return url;
  throw new BurgeonError('UNSUPPORTED', {
    message: `The description of ${context.name} names no address at which a person could log in.`,
    hint: 'It needs an authorization code flow with an https address.',
  });
};

/** Where nobody said who the server is, its answer may: as long as it is the one that the person was sent to. */
const withIssuer = (
  server: oauth.AuthorizationServer,
  client: OAuthClient,
  { place, address, callback }: { place: TokenPlace; address: URL; callback: URLSearchParams },
): oauth.AuthorizationServer => {
  const named = callback.get('iss');
  const isFree = client.issuer === undefined && 'url' in place && named !== null;
  return isFree && URL.parse(named)?.origin === address.origin ? { ...server, issuer: named } : server;
};

const judged = (
  library: typeof oauth,
  server: oauth.AuthorizationServer,
  given: { client: OAuthClient; callback: URLSearchParams; state: string; context: ProofContext },
): URLSearchParams => {
  const { client, callback, state, context } = given;
  try {
    return library.validateAuthResponse(server, { client_id: client.clientId }, callback, state);
  } catch (error) {
    if ((error as { error?: unknown }).error !== undefined) throw refusal(context, error);
    throw new BurgeonError('UNAUTHENTICATED', {
      message: `What came back from the login for ${context.name} is not the answer to it.`,
      hint: 'Begin again; if it stays so, somebody is in between.',
      cause: error,
    });
  }
};

/**
 * Begins a login on another device.
 * @throws {BurgeonError} UNSUPPORTED when the description has no such flow
 * @see RFC 8628
 */
export const beginDeviceLogin = async (
  context: ProofContext,
  { client, scopes }: Omit<LoginWish, 'redirectUri'>,
): Promise<BegunDeviceLogin> => {
  const library = await import('oauth4webapi');
  const place = tokenPlace(context, 'deviceAuthorization');
  const server = await serverAt(context, client, place);
  const written = context.auth?.flows?.['deviceAuthorization']?.deviceAuthorizationUrl;
  const endpoint = written === undefined ? server.device_authorization_endpoint : absolute(context, written);
  if (endpoint === undefined)
    throw new BurgeonError('UNSUPPORTED', { message: `The description of ${context.name} has no login for other devices.` });
  const who = { client_id: client.clientId };
  const asked = { ...server, device_authorization_endpoint: endpoint };
  const parameters = new URLSearchParams(scopes.length === 0 ? {} : { scope: scopes.join(' ') });
  const begun = await library
    .deviceAuthorizationRequest(asked, who, clientProof(library, client), parameters, requestOptions(library, context))
    .then((answer) => library.processDeviceAuthorizationResponse(asked, who, answer))
    .catch((error: unknown) => {
      throw refusal(context, error);
    });
  context.conceal(begun.device_code);
  return {
    url: begun.verification_uri_complete ?? begun.verification_uri,
    userCode: begun.user_code,
    expiresAt: context.clock.now() + begun.expires_in * 1_000,
    intervalMs: (begun.interval ?? 5) * 1_000,
    poll: () => askToken(context, client, { grant: 'device', place, deviceCode: begun.device_code }).catch(unlessPending),
  };
};

const unlessPending = (error: unknown): undefined => {
  const { data } = BurgeonError.from(error);
  const said = (data as { error?: unknown } | undefined)?.error;
  if (said !== 'authorization_pending' && said !== 'slow_down') throw error;
};
