/** What kind of text or bytes a media type holds. */
export type MediaKind = 'json' | 'form' | 'multipart' | 'text' | 'lines' | 'sequence' | 'events' | 'bytes';

/** The media type without parameters, lower case. */
export const essence = (mediaType: string): string => (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();

/** The value of a media type's parameter, unquoted; undefined when it is absent. */
export const mediaParameter = (mediaType: string, name: string): string | undefined => {
  for (const part of mediaType.split(';').slice(1)) {
    const at = part.indexOf('=');
    if (at < 0 || part.slice(0, at).trim().toLowerCase() !== name) continue;
    return part
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
  }
  return undefined;
};

const exact: Record<string, MediaKind> = {
  'application/x-www-form-urlencoded': 'form',
  'text/event-stream': 'events',
  'application/jsonl': 'lines',
  'application/x-jsonl': 'lines',
  'application/jsonlines': 'lines',
  'application/x-jsonlines': 'lines',
  'application/json-lines': 'lines',
  'application/ndjson': 'lines',
  'application/x-ndjson': 'lines',
  'application/stream+json': 'lines',
  'application/json-seq': 'sequence',
  'application/geo+json-seq': 'sequence',
  'application/xml': 'text',
  'application/javascript': 'text',
  'application/x-javascript': 'text',
  'application/ecmascript': 'text',
  'application/yaml': 'text',
  'application/x-yaml': 'text',
  'application/graphql': 'text',
  'application/sql': 'text',
  'application/toml': 'text',
  'application/x-sh': 'text',
  'application/jwt': 'text',
  'application/jose': 'text',
  'application/sdp': 'text',
};

/** How a media type is read and written; what is unknown is bytes. */
export const mediaKind = (mediaType: string): MediaKind => {
  const type = essence(mediaType);
  if (Object.hasOwn(exact, type)) return exact[type] ?? 'bytes';
  if (type.endsWith('+json-seq')) return 'sequence';
  if (/[/+](x-)?json$/.test(type) || type === '*/*' || type === 'application/*') return 'json';
  if (type.endsWith('+xml') || type.endsWith('+yaml') || type.startsWith('text/')) return 'text';
  return type.startsWith('multipart/') ? 'multipart' : 'bytes';
};

/** True for XML and its relatives. @see RFC 7303 */
export const isXml = (mediaType: string): boolean => /^(application|text)\/xml$|\+xml$/.test(essence(mediaType));

/** True when `pattern` (`text/*`, `*`+`/*`, or a full type) takes `mediaType`. Parameters are not compared. */
export const mediaMatches = (pattern: string, mediaType: string): boolean => {
  const [wanted, given] = [essence(pattern), essence(mediaType)];
  if (wanted === given || wanted === '*/*' || wanted === '*') return true;
  return wanted.endsWith('/*') && given.startsWith(wanted.slice(0, -1));
};

/** What stands for a range of media types when nobody says which member is meant. */
const members: Record<string, string> = {
  text: 'text/plain',
  image: 'image/png',
  audio: 'audio/mpeg',
  video: 'video/mp4',
  font: 'font/woff2',
  multipart: 'multipart/form-data',
};

/** A concrete media type for a documented one that may be a range; `bytes` says that the value is no JSON. */
export const concreteType = (mediaType: string, bytes: boolean): string => {
  if (!mediaType.includes('*')) return mediaType;
  const top = mediaType.split('/', 1)[0] ?? '';
  if (Object.hasOwn(members, top)) return members[top] ?? 'text/plain';
  return bytes ? 'application/octet-stream' : 'application/json';
};
