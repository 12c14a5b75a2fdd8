import { sign, verify } from 'node:crypto';
import { BurgeonError, type JsonObject, type JsonValue } from '@burgeon/kit';
import { canonicalJson, isObject } from '../base/json.ts';
import type { OwnerKey, TrustedKey } from './keys.ts';

/** Type of a statement. @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export const statementType = 'https://in-toto.io/Statement/v1';

const payloadType = 'application/vnd.in-toto+json';

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

/** Signs a statement. Same key and statement, same bytes. */
export const signStatement = (key: OwnerKey, statement: Statement): Envelope => {
  const payload = Buffer.from(canonicalJson(statement));
  const signature = sign(null, encode(payloadType, payload), key.privateKey);
  return {
    payload: payload.toString('base64'),
    payloadType,
    signatures: [{ keyid: key.id, sig: signature.toString('base64') }],
  };
};

/**
 * The statement inside an envelope that one of the trusted keys signed.
 * @throws {BurgeonError} SIGNATURE_INVALID; `data.differs` says what: `envelope`, `key`, `signature` or `statement`
 */
export const verifyEnvelope = (envelope: unknown, trusted: readonly TrustedKey[]): Statement => {
  if (!isEnvelope(envelope)) throw signatureInvalid('envelope', 'It carries no signed envelope.');
  const payload = Buffer.from(envelope.payload, 'base64');
  if (payload.toString('base64') !== envelope.payload) throw signatureInvalid('envelope', 'The payload is not base64.');
  const known = envelope.signatures.flatMap(({ keyid, sig }) => {
    const key = trusted.find(({ id }) => id === keyid);
    return key ? [{ key, sig: Buffer.from(sig, 'base64') }] : [];
  });
  if (known.length === 0) throw signatureInvalid('key', 'No key that is trusted here signed it.');
  const bytes = encode(envelope.payloadType, payload);
  if (!known.some(({ key, sig }) => verify(null, bytes, key.publicKey, sig))) {
    throw signatureInvalid('signature', 'The signature does not fit the statement.');
  }
  const statement = parse(payload);
  if (envelope.payloadType !== payloadType || !isStatement(statement)) {
    throw signatureInvalid('statement', 'What was signed is not an in-toto statement.');
  }
  return statement;
};

/** The error of anything that is not what was signed. `differs` names it for programs, `message` for people. */
export const signatureInvalid = (differs: string, message: string, data: Record<string, JsonValue> = {}): BurgeonError =>
  new BurgeonError('SIGNATURE_INVALID', {
    message,
    hint: 'The stored bytes were changed after approval. Remove the module and add it again, or put a copy of the data directory back.',
    data: { differs, ...data },
  });

const isEnvelope = (value: unknown): value is Envelope =>
  isObject(value) &&
  typeof value['payload'] === 'string' &&
  typeof value['payloadType'] === 'string' &&
  Array.isArray(value['signatures']) &&
  value['signatures'].length <= 16 &&
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
