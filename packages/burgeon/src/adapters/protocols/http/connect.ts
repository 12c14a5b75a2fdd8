import {
  BurgeonError,
  type CallOptions,
  type CallResult,
  type ConnectContext,
  type Connection,
  type Interface,
  type JsonObject,
  type JsonSchema,
  type JsonValue,
  type Operation,
} from '@burgeon/kit';
import { type Validator, createValidator } from '../../../interface/validate.ts';
import { httpBinding, httpOperation, httpSchemes } from '../../../bindings/http/operation.ts';
import { documentedResponse } from '../../../bindings/http/runtime/answer.ts';
import { createClient } from '../../../bindings/http/runtime/client.ts';
import { AnswerError, AuthError, HttpError, InputError, NetworkError } from '../../../bindings/http/runtime/errors.ts';
import { mediaMatches } from '../../../bindings/http/runtime/media-type.ts';
import { isRetryable } from '../../../bindings/http/runtime/retry.ts';
import type { CallSettings, HttpOperation, HttpResult } from '../../../bindings/http/runtime/types.ts';
import { baseAddress } from './location.ts';

/** Longest part of a foreign text that a message repeats. */
const shown = 300;

/** Headers that say nothing about the result. */
const dull = new Set(['connection', 'keep-alive', 'date', 'set-cookie', 'transfer-encoding']);

/** What a connection is made of. */
interface Wire {
  description: Interface;
  context: ConnectContext;
  operations: Map<string, Operation>;
  validator: () => Validator;
}

const variantHeader = (options: CallOptions): Record<string, string> => {
  const { code, example, dynamic } = options.variant ?? {};
  const wishes = [code && `code=${code}`, example && `example=${example}`, dynamic && 'dynamic=true'].filter(Boolean);
  return wishes.length === 0 ? {} : { prefer: wishes.join(', ') };
};

const settingsOf = (options: CallOptions): CallSettings => ({
  headers: variantHeader(options),
  ...(options.signal ? { signal: options.signal } : {}),
});

/** What the other side says about itself in an error body: the usual members of problem documents. */
const detail = (body: unknown): string => {
  if (typeof body === 'string') return body.slice(0, shown);
  if (typeof body !== 'object' || body === null) return '';
  const fields = body as Record<string, unknown>;
  const found = ['detail', 'message', 'error_description', 'title', 'error'].map((name) =>
    Object.hasOwn(fields, name) ? fields[name] : undefined,
  );
  return String(found.find((value) => typeof value === 'string') ?? '').slice(0, shown);
};

/** Translates an error of the client into ours; what is ours already passes through. */
const translate = (error: unknown, operation: string, signal?: AbortSignal): BurgeonError => {
  if (BurgeonError.is(error)) return error;
  if (signal?.aborted) return new BurgeonError('CANCELLED', { message: `The call of ${operation} was cancelled.`, cause: error });
  if (error instanceof AuthError) {
    const [first = ''] = error.missing;
    return new BurgeonError('SECRET_MISSING', {
      message: error.message,
      hint: `Store one: burgeon secret set NAMESPACE/MODULE/${first}`,
      data: { schemes: error.missing, code: String(error.status), body: (error.body ?? null) as JsonValue },
      cause: error,
    });
  }
  if (error instanceof HttpError) return remoteError(error);
  if (error instanceof InputError) {
    const issues = error.issues.map(({ path, message }) => ({ path, message }));
    return new BurgeonError('INPUT_INVALID', {
      message: error.message,
      hint: `See what ${operation} takes in its input schema.`,
      data: { issues },
      cause: error,
    });
  }
  if (error instanceof AnswerError) {
    return new BurgeonError('REMOTE_INVALID', {
      message: error.message,
      data: { raw: error.raw?.slice(0, 2_000) ?? null },
      cause: error,
    });
  }
  if (error instanceof NetworkError && error.timedOut)
    return new BurgeonError('TIMEOUT', { message: error.message, retryable: true, cause: error });
  const message =
    error instanceof NetworkError ? error.message : `${operation}: ${error instanceof Error ? error.message : String(error)}`;
  return new BurgeonError('REMOTE_UNREACHABLE', {
    message,
    hint: 'Check that the address is right and the other side is up.',
    retryable: true,
    cause: error,
  });
};

const remoteError = (error: HttpError): BurgeonError => {
  const said = detail(error.body);
  return new BurgeonError('REMOTE_ERROR', {
    message: `${error.operation} was answered with ${error.status}${said === '' ? '' : `: ${said}`}`,
    data: { code: String(error.status), body: (error.body ?? null) as JsonValue },
    retryable: isRetryable(error.status),
    cause: error,
  });
};

/** True when a status is the one of the ordinary result, which may be a class or the default. */
const isOrdinary = (operation: Operation, status: number): boolean =>
  operation.outputCode === undefined ||
  operation.outputCode === (documentedResponse(httpBinding(operation)?.responses ?? [], status)?.status ?? String(status));

/** The schema a result must match, by its status and media type; undefined when the description has none. */
const schemaFor = (operation: Operation, { status, headers }: HttpResult): JsonSchema | undefined => {
  // Some answers have no content whatever their description says.
  const bare =
    [204, 205, 304].includes(status) || httpBinding(operation)?.method === 'HEAD' || operation.outputCode === undefined;
  if (bare) return undefined;
  const contents = documentedResponse(httpBinding(operation)?.responses ?? [], status)?.contents ?? [];
  const mediaType = headers['content-type'];
  const content = mediaType === undefined ? contents[0] : contents.find((each) => mediaMatches(each.mediaType, mediaType));
  return content?.schema ?? (isOrdinary(operation, status) ? operation.output : undefined);
};

const checkOutput = ({ context, validator }: Wire, operation: Operation, result: HttpResult): void => {
  if (!context.validateOutput || result.stream) return;
  const schema = schemaFor(operation, result);
  const issues = schema === undefined ? [] : validator().check(schema, result.output, { direction: 'response' });
  if (issues.length === 0) return;
  const [first] = issues;
  throw new BurgeonError('REMOTE_INVALID', {
    message: `${operation.id} answered something its description does not allow: ${first?.path || 'the output'} ${first?.message ?? ''}`,
    data: { issues: issues.map(({ path, message }) => ({ path, message })), output: result.output as JsonValue },
  });
};

async function* translated(
  stream: AsyncIterable<unknown>,
  operation: string,
  signal?: AbortSignal,
): AsyncGenerator<JsonValue, void, undefined> {
  try {
    for await (const item of stream) yield item as JsonValue;
  } catch (error) {
    throw translate(error, operation, signal);
  }
}

const resultOf = (operation: Operation, result: HttpResult, options: CallOptions): CallResult => {
  const attributes: Record<string, string> = { status: String(result.status) };
  for (const [name, value] of Object.entries(result.headers)) if (!dull.has(name) && name !== 'status') attributes[name] = value;
  return {
    output: result.output as JsonValue,
    attributes,
    ...(isOrdinary(operation, result.status) ? {} : { code: String(result.status) }),
    ...(result.stream ? { stream: translated(result.stream, operation.id, options.signal) } : {}),
  };
};

/** Gives the client's form of an operation, made when it is first asked for. */
const lazyOperations = (
  operations: Map<string, Operation>,
  types: Interface['types'],
): ((id: string) => HttpOperation | undefined) => {
  const made = new Map<string, HttpOperation | undefined>();
  return (id) => {
    const operation = operations.get(id);
    if (operation && !made.has(id)) made.set(id, httpOperation(operation, types));
    return made.get(id);
  };
};

/**
 * Connects to an HTTP interface.
 * @throws {BurgeonError} USAGE when nobody says where the interface lives
 */
export const connect = async (description: Interface, context: ConnectContext): Promise<Connection> => {
  const { types } = description;
  const operations = new Map(description.operations.filter(httpBinding).map((operation) => [operation.id, operation]));
  const address = baseAddress(description, context.location);
  let made: Validator | undefined;
  const wire: Wire = { description, context, operations, validator: () => (made ??= createValidator(types)) };
  const holds = context.egress.holds;
  const client = createClient({
    operations: lazyOperations(operations, types),
    schemes: httpSchemes(description),
    baseUrl: address.url,
    ownLocations: !address.chosen,
    bytes: 'base64',
    fetch: (url, init) => context.egress.fetch(url, init),
    // Where the gate puts credentials in, none is ever seen here.
    ...(holds ? { holds } : { auth: async (scheme: string) => (await context.credential(scheme))?.value }),
    sleep: (ms, signal) => context.clock.sleep(ms, signal),
    now: () => context.clock.now(),
  });
  const closing = new AbortController();
  const call = async (id: string, input: JsonObject, options: CallOptions = {}): Promise<CallResult> => {
    const operation = operations.get(id);
    if (!operation) throw new BurgeonError('OPERATION_NOT_FOUND', { message: `"${description.name}" has no operation "${id}".` });
    const signal = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal;
    try {
      const result = await client.call(id, input, settingsOf({ ...options, signal }));
      checkOutput(wire, operation, result);
      return resultOf(operation, result, { ...options, signal });
    } catch (error) {
      throw translate(error, id, signal);
    }
  };
  return { call, close: async () => closing.abort() };
};
