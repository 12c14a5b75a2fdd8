/** The interface as an OpenAPI document. */
import {
  defineTarget,
  type AuthScheme,
  type Channel,
  type Interface,
  type JsonSchema,
  type Location,
  type Operation,
  type Target,
} from '@burgeon/kit';
import { define, isObject, pointerToken } from '../../base/json.ts';
import type {
  HttpAuthBinding,
  HttpBinding,
  HttpBody,
  HttpContent,
  HttpEncoding,
  HttpParameter,
  HttpResponse,
} from '../../bindings/http/binding.ts';
import { assignNames } from '../../interface/naming.ts';
import { mapReferences } from '../../interface/schema.ts';

type Json = Record<string, unknown>;

/** How schemas and security keys are written: component names allow fewer letters than ours. */
interface Writing {
  schema(schema: JsonSchema): JsonSchema;
  securityKey(key: string): string;
}

/** Drops what is undefined. */
const compact = (value: Json): Json => {
  const result: Json = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) define<unknown>(result, key, item);
  return result;
};

const table = (entries: Iterable<readonly [string, unknown]>): Json => {
  const result: Json = {};
  for (const [key, value] of entries) define(result, key, value);
  return result;
};

/** Component names. @see https://spec.openapis.org/oas/v3.1.1#fixed-fields-5 */
const componentNames = (keys: readonly string[]): Map<string, string> => {
  const good = keys.filter((key) => /^[a-zA-Z0-9._-]{1,120}$/.test(key));
  const others = keys.filter((key) => !good.includes(key)).map((key) => ({ key, wish: key }));
  return new Map([...good.map((key) => [key, key] as const), ...assignNames(others, { style: 'tool', reserved: new Set(good) })]);
};

const writingOf = (description: Interface): Writing => {
  const schemas = componentNames(Object.keys(description.types));
  const security = componentNames(Object.keys(description.auth));
  return {
    schema: (schema) =>
      mapReferences(schema, (name) =>
        schemas.has(name) ? `#/components/schemas/${pointerToken(schemas.get(name) ?? name)}` : undefined,
      ),
    securityKey: (key) => security.get(key) ?? key,
  };
};

const serverOf = ({ url, description, variables }: Location): Json => compact({ url, description, variables });

const encodingOf = ({ headers, ...rest }: HttpEncoding, { schema }: Writing): Json =>
  compact({
    ...rest,
    headers: headers && table(Object.entries(headers).map(([name, header]) => [name, { schema: schema(header) }])),
  });

const contentOf = (contents: readonly HttpContent[], writing: Writing): Json | undefined =>
  contents.length === 0
    ? undefined
    : table(
        contents.map(({ mediaType, schema, itemSchema, encoding, examples }) => [
          mediaType,
          compact({
            schema: schema === true ? undefined : writing.schema(schema),
            itemSchema: itemSchema === undefined ? undefined : writing.schema(itemSchema),
            encoding: encoding && table(Object.entries(encoding).map(([name, each]) => [name, encodingOf(each, writing)])),
            examples: examples && table(examples.map(({ name, value }) => [name, { value }])),
          }),
        ]),
      );

const parameterOf = (parameter: HttpParameter, operation: Operation, writing: Writing): Json => {
  const { name, required, allowReserved, allowEmptyValue, mediaType, explode } = parameter;
  const { properties } = operation.input;
  const own = Object.hasOwn(properties, parameter.property) ? (properties[parameter.property] as JsonSchema) : true;
  const schema = writing.schema(own);
  const description = isObject(own) && typeof own.description === 'string' ? own.description : undefined;
  const place = {
    name,
    in: parameter.in,
    required: required || parameter.in === 'path' || undefined,
    description,
    allowEmptyValue,
  };
  if (mediaType !== undefined) return compact({ ...place, content: { [mediaType]: { schema } } });
  // The specification has no word for values between tabs; commas are the nearest.
  const style = parameter.style === 'tabDelimited' ? 'form' : parameter.style;
  return compact({ ...place, style, explode, allowReserved, schema });
};

const responseOf = ({ description, contents, headers }: HttpResponse, writing: Writing): Json => {
  const written = Object.entries(headers).map(
    ([name, header]) => [name, compact({ ...header, schema: writing.schema(header.schema) })] as const,
  );
  return compact({
    description: description ?? '',
    headers: written.length > 0 ? table(written) : undefined,
    content: contentOf(contents, writing),
  });
};

const securityOf = (operation: Operation, { securityKey }: Writing): Json[] =>
  operation.auth.map((alternative) => table(Object.entries(alternative).map(([key, scopes]) => [securityKey(key), scopes])));

const wordsOf = ({ id, summary, description, deprecated, tags }: Operation): Json => ({
  operationId: id,
  summary,
  description,
  deprecated: deprecated || undefined,
  tags,
});

/** The payload of a request. Words that the input has about it belong to the whole, not to one of its contents. */
const bodyOf = (operation: Operation, body: HttpBody, writing: Writing): Json | undefined => {
  const { properties } = operation.input;
  const own = Object.hasOwn(properties, body.property) ? properties[body.property] : undefined;
  const description = isObject(own) && typeof own.description === 'string' ? own.description : undefined;
  const contents = body.contents.map((content) => {
    if (description === undefined || !isObject(content.schema) || content.schema.description !== description) return content;
    const { description: _same, ...schema } = content.schema;
    return { ...content, schema };
  });
  const content = contentOf(contents, writing);
  return content && compact({ description, required: body.required || undefined, content });
};

const boundOperation = (operation: Operation, binding: HttpBinding, writing: Writing): Json => {
  const { body, parameters, responses, locations } = binding;
  return compact({
    ...wordsOf(operation),
    servers: locations?.map(serverOf),
    security: securityOf(operation, writing),
    parameters: parameters.length > 0 ? parameters.map((parameter) => parameterOf(parameter, operation, writing)) : undefined,
    requestBody: body && bodyOf(operation, body, writing),
    responses:
      responses.length === 0
        ? { default: { description: '' } }
        : table(responses.map((response) => [response.status, responseOf(response, writing)])),
  });
};

/** An operation of another protocol: its input as the payload of a POST. */
const inventedOperation = (operation: Operation, writing: Writing): Json => {
  const json = (schema: JsonSchema): Json => ({ 'application/json': { schema: writing.schema(schema) } });
  const errors = operation.errors.map(({ code, description, schema }) => {
    const status = /^([1-5](\d\d|XX)|default)$/.test(code) ? code : 'default';
    return [status, compact({ description: description ?? code, content: schema === true ? undefined : json(schema) })] as const;
  });
  return compact({
    ...wordsOf(operation),
    security: securityOf(operation, writing),
    requestBody: { required: (operation.input.required ?? []).length > 0, content: json(operation.input) },
    responses: table([['200', { description: 'The result.', content: json(operation.output) }] as const, ...errors]),
  });
};

/** Methods a path item has a field for in 3.1. */
const pathMethods: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);

const bindingOf = ({ bindings }: Operation | Channel): HttpBinding | undefined => {
  const binding = Object.hasOwn(bindings, 'http') ? bindings['http'] : undefined;
  return isObject(binding) ? (binding as unknown as HttpBinding) : undefined;
};

const percentEncoded = (text: string): string => encodeURIComponent(text.toWellFormed());

const pathOf = ({ path, query }: HttpBinding): string => {
  if (!query || query.length === 0) return path;
  const pairs = query.map(([name, value]) =>
    value === '' ? percentEncoded(name) : `${percentEncoded(name)}=${percentEncoded(value)}`,
  );
  return `${path}${path.includes('?') ? '&' : '?'}${pairs.join('&')}`;
};

/** Where a path keeps the operation of a method: itself, or a table of its own for methods beyond the specification's. */
const operationsAt = (paths: Record<string, Json>, path: string, field: string): Json => {
  if (!Object.hasOwn(paths, path)) define<Json>(paths, path, {});
  const item = paths[path] as Json;
  if (isField(field)) return item;
  item['additionalOperations'] ??= {};
  return item['additionalOperations'] as Json;
};

const pathsOf = (description: Interface, writing: Writing): Record<string, Json> => {
  const paths: Record<string, Json> = {};
  for (const operation of description.operations) {
    const binding = bindingOf(operation);
    const method = binding ? binding.method : 'POST';
    const field = pathMethods.has(method.toLowerCase()) || method === 'QUERY' ? method.toLowerCase() : method;
    const path = binding ? pathOf(binding) : `/operations/${percentEncoded(operation.id)}`;
    const isTaken = Object.hasOwn(operationsAt(paths, path, field), field);
    const at = isTaken ? `${path}#${percentEncoded(operation.id)}` : path;
    const written = binding ? boundOperation(operation, binding, writing) : inventedOperation(operation, writing);
    define<unknown>(operationsAt(paths, at, field), field, written);
  }
  return paths;
};

const isField = (field: string): boolean => pathMethods.has(field) || field === 'query';

/** A request that the other side sends, as the operation it would be. */
const incomingOperation = (channel: Channel, binding: HttpBinding): Operation => ({
  id: channel.id,
  ...(channel.summary !== undefined && { summary: channel.summary }),
  ...(channel.description !== undefined && { description: channel.description }),
  effect: 'write',
  idempotent: false,
  input: { type: 'object', properties: binding.body ? { [binding.body.property]: channel.message } : {} },
  output: true,
  errors: [],
  auth: channel.auth,
  examples: [],
  bindings: channel.bindings,
});

/** Channels over which the other side calls us; a callback stands under the expression of its address. */
const webhooksOf = (description: Interface, writing: Writing): Record<string, Json> => {
  const webhooks: Record<string, Json> = {};
  for (const channel of description.channels) {
    const binding = bindingOf(channel);
    if (!binding || channel.direction !== 'in' || !isField(binding.method.toLowerCase())) continue;
    const field = binding.method.toLowerCase();
    const name = binding.path === '' ? channel.id : binding.path;
    const at = Object.hasOwn(operationsAt(webhooks, name, field), field) ? `${name}#${percentEncoded(channel.id)}` : name;
    define<unknown>(
      operationsAt(webhooks, at, field),
      field,
      boundOperation(incomingOperation(channel, binding), binding, writing),
    );
  }
  return webhooks;
};

const schemeOf = ({ kind, description, flows, discoveryUrl, bindings }: AuthScheme): Json => {
  const bound = (Object.hasOwn(bindings, 'http') ? bindings['http'] : undefined) as HttpAuthBinding | undefined;
  const scheme = (bound?.name ?? 'bearer').toLowerCase();
  switch (kind) {
    case 'apiKey':
      return compact({
        type: 'apiKey',
        description,
        in: bound === undefined || bound.place === 'authorization' ? 'header' : bound.place,
        name: bound?.name ?? 'Authorization',
      });
    case 'basic':
    case 'bearer':
      return compact({ type: 'http', description, scheme: kind });
    case 'oauth2':
      return compact({ type: 'oauth2', description, flows: flows ?? {} });
    case 'openIdConnect':
      return compact({ type: 'openIdConnect', description, openIdConnectUrl: discoveryUrl ?? '' });
    case 'mutualTls':
      return compact({ type: 'mutualTLS', description });
    default:
      return compact({ type: 'http', description, scheme });
  }
};

/** True when the document needs words that 3.1 does not have. */
const needsNewer = (description: Interface): boolean =>
  description.operations.some((operation) => {
    const binding = bindingOf(operation);
    if (!binding) return false;
    const contents = [...(binding.body?.contents ?? []), ...binding.responses.flatMap((response) => response.contents)];
    return (
      !pathMethods.has(binding.method.toLowerCase()) ||
      contents.some(({ itemSchema }) => itemSchema !== undefined) ||
      binding.parameters.some((parameter) => parameter.in === 'querystring' || parameter.style === 'cookie')
    );
  });

const documentOf = (description: Interface): Json => {
  const writing = writingOf(description);
  const webhooks = webhooksOf(description, writing);
  const names = componentNames(Object.keys(description.types));
  const schemas = Object.entries(description.types).map(
    ([name, type]) => [names.get(name) ?? name, writing.schema(type)] as const,
  );
  const schemes = Object.entries(description.auth).map(([key, scheme]) => [writing.securityKey(key), schemeOf(scheme)] as const);
  return compact({
    openapi: needsNewer(description) ? '3.2.0' : '3.1.1',
    info: compact({
      title: description.title ?? description.name,
      version: description.version,
      description: description.description,
    }),
    servers: description.locations.length > 0 ? description.locations.map(serverOf) : undefined,
    paths: pathsOf(description, writing),
    webhooks: Object.keys(webhooks).length > 0 ? webhooks : undefined,
    components:
      schemas.length + schemes.length === 0
        ? undefined
        : compact({
            schemas: schemas.length > 0 ? table(schemas) : undefined,
            securitySchemes: schemes.length > 0 ? table(schemes) : undefined,
          }),
  });
};

/**
 * Writes `openapi.json`: 3.1, or 3.2 where a stream, a method or a parameter needs it. Operations without an HTTP binding become
 * `POST /operations/{id}`. Not carried over: channels of
 * other protocols, entities, names with letters that components may not have, values between tabs, and what no reader derives from the document.
 * @see https://spec.openapis.org/oas/v3.1.1
 */
export const openapi: Target = defineTarget({
  name: 'openapi',
  write: (description) =>
    Promise.resolve([{ path: 'openapi.json', text: `${JSON.stringify(documentOf(description), null, 2)}\n` }]),
});
