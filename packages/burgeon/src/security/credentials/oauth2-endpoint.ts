import { type AuthScheme, BurgeonError } from '@burgeon/kit';
import type * as oauth from 'oauth4webapi';
import { isObject } from '../../base/json.ts';
import type { ProofContext } from './credential.ts';
import type { OAuthClient } from './oauth2-client.ts';
import type { GotToken } from './oauth2-token.ts';
import { isSealed } from './sealed.ts';

/** What a token endpoint is asked for. */
export type TokenRequest = { place: TokenPlace } & (
  | { grant: 'client'; scopes: readonly string[] }
  | { grant: 'refresh'; refreshToken: string }
  | { grant: 'code'; parameters: URLSearchParams; redirectUri: string; verifier: string }
  | { grant: 'device'; deviceCode: string }
);

/** Where tokens are got: written in the description, or found by the identity provider's own document. */
export type TokenPlace = { url: string } | { discoveryUrl: string };

/** What of a context reaches an authorization server. */
export type EndpointContext = Pick<ProofContext, 'name' | 'auth' | 'base' | 'clock' | 'fetch' | 'conceal'>;

type Library = typeof oauth;

/** An address of a description; relative ones are relative to the interface's own. @see https://spec.openapis.org/oas/v3.2.0#oauth-flow-object */
export const absolute = ({ base, name }: Pick<ProofContext, 'base' | 'name'>, address: string): string => {
  const url = URL.parse(address, base);
  if (url) return url.href;
  throw new BurgeonError('UNSUPPORTED', {
    message: `The address ${JSON.stringify(address.slice(0, 200))} that ${name} needs is none.`,
  });
};

/**
 * Where a grant is asked for.
 * @throws {BurgeonError} UNSUPPORTED when the description does not say
 */
export const tokenPlace = (context: Pick<ProofContext, 'auth' | 'base' | 'name'>, flow: string): TokenPlace => {
  const { flows = {}, discoveryUrl } = context.auth ?? {};
  const own: NonNullable<AuthScheme['flows']>[string] | undefined = Object.hasOwn(flows, flow) ? flows[flow] : undefined;
  const any = Object.values(flows);
  const address =
    flow === 'refresh'
      ? (any.find(({ refreshUrl }) => refreshUrl !== undefined)?.refreshUrl ??
        any.find(({ tokenUrl }) => tokenUrl !== undefined)?.tokenUrl)
      : own?.tokenUrl;
  if (address !== undefined) return { url: absolute(context, address) };
  if (discoveryUrl !== undefined) return { discoveryUrl: absolute(context, discoveryUrl) };
  throw new BurgeonError('UNSUPPORTED', { message: `The description of ${context.name} does not say where tokens are got.` });
};

/** The server behind a place, with its endpoints. `issuer` of a place that only has an address is its origin, which nothing is compared with. */
export const serverAt = async (
  context: EndpointContext,
  { issuer: known }: Pick<OAuthClient, 'issuer'>,
  place: TokenPlace,
): Promise<oauth.AuthorizationServer> => {
  if ('url' in place) return { issuer: known ?? new URL(place.url).origin, token_endpoint: place.url };
  const library = await import('oauth4webapi');
  const answer = await guarded(context, place.discoveryUrl, (url) => context.fetch(url, { redirect: 'manual' }));
  const document: unknown = await answer.json().catch(() => undefined);
  const issuer = isObject(document) && typeof document['issuer'] === 'string' ? URL.parse(document['issuer']) : null;
  // The document speaks for the origin it lies on, and for no other. OpenID Connect Discovery 1.0 section 4.3.
  if (answer.status !== 200 || issuer === null || issuer.origin !== new URL(place.discoveryUrl).origin)
    throw new BurgeonError('REMOTE_INVALID', { message: `${place.discoveryUrl} is no description of an identity provider.` });
  return library.processDiscoveryResponse(issuer, Response.json(document));
};

/**
 * Asks the token endpoint, through the module's own gate: its host must have been granted.
 * @throws {BurgeonError} UNAUTHENTICATED when it refuses, CAPABILITY_DENIED, REMOTE_ERROR, REMOTE_INVALID, REMOTE_UNREACHABLE
 */
export const askToken = async (context: EndpointContext, client: OAuthClient, request: TokenRequest): Promise<GotToken> => {
  const library = await import('oauth4webapi');
  const server = await serverAt(context, client, request.place);
  const gotAt = context.clock.now();
  try {
    const got = await exchange(library, { context, client, server }, request);
    for (const text of [got.access_token, got.refresh_token]) if (text !== undefined) context.conceal(text);
    return {
      accessToken: got.access_token,
      gotAt,
      ...(got.expires_in === undefined ? {} : { expiresAt: gotAt + got.expires_in * 1_000 }),
      ...(got.refresh_token === undefined ? {} : { refreshToken: got.refresh_token }),
    };
  } catch (error) {
    throw refusal(context, error);
  }
};

interface Asking {
  context: EndpointContext;
  client: OAuthClient;
  server: oauth.AuthorizationServer;
}

const exchange = async (library: Library, asking: Asking, request: TokenRequest): Promise<oauth.TokenEndpointResponse> => {
  const { server, client } = asking;
  const who: oauth.Client = { client_id: client.clientId };
  const proof = clientProof(library, client);
  const options = requestOptions(library, asking.context);
  switch (request.grant) {
    case 'client': {
      const parameters = new URLSearchParams(request.scopes.length > 0 ? { scope: request.scopes.join(' ') } : {});
      return library.processClientCredentialsResponse(
        server,
        who,
        await library.clientCredentialsGrantRequest(server, who, proof, parameters, options),
      );
    }
    case 'refresh':
      return library.processRefreshTokenResponse(
        server,
        who,
        await library.refreshTokenGrantRequest(server, who, proof, request.refreshToken, options),
      );
    case 'device':
      return library.processDeviceCodeResponse(
        server,
        who,
        await library.deviceCodeGrantRequest(server, who, proof, request.deviceCode, options),
      );
    case 'code': {
      const { parameters, redirectUri, verifier } = request;
      const answer = await library.authorizationCodeGrantRequest(server, who, proof, parameters, redirectUri, verifier, options);
      return library.processAuthorizationCodeResponse(server, who, answer);
    }
  }
};

/** How a client proves itself. @see RFC 6749 section 2.3 */
export const clientProof = (library: Library, { clientSecret, clientAuth }: OAuthClient): oauth.ClientAuth => {
  if (clientSecret === undefined || clientAuth === 'none') return library.None();
  return clientAuth === 'post' ? library.ClientSecretPost(clientSecret) : library.ClientSecretBasic(clientSecret);
};

/** The library's requests go through the gate of the module; in the clear they stay on this machine. */
export const requestOptions = (library: Library, context: EndpointContext): oauth.TokenEndpointRequestOptions => ({
  [library.customFetch]: (url: string, init: RequestInit) => guarded(context, url, () => context.fetch(url, init)),
  [library.allowInsecureRequests]: true,
});

const guarded = async (
  context: EndpointContext,
  address: string,
  work: (url: string) => Promise<Response>,
): Promise<Response> => {
  const url = new URL(address);
  if (isSealed(url)) return work(address);
  throw new BurgeonError('CAPABILITY_DENIED', {
    message: `${context.name} would be sent in the clear to ${url.host}.`,
    hint: 'The description has to name an https address.',
  });
};

/** Words of a server that refuses; neither they nor ours hold a secret. @see RFC 6749 section 5.2 */
export const refusal = ({ name }: Pick<ProofContext, 'name'>, error: unknown): BurgeonError => {
  if (BurgeonError.is(error)) return error;
  const { error: word, status } = error as { error?: unknown; status?: unknown };
  const said = typeof word === 'string' ? word.slice(0, 100) : undefined;
  if (said === 'invalid_grant' || said === 'expired_token' || said === 'access_denied') {
    const [namespace, module, ...scheme] = name.split('/');
    return new BurgeonError('UNAUTHENTICATED', {
      message: `The authorization server takes the login kept for ${name} no longer (${said}).`,
      hint: `burgeon secret login ${namespace}/${module} ${JSON.stringify(scheme.join('/'))}`,
      data: { error: said },
    });
  }
  if (said === 'invalid_client' || said === 'unauthorized_client' || status === 401) {
    return new BurgeonError('UNAUTHENTICATED', {
      message: `The authorization server does not take the client kept as ${name}${said === undefined ? '' : ` (${said})`}.`,
      hint: `Look at its id and secret, and set it again: burgeon secret set ${JSON.stringify(name)}`,
      ...(said === undefined ? {} : { data: { error: said } }),
    });
  }
  if (said !== undefined)
    return new BurgeonError('REMOTE_ERROR', {
      message: `The authorization server of ${name} answered with ${said}.`,
      data: { error: said },
    });
  return new BurgeonError('REMOTE_INVALID', {
    message: `The authorization server of ${name} answered something that is no token.`,
  });
};
