import { type Bytes, fromBase64 } from './base64.ts';
import { mediaKind } from './media-type.ts';
import { isAbsent, textOf } from './serialize.ts';
import type { WireEncoding } from './types.ts';

/** One part before it is written. */
interface Part {
  name: string;
  data: string | Bytes | Blob;
  contentType?: string;
  fileName?: string;
}

/** A multipart body and the Content-Type that names its boundary. */
export interface Multipart {
  body: Bytes | Blob;
  contentType: string;
}

/** Escapes a name as browsers do. @see https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
const quoted = (name: string): string => `"${name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22')}"`;

const octets = 'application/octet-stream';

/** The media type a part is written with: the encoding's first concrete one, else by what the value is. */
const partType = (value: unknown, encoding: WireEncoding): string | undefined => {
  const wanted = encoding.contentType?.split(',')[0]?.trim();
  if (wanted !== undefined && wanted !== '' && !wanted.includes('*')) return wanted;
  if (value instanceof Blob) return value.type || octets;
  if (value instanceof Uint8Array || encoding.bytes) return octets;
  return typeof value === 'object' && !(value instanceof Date) ? 'application/json' : undefined;
};

const partOf = (name: string, value: unknown, encoding: WireEncoding): Part => {
  const contentType = partType(value, encoding);
  const typed = contentType === undefined ? {} : { contentType };
  if (value instanceof Blob) {
    const given = (value as Blob & { name?: unknown }).name;
    return { name, data: value, fileName: typeof given === 'string' ? given : name, ...typed };
  }
  if (value instanceof Uint8Array) return { name, data: value as Bytes, fileName: name, ...typed };
  const bytes = encoding.bytes && typeof value === 'string' ? fromBase64(value) : undefined;
  if (bytes) return { name, data: bytes, fileName: name, ...typed };
  const json = contentType !== undefined && mediaKind(contentType) === 'json';
  return { name, data: json ? JSON.stringify(value) : textOf(value), ...typed };
};

/** Parts of one property: a list gives one part for each member, unless its encoding asks for one document. */
const partsOf = (name: string, value: unknown, encoding: WireEncoding): Part[] => {
  if (isAbsent(value)) return [];
  const whole = encoding.contentType !== undefined && mediaKind(encoding.contentType) === 'json';
  if (!Array.isArray(value) || whole) return [partOf(name, value, encoding)];
  return value.filter((item) => !isAbsent(item)).map((item) => partOf(name, item, encoding));
};

const head = (part: Part, subtype: string): string => {
  const file = part.fileName === undefined ? '' : `; filename=${quoted(part.fileName)}`;
  const disposition = subtype === 'form-data' ? `Content-Disposition: form-data; name=${quoted(part.name)}${file}\r\n` : '';
  return `${disposition}${part.contentType === undefined ? '' : `Content-Type: ${part.contentType}\r\n`}\r\n`;
};

const joined = (pieces: (string | Bytes)[]): Bytes => {
  const encoder = new TextEncoder();
  const chunks = pieces.map((piece) => (typeof piece === 'string' ? encoder.encode(piece) : piece));
  const all = new Uint8Array(chunks.reduce((length, bytes) => length + bytes.length, 0));
  let at = 0;
  for (const bytes of chunks) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return all;
};

/** The text between parts; long enough never to stand in the data by chance. */
const boundaryOf = (random: () => number): string =>
  `burgeon-${Array.from({ length: 32 }, () => Math.floor(random() * 36).toString(36)).join('')}`;

/**
 * Writes an object (or, for subtypes other than `form-data`, a list) as a multipart body. Blobs are not copied, so that large files
 * stream; without Blobs the body is bytes.
 * @see RFC 7578
 */
export const writeMultipart = (
  value: object,
  options: { subtype: string; encoding: Record<string, WireEncoding>; random: () => number },
): Multipart => {
  const { subtype, encoding, random } = options;
  const members: [string, unknown][] = Object.entries(value);
  const parts = members.flatMap(([name, item]) =>
    partsOf(name, item, Object.hasOwn(encoding, name) ? (encoding[name] ?? {}) : {}),
  );
  const boundary = boundaryOf(random);
  const pieces = parts.flatMap((part) => [`--${boundary}\r\n${head(part, subtype)}`, part.data, '\r\n']);
  pieces.push(`--${boundary}--\r\n`);
  const contentType = `multipart/${subtype}; boundary=${boundary}`;
  const plain = pieces.filter((piece): piece is string | Bytes => typeof piece === 'string' || piece instanceof Uint8Array);
  return { body: plain.length === pieces.length ? joined(plain) : new Blob(pieces, { type: contentType }), contentType };
};
