import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { ApprovalQuestion } from '@burgeon/kit';

/** What a sealed code is bound to: it opens for this request and these bytes only. */
export type Binding = Pick<ApprovalQuestion, 'request' | 'digest' | 'capabilitiesDigest'>;

/** A token for a link: 128 bits, as 22 letters that need no escaping. */
export const newLinkToken = (): string => randomBytes(16).toString('base64url');

/**
 * Closes a code so that only who has the token can read it: the token stands in a mail and nowhere else. AES-256-GCM under a key drawn from
 * the token, used once. @see RFC 5869; NIST SP 800-38D
 */
export const sealCode = (token: string, to: Binding, code: string): string => {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(token), nonce).setAAD(boundTo(to));
  return Buffer.concat([nonce, cipher.update(code, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
};

/** The code, when token and binding are those it was sealed with; otherwise undefined. */
export const openCode = (token: string, to: Binding, sealed: string): string | undefined => {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < 28) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyOf(token), bytes.subarray(0, 12), { authTagLength: 16 })
      .setAAD(boundTo(to))
      .setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
};

const keyOf = (token: string): Buffer => Buffer.from(hkdfSync('sha256', token, '', 'burgeon approval link', 32));

const boundTo = ({ request, digest, capabilitiesDigest }: Binding): Buffer =>
  Buffer.from(JSON.stringify([request, digest, capabilitiesDigest]));
