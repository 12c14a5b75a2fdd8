import { BurgeonError, type JsonObject } from '@burgeon/kit';
import { canonicalJson, digestOf, isObject, sha256 } from '../base/json.ts';
import { type OwnerKey, type TrustedKey, publicText, readPublicKey } from './keys.ts';
import { type Envelope, type Statement, signStatement, signatureInvalid, statementType, verifyEnvelope } from './sign.ts';

/**
 * How far a publisher is believed. `bundled`: it came with Burgeon; `own`: another machine of the owner; `verified`: the owner knows who
 * it is; `community`: the owner has seen it before; `unknown`: nobody here vouches for it.
 */
export const trustLevels = ['bundled', 'own', 'verified', 'community', 'unknown'] as const;

/** One of {@link trustLevels}. */
export type TrustLevel = (typeof trustLevels)[number];

/** A key this home knows. */
export interface KnownKey {
  id: string;
  /** Base64 of its DER form. */
  publicKey: string;
  /** `owner`: it signs, or signed, for this home. */
  role: 'owner' | 'publisher';
  name: string;
  trust: TrustLevel;
  /** Modules it may publish, as globs of their ids. */
  scope: string[];
  /** ISO 8601 UTC, as all times here. */
  addedAt: string;
  /** From then on it counts for nothing. */
  expiresAt?: string;
  /** When another key took its place. */
  retiredAt?: string;
  revoked?: { at: string; since?: string; why?: string };
  /** Ids of the keys whose place it took, the newest first. */
  follows?: string[];
  /** Of an owner's key: the one before it says that this one follows; signed by both. */
  endorsement?: Envelope;
}

/** What a home hands on of its own key, and what others add. */
export interface KeyDocument {
  publicKey: string;
  name?: string;
  /** How it came from the keys before it, the oldest first. */
  endorsements: Envelope[];
}

const ringType = 'https://burgeon.dev/attestations/keys/v1';
const successionType = 'https://burgeon.dev/attestations/key-succession/v1';

/** Signs the list of known keys: nobody but the owner adds to it. */
export const signRing = (signer: OwnerKey, serial: number, keys: readonly KnownKey[]): Envelope => {
  const predicate = { serial, keys: keys as unknown as JsonObject[] };
  return signStatement(signer, {
    _type: statementType,
    subject: [{ name: 'keys', digest: { sha256: digestOf(predicate) } }],
    predicateType: ringType,
    predicate,
  });
};

/** Reads a signed list. @throws {BurgeonError} SIGNATURE_INVALID when the owner did not sign it */
export const readRing = (envelope: unknown, signer: TrustedKey): { serial: number; keys: KnownKey[] } => {
  const { predicateType, predicate } = verifyEnvelope(envelope, [signer]);
  if (predicateType !== ringType) throw signatureInvalid('statement', 'The list of keys is another kind of statement.');
  return predicate as unknown as { serial: number; keys: KnownKey[] };
};

/** Keys are judged at every load; to read one takes longer than to check what it signed. */
const read = new WeakMap<KnownKey, TrustedKey>();

/** A key as signatures are judged by it at a time. */
export const trustedOf = (key: KnownKey, now: string): TrustedKey => {
  const { retiredAt, revoked, expiresAt } = key;
  const plain = read.get(key) ?? readPublicKey(key.publicKey);
  read.set(key, plain);
  return {
    ...plain,
    ...(retiredAt === undefined ? {} : { retired: true }),
    ...(revoked === undefined ? {} : { revoked }),
    ...(expiresAt === undefined ? {} : { expired: expiresAt <= now }),
  };
};

/** The statement that one key follows another, signed by the one before; the one after signs it beside. */
export const successionOf = (from: OwnerKey, to: TrustedKey, at: string): Envelope =>
  signStatement(from, {
    _type: statementType,
    subject: [{ name: `key:${to.id}`, digest: { sha256: sha256(Buffer.from(publicText(to.publicKey), 'base64')) } }],
    predicateType: successionType,
    predicate: { from: publicText(from.publicKey), to: publicText(to.publicKey), at },
  });

/** The key a document is about, and the earlier ones it follows, the newest first, each step verified with both keys. */
export const readKeyDocument = (text: string): { key: TrustedKey; before: TrustedKey[]; name?: string } => {
  const document = text.trimStart().startsWith('{') ? documentOf(text) : { publicKey: text, endorsements: [] };
  const key = readPublicKey(document.publicKey);
  const before: TrustedKey[] = [];
  for (const envelope of document.endorsements.toReversed()) {
    const from = predecessor(envelope, before.at(-1) ?? key);
    before.push(from);
  }
  return { key, before, ...(document.name === undefined ? {} : { name: document.name }) };
};

const predecessor = (envelope: Envelope, to: TrustedKey): TrustedKey => {
  const claimed = peek(envelope)['from'];
  const from = readPublicKey(typeof claimed === 'string' ? claimed : '');
  const { predicateType, predicate }: Statement = verifyEnvelope(envelope, [from, to]);
  const both = [from, to].every(({ id }) => envelope.signatures.some(({ keyid }) => keyid === id));
  if (predicateType === successionType && both && predicate['to'] === publicText(to.publicKey)) return from;
  throw signatureInvalid('statement', `The key ${to.id} does not follow from ${from.id} as its document says.`);
};

const peek = ({ payload }: Envelope): Record<string, unknown> => {
  try {
    const statement: unknown = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
    return isObject(statement) && isObject(statement['predicate']) ? statement['predicate'] : {};
  } catch {
    return {};
  }
};

const documentOf = (text: string): KeyDocument => {
  try {
    const value: unknown = JSON.parse(text.slice(0, 100_000));
    if (isObject(value) && typeof value['publicKey'] === 'string') {
      const { publicKey, name, endorsements } = value;
      const list = Array.isArray(endorsements) && endorsements.length <= 32 ? (endorsements as Envelope[]) : [];
      return { publicKey, endorsements: list, ...(typeof name === 'string' ? { name: name.slice(0, 200) } : {}) };
    }
  } catch {
    // Falls through: what is no JSON is no document either.
  }
  throw new BurgeonError('INPUT_INVALID', {
    message: `That is no key document: ${canonicalJson(text.slice(0, 60))}.`,
    hint: 'Give what burgeon keys export prints on the other side, or the public key itself.',
  });
};
