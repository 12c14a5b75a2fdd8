import { X509Certificate, createPrivateKey } from 'node:crypto';
import { type CredentialKind, defineCredential, jsonMembers } from './credential.ts';

/** A client's certificate, with those above it behind it, and its key; PEM. `ca`: whom to trust instead of the usual authorities. */
interface ClientCertificate {
  cert: string;
  key: string;
  passphrase?: string;
  ca?: string;
}

/** Proves who asks while the connection is made; the key never leaves. @see RFC 8446 section 4.4.2 */
export const mutualTls: CredentialKind = defineCredential<ClientCertificate>({
  name: 'mutual-tls',
  form: '{"cert":"-----BEGIN CERTIFICATE-----...","key":"-----BEGIN PRIVATE KEY-----..."}, with "passphrase" and "ca" if they are needed; key and certificate must belong together',
  read: (value) => {
    const { cert, key, passphrase, ca } = jsonMembers(value) ?? {};
    if (cert === undefined || key === undefined || !belongTogether({ cert, key, ...(passphrase && { passphrase }) }))
      return undefined;
    return { cert, key, ...(passphrase && { passphrase }), ...(ca && { ca }) };
  },
  prove: (certificate, { name }) => {
    const tls = { slot: name, ...certificate };
    return (hop, send) => send(hop, tls);
  },
});

const belongTogether = ({ cert, ...key }: ClientCertificate): boolean => {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
};
