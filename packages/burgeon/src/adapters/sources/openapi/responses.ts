import type { JsonSchema, Operation, Result } from '@burgeon/kit';
import { isObject } from '../../../base/json.ts';
import type { HttpResponse } from '../../../bindings/http/binding.ts';
import { mediaTypesOf } from './bodies.ts';
import { type Content, readContents, readHeaders, sortContents } from './contents.ts';
import { kindOf, payloadOf } from './media-types.ts';
import { type Node, type Place, type Reading, member, placeOf, textMember } from './reading.ts';
import { readSchema } from './schemas.ts';

/** One documented response with everything that was read of it. */
export interface Response {
  http: HttpResponse;
  contents: Content[];
  place: Place;
}

/** What the responses of an operation mean for its results. */
export type Results = Pick<Operation, 'output' | 'outputCode' | 'alternatives' | 'errors' | 'stream'>;

/** Reads the responses of an operation sent with `method` (upper case); in the order of the source. */
export const readResponses = (reading: Reading, operation: Node, place: Place, method: string): Response[] => {
  const written = member(operation, 'responses');
  const at = placeOf(place, 'responses');
  if (written === undefined || written === null) {
    reading.report({
      severity: 'info',
      code: 'responses-missing',
      message: 'The operation does not say what it answers.',
      place,
    });
    return [];
  }
  if (!isObject(written)) {
    reading.report({ code: 'invalid-responses', message: 'The responses are not an object; they are passed over.', place: at });
    return [];
  }
  return Object.entries(written).flatMap(([key, node]) => {
    if (key.startsWith('x-')) return [];
    const status = statusOf(key);
    const from = placeOf(at, key);
    if (status === undefined) {
      reading.report({
        code: 'invalid-status',
        message: `"${key.slice(0, 80)}" is not a status; the response is passed over.`,
        place: from,
      });
      return [];
    }
    const located = reading.references.follow(node ?? {}, from);
    if (located === undefined && !isObject(node)) {
      reading.report({
        code: 'invalid-response',
        message: 'A response must be an object; it is taken for an empty one.',
        place: from,
      });
    }
    return [readResponse(reading, { status, node: located?.value, operation, method }, located?.place ?? from)];
  });
};

const statusOf = (key: string): string | undefined => {
  const trimmed = key.trim();
  if (/^[1-5]([0-9]{2}|XX)$/i.test(trimmed)) return trimmed.toUpperCase();
  if (/^default$/i.test(trimmed)) return 'default';
  return /^[1-5][0-9]{2}\b/.exec(trimmed)?.[0];
};

const readResponse = (
  reading: Reading,
  from: { status: string; node: Node | undefined; operation: Node; method: string },
  place: Place,
): Response => {
  const { status, node, operation, method } = from;
  if (node === undefined) {
    // What a lost response holds is unknown, not nothing.
    return {
      http: { status, contents: [{ mediaType: 'application/json', schema: true }], headers: {} },
      contents: [unknownContent(place)],
      place,
    };
  }
  const written = Object.hasOwn(node, 'content')
    ? readContents(reading, node['content'], placeOf(place, 'content'))
    : oldContents(reading, node, place, operation);
  const contents = isBare(status, method) ? [] : written;
  if (contents.length < written.length) {
    reading.report({
      code: 'content-impossible',
      message: `${method === 'HEAD' ? 'An answer to HEAD' : `An answer with status ${status}`} carries no content; what is described is passed over.`,
      place,
    });
  }
  const description = textMember(node, 'description');
  const headers = readHeaders(reading, member(node, 'headers'), placeOf(place, 'headers'));
  return {
    http: { status, ...(description && { description }), contents: contents.map(({ http }) => http), headers },
    contents,
    place,
  };
};

/** Answers that never carry content. @see RFC 9110 sections 9.3.2, 15.3.5, 15.3.6, 15.4.5 */
const isBare = (status: string, method: string): boolean => method === 'HEAD' || ['204', '205', '304'].includes(status);

const unknownContent = (place: Place): Content => ({
  http: { mediaType: 'application/json', schema: true },
  place,
  examples: [],
});

/** 2.0: one schema for all media types of `produces`, and examples by media type. */
const oldContents = (reading: Reading, node: Node, place: Place, operation: Node): Content[] => {
  const examples = isObject(node['examples']) ? node['examples'] : {};
  if (!Object.hasOwn(node, 'schema')) return [];
  const written = readSchema(reading, node['schema'], placeOf(place, 'schema'));
  const produces = mediaTypesOf(member(operation, 'produces') ?? reading.root['produces']);
  const byType = new Map(Object.entries(examples).map(([type, value]) => [type.toLowerCase(), value]));
  const contents = (produces.length > 0 ? produces : ['application/json']).map((mediaType): Content => {
    const schema = payloadOf(mediaType, written);
    const value = byType.get(mediaType);
    const http =
      kindOf(mediaType) === 'sequence'
        ? { mediaType, schema: { type: 'array', items: schema }, itemSchema: schema }
        : { mediaType, schema };
    return { http, place, examples: value === undefined ? [] : [{ name: 'example', value }] };
  });
  return sortContents(contents);
};

const nothing: JsonSchema = { type: 'null' };

const schemaFor = (response: Response): JsonSchema => response.contents[0]?.http.schema ?? { ...nothing };

const resultOf = (response: Response): Result => {
  const { status, description } = response.http;
  return { code: status, ...(description === undefined ? {} : { description }), schema: schemaFor(response) };
};

/** Sorts responses into the ordinary result (the lowest 2xx, or `default` when there is none), further good ones and errors. */
export const resultsOf = (responses: readonly Response[]): Results & { ordinary?: Response } => {
  const ordered = responses.toSorted((a, b) => (a.http.status < b.http.status ? -1 : 1));
  const good = ordered.filter(({ http }) => http.status.startsWith('2'));
  const fallback = ordered.find(({ http }) => http.status === 'default');
  const ordinary = good[0] ?? fallback;
  const errors = ordered.filter((each) => each !== ordinary && /^([45]|default)/.test(each.http.status)).map(resultOf);
  const alternatives = ordered.filter((each) => each !== ordinary && /^[123]/.test(each.http.status)).map(resultOf);
  const results: Results = {
    output: ordinary === undefined ? (responses.length === 0 ? true : { ...nothing }) : schemaFor(ordinary),
    errors,
    ...(alternatives.length > 0 && { alternatives }),
  };
  if (ordinary === undefined) return results;
  const item = ordinary.contents[0]?.http.itemSchema;
  return { ...results, outputCode: ordinary.http.status, ...(item !== undefined && { stream: { item } }), ordinary };
};
