/** Bytes as base64 and hexadecimal text, with nothing but what every JavaScript has. */

const chunk = 0x8000;

/** Base64 text of bytes, padded. @see RFC 4648 section 4 */
export const base64Of = (bytes: Uint8Array): string => {
  let binary = '';
  for (let start = 0; start < bytes.length; start += chunk)
    binary += String.fromCharCode(...bytes.subarray(start, start + chunk));
  return btoa(binary);
};

/** Bytes of base64 text; undefined when the text is no base64. */
export const bytesOfBase64 = (text: string): Uint8Array | undefined => {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
};

/** Lower-case hexadecimal text of bytes. */
export const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Bytes of hexadecimal text. */
export const bytesOfHex = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length >> 1);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16);
  return bytes;
};
