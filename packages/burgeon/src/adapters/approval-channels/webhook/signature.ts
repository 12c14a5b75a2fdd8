/** Messages between two servers, signed by a secret that both know. */
import { createHmac } from 'node:crypto';
import { BurgeonError, type Clock } from '@burgeon/kit';
import { sameText } from '../../../security/codes.ts';

/** A message as it is signed: its id, when it was sent (seconds since the epoch), its payload byte for byte. */
export interface SignedMessage {
  id: string;
  timestamp: number;
  body: Uint8Array;
}

/** How far the clocks of both ends may be apart, and for how long a message may be on its way: milliseconds. */
export const toleranceMs: number = 5 * 60 * 1_000;

/**
 * Reads a secret: `whsec_` and 24 to 64 bytes in base64. Several, with spaces between, while one takes the place of another: the first
 * signs first, each is accepted.
 * @throws {BurgeonError} INPUT_INVALID, without the secret
 */
export const readKeys = (secret: string): Buffer[] => {
  const keys = secret
    .trim()
    .split(/\s+/)
    .map((one) => Buffer.from(/^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(one)?.[1] ?? '', 'base64'));
  if (keys.length <= 4 && keys.every(({ length }) => length >= 24 && length <= 64)) return keys;
  throw new BurgeonError('INPUT_INVALID', {
    message: 'The secret of the approval channel webhook is none: it must be whsec_ and 24 to 64 bytes in base64.',
    hint: 'Make one: echo "whsec_$(openssl rand -base64 32)"',
  });
};

/** The headers that prove a message. @see https://www.standardwebhooks.com section "Signature scheme" */
export const signHeaders = (message: SignedMessage, keys: readonly Buffer[]): Record<string, string> => ({
  'webhook-id': message.id,
  'webhook-timestamp': String(message.timestamp),
  'webhook-signature': keys.map((key) => `v1,${signatureOf(message, key)}`).join(' '),
});

/** The id of a message that one of the keys signed and whose time is now; undefined for anything else, without a word on what was wrong. */
export const verifiedId = (
  headers: Headers,
  body: Uint8Array,
  { keys, clock }: { keys: readonly Buffer[]; clock: Pick<Clock, 'now'> },
): string | undefined => {
  const [id = '', time = '', given = ''] = ['id', 'timestamp', 'signature'].map((name) => headers.get(`webhook-${name}`) ?? '');
  if (!/^[\w-]{1,128}$/.test(id) || !/^\d{1,12}$/.test(time) || given.length > 2_000) return undefined;
  const timestamp = Number(time);
  const signatures = given.split(' ').flatMap((one) => (one.startsWith('v1,') ? [one.slice(3)] : []));
  const expected = keys.map((key) => signatureOf({ id, timestamp: time, body }, key));
  const isSigned = expected.map((one) => signatures.map((other) => sameText(one, other)).includes(true)).includes(true);
  return isSigned && Math.abs(clock.now() - timestamp * 1_000) <= toleranceMs ? id : undefined;
};

const signatureOf = (
  { id, timestamp, body }: { id: string; timestamp: number | string; body: Uint8Array },
  key: Buffer,
): string => createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
