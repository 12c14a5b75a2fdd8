/** From the neutral description to what the HTTP client needs: no schemas, only what they say about bytes and events. */
import type { AuthScheme, Interface, JsonSchema, Operation } from '@burgeon/kit';
import { define, isObject } from '../../base/json.ts';
import { isBytes, resolveSchema } from '../../interface/schema.ts';
import type { HttpAuthBinding, HttpBinding, HttpContent } from './binding.ts';
import { isXml, mediaKind } from './runtime/media-type.ts';
import { xmlShape } from './xml-shape.ts';
import type { HttpOperation, HttpScheme, WireBody, WireContent, WireEncoding, WireResponse } from './runtime/types.ts';

type Types = Record<string, JsonSchema>;

/** Deepest nesting of compositions that is looked through. */
const maxDepth = 16;

/** The HTTP binding of an operation; undefined when it has none. */
export const httpBinding = (operation: Operation): HttpBinding | undefined => {
  const binding = Object.hasOwn(operation.bindings, 'http') ? operation.bindings['http'] : undefined;
  return isObject(binding) && typeof binding['method'] === 'string' ? (binding as unknown as HttpBinding) : undefined;
};

/** How one operation looks to the HTTP client: plain JSON, small enough to be written into generated code; undefined without a binding. */
export const httpOperation = (operation: Operation, types: Types): HttpOperation | undefined => {
  const binding = httpBinding(operation);
  if (!binding) return undefined;
  const { method, path, query, locations, parameters, body, responses } = binding;
  const stream = streamOf(operation, types);
  return {
    binding: {
      method,
      path,
      ...(query ? { query } : {}),
      ...(locations ? { locations } : {}),
      parameters,
      ...(body ? { body: wireBody(body, types) } : {}),
      responses: responses.map((response): WireResponse => ({
        status: response.status,
        contents: response.contents.map((content) => wireContent(content, types)),
      })),
    },
    auth: operation.auth,
    idempotent: operation.idempotent,
    ...(operation.pagination ? { pagination: operation.pagination } : {}),
    ...(stream ? { stream } : {}),
  };
};

/** The client's table of all operations of an interface that have an HTTP binding, by operation id. */
export const httpOperations = (description: Interface): Record<string, HttpOperation> => {
  const operations: Record<string, HttpOperation> = {};
  for (const operation of description.operations) {
    const made = httpOperation(operation, description.types);
    if (made) define(operations, operation.id, made);
  }
  return operations;
};

/** The client's table of the interface's auth schemes, by their keys; schemes without an HTTP binding get the usual place of their kind. */
export const httpSchemes = (description: Interface): Record<string, HttpScheme> => {
  const schemes: Record<string, HttpScheme> = {};
  for (const [name, scheme] of Object.entries(description.auth)) define(schemes, name, httpScheme(scheme));
  return schemes;
};

const httpScheme = ({ kind, bindings }: AuthScheme): HttpScheme => {
  const binding = (Object.hasOwn(bindings, 'http') ? bindings['http'] : undefined) as HttpAuthBinding | undefined;
  if (binding) return { kind, place: binding.place, name: binding.name };
  return { kind, place: 'authorization', name: kind === 'basic' ? 'Basic' : 'Bearer' };
};

const wireBody = (body: NonNullable<HttpBinding['body']>, types: Types): WireBody => ({
  property: body.property,
  required: body.required,
  contents: body.contents.map((content) => wireContent(content, types)),
  ...(body.mediaTypeProperty === undefined ? {} : { mediaTypeProperty: body.mediaTypeProperty }),
});

const wireContent = (content: HttpContent, types: Types): WireContent => {
  const { mediaType } = content;
  const kind = mediaKind(mediaType);
  const schema = resolveSchema(content.schema, types);
  const encoding = kind === 'multipart' || kind === 'form' ? wireEncodings(content, types) : undefined;
  const bytes = kind !== 'bytes' && isBytes(schema);
  const structured = kind === 'text' && !bytes && isObject(schema) && !admitsText(schema, types);
  return {
    mediaType,
    ...(encoding ? { encoding } : {}),
    ...(bytes ? { bytes } : {}),
    ...(structured ? { structured } : {}),
    ...(structured && isXml(mediaType) ? { xml: xmlShape(content.schema, types) } : {}),
  };
};

/** True unless a schema says by its type that values are no strings. */
const admitsText = (schema: JsonSchema, types: Types, depth = 0): boolean => {
  const resolved = resolveSchema(schema, types);
  if (!isObject(resolved) || depth > maxDepth) return true;
  const { type, allOf, anyOf, oneOf } = resolved;
  if (type !== undefined) return [type].flat().includes('string');
  if (resolved.properties !== undefined || resolved.items !== undefined) return false;
  const within = (each: JsonSchema): boolean => admitsText(each, types, depth + 1);
  if (Array.isArray(allOf) && !allOf.every(within)) return false;
  return [anyOf, oneOf].every((list) => !Array.isArray(list) || list.some(within));
};

/** True for a property whose strings, alone or in a list, are base64 text. */
const holdsBytes = (schema: JsonSchema, types: Types): boolean => {
  const resolved = resolveSchema(schema, types);
  if (isBytes(resolved)) return true;
  return isObject(resolved) && resolved.items !== undefined && isBytes(resolveSchema(resolved.items, types));
};

const wireEncodings = (content: HttpContent, types: Types): Record<string, WireEncoding> | undefined => {
  const encodings: Record<string, WireEncoding> = {};
  for (const [name, { headers: _headers, ...encoding }] of Object.entries(content.encoding ?? {}))
    define(encodings, name, encoding);
  for (const [name, schema] of Object.entries(propertiesOf(content.schema, types))) {
    if (!holdsBytes(schema, types)) continue;
    define(encodings, name, { ...(Object.hasOwn(encodings, name) ? encodings[name] : {}), bytes: true });
  }
  return Object.keys(encodings).length === 0 ? undefined : encodings;
};

/** Schemas looked at in one search for properties. */
const maxVisits = 500;

/** The properties of an object schema, those of its compositions' members included; on a clash the outer and the earlier one stands. */
export const propertiesOf = (schema: JsonSchema, types: Types): Record<string, JsonSchema> => {
  const properties: Record<string, JsonSchema> = {};
  const waiting = [{ schema, depth: 0 }];
  for (let visits = 0; visits < maxVisits; visits += 1) {
    const next = waiting.shift();
    if (!next) break;
    const resolved = resolveSchema(next.schema, types);
    if (!isObject(resolved) || next.depth > maxDepth) continue;
    for (const [name, property] of Object.entries(resolved.properties ?? {})) {
      if (!Object.hasOwn(properties, name)) define(properties, name, property);
    }
    const members = [resolved.allOf, resolved.anyOf, resolved.oneOf].filter(Array.isArray).flat() as JsonSchema[];
    waiting.push(...members.slice(0, maxVisits).map((member) => ({ schema: member, depth: next.depth + 1 })));
  }
  return properties;
};

/** An item of an event stream is the event itself when its schema speaks of `data`, else what the data holds. */
const streamOf = (operation: Operation, types: Types): HttpOperation['stream'] => {
  if (!operation.stream) return undefined;
  return { item: Object.hasOwn(propertiesOf(operation.stream.item, types), 'data') ? 'event' : 'data' };
};
