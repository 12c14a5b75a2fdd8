/** Bytes that own their memory, as the web's interfaces want them. */
export type Bytes = ReturnType<TextEncoder['encode']>;

/** As many characters as one call may take as arguments in every engine. */
const chunk = 8_192;

/** Base64 of bytes, padded. @see RFC 4648 section 4 */
export const toBase64 = (bytes: Uint8Array): string => {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += chunk) pieces.push(String.fromCharCode(...bytes.subarray(at, at + chunk)));
  return btoa(pieces.join(''));
};

/** Bytes of base64 or base64url text, padded or not; undefined when it is neither. */
export const fromBase64 = (text: string): Bytes | undefined => {
  try {
    const characters = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = new Uint8Array(characters.length);
    for (let at = 0; at < characters.length; at += 1) bytes[at] = characters.charCodeAt(at);
    return bytes;
  } catch {
    return undefined;
  }
};
