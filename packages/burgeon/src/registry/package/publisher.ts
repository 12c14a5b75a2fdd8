import type { KnownKey } from '../../security/known-keys.ts';
import type { TrustedKey } from '../../security/keys.ts';
import { fitsModuleGlobs } from '../../security/module-globs.ts';
import { type Statement, isEnvelope, revokedError, signatureInvalid, verifyEnvelope } from '../../security/sign.ts';
import type { Publication } from '../records.ts';

/** What is known here of publishers' keys. */
export interface PublisherKeys {
  find(id: string): KnownKey | undefined;
  /** The same key, as signatures are judged by it now. */
  trusted(id: string): TrustedKey | undefined;
}

/** What a publisher signed, and what is known of the publisher. */
export type Published = Pick<Publication, 'key' | 'name' | 'trust'> & { statement: Statement };

const hint = 'See burgeon keys list. Ask the publisher for a package that is signed with a key you know.';

/**
 * Judges the signature of a package. A key that is known here counts as it is known; one that is not is taken from the package itself, which
 * proves only that one hand made it: its trust is `unknown`.
 * @throws {BurgeonError} SIGNATURE_INVALID; `data.differs`: `envelope`, `key`, `scope`, `revoked`, `expired`, `signature`, `statement`
 */
export const judgePublisher = (
  keys: PublisherKeys,
  { envelope, embedded, id }: { envelope: unknown; embedded: TrustedKey; id: string },
): Published => {
  if (!isEnvelope(envelope)) throw signatureInvalid('envelope', 'It carries no signed envelope.', {}, hint);
  const known = envelope.signatures.flatMap(({ keyid }) => keys.find(keyid) ?? []);
  const [bad] = known.filter(({ revoked }) => revoked);
  if (bad) throw revokedError(bad.id, bad.revoked?.why);
  // The newest known key speaks; keys that nobody here knows neither help nor harm.
  const speaker = known.at(-1);
  const key = speaker ? plainly(keys.trusted(speaker.id)) : embedded;
  const own = { ...envelope, signatures: envelope.signatures.filter(({ keyid }) => keyid === key?.id) };
  if (!key || own.signatures.length === 0) throw signatureInvalid('key', 'The key in it did not sign it.', {}, hint);
  const statement = verifyEnvelope(own, [key]);
  if (!speaker) return { key: key.id, name: key.id, trust: 'unknown', statement };
  if (!fitsModuleGlobs(speaker.scope, id))
    throw signatureInvalid(
      'scope',
      `${speaker.name} may not publish ${id}, only ${speaker.scope.join(', ')}.`,
      { key: key.id },
      hint,
    );
  return { key: key.id, name: speaker.name, trust: speaker.trust, statement };
};

/** A key of ours that another took the place of still proves where an earlier package came from. */
const plainly = (key: TrustedKey | undefined): TrustedKey | undefined => {
  if (!key) return undefined;
  const { retired: _retired, ...rest } = key;
  return rest;
};
