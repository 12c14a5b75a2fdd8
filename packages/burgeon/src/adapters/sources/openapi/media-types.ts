import type { JsonSchema, SchemaObject } from '@burgeon/kit';

/** How the values of a media type travel. */
export type MediaKind = 'json' | 'sequence' | 'form' | 'multipart' | 'text' | 'xml' | 'any' | 'bytes';

const baseOf = (mediaType: string): string => mediaType.split(';', 1)[0]!.trim().toLowerCase();

const sequences: ReadonlySet<string> = new Set(
  'text/event-stream application/jsonl application/x-jsonl application/jsonlines application/x-jsonlines application/ndjson application/x-ndjson application/json-seq application/stream+json application/x-json-stream'.split(
    ' ',
  ),
);

/** Sorts a media type by how its values travel. @see RFC 6839 for suffixes */
export const kindOf = (mediaType: string): MediaKind => {
  const base = baseOf(mediaType);
  if (sequences.has(base) || base.endsWith('+json-seq')) return 'sequence';
  // `text/json`, `application/x-json`, misspelt `applicatoin/json`: all the same.
  if (/(^|[/+.-])json$/.test(base)) return 'json';
  if (base === 'application/x-www-form-urlencoded') return 'form';
  if (base.startsWith('multipart/')) return 'multipart';
  if (base === 'application/xml' || base === 'text/xml' || base.endsWith('+xml'))
    return base === 'image/svg+xml' ? 'bytes' : 'xml';
  if (base === '*/*' || base === 'application/*' || base === '*') return 'any';
  if (base.startsWith('text/') || /^application\/([\w.-]*\+?(yaml|x-yaml|graphql|javascript|toml|sql|jwt|jose))$/.test(base))
    return 'text';
  return 'bytes';
};

const preference: readonly MediaKind[] = ['json', 'any', 'sequence', 'form', 'multipart', 'text', 'xml', 'bytes'];

/** Order of preference: JSON first, bytes last; plain `application/json` before its relatives. */
export const rankOf = (mediaType: string): number =>
  preference.indexOf(kindOf(mediaType)) * 2 + (kindOf(mediaType) !== 'json' || baseOf(mediaType) === 'application/json' ? 0 : 1);

/** Bytes of a media type as they travel in the interface. */
const bytesOf = (mediaType: string): SchemaObject => ({
  type: 'string',
  contentEncoding: 'base64',
  contentMediaType: /^[\w.+-]+\/[\w.+-]+$/.test(baseOf(mediaType)) ? baseOf(mediaType) : 'application/octet-stream',
});

/** Whether a schema is one of bytes. */
export const isBytes = (schema: JsonSchema): boolean =>
  typeof schema === 'object' && schema.contentEncoding !== undefined && schema.format !== 'byte';

/** The schema of a whole payload: bytes for media types that are neither text nor structured, whatever the description says of their shape. */
export const payloadOf = (mediaType: string, schema: JsonSchema | undefined): JsonSchema => {
  const kind = kindOf(mediaType);
  if (kind === 'bytes' || (schema !== undefined && isBytes(schema) && kind !== 'json')) {
    const about = typeof schema === 'object' ? schema : {};
    const kept = Object.fromEntries(
      ['title', 'description', 'examples', 'default'].flatMap((key) => (about[key] === undefined ? [] : [[key, about[key]]])),
    );
    return { ...bytesOf(mediaType), ...kept };
  }
  if (schema !== undefined) return schema;
  return kind === 'text' || kind === 'xml' ? { type: 'string' } : true;
};
