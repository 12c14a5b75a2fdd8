import {
  BurgeonError,
  type CallOptions,
  type Effect,
  type Interface,
  type JsonObject,
  type JsonSchema,
  type JsonValue,
  type Operation,
  type SchemaObjectInput,
} from '@burgeon/kit';
import { asText, isObject } from '../base/json.ts';
import type { HttpBinding, HttpParameter } from '../bindings/http/binding.ts';
import type { Right } from '../security/access.ts';

/** Which doors an operation is shown at beside the CLI. Nothing that approves or touches secrets is ever shown to a model. */
export type Door = 'web' | 'model';

/** One operation of Burgeon itself: description and handler in one place. */
export interface ManagementOperation {
  id: string;
  summary: string;
  effect: Effect;
  /** `GET /api/modules/{namespace}/{name}`; parts in braces are input properties. */
  route: string;
  doors: Door[];
  /** What the caller's role must have; `nothing`: answered without a token. An operation that does not say so is no operation. */
  needs: Right | 'nothing';
  /**
   * The module an operation is about, for keys that are good for some modules only. Known already of those that take `namespace` and
   * `name`; of the others, those without this and without `visible` are refused to such a key.
   */
  about?(input: JsonObject): string | Promise<string>;
  /** The part of an answer that a key for some modules only may see. */
  visible?(output: JsonValue, mayUse: (module: string) => boolean): JsonValue;
  input?: { properties: Record<string, JsonSchema>; required?: string[] };
  /** Input property that is the payload itself; otherwise all properties that are not in the path form the payload or the query. */
  payload?: string;
  output: JsonSchema;
  /** Status of an answer over the web. Default: 200. */
  status?: '200' | '202';
  mediaType?: string;
  handle(input: JsonObject, options: CallOptions): Promise<JsonValue>;
}

/** Shorthand for a text property. */
export const text = (description: string): JsonSchema => ({ type: 'string', minLength: 1, description });

/** Input of operations on one module. */
export const moduleInput = (
  more: Record<string, JsonSchema> = {},
  required: string[] = [],
): { properties: Record<string, JsonSchema>; required: string[] } => ({
  properties: {
    namespace: text('Namespace of the module: api, db, ...'),
    name: text('Name of the module in its namespace.'),
    ...more,
  },
  required: ['namespace', 'name', ...required],
});

/** `namespace/name` of an input made by {@link moduleInput}. */
export const moduleId = (input: JsonObject): string => `${requiredText(input, 'namespace')}/${requiredText(input, 'name')}`;

/**
 * A text property of an input.
 * @throws {BurgeonError} INPUT_INVALID when it is anything else
 */
export const requiredText = (input: JsonObject, property: string): string => {
  const value = optionalText(input, property);
  if (value !== undefined) return value;
  throw new BurgeonError('INPUT_INVALID', {
    message: `${property} must be text.`,
    data: { issues: [{ path: `/${property}`, message: 'must be text' }] },
  });
};

/** A text property of an input, or undefined. */
export const optionalText = (input: JsonObject, property: string): string | undefined => {
  const value = Object.hasOwn(input, property) ? input[property] : undefined;
  return typeof value === 'string' ? value : undefined;
};

/** A value as JSON sees it: what cannot be said in JSON is gone. */
export const asJson = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue;

/** Input property for a version. */
export const versionInput: Record<string, JsonSchema> = { version: text('Version; the active one when absent.') };

const remark = (description: string): JsonSchema => ({ type: 'string', maxLength: 2_000, description });

/** Input properties for what people say of a module. */
export const remarkInput: Record<string, JsonSchema> = {
  title: remark('What people call it; empty takes it away.'),
  note: remark('What people have to say of it; empty takes it away.'),
};

/** What an input says of a module. @throws {BurgeonError} INPUT_INVALID for what is too long */
export const remarksOf = (input: JsonObject): { title?: string; note?: string } =>
  Object.fromEntries(
    Object.keys(remarkInput).flatMap((name) => {
      const said = optionalText(input, name);
      if (said !== undefined && said.length > 2_000) throw tooLong(name);
      return said === undefined ? [] : [[name, said]];
    }),
  );

const tooLong = (property: string): BurgeonError =>
  new BurgeonError('INPUT_INVALID', {
    message: `${property} has more than 2,000 characters.`,
    data: { issues: [{ path: `/${property}`, message: 'must have at most 2000 characters' }] },
  });

/** For answers that are lists: the entries whose module, found under the property, a narrowed key may use. */
export const visibleBy =
  (property: string): NonNullable<ManagementOperation['visible']> =>
  (output, mayUse) =>
    Array.isArray(output) ? output.filter((each) => isObject(each) && mayUse(asText(each[property]).split('@', 1)[0] ?? '')) : [];

/** Reference of an input made by {@link moduleInput}, with its version when it names one. */
export const moduleReference = (input: JsonObject): string => {
  const version = optionalText(input, 'version');
  return version === undefined ? moduleId(input) : `${moduleId(input)}@${version}`;
};

/** The interface of the given operations, with web bindings, so that every protocol we have can expose Burgeon itself. */
export const managementInterface = (operations: readonly ManagementOperation[], version: string): Interface => ({
  format: 'burgeon.interface/1',
  name: 'burgeon',
  title: 'Burgeon',
  version,
  description: 'A runtime that grows its own tools: point it at an interface and call it a minute later.',
  source: { kind: 'management', location: 'burgeon', digest: '' },
  locations: [],
  operations: operations.map(describe),
  channels: [],
  entities: [],
  types: {},
  auth: {
    token: {
      kind: 'bearer',
      description: 'The token that `burgeon serve` prints.',
      bindings: { http: { place: 'authorization', name: 'Bearer' } },
    },
  },
  origins: {},
  diagnostics: [],
});

const describe = (operation: ManagementOperation): Operation => {
  const input: SchemaObjectInput = inputOf(operation);
  return {
    id: operation.id,
    summary: operation.summary,
    effect: operation.effect,
    idempotent: operation.effect !== 'write',
    input,
    output: operation.output,
    outputCode: operation.status ?? '200',
    errors: [{ code: 'default', description: 'What went wrong, why, and what to do (RFC 9457).', schema: problem }],
    auth: operation.needs === 'nothing' ? [] : [{ token: [] }],
    examples: [],
    bindings: { http: bindingOf(operation) as unknown as JsonObject },
  };
};

/** Problem details. @see https://www.rfc-editor.org/rfc/rfc9457 */
const problem: JsonSchema = {
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    hint: { type: 'string' },
  },
};

/** Wire form of the input: properties outside path and query sit under the payload property. */
const inputOf = (operation: ManagementOperation): SchemaObjectInput => {
  const { properties = {}, required = [] } = operation.input ?? {};
  const { inPath, inBody, hasBody } = split(operation);
  if (!hasBody || operation.payload !== undefined)
    return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
  const bodyRequired = required.filter((name) => inBody.includes(name));
  const body: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(inBody.map((name) => [name, properties[name] ?? true])),
    ...(bodyRequired.length > 0 ? { required: bodyRequired } : {}),
  };
  return {
    type: 'object',
    properties: { ...Object.fromEntries(inPath.map((name) => [name, properties[name] ?? true])), body },
    required: [...inPath, ...(bodyRequired.length > 0 ? ['body'] : [])],
  };
};

const split = (
  operation: ManagementOperation,
): { method: string; path: string; inPath: string[]; inBody: string[]; hasBody: boolean } => {
  const [method = 'GET', path = '/'] = operation.route.split(' ');
  const names = Object.keys(operation.input?.properties ?? {});
  const inPath = names.filter((name) => path.includes(`{${name}}`));
  const inBody = names.filter((name) => !inPath.includes(name));
  return { method, path, inPath, inBody, hasBody: ['POST', 'PUT', 'PATCH'].includes(method) && inBody.length > 0 };
};

const bindingOf = (operation: ManagementOperation): HttpBinding => {
  const { method, path, inPath, inBody, hasBody } = split(operation);
  const required = operation.input?.required ?? [];
  const parameter = (name: string, place: 'path' | 'query'): HttpParameter => ({
    name,
    property: name,
    in: place,
    style: place === 'path' ? 'simple' : 'form',
    explode: place === 'query',
    required: required.includes(name),
  });
  const payload = operation.payload ?? 'body';
  const bodySchema = inputOf(operation).properties[payload] ?? true;
  return {
    method,
    path,
    parameters: [
      ...inPath.map((name) => parameter(name, 'path')),
      ...(hasBody ? [] : inBody.map((name) => parameter(name, 'query'))),
    ],
    ...(hasBody
      ? {
          body: {
            property: payload,
            required: inBody.some((name) => required.includes(name)),
            contents: [{ mediaType: 'application/json', schema: bodySchema }],
          },
        }
      : {}),
    responses: [
      {
        status: operation.status ?? '200',
        description: operation.summary,
        headers: {},
        contents: [{ mediaType: operation.mediaType ?? 'application/json', schema: operation.output }],
      },
      {
        status: 'default',
        description: 'A problem.',
        headers: {},
        contents: [{ mediaType: 'application/problem+json', schema: problem }],
      },
    ],
  };
};

/** The handler's view of a wire input: what sat in the payload comes up to the top, unless the payload is a property of its own. */
export const flatten = (operation: ManagementOperation, input: JsonObject): JsonObject => {
  if (operation.payload !== undefined) return input;
  const { body, ...rest } = input;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...rest, ...body } : input;
};
