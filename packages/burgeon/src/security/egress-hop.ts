import { BurgeonError } from '@burgeon/kit';
import type { Response as UndiciResponse } from 'undici';
import type { DenialRule } from './egress-denial.ts';

/** A request in a form that can be sent more than once. */
export interface Outgoing {
  method: string;
  headers: [name: string, value: string][];
  body: NonNullable<RequestInit['body']> | undefined;
}

/** One request of an exchange. */
export interface Hop {
  url: URL;
  request: Outgoing;
}

/** A certificate of the client with its key, all parts PEM. */
export interface TlsProof {
  /** Name of the secret it comes from: another certificate under it takes the place of the one before. */
  slot: string;
  cert: string;
  key: string;
  passphrase?: string;
  /** Whom it trusts instead of the usual authorities. */
  ca?: string;
}

/** Sends one request of an exchange, after its address was allowed; nothing is followed. */
export type Send = (hop: Hop, tls?: TlsProof) => Promise<UndiciResponse>;

/** Sends a request with what proves who asks. It may send more than once; what it does not give back it has to cancel. */
export type Prove = (hop: Hop, send: Send) => Promise<UndiciResponse>;

/** Headers that say nothing about who asks: all others stay behind when a redirect leaves the origin. */
const harmless: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-encoding',
  'content-language',
  'content-type',
  'user-agent',
]);

/**
 * Headers that the connection sets itself. A `host` of the caller's own would reach another site behind an address that was granted; what was
 * packed in a way that is not unpacked here could not be looked through; the others are about this one connection (RFC 9110 section 7.6.1).
 */
export const notTheCallers: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Brings what the caller gave into its sendable form. Forms become bytes, so that their boundary is known. */
export const outgoing = async (init: RequestInit): Promise<Outgoing> => {
  const headers = [...new Headers(init.headers ?? {})].filter(([name]) => !notTheCallers.has(name));
  const method = (init.method ?? 'GET').toUpperCase();
  const body = init.body ?? undefined;
  if (!(body instanceof FormData)) return { method, headers, body };
  const encoded = new Response(body);
  const type = encoded.headers.get('content-type') ?? '';
  return {
    method,
    headers: [...headers.filter(([name]) => name !== 'content-type'), ['content-type', type]],
    body: await encoded.arrayBuffer(),
  };
};

/** The first hop. @throws {BurgeonError} CAPABILITY_DENIED when the text is no absolute URL */
export const firstHop = (text: string, request: Outgoing): Hop => ({ url: parseUrl(text), request });

/**
 * Where a redirect leads, with what may go along; undefined when the answer is none. Follows RFC 9110 section 15.4: 303, and 301 and
 * 302 after POST, become GET without a body.
 * @throws {BurgeonError} REMOTE_INVALID when it cannot be followed
 */
export const nextHop = (hop: Hop, status: number, location: string | null): Hop | undefined => {
  if (location === null || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  const url = parseUrl(location, hop.url);
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') throw refused(hop, url, 'gives up the encryption');
  const { method, headers, body } = hop.request;
  const asGet = (status === 303 && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST');
  if (!asGet && body instanceof ReadableStream) throw refused(hop, url, 'needs a body that was already sent');
  const kept = url.origin === hop.url.origin ? headers : headers.filter(([name]) => harmless.has(name));
  if (!asGet) return { url, request: { method, headers: kept, body } };
  return { url, request: { method: 'GET', headers: kept.filter(([name]) => !name.startsWith('content-')), body: undefined } };
};

const parseUrl = (text: string, base?: URL): URL => {
  if (URL.canParse(text, base?.href)) return new URL(text, base?.href);
  throw new BurgeonError('CAPABILITY_DENIED', {
    message: `${JSON.stringify(text.slice(0, 200))} is no URL.`,
    hint: 'Give an absolute URL.',
    data: { rule: 'no-url' satisfies DenialRule },
  });
};

const refused = (hop: Hop, url: URL, why: string): BurgeonError =>
  new BurgeonError('REMOTE_INVALID', { message: `The redirect from ${hop.url.origin} to ${url.origin} ${why}.` });
