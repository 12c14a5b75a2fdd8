import { isObject } from '../../base/json.ts';
import type { Keep } from './credential.ts';

/** Where the token of a credential is kept: beside it. */
export const tokenName = (name: string): string => `${name} token`;

/** A token as it is kept. */
export interface KeptToken {
  /** Which secret it was got with. */
  by: string;
  accessToken: string;
  /** Milliseconds since the epoch. */
  gotAt: number;
  /** Absent where the server does not say. */
  expiresAt?: number;
  refreshToken?: string;
  /** Scopes that were asked for. */
  scopes: string[];
  /** True: a person logged in for it. */
  login?: boolean;
}

/** What a token endpoint gave. */
export type GotToken = Pick<KeptToken, 'accessToken' | 'gotAt' | 'expiresAt' | 'refreshToken'>;

/** The token that is kept; undefined when there is none. */
export const readToken = async (tokens: Keep): Promise<KeptToken | undefined> => {
  const text = await tokens.read();
  if (text === undefined) return undefined;
  const token: unknown = JSON.parse(text);
  return isObject(token) && typeof token['accessToken'] === 'string' ? (token as unknown as KeptToken) : undefined;
};

/** Keeps a token in the place of the one before, all of it at once: a refresh token that was used up is never left beside a new one. */
export const writeToken = (tokens: Keep, token: KeptToken): Promise<void> => tokens.write(JSON.stringify(token));
