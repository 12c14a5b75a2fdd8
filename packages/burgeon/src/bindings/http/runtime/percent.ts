/** Reserved characters that may stay as they are where `allowReserved` is set. A `#`, `[`, `]`, and the place's own delimiters never may. */
const reserved = { query: ":/?@!$'()*,;=", path: ":@!$&'()*+,;=" } as const;

/** Text whose lone surrogates are replaced, so that it has a UTF-8 form. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Percent-encodes everything but unreserved characters. @see RFC 6570 section 3.2.1 */
export const percentEncode = (text: string): string => encode(wellFormed(text));

/**
 * Percent-encodes with reserved expansion: reserved characters and percent-encoded triplets stay, except the characters that would
 * end the value in its place.
 * @see RFC 6570 section 3.2.3 and https://spec.openapis.org/oas/v3.2.0#url-percent-encoding
 */
export const percentEncodeReserved = (text: string, place: 'query' | 'path'): string =>
  wellFormed(text).replace(/%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~]/gu, (part) =>
    (part.length === 3 && part.startsWith('%')) || reserved[place].includes(part) ? part : encode(part),
  );

/** Percent-decodes; text that is not valid stays as it is. */
export const percentDecode = (text: string): string => {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
