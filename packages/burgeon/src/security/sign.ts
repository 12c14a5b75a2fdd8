import { sign, verify } from 'node:crypto';
import { BurgeonError, type JsonObject, type JsonValue } from '@burgeon/kit';
import { canonicalJson, isObject } from '../base/json.ts';
import type { OwnerKey, TrustedKey } from './keys.ts';

/** Type of a statement. @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export const statementType = 'https://in-toto.io/Statement/v1';

const payloadType = 'application/vnd.in-toto+json';

/** Signatures an envelope carries at most. */
const mostSignatures = 16;

/** Who says what about which bytes. @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export interface Statement {
  _type: typeof statementType;
  /** What is spoken of, by name and digest. */
  subject: { name: string; digest: { sha256: string } }[];
  predicateType: string;
  predicate: JsonObject;
}

/** A signed statement. @see https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export interface Envelope {
  /** Base64 of the statement's bytes. */
  payload: string;
  payloadType: string;
  signatures: { keyid: string; sig: string }[];
}

/** The bytes that are signed: the type is part of them, so that a signature never counts for another kind. @see DSSE protocol.md */
const encode = (type: string, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);

const signatureOf = (key: OwnerKey, payload: Buffer): Envelope['signatures'][number] => ({
  keyid: key.id,
  sig: sign(null, encode(payloadType, payload), key.privateKey).toString('base64'),
});

/** Signs a statement. Same key and statement, same bytes. */
export const signStatement = (key: OwnerKey, statement: Statement): Envelope => {
  const payload = Buffer.from(canonicalJson(statement));
  return { payload: payload.toString('base64'), payloadType, signatures: [signatureOf(key, payload)] };
};

/** True for an envelope that {@link verifyEnvelope} takes. */
export const isSigned = (envelope: unknown, trusted: readonly TrustedKey[]): envelope is Envelope => {
  try {
    return verifyEnvelope(envelope, trusted) !== undefined;
  } catch {
    return false;
  }
};

/** The same envelope with one more signature: what was signed before still is. What is in it gets believed by that, so it is judged first. */
export const countersign = (key: OwnerKey, envelope: Envelope): Envelope => {
  const others = envelope.signatures.filter(({ keyid }) => keyid !== key.id).slice(1 - mostSignatures);
  return { ...envelope, signatures: [...others, signatureOf(key, Buffer.from(envelope.payload, 'base64'))] };
};

/**
 * The statement inside an envelope that one of the trusted keys signed. Every signature in it must be of a key of the list and fit: what
 * was added or changed afterwards is no longer what was signed. Keys that were revoked for good, or ran out, spoil it.
 * @throws {BurgeonError} SIGNATURE_INVALID; `data.differs` says what: `envelope`, `key`, `revoked`, `expired`, `signature` or `statement`
 */
export const verifyEnvelope = (envelope: unknown, trusted: readonly TrustedKey[]): Statement => {
  if (!isEnvelope(envelope)) throw signatureInvalid('envelope', 'It carries no signed envelope.');
  const payload = base64Of(envelope.payload);
  if (!payload) throw signatureInvalid('envelope', 'The payload is not base64.');
  const signers = envelope.signatures.map(({ keyid, sig }) => ({ sig, key: trusted.find(({ id }) => id === keyid) }));
  for (const { key } of signers) if (key) requireGood(key);
  // A retired key may stand beside the one that took its place, never for it.
  if (signers.length === 0 || signers.some(({ key }) => !key) || signers.every(({ key }) => key?.retired === true))
    throw signatureInvalid('key', 'Not every signature on it is by a key that is trusted here.');
  const bytes = encode(envelope.payloadType, payload);
  if (!signers.every(({ key, sig }) => key && fits(key, bytes, sig)))
    throw signatureInvalid('signature', 'The signature does not fit the statement.');
  const statement = parse(payload);
  if (envelope.payloadType !== payloadType || !isStatement(statement)) {
    throw signatureInvalid('statement', 'What was signed is not an in-toto statement.');
  }
  return statement;
};

/** What an envelope says, whoever signed it; undefined when it says nothing that can be read. Never to be trusted. */
export const readStatement = (envelope: unknown): Statement | undefined => {
  const payload = isEnvelope(envelope) ? base64Of(envelope.payload) : undefined;
  const statement = payload && parse(payload);
  return isStatement(statement) ? statement : undefined;
};

/** Ed25519 signatures are 64 bytes; base64 has more than one way to write them, of which one counts. @see RFC 8032, RFC 4648 section 3.5 */
const fits = ({ publicKey }: TrustedKey, bytes: Buffer, sig: string): boolean => {
  const signature = base64Of(sig);
  return signature?.length === 64 && publicKey.asymmetricKeyType === 'ed25519' && verify(null, bytes, publicKey, signature);
};

/** @throws {BurgeonError} SIGNATURE_INVALID for a key that counts for nothing any more */
const requireGood = ({ id, revoked, expired }: TrustedKey): void => {
  if (revoked && revoked.since === undefined) throw revokedError(id, revoked.why);
  if (expired === true) throw signatureInvalid('expired', `The key ${id} ran out.`, { key: id }, keyHint);
};

const keyHint = 'See burgeon keys list. What is still wanted must be published, or added and approved, anew.';

/** The error of what a revoked key signed. */
export const revokedError = (key: string, why?: string, data: Record<string, JsonValue> = {}): BurgeonError =>
  signatureInvalid('revoked', `The key ${key} was revoked${why ? `: ${why}` : ''}.`, { key, ...data }, keyHint);

/** The error of anything that is not what was signed. `differs` names it for programs, `message` for people. */
export const signatureInvalid = (
  differs: string,
  message: string,
  data: Record<string, JsonValue> = {},
  hint = 'The stored bytes were changed after approval. Remove the module and add it again, or put a copy of the data directory back.',
): BurgeonError => new BurgeonError('SIGNATURE_INVALID', { message, hint, data: { differs, ...data } });

const base64Of = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
};

/** True for what is shaped as an envelope. */
export const isEnvelope = (value: unknown): value is Envelope =>
  isObject(value) &&
  typeof value['payload'] === 'string' &&
  typeof value['payloadType'] === 'string' &&
  Array.isArray(value['signatures']) &&
  value['signatures'].length <= mostSignatures &&
  value['signatures'].every((item) => isObject(item) && typeof item['keyid'] === 'string' && typeof item['sig'] === 'string');

const isStatement = (value: unknown): value is Statement =>
  isObject(value) &&
  value['_type'] === statementType &&
  typeof value['predicateType'] === 'string' &&
  isObject(value['predicate']) &&
  Array.isArray(value['subject']) &&
  value['subject'].every(
    (item) =>
      isObject(item) &&
      typeof item['name'] === 'string' &&
      isObject(item['digest']) &&
      typeof item['digest']['sha256'] === 'string',
  );

const parse = (payload: Buffer): unknown => {
  try {
    return JSON.parse(payload.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
};
