import { randomBytes } from 'node:crypto';
import { type ApprovalChannelContext, BurgeonError, type StoreWrite } from '@burgeon/kit';
import type { PublicKeyCredentialCreationOptionsJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { isoNow } from '../../../base/clock.ts';
import { asText, isObject, sha256 } from '../../../base/json.ts';
import { sameText } from '../../../security/codes.ts';
import { type Passkey, keyWrite, keysOf, recordChange } from './keys.ts';
import { type Party, requireParty } from './party.ts';

type Context = Pick<ApprovalChannelContext, 'clock' | 'store' | 'pages' | 'record'>;

const table = 'approval-passkey-links';
const id = 'registration';
const linkMs = 10 * 60 * 1_000;

/** EdDSA, ES256, RS256: what authenticators make. @see RFC 9053 section 2, RFC 8812 section 2 */
const algorithms = [-8, -7, -257];

/**
 * A link under which one passkey can be registered, within ten minutes. The link before is void. What makes it valid stands behind the
 * `#`, which browsers send to nobody.
 * @throws {BurgeonError} UNSUPPORTED when no server runs, or passkeys cannot work where it is
 */
export const createRegistrationLink = async (context: Context): Promise<{ url: string; expiresAt: string }> => {
  const { clock, pages } = context;
  const { origin } = requireParty(await pages?.());
  const token = randomBytes(32).toString('base64url');
  const expiresAtMs = clock.now() + linkMs;
  const expiresAt = new Date(expiresAtMs).toISOString();
  const link: StoreWrite = { kind: 'put', table, id, value: { hash: sha256(token), expiresAtMs } };
  await recordChange(context, { kind: 'passkey.invited', data: { expiresAt } }, [link]);
  return { url: `${origin}/approve/passkey/register#${token}`, expiresAt };
};

/** What a page asks its browser to make. @throws {BurgeonError} FORBIDDEN when the link is not, or no longer, valid; UNSUPPORTED */
export const registrationOptions = async (context: Context, token: string): Promise<PublicKeyCredentialCreationOptionsJSON> => {
  const { store, pages } = context;
  const party = requireParty(await pages?.());
  const link = await requireLink(context, token);
  const { generateRegistrationOptions } = await import('@simplewebauthn/server');
  const options = await generateRegistrationOptions({
    rpName: 'Burgeon',
    rpID: party.id,
    userName: 'burgeon',
    userDisplayName: 'Burgeon approvals',
    attestationType: 'none',
    supportedAlgorithmIDs: algorithms,
    excludeCredentials: (await keysOf(store, party.id)).map((key) => ({ id: key.id, transports: key.transports })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
  });
  await store.transact([{ kind: 'put', table, id, rev: link.rev, value: { ...link.value, challenge: options.challenge } }]);
  return options;
};

/**
 * Registers the passkey that a browser has made, and uses the link up.
 * @throws {BurgeonError} FORBIDDEN when the link is not, or no longer, valid; INPUT_INVALID when the passkey cannot be accepted
 */
export const registerPasskey = async (
  context: Context,
  { token, name, response }: { token: string; name: string; response: unknown },
): Promise<Passkey> => {
  const { clock, pages } = context;
  const party = requireParty(await pages?.());
  const link = await requireLink(context, token);
  const credential = await made(party, asText(link.value['challenge']), response);
  const passkey = { id: credential.id, name: nameFrom(name), createdAt: isoNow(clock), party: party.id };
  const publicKey = Buffer.from(credential.publicKey).toString('base64url');
  const kept = { ...passkey, publicKey, counter: credential.counter, transports: credential.transports ?? [] };
  const usedUp: StoreWrite = { kind: 'delete', table, id, rev: link.rev };
  const event = { kind: 'passkey.registered', data: { passkey: passkey.id, name: passkey.name } };
  await recordChange(context, event, [usedUp, keyWrite(kept, 0)]).catch((error: unknown) => {
    throw BurgeonError.from(error).code === 'CONFLICT' ? linkInvalid() : error;
  });
  return passkey;
};

const made = async (party: Party, expectedChallenge: string, response: unknown) => {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
  const accepted = isObject(response) && expectedChallenge !== '';
  const verdict = accepted
    ? await verifyRegistrationResponse({
        response: response as unknown as RegistrationResponseJSON,
        expectedChallenge,
        expectedOrigin: party.origin,
        expectedRPID: party.id,
        requireUserVerification: true,
        supportedAlgorithmIDs: algorithms,
      }).catch(() => undefined)
    : undefined;
  if (verdict?.verified === true) return verdict.registrationInfo.credential;
  throw new BurgeonError('INPUT_INVALID', {
    message: 'The passkey was not made for this page, or not by a verified person.',
    hint: 'Try again; the authenticator must ask for a PIN, a finger or a face.',
  });
};

const requireLink = async ({ clock, store }: Context, token: string) => {
  const record = await store.get(table, id);
  const { hash, expiresAtMs } = record?.value ?? {};
  const valid = typeof expiresAtMs === 'number' && clock.now() < expiresAtMs && sameText(asText(hash), sha256(token));
  if (record && valid) return record;
  throw linkInvalid();
};

const linkInvalid = (): BurgeonError =>
  new BurgeonError('FORBIDDEN', {
    message: 'The link is used up, ran out, or was never valid.',
    hint: 'Run burgeon channels passkey --register for a new one.',
  });

/** One line of at most 60 characters. */
const nameFrom = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 60) || 'passkey';
