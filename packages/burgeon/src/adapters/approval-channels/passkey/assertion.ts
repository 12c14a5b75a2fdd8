import { createHash } from 'node:crypto';
import { type ApprovalChannelContext, type ApprovalQuestion, BurgeonError } from '@burgeon/kit';
import type { AuthenticationResponseJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import { asText, isObject } from '../../../base/json.ts';
import { type Answer, answerMs, challengeOf, nonceAt, offerNonce } from './challenge.ts';
import { type KeptPasskey, findKey, keyWrite, keysOf } from './keys.ts';
import type { Party } from './party.ts';

/** Where assertions are judged. */
export interface Bench extends Pick<ApprovalChannelContext, 'clock' | 'store'> {
  party: Party;
}

/** A key that has signed, as it is to be kept from now on. */
interface Signed {
  key: KeptPasskey;
  rev: number;
}

/** What a page asks its browser to sign. @throws {BurgeonError} UNSUPPORTED when no passkey is registered for this server */
export const assertionOptions = async (
  bench: Bench,
  question: ApprovalQuestion,
  answer: Answer,
): Promise<PublicKeyCredentialRequestOptionsJSON> => {
  const { store, clock, party } = bench;
  const keys = await keysOf(store, party.id);
  if (keys.length === 0) throw noKeys(party);
  return {
    challenge: challengeOf(question, answer, await offerNonce(store, question.request, clock.now())),
    rpId: party.id,
    timeout: answerMs,
    userVerification: 'required',
    allowCredentials: keys.map(({ id, transports }) => ({ id, type: 'public-key', transports: transports as never })),
  };
};

/**
 * True when one of our passkeys has signed, whatever it was and however: only then is an assertion worth a try of the request, and a line
 * of the record when it is refused. Strangers could use up the tries otherwise.
 */
export const isByOurKey = async ({ store }: Pick<Bench, 'store'>, response: unknown): Promise<boolean> => {
  const { id, response: said } = isObject(response) ? response : {};
  const found = await findKey(store, asText(id));
  if (!found || !isObject(said)) return false;
  const [data, client, signature] = [said['authenticatorData'], said['clientDataJSON'], said['signature']].map(bytesOf);
  const signed = Buffer.concat([
    data ?? empty,
    createHash('sha256')
      .update(client ?? empty)
      .digest(),
  ]);
  const { verifySignature } = await import('@simplewebauthn/server/helpers');
  const good = verifySignature({
    signature: signature ?? empty,
    data: new Uint8Array(signed),
    credentialPublicKey: bytesOf(found.key.publicKey),
  });
  // Whatever is no signature at all, the library throws; that is a no too.
  return good.catch(() => false);
};

/**
 * True, once, for an assertion that a registered passkey made for exactly this question and answer, on a page of this server, after it
 * verified its person. An authenticator that counts backwards is a copy, and refused.
 * @see W3C Web Authentication Level 3, section 7.2
 */
export const spendAssertion = async (
  bench: Bench,
  { question, answer, response }: { question: ApprovalQuestion; answer: Answer; response: unknown },
): Promise<boolean> => {
  const nonce = await nonceAt(bench.store, question.request, bench.clock.now());
  if (!nonce) return false;
  const challenge = challengeOf(question, answer, nonce.value);
  const signed = await judge(bench, response, challenge);
  if (!signed) return false;
  try {
    await bench.store.transact([nonce.spent, keyWrite(signed.key, signed.rev)]);
    return true;
  } catch (error) {
    if (BurgeonError.is(error) && error.code === 'CONFLICT') return false;
    throw error;
  }
};

const judge = async ({ store, party }: Bench, response: unknown, expectedChallenge: string): Promise<Signed | undefined> => {
  const found = await findKey(store, isObject(response) ? asText(response['id']) : '');
  if (!found || found.key.party !== party.id) return undefined;
  const { id, publicKey, counter } = found.key;
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
  // Whatever the library cannot read or does not accept, it throws; all of that is a no.
  const verdict = await verifyAuthenticationResponse({
    response: response as AuthenticationResponseJSON,
    expectedChallenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: true,
    credential: { id, publicKey: bytesOf(publicKey), counter },
  }).catch(() => undefined);
  if (verdict?.verified !== true) return undefined;
  return { key: { ...found.key, counter: verdict.authenticationInfo.newCounter }, rev: found.rev };
};

const empty = new Uint8Array();

const bytesOf = (base64url: unknown): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(asText(base64url), 'base64url'));

const noKeys = ({ id }: Party): BurgeonError =>
  new BurgeonError('UNSUPPORTED', {
    message: `No passkey is registered for ${id}.`,
    hint: 'Run burgeon channels passkey --register.',
  });
