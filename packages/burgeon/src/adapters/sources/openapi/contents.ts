import type { JsonSchema } from '@burgeon/kit';
import { define, isObject } from '../../../base/json.ts';
import type { HttpContent, HttpEncoding, HttpResponse } from '../../../bindings/http/binding.ts';
import { kindOf, payloadOf, rankOf } from './media-types.ts';
import { schemaOf, styleOf } from './parameters.ts';
import { type Node, type Place, type Reading, member, placeOf, textMember } from './reading.ts';
import { readSchema } from './schemas.ts';

/** One media type with the place of its description and its examples. */
export interface Content {
  http: HttpContent;
  place: Place;
  examples: { name: string; value: unknown }[];
}

/** Reads a `content` map (3.x); best media type first, otherwise in the order of the source. */
export const readContents = (reading: Reading, node: unknown, place: Place): Content[] => {
  if (node === undefined || node === null) return [];
  if (!isObject(node)) {
    reading.report({
      code: 'invalid-content',
      message: 'The content is not an object of media types; it is passed over.',
      place,
    });
    return [];
  }
  const contents = Object.entries(node).flatMap(([key, media]) => {
    const at = placeOf(place, key);
    if (key.startsWith('x-')) return [];
    const located = reading.references.follow(media ?? {}, at);
    if (!key.includes('/') && key !== '*')
      reading.report({ code: 'invalid-media-type', message: `"${key.slice(0, 80)}" is not a media type.`, place: at });
    return [readContent(reading, key, located?.value ?? {}, located?.place ?? at)];
  });
  return sortContents(contents);
};

/** Best first; the order is stable. */
export const sortContents = (contents: Content[]): Content[] =>
  contents.toSorted((a, b) => rankOf(a.http.mediaType) - rankOf(b.http.mediaType));

const readContent = (reading: Reading, key: string, media: Node, place: Place): Content => {
  const mediaType = mediaTypeOf(key);
  const written = Object.hasOwn(media, 'schema') ? readSchema(reading, media['schema'], placeOf(place, 'schema')) : undefined;
  const http: HttpContent = { mediaType, schema: payloadOf(mediaType, written) };
  const item = Object.hasOwn(media, 'itemSchema')
    ? readSchema(reading, media['itemSchema'], placeOf(place, 'itemSchema'))
    : undefined;
  if (item !== undefined || kindOf(mediaType) === 'sequence') {
    http.itemSchema = item ?? itemOf(written);
    http.schema = { type: 'array', items: http.itemSchema };
  }
  const encoding = readEncoding(reading, member(media, 'encoding'), placeOf(place, 'encoding'));
  if (encoding !== undefined) http.encoding = encoding;
  return { http, place, examples: readExamples(reading, media, place) };
};

/** Before 3.2 the schema of a stream described one item; since then it may describe the array of all. */
const itemOf = (schema: JsonSchema | undefined): JsonSchema =>
  typeof schema === 'object' && schema.type === 'array' && schema.items !== undefined ? schema.items : (schema ?? true);

/** Lower case but for parameter values; `*` and bare words become proper media types. */
export const mediaTypeOf = (key: string): string => {
  const [base = '', ...parameters] = key.trim().split(';');
  const name = base.trim().toLowerCase();
  const full = name === '*' ? '*/*' : name.includes('/') ? name : `application/${name || 'octet-stream'}`;
  return [full, ...parameters.map((each) => each.trim()).filter(Boolean)].join('; ');
};

const readEncoding = (reading: Reading, node: unknown, place: Place): Record<string, HttpEncoding> | undefined => {
  if (!isObject(node)) return undefined;
  const found: Record<string, HttpEncoding> = {};
  for (const [property, written] of Object.entries(node)) {
    if (!isObject(written)) continue;
    const at = placeOf(place, property);
    const encoding: HttpEncoding = {};
    const contentType = textMember(written, 'contentType');
    if (contentType !== undefined) encoding.contentType = contentType;
    if (['style', 'explode', 'allowReserved'].some((key) => Object.hasOwn(written, key))) {
      const { style, explode } = styleOf(reading, { schema: true, ...written }, at, 'formData');
      Object.assign(encoding, { style, explode, ...(written['allowReserved'] === true ? { allowReserved: true } : {}) });
    }
    const headers = readHeaders(reading, member(written, 'headers'), placeOf(at, 'headers'));
    if (Object.keys(headers).length > 0) {
      encoding.headers = {};
      for (const [name, header] of Object.entries(headers)) define(encoding.headers, name, header.schema);
    }
    define(found, property, encoding);
  }
  return Object.keys(found).length === 0 ? undefined : found;
};

/** Reads a map of headers. `Content-Type` is left out: the media type says it. */
export const readHeaders = (reading: Reading, node: unknown, place: Place): HttpResponse['headers'] => {
  const found: HttpResponse['headers'] = {};
  if (!isObject(node)) return found;
  for (const [name, written] of Object.entries(node)) {
    const at = placeOf(place, name);
    const located = reading.references.follow(written, at);
    if (located === undefined || name.toLowerCase() === 'content-type') continue;
    const media = isObject(located.value['content']) ? Object.entries(located.value['content'])[0] : undefined;
    const schema =
      media === undefined
        ? schemaOf(reading, located.value, located.place)
        : readSchema(
            reading,
            (isObject(media[1]) ? media[1]['schema'] : undefined) ?? true,
            placeOf(located.place, 'content', media[0], 'schema'),
          );
    define(found, name, { schema, ...(located.value['required'] === true ? { required: true } : {}) });
  }
  return found;
};

/** Named examples of a media type; a single one is called `example`. */
const readExamples = (reading: Reading, media: Node, place: Place): Content['examples'] => {
  const found: Content['examples'] = [];
  if (Object.hasOwn(media, 'example') && media['example'] !== undefined) found.push({ name: 'example', value: media['example'] });
  const examples = member(media, 'examples');
  if (Array.isArray(examples)) examples.forEach((value, index) => found.push({ name: `example-${index + 1}`, value }));
  else if (isObject(examples)) {
    for (const [name, example] of Object.entries(examples)) {
      const located = reading.references.follow(example, placeOf(place, 'examples', name));
      const key = ['value', 'dataValue', 'serializedValue'].find(
        (each) => located !== undefined && Object.hasOwn(located.value, each),
      );
      if (located !== undefined && key !== undefined) found.push({ name, value: located.value[key] });
      else if (!isObject(example)) found.push({ name, value: example });
    }
  }
  return found;
};
