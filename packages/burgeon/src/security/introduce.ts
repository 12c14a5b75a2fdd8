import { BurgeonError } from '@burgeon/kit';
import { type KnownKey, type TrustLevel, readKeyDocument } from './known-keys.ts';
import { type TrustedKey, publicText } from './keys.ts';
import { readModuleGlobs } from './module-globs.ts';
import { revokedError, signatureInvalid } from './sign.ts';

/** What is said of a publisher's key when it is added. */
export interface KeyIntroduction {
  name?: string;
  /** Default: what was said of the key it follows, else `community`. */
  trust?: TrustLevel;
  /** Modules it may publish, as globs of their ids. Default: all. */
  scope?: readonly string[];
  /** ISO 8601 UTC. */
  expiresAt?: string;
}

/** What is known of other keys. */
interface KnownKeys {
  find(id: string): KnownKey | undefined;
  /** Id of the key that took the place of another. */
  successor(id: string): string | undefined;
}

/**
 * The entry of a publisher's key.
 * @throws {BurgeonError} INPUT_INVALID; SIGNATURE_INVALID when it follows a revoked key, or one that another follows; CONFLICT when it was itself
 * revoked, or is the owner's
 */
export const introduced = (
  document: string,
  introduction: KeyIntroduction,
  { find, successor, at }: KnownKeys & { at: string },
): KnownKey => {
  const { key, before, name } = readKeyDocument(document);
  const same = find(key.id);
  // An id is a part of a hash: whoever finds a second key for one inherits nothing of the first.
  if (same && same.publicKey !== publicText(key.publicKey))
    throw new BurgeonError('CONFLICT', { message: `Another key has the id ${key.id}.`, hint: 'Nothing was added.' });
  if (same?.revoked) throw new BurgeonError('CONFLICT', { message: `The key ${key.id} was revoked.`, hint: 'It stays revoked.' });
  if (same?.role === 'owner')
    throw new BurgeonError('CONFLICT', { message: `The key ${key.id} is the owner's.`, hint: 'Nothing needs to be done.' });
  const known = before.flatMap(({ id }) => find(id) ?? []);
  const [revoked] = known.filter((each) => each.revoked);
  if (revoked) throw revokedError(revoked.id, revoked.revoked?.why);
  requireLine([key, ...before], successor);
  const [earlier] = known.filter(({ role }) => role === 'publisher');
  const expiresAt = introduction.expiresAt === undefined ? (same ?? earlier)?.expiresAt : timeOf(introduction.expiresAt);
  return {
    id: key.id,
    publicKey: publicText(key.publicKey),
    role: 'publisher',
    name: nameOf(introduction.name ?? same?.name ?? earlier?.name ?? name ?? key.id),
    trust: introduction.trust ?? said(same) ?? said(earlier) ?? 'community',
    scope: [...readModuleGlobs(introduction.scope ?? same?.scope ?? earlier?.scope ?? ['*'])],
    addedAt: same?.addedAt ?? at,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(before.length === 0 ? {} : { follows: before.map(({ id }) => id) }),
  };
};

/** A key is followed by one other: of two that say so, one was endorsed by a thief. */
const requireLine = (line: readonly TrustedKey[], successor: KnownKeys['successor']): void => {
  for (const [index, { id }] of line.slice(1).entries()) {
    const [claims, follows] = [line[index]?.id, successor(id)];
    if (follows !== undefined && follows !== claims)
      throw signatureInvalid(
        'succession',
        `The key ${claims} says it took the place of ${id}, as ${follows} did that is known here.`,
        { key: id, known: follows },
        'Ask the publisher which of the two is theirs, and revoke the other: burgeon keys revoke KEY',
      );
  }
};

/** What the owner said of a key; that nobody said anything is nothing. */
const said = (key: KnownKey | undefined): TrustLevel | undefined => (key?.trust === 'unknown' ? undefined : key?.trust);

const nameOf = (name: string): string => {
  if (/^[\p{L}\p{N}][\p{L}\p{N} ._@+-]{0,99}$/u.test(name)) return name;
  throw invalid(
    `The name ${JSON.stringify(name.slice(0, 100))} is not a plain one.`,
    'Write letters, digits and . _ @ + - with at most 100 of them.',
  );
};

const timeOf = (text: string): string => {
  const time = Date.parse(text);
  if (Number.isFinite(time)) return new Date(time).toISOString();
  throw invalid(`${JSON.stringify(text.slice(0, 100))} is no time.`, 'Write it like 2027-01-31 or 2027-01-31T12:00:00Z.');
};

const invalid = (message: string, hint: string): BurgeonError => new BurgeonError('INPUT_INVALID', { message, hint });
