import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Bytes sealed with AES-256-GCM, all parts base64. @see NIST SP 800-38D */
export interface Sealed {
  nonce: string;
  text: string;
  tag: string;
}

/** Seals bytes under a key of 32 bytes; they open only where the same is said of them. */
export const seal = (key: Uint8Array, bound: readonly (string | number)[], bytes: Uint8Array): Sealed => {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAAD(said(bound));
  const text = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return { nonce: nonce.toString('base64'), text: text.toString('base64'), tag: cipher.getAuthTag().toString('base64') };
};

/** Opens what {@link seal} made. @throws when anything of it was changed */
export const unseal = (key: Uint8Array, bound: readonly (string | number)[], sealed: Sealed): Buffer => {
  // The tag length is fixed: without it some versions of Node accept a tag cut to 4 bytes.
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.nonce, 'base64'), { authTagLength: 16 });
  decipher.setAAD(said(bound)).setAuthTag(Buffer.from(sealed.tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(sealed.text, 'base64')), decipher.final()]);
};

const said = (bound: readonly (string | number)[]): Buffer => Buffer.from(JSON.stringify(bound));

/** A key for one purpose, from another key. Different purposes give unrelated keys. @see RFC 5869 */
export const deriveKey = (key: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), `burgeon|${purpose}`, 32));
