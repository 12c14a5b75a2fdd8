/** Taking a multipart body apart. @see RFC 2046 section 5.1, RFC 7578 */

/** One part: its name and file name when it has them, its media type, and its bytes. */
export interface ReceivedPart {
  name?: string;
  fileName?: string;
  contentType?: string;
  bytes: Buffer;
}

/** Most parts that are read. */
const maxParts = 10_000;

/** Longest head of one part, bytes. */
const maxHead = 16_384;

const parameter = (header: string, name: string): string | undefined => {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'i').exec(header);
  const text = found?.[1]?.replace(/\\(["\\])/g, '$1') ?? found?.[2];
  return text?.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n');
};

const partOf = (head: string, bytes: Buffer): ReceivedPart => {
  const part: ReceivedPart = { bytes };
  for (const line of head.split('\r\n')) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    const value = line.slice(at + 1).trim();
    if (name === 'content-type') part.contentType = value;
    if (name !== 'content-disposition') continue;
    const field = parameter(value, 'name');
    const file = parameter(value, 'filename');
    if (field !== undefined) part.name = field;
    if (file !== undefined) part.fileName = file;
  }
  return part;
};

/** Reads the parts of a body; undefined when it is not well formed. */
export const readMultipart = (body: Buffer, boundary: string): ReceivedPart[] | undefined => {
  const mark = Buffer.from(`--${boundary}`);
  const next = Buffer.from(`\r\n--${boundary}`);
  const parts: ReceivedPart[] = [];
  let at = body.indexOf(mark);
  if (at < 0) return undefined;
  at += mark.length;
  while (body.toString('latin1', at, at + 2) !== '--') {
    const lineEnd = body.indexOf('\r\n', at);
    // A part without any header begins with the empty line at once.
    const headEnd = lineEnd < 0 ? -1 : body.indexOf('\r\n\r\n', lineEnd);
    if (headEnd < 0 || headEnd - at > maxHead || parts.length >= maxParts) return undefined;
    const end = body.indexOf(next, headEnd + 2);
    if (end < 0) return undefined;
    const start = Math.min(headEnd + 4, end);
    parts.push(partOf(body.toString('utf8', lineEnd + 2, Math.max(headEnd, lineEnd + 2)), body.subarray(start, end)));
    at = end + next.length;
  }
  return parts;
};
