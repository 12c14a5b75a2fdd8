import { BurgeonError } from '@burgeon/kit';
import type { Hop } from '../egress-hop.ts';
import { type ProofContext, type CredentialKind, defineCredential } from './credential.ts';
import { type OAuthClient, madeBy, readClient } from './oauth2-client.ts';
import { type KeptToken, readToken, writeToken } from './oauth2-token.ts';
import { placedIn } from './placed.ts';
import { replayable } from './replay.ts';

/**
 * A token of an authorization server: got with the client's own secret, or by a person who logged in; kept sealed, got anew before its time is
 * over and when it is refused. @see RFC 6749, RFC 7636
 */
export const oauth2: CredentialKind = defineCredential<OAuthClient & { by: string }>({
  name: 'oauth2',
  form: '{"clientId":"...","clientSecret":"..."}, with "clientAuth":"post" or "none", "scope" and "issuer" if they are needed; or a token itself',
  read: (value) => {
    const client = readClient(value);
    return client && { ...client, by: madeBy(value) };
  },
  prove: (client, context) => {
    if (client.clientSecret !== undefined) context.conceal(client.clientSecret);
    const place = (hop: Hop, token: string): Hop => {
      context.conceal(token);
      return placedIn(hop, context.place, token);
    };
    return async (given, send) => {
      const hop = await replayable(given);
      const token = await tokenOf(client, context);
      const answer = await send(place(hop, token));
      if (answer.status !== 401) return answer;
      // It may have been withdrawn before its time; who is refused again with a new one has no right.
      const next = await tokenOf(client, context, token);
      await answer.body?.cancel();
      return send(place(hop, next));
    };
  },
});

/** Longest time before its end at which a token is got anew, milliseconds; a tenth of its life when that is shorter. */
const earlyMs = 60_000;

const isFresh = (token: KeptToken, now: number): boolean =>
  token.expiresAt === undefined || now < token.expiresAt - Math.min(earlyMs, (token.expiresAt - token.gotAt) / 10);

type Client = OAuthClient & { by: string };

/** The token of a client: the kept one, or a new one where that has run out, covers too little, or is the one that was `refused`. */
const tokenOf = async (client: Client, context: ProofContext, refused?: string): Promise<string> => {
  const usable = (token: KeptToken | undefined): boolean =>
    token?.by === client.by &&
    token.accessToken !== refused &&
    isFresh(token, context.clock.now()) &&
    (token.refreshToken !== undefined || token.login === true || context.scopes.every((scope) => token.scopes.includes(scope)));
  const kept = await readToken(context.tokens);
  if (kept && usable(kept)) return kept.accessToken;
  return context.once(context.name, async () => {
    // Another call may have got one while this one waited.
    const now = await readToken(context.tokens);
    if (now && usable(now)) return now.accessToken;
    const next = await renew(client, context, now?.by === client.by ? now : undefined);
    await writeToken(context.tokens, next);
    return next.accessToken;
  });
};

/** Gets a token by what there is: a refresh token, or the client's own secret. */
const renew = async (client: Client, context: ProofContext, kept: KeptToken | undefined): Promise<KeptToken> => {
  // Loaded when a token is got: most calls have one, and most modules none.
  const { askToken, tokenPlace } = await import('./oauth2-endpoint.ts');
  const { flows = {} } = context.auth ?? {};
  if (kept?.refreshToken !== undefined) {
    context.conceal(kept.refreshToken);
    const got = await askToken(context, client, {
      grant: 'refresh',
      place: tokenPlace(context, 'refresh'),
      refreshToken: kept.refreshToken,
    });
    return { ...got, by: client.by, scopes: kept.scopes, login: true, refreshToken: got.refreshToken ?? kept.refreshToken };
  }
  const byItself =
    client.clientSecret !== undefined && (Object.hasOwn(flows, 'clientCredentials') || context.auth?.discoveryUrl !== undefined);
  if (kept?.login === true || !byItself) throw needsLogin(context, kept !== undefined);
  const scopes = client.scope?.split(' ') ?? [...new Set([...(kept?.scopes ?? []), ...context.scopes])];
  const got = await askToken(context, client, { grant: 'client', place: tokenPlace(context, 'clientCredentials'), scopes });
  return { ...got, by: client.by, scopes };
};

const needsLogin = ({ name }: ProofContext, expired: boolean): BurgeonError => {
  const [namespace, module, ...scheme] = name.split('/');
  const hint = `burgeon secret login ${namespace}/${module} ${JSON.stringify(scheme.join('/'))}`;
  return expired
    ? new BurgeonError('UNAUTHENTICATED', { message: `The login kept for ${name} has run out.`, hint })
    : new BurgeonError('SECRET_MISSING', { message: `Nobody has logged in for ${name} yet.`, hint });
};
