import { toBase64 } from './base64.ts';
import { percentEncode } from './percent.ts';
import type { WireRequest } from './request.ts';
import type { ClientOptions, HttpOperation, HttpScheme } from './types.ts';

/** A scheme with its credential; no value for what the connection itself proves. */
interface Proof {
  scheme: HttpScheme;
  value?: string;
}

/** The header value of a credential in the Authorization header. @see RFC 7617, RFC 6750 */
const authorization = (scheme: HttpScheme, value: string): string => {
  if (scheme.kind === 'basic') return `Basic ${toBase64(new TextEncoder().encode(value))}`;
  const word = scheme.name || 'Bearer';
  // A value that already names its scheme is taken as it is.
  return value.toLowerCase().startsWith(`${word.toLowerCase()} `) ? value : `${word} ${value}`;
};

const place = (request: Pick<WireRequest, 'url' | 'headers'>, { scheme, value }: Proof): void => {
  if (value === undefined) return;
  if (scheme.place === 'authorization') request.headers['authorization'] = authorization(scheme, value);
  if (scheme.place === 'header') request.headers[scheme.name.toLowerCase()] = value;
  if (scheme.place === 'query') {
    request.url += `${request.url.includes('?') ? '&' : '?'}${percentEncode(scheme.name)}=${percentEncode(value)}`;
  }
  if (scheme.place !== 'cookie') return;
  const before = request.headers['cookie'];
  request.headers['cookie'] = `${before === undefined ? '' : `${before}; `}${scheme.name}=${value}`;
};

/**
 * Puts the credentials of the first complete alternative into a request; an alternative that needs nothing is taken only when no other is
 * complete. Gives the schemes that lack a credential where none is: such a request goes out as it is, since many descriptions ask for more
 * than their servers do.
 */
export const authorize = async (
  request: Pick<WireRequest, 'url' | 'headers'>,
  operation: Pick<HttpOperation, 'auth'>,
  options: Pick<ClientOptions, 'auth' | 'schemes'>,
): Promise<string[]> => {
  const { auth, schemes = {} } = options;
  let missing: string[] | undefined;
  for (const alternative of operation.auth) {
    const proofs: Proof[] = [];
    const lacking: string[] = [];
    for (const [name, scopes] of Object.entries(alternative)) {
      const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined;
      if (scheme?.kind === 'mutualTls') continue;
      const value = scheme && (await auth?.(name, scopes));
      if (scheme && value !== undefined) proofs.push({ scheme, value });
      else lacking.push(name);
    }
    if (lacking.length > 0) missing ??= lacking;
    else if (Object.keys(alternative).length > 0) {
      for (const proof of proofs) place(request, proof);
      return [];
    }
  }
  const free = operation.auth.some((alternative) => Object.keys(alternative).length === 0);
  return free ? [] : (missing ?? []);
};
