import { createHash, randomBytes } from 'node:crypto';
import type { Hop } from '../egress-hop.ts';
import { type CredentialKind, defineCredential, withHeaders } from './credential.ts';
import { replayable } from './replay.ts';

/** What a server asks to be answered. */
export interface DigestChallenge {
  realm: string;
  nonce: string;
  opaque?: string;
  /** As it was written; MD5 when it was not. */
  algorithm?: string;
  /** Whether `auth` is offered; without it the older form is answered. @see RFC 2069 */
  quality: boolean;
  userhash: boolean;
}

/** A request as it is answered for. */
export interface DigestRequest {
  user: string;
  password: string;
  method: string;
  /** Path and query. */
  uri: string;
  cnonce: string;
}

/** Algorithms by their names, the best first. */
const hashes: Readonly<Record<string, string>> = { 'SHA-512-256': 'sha512-256', 'SHA-256': 'sha256', MD5: 'md5' };

const plainName = (algorithm = 'MD5'): string => algorithm.toUpperCase().replace(/-SESS$/, '');

/** Reads the challenges of a header that can be answered, the best first. @see RFC 7616 section 3.3, RFC 9110 section 11.6.1 */
export const readChallenges = (header: string): DigestChallenge[] => {
  const rank = ({ algorithm }: DigestChallenge): number => Object.keys(hashes).indexOf(plainName(algorithm));
  return challengesIn(header.slice(0, 8_192))
    .filter(({ scheme }) => scheme === 'digest')
    .flatMap(({ parts }) => digestOf(parts))
    .sort((a, b) => rank(a) - rank(b));
};

const digestOf = (parts: ReadonlyMap<string, string>): DigestChallenge[] => {
  const [nonce, opaque, algorithm, offered] = ['nonce', 'opaque', 'algorithm', 'qop'].map((name) => parts.get(name));
  const quality = (offered ?? '').split(',').some((each) => each.trim().toLowerCase() === 'auth');
  if (nonce === undefined || !Object.hasOwn(hashes, plainName(algorithm)) || (offered !== undefined && !quality)) return [];
  return [
    {
      realm: parts.get('realm') ?? '',
      nonce,
      ...(opaque === undefined ? {} : { opaque }),
      ...(algorithm === undefined ? {} : { algorithm }),
      quality,
      userhash: parts.get('userhash')?.toLowerCase() === 'true',
    },
  ];
};

/** Schemes with their parameters. A word with a value belongs to the scheme before it, one without begins the next; each step goes on from where the last ended. */
const challengesIn = (header: string): { scheme: string; parts: Map<string, string> }[] => {
  const found: { scheme: string; parts: Map<string, string> }[] = [];
  for (const [, name = '', value] of header.matchAll(/[\s,]*([\w-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]*))?/gy)) {
    if (value === undefined) found.push({ scheme: name.toLowerCase(), parts: new Map() });
    else found.at(-1)?.parts.set(name.toLowerCase(), value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value);
  }
  return found;
};

/** The header that answers a challenge. @see RFC 7616 section 3.4 */
export const answerChallenge = (challenge: DigestChallenge, request: DigestRequest): string => {
  const { realm, nonce, opaque, algorithm, quality, userhash } = challenge;
  const { user, password, method, uri, cnonce } = request;
  const hash = (text: string): string =>
    createHash(hashes[plainName(algorithm)] ?? 'md5')
      .update(text)
      .digest('hex');
  const plain = hash(`${user}:${realm}:${password}`);
  const first = /-sess$/i.test(algorithm ?? '') ? hash(`${plain}:${nonce}:${cnonce}`) : plain;
  const second = hash(`${method}:${uri}`);
  const count = '00000001';
  const response = quality ? hash(`${first}:${nonce}:${count}:${cnonce}:auth:${second}`) : hash(`${first}:${nonce}:${second}`);
  const quoted: [string, string | undefined][] = [
    ['username', userhash ? hash(`${user}:${realm}`) : user],
    ['realm', realm],
    ['nonce', nonce],
    ['uri', uri],
    ['response', response],
    ['opaque', opaque],
    ['cnonce', quality || /-sess$/i.test(algorithm ?? '') ? cnonce : undefined],
  ];
  const bare = [
    algorithm && `algorithm=${algorithm}`,
    quality && 'qop=auth',
    quality && `nc=${count}`,
    userhash && 'userhash=true',
  ];
  const written = quoted.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value.replace(/["\\]/g, '\\$&')}"`],
  );
  return `Digest ${[...written, ...bare.filter((each) => each)].join(', ')}`;
};

/** A user's name and password, of which only a hash leaves, in answer to a challenge: each request goes out twice. @see RFC 7616 */
export const digest: CredentialKind = defineCredential<{ user: string; password: string }>({
  name: 'digest',
  form: 'user:password',
  read: (value) => {
    const [, user, password] = /^([^:\p{Cc}]*):(\P{Cc}*)$/u.exec(value) ?? [];
    return user === undefined || password === undefined ? undefined : { user, password };
  },
  prove: ({ user, password }, { conceal }) => {
    conceal(password);
    return async (given, send) => {
      const hop = await replayable(given);
      const first = await send(hop);
      const [challenge] = first.status === 401 ? readChallenges(first.headers.get('www-authenticate') ?? '') : [];
      if (challenge === undefined) return first;
      await first.body?.cancel();
      return send(answered(hop, challenge, { user, password }));
    };
  },
});

const answered = (hop: Hop, challenge: DigestChallenge, who: { user: string; password: string }): Hop =>
  withHeaders(hop, {
    authorization: answerChallenge(challenge, {
      ...who,
      method: hop.request.method,
      uri: `${hop.url.pathname}${hop.url.search}`,
      cnonce: randomBytes(16).toString('hex'),
    }),
  });
