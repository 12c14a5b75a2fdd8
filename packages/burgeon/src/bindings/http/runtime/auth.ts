import { toBase64 } from './base64.ts';
import { percentEncode } from './percent.ts';
import type { WireRequest } from './request.ts';
import type { ClientOptions, HttpOperation, HttpScheme } from './types.ts';

/** A scheme with its credential. */
export interface Proof {
  scheme: HttpScheme;
  value: string;
}

/** The header value of a credential in the Authorization header. @see RFC 7617, RFC 6750 */
const authorization = (scheme: HttpScheme, value: string): string => {
  if (scheme.kind === 'basic') return `Basic ${toBase64(new TextEncoder().encode(value))}`;
  const word = scheme.name || 'Bearer';
  // A value that already names its scheme is taken as it is.
  return value.toLowerCase().startsWith(`${word.toLowerCase()} `) ? value : `${word} ${value}`;
};

/** Puts a credential where its scheme says. */
export const placeProof = (request: Pick<WireRequest, 'url' | 'headers'>, { scheme, value }: Proof): void => {
  if (scheme.place === 'authorization') request.headers['authorization'] = authorization(scheme, value);
  if (scheme.place === 'header') request.headers[scheme.name.toLowerCase()] = value;
  if (scheme.place === 'query') {
    request.url += `${request.url.includes('?') ? '&' : '?'}${percentEncode(scheme.name)}=${percentEncode(value)}`;
  }
  if (scheme.place !== 'cookie') return;
  const before = request.headers['cookie'];
  request.headers['cookie'] = `${before === undefined ? '' : `${before}; `}${scheme.name}=${value}`;
};

/** What a request is to prove, and what it lacks for that. */
interface Choice {
  /** Schemes with their scopes. */
  chosen: Record<string, string[]>;
  /** Schemes without a credential, when no alternative is complete. */
  missing: string[];
}

/**
 * The first complete alternative; one that needs nothing is taken only when no other is complete. Where none is, nothing is proved: such a
 * request goes out as it is, since many descriptions ask for more than their servers do.
 */
const choose = async (
  alternatives: HttpOperation['auth'],
  holds: (scheme: string, scopes: string[]) => boolean | Promise<boolean>,
  schemes: Record<string, HttpScheme>,
): Promise<Choice> => {
  let missing: string[] | undefined;
  for (const alternative of alternatives) {
    const chosen: [string, string[]][] = [];
    const lacking: string[] = [];
    for (const [name, scopes] of Object.entries(alternative)) {
      const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined;
      if (scheme !== undefined && (await holds(name, scopes))) chosen.push([name, scopes]);
      // A connection may prove who asks by itself.
      else if (scheme?.kind !== 'mutualTls') lacking.push(name);
    }
    if (lacking.length > 0) missing ??= lacking;
    else if (Object.keys(alternative).length > 0) return { chosen: Object.fromEntries(chosen), missing: [] };
  }
  const free = alternatives.some((alternative) => Object.keys(alternative).length === 0);
  return { chosen: {}, missing: free ? [] : (missing ?? []) };
};

/**
 * Has a request prove who asks: by the credentials that `auth` gives, or by naming the schemes to what fetches, which then puts in what it
 * `holds`. Gives the schemes that lack a credential.
 */
export const authorize = async (
  request: Pick<WireRequest, 'url' | 'headers' | 'auth'>,
  operation: Pick<HttpOperation, 'auth'>,
  options: Pick<ClientOptions, 'auth' | 'schemes' | 'holds'>,
): Promise<string[]> => {
  const { auth, holds, schemes = {} } = options;
  if (holds) {
    const why: Error[] = [];
    const held = async (name: string): Promise<boolean> => {
      const answer = await holds(name);
      if (answer instanceof Error) why.push(answer);
      return answer === true;
    };
    const { chosen, missing } = await choose(operation.auth, held, schemes);
    if (missing.length > 0 && why[0]) throw why[0];
    if (Object.keys(chosen).length > 0) request.auth = chosen;
    return missing;
  }
  const values = new Map<string, string>();
  const given = async (name: string, scopes: string[]): Promise<boolean> => {
    const value = schemes[name]?.kind === 'mutualTls' ? undefined : await auth?.(name, scopes);
    if (value !== undefined) values.set(name, value);
    return value !== undefined;
  };
  const { chosen, missing } = await choose(operation.auth, given, schemes);
  for (const name of Object.keys(chosen)) {
    const [scheme, value] = [schemes[name], values.get(name)];
    if (scheme && value !== undefined) placeProof(request, { scheme, value });
  }
  return missing;
};
