import type { JsonSchema, SchemaObject } from '@burgeon/kit';
import { canonicalJson, define, isObject } from '../../../base/json.ts';
import type { HttpContent, HttpEncoding } from '../../../bindings/http/binding.ts';
import { type Content, mediaTypeOf, readContents, sortContents } from './contents.ts';
import { isBytes, kindOf, payloadOf } from './media-types.ts';
import { type Parameters, exampleValues, schemaOf, styleOf } from './parameters.ts';
import { type Node, type Place, type Reading, annotate, member, placeOf, textMember } from './reading.ts';

/** The payload of a request as the description gives it. */
export interface Body {
  contents: Content[];
  required: boolean;
  description?: string;
  place: Place;
}

/** Reads the payload of an operation: `requestBody` of 3.x, or the body and form parameters of 2.0, whichever is there. */
export const readBody = (reading: Reading, operation: Node, place: Place, parameters: Parameters): Body | undefined => {
  const written = member(operation, 'requestBody');
  if (written !== undefined && written !== null) return readRequestBody(reading, written, placeOf(place, 'requestBody'));
  const consumes = mediaTypesOf(member(operation, 'consumes') ?? reading.root['consumes']);
  const [body, ...others] = parameters.body;
  if (body !== undefined && parameters.form.length > 0) {
    reading.report({ code: 'body-and-form', message: 'There are body and form parameters; the form is passed over.', place });
  }
  for (const other of others)
    reading.report({
      code: 'second-body',
      message: 'There is more than one body parameter; this one is passed over.',
      place: other.place,
    });
  if (body !== undefined) return bodyParameter(reading, body.node, body.place, consumes);
  return parameters.form.length > 0 ? formBody(reading, parameters.form, place, consumes) : undefined;
};

/** The texts of a 2.0 `consumes` or `produces` list. */
export const mediaTypesOf = (value: unknown): string[] => {
  const list = Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
  return [...new Set(list.filter((each): each is string => typeof each === 'string' && each.trim() !== '').map(mediaTypeOf))];
};

const readRequestBody = (reading: Reading, written: unknown, place: Place): Body | undefined => {
  let [node, at] = [written, place];
  if (Array.isArray(written)) {
    reading.report({ code: 'invalid-body', message: 'The request body is a list; its first object is read.', place });
    const index = Math.max(0, written.findIndex(isObject));
    [node, at] = [written[index], placeOf(place, index)];
  }
  const located = reading.references.follow(node, at);
  if (located === undefined) {
    if (!isObject(node))
      reading.report({ code: 'invalid-body', message: 'The request body is not an object; it is passed over.', place: at });
    return undefined;
  }
  const { value } = located;
  let contents = readContents(reading, member(value, 'content'), placeOf(located.place, 'content'));
  if (contents.length === 0 && !isObject(value['content'])) {
    if (!Object.hasOwn(value, 'schema')) {
      reading.report({
        code: 'invalid-body',
        message: 'The request body has no content; it is passed over.',
        place: located.place,
      });
      return undefined;
    }
    reading.report({
      code: 'invalid-body',
      message: 'The request body has a schema but no media type; JSON is assumed.',
      place: located.place,
    });
    contents = [
      {
        http: { mediaType: 'application/json', schema: schemaOf(reading, value, located.place) },
        place: located.place,
        examples: [],
      },
    ];
  }
  if (contents.length === 0) return undefined;
  contents = sortContents(contents.map(sendable));
  const description = textMember(value, 'description');
  return {
    contents,
    required: value['required'] === true,
    place: located.place,
    ...(description === undefined ? {} : { description }),
  };
};

/** A range of media types can be accepted but not sent: one of the range that fits the schema takes its place. */
const sendable = (content: Content): Content => {
  const { mediaType, schema } = content.http;
  if (mediaType === 'text/*') return { ...content, http: { ...content.http, mediaType: 'text/plain' } };
  if (kindOf(mediaType) !== 'any') return content;
  const structured =
    typeof schema === 'object' &&
    schema.type !== 'string' &&
    Object.keys(schema).some((key) => key !== 'description' && key !== 'title');
  const chosen = structured ? 'application/json' : 'application/octet-stream';
  return { ...content, http: { ...content.http, mediaType: chosen, schema: payloadOf(chosen, schema) } };
};

const bodyParameter = (reading: Reading, node: Node, place: Place, consumes: string[]): Body => {
  const written = schemaOf(reading, node, place);
  const types = consumes.filter((each) => kindOf(each) !== 'form' && kindOf(each) !== 'multipart');
  const usable = types.length > 0 ? types : consumes.length > 0 ? consumes : ['application/json'];
  const values = exampleValues(reading, node, place);
  const contents = usable.map((mediaType): Content => {
    const examples =
      kindOf(mediaType) === 'json'
        ? values.map((value, index) => ({ name: index === 0 ? 'example' : `example-${index + 1}`, value }))
        : [];
    return { http: { mediaType, schema: payloadOf(mediaType, written) }, place, examples };
  });
  const description = textMember(node, 'description');
  return {
    contents: sortContents(contents.map(sendable)),
    required: node['required'] === true,
    place,
    ...(description === undefined ? {} : { description }),
  };
};

/** 2.0 form parameters become one object; a file makes it multipart. */
const formBody = (reading: Reading, form: Parameters['form'], place: Place, consumes: string[]): Body => {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  const encoding: Record<string, HttpEncoding> = {};
  let files = false;
  for (const { node, place: at } of form) {
    const name = textMember(node, 'name')!;
    const description = textMember(node, 'description');
    const values = exampleValues(reading, node, at);
    const schema = annotate(schemaOf(reading, node, at), {
      ...(description && { description }),
      ...(values.length > 0 && { examples: values }),
    });
    const item = typeof schema === 'object' ? schema.items : undefined;
    if (isBytes(schema) || (item !== undefined && isBytes(item))) files = true;
    define(properties, name, schema);
    if (node['required'] === true) required.push(name);
    if (typeof schema === 'object' && schema.type === 'array') define(encoding, name, styleOf(reading, node, at, 'formData'));
  }
  const schema: SchemaObject = { type: 'object', properties, ...(required.length > 0 && { required: [...new Set(required)] }) };
  const forms = consumes.filter((each) => kindOf(each) === 'form' || kindOf(each) === 'multipart');
  const fitting = files ? forms.filter((each) => kindOf(each) === 'multipart') : forms;
  const usual = files ? 'multipart/form-data' : 'application/x-www-form-urlencoded';
  const contents = (fitting.length > 0 ? fitting : [usual]).map((mediaType): Content => {
    const http: HttpContent = { mediaType, schema, ...(Object.keys(encoding).length > 0 && { encoding }) };
    return { http, place, examples: [] };
  });
  return { contents: sortContents(contents), required: required.length > 0, place };
};

/** One schema for the payload in the input, whichever media type is chosen. */
export const bodySchema = (body: Body): JsonSchema => {
  const distinct = new Map(body.contents.map(({ http }) => [canonicalJson(http.schema), http.schema]));
  const [only, ...others] = distinct.values();
  if (others.length > 0) {
    const any = [...distinct.values()].some((schema) => schema === true);
    return any ? describe(true, body) : describe({ anyOf: [...distinct.values()] }, body);
  }
  return describe(only ?? true, body);
};

/** A description of the body goes beside its schema, never into one that others share. */
const describe = (schema: JsonSchema, body: Body): JsonSchema => {
  if (body.description === undefined || schema === false) return schema;
  if (schema === true) return { description: body.description };
  if (schema.description !== undefined) return schema;
  // A reference is filled in later and must stay the same object.
  return schema.$ref === undefined
    ? { ...schema, description: body.description }
    : annotate(schema, { description: body.description });
};
