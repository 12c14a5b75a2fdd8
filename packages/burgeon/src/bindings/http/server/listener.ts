/** Serving a provider over HTTP: the request listener, without a server of its own. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  BurgeonError,
  type CallOptions,
  type Clock,
  type Interface,
  type JsonValue,
  type Logger,
  type Provider,
} from '@burgeon/kit';
import { isObject } from '../../../base/json.ts';
import { type Validator, createValidator } from '../../../interface/validate.ts';
import type { Decoded, RequestIssue, RequestParts } from './decode.ts';
import { createFaults } from './fault.ts';
import { readPrefer } from './negotiate.ts';
import { type Problem, problemOf } from './problem.ts';
import { hasBody, receiveBody } from './request-body.ts';
import { writeErrorBody, writeProblem, writeResult } from './respond.ts';
import { type LazyRoute, type Route, createRoutes, inputIssues, missingCredential } from './route.ts';
import type { Found, Match, Router } from './router.ts';

/** How to serve. */
export interface HttpListenerOptions {
  clock: Clock;
  log: Logger;
  /** What to do with requests that do not match the description. Default: enforce. */
  validation?: 'off' | 'report' | 'enforce';
  /** Added delay per answer. */
  latencyMs?: number;
  /** Share of answers replaced by a fault, 0..1, drawn from `seed` (default 1). */
  errorRate?: number;
  seed?: number;
  /** True: a request without any credential of the right place is refused. Any value is taken. Default: false. */
  requireAuth?: boolean;
  /** Largest payload that is read. Default: 32 MiB. */
  bodyLimitBytes?: number;
  /** Lets pages of all origins call. Default: true. */
  cors?: boolean;
  /** Prefix under which the listener is mounted (`/mods/petstore`); paths outside it do not match. */
  mount?: string;
  /** What to do with a path that no operation has: leave it to the caller, or answer 404. Default: pass. */
  unmatched?: 'pass' | 'answer';
  /** Ends all calls that still run. */
  signal?: AbortSignal;
  /** Judges whether an operation may be called at all, before its payload is read. Throws when not. */
  admit?(operation: string): void;
}

/** Serves one request; resolves when it is answered, with false when no operation has the path and nothing was answered. */
export type HttpListener = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** The listener's own state: rebuilt when the description changes. */
interface Service {
  provider: Provider;
  options: HttpListenerOptions;
  description: Interface;
  router: Router<LazyRoute>;
  validator: Validator;
  fault: () => Problem | undefined;
}

/** One request under way. */
interface Exchange {
  service: Service;
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  path: string;
  query: string;
  head: boolean;
}

const defaultBodyLimit = 32 * 1024 * 1024;

/** Makes the listener. Operations are compiled at their first request; a change of the description takes effect at the next one. */
export const createHttpListener = (provider: Provider, options: HttpListenerOptions): HttpListener => {
  const fault = createFaults(options.errorRate ?? 0, options.seed ?? 1);
  const build = (): Service => {
    const description = provider.interface;
    const router = createRoutes(description, { cors: options.cors !== false });
    return { provider, options, description, router, validator: createValidator(description.types), fault };
  };
  let service = build();
  provider.subscribe?.(() => (service = build()));
  return async (request, response) => {
    const exchange = begin(service, request, response);
    if (!exchange) return false;
    try {
      return await serve(exchange);
    } catch (error) {
      fail(exchange, error);
      return true;
    }
  };
};

/** Takes the request line apart; undefined for a path outside the mount. */
const begin = (service: Service, request: IncomingMessage, response: ServerResponse): Exchange | undefined => {
  const { mount = '' } = service.options;
  const target = originForm(request.url ?? '/');
  const at = target.indexOf('?');
  const whole = at < 0 ? target : target.slice(0, at);
  if (mount !== '' && whole !== mount && !whole.startsWith(`${mount}/`)) return undefined;
  const path = mount === '' ? whole : whole.slice(mount.length) || '/';
  const method = request.method ?? 'GET';
  return { service, request, response, method, path, query: at < 0 ? '' : target.slice(at + 1), head: method === 'HEAD' };
};

/** The path and query of a request target, which a client of a proxy writes with the address before it. */
const originForm = (target: string): string => {
  if (target.startsWith('/')) return target;
  const rest = /^https?:\/\/[^/?#]*(.*)$/is.exec(target)?.[1] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
};

const refuse = (exchange: Exchange, problem: Problem): true => {
  writeProblem(exchange.response, problem, { head: exchange.head, cors: exchange.service.options.cors !== false });
  return true;
};

const serve = async (exchange: Exchange): Promise<boolean> => {
  const { service, method, path, query } = exchange;
  const found = service.router.find(method, path, query);
  if (!found) return unmatched(exchange);
  const matches =
    found.matches.length === 0 && method === 'HEAD' ? (service.router.find('GET', path, query)?.matches ?? []) : found.matches;
  if (matches.length === 0) return otherMethod(exchange, found);
  if (service.options.admit) for (const match of matches) service.options.admit(match.value().operation.id);
  const parts = await receive(exchange);
  if (parts) await answer(exchange, matches, parts);
  return true;
};

const unmatched = (exchange: Exchange): boolean => {
  const { service, path, method } = exchange;
  if (service.options.unmatched !== 'answer') return false;
  const near = service.router.near(path);
  const hint = near.length === 0 ? undefined : `Did you mean ${near[0]}?`;
  return refuse(exchange, {
    status: 404,
    detail: `No operation has the path ${path} (${method}).`,
    more: { near },
    ...(hint ? { hint } : {}),
  });
};

/** Answers a path whose operations have other methods: a preflight or a question for the methods, else 405. */
const otherMethod = (exchange: Exchange, found: Found<LazyRoute>): boolean => {
  const { request, response, method, path, service } = exchange;
  const methods = [...new Set([...found.methods, ...(found.methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].sort();
  const allow = methods.join(', ');
  if (method !== 'OPTIONS')
    return refuse(exchange, {
      status: 405,
      detail: `${path} does not know ${method}.`,
      hint: `It knows ${allow}.`,
      headers: { allow },
    });
  const asked = request.headers['access-control-request-headers'];
  const headers: Record<string, string> = { allow };
  if (service.options.cors !== false) {
    Object.assign(headers, {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': allow,
      'access-control-max-age': '600',
    });
    headers['access-control-allow-headers'] = asked ?? '*';
  }
  response.writeHead(204, headers).end();
  return true;
};

/** Receives the payload; undefined when the request was refused or its client left. */
const receive = async ({ service, request, query, ...rest }: Exchange): Promise<RequestParts | undefined> => {
  const parts: RequestParts = { path: {}, query, headers: request.headers };
  if (!hasBody(request)) return parts;
  const limit = service.options.bodyLimitBytes ?? defaultBodyLimit;
  const body = await receiveBody(request, limit);
  if (body === 'aborted') return undefined;
  if (body === 'too-large') {
    refuse(
      { service, request, query, ...rest },
      { status: 413, detail: `The payload is larger than ${limit} bytes.`, headers: { connection: 'close' } },
    );
    return undefined;
  }
  return { ...parts, body };
};

/** A match with what was read for it. */
interface Candidate {
  route: Route;
  decoded: Decoded;
  issues: RequestIssue[];
}

/** Of several operations with the same path, the first whose input fits; else the first. */
const choose = (service: Service, matches: Match<LazyRoute>[], parts: RequestParts): Candidate => {
  let first: Candidate | undefined;
  for (const match of matches) {
    const route = match.value();
    const decoded = route.decode({ ...parts, path: match.path });
    const issues = service.options.validation === 'off' ? [] : inputIssues(route, decoded, service.validator);
    const candidate = { route, decoded, issues };
    if (issues.length === 0 && decoded.unsupported === undefined) return candidate;
    first ??= candidate;
  }
  return first as Candidate;
};

const answer = async (exchange: Exchange, matches: Match<LazyRoute>[], parts: RequestParts): Promise<void> => {
  const { service, request, response, head } = exchange;
  const { options } = service;
  const candidate = choose(service, matches, parts);
  const { route, decoded } = candidate;
  const variant = readPrefer(request.headers['prefer']);
  const problem = refusal(exchange, candidate, parts);
  if (problem) return void refuse(exchange, problem);
  const accept = request.headers.accept;
  if (!variant?.code && !route.plan(undefined, accept).acceptable) return void refuse(exchange, notAcceptable(route));
  if (options.latencyMs) await options.clock.sleep(options.latencyMs, options.signal);
  const fault = service.fault();
  if (fault) return void refuse(exchange, fault);
  const { signal, done } = callSignal(response, options.signal);
  try {
    const callOptions: CallOptions = variant ? { signal, variant } : { signal };
    const result = await service.provider.call(route.operation.id, decoded.input, callOptions);
    if (response.destroyed)
      return await result.stream?.[Symbol.asyncIterator]()
        .return?.()
        .then(() => undefined);
    await writeResult({ response, plan: route.plan(result.code, accept), head }, result);
  } catch (error) {
    if (!writeRemote(exchange, route, error)) throw error;
  } finally {
    done();
  }
};

/** A signal that ends when the client leaves or the listener closes. */
const callSignal = (response: ServerResponse, outer: AbortSignal | undefined): { signal: AbortSignal; done: () => void } => {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  response.once('close', abort);
  outer?.addEventListener('abort', abort, { once: true });
  const done = (): void => {
    response.off('close', abort);
    outer?.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, done };
};

/** Why a request is not carried out; undefined when it is. */
const refusal = (
  { service, path, method }: Exchange,
  { route, decoded, issues }: Candidate,
  parts: RequestParts,
): Problem | undefined => {
  const { options } = service;
  const { operation } = route;
  const mode = options.validation ?? 'enforce';
  const missing = options.requireAuth && mode !== 'off' ? missingCredential(operation, parts, service.description) : undefined;
  if (missing) {
    const more = { schemes: missing };
    return {
      status: 401,
      detail: `${operation.id} needs a credential for ${missing.join(' and ')}.`,
      more,
      headers: { 'www-authenticate': challenge(service.description, missing) },
    };
  }
  if (mode === 'off') return undefined;
  if (mode === 'report') {
    const found = decoded.unsupported ? [{ path: '', message: 'has a media type that is not documented' }] : issues;
    if (found.length > 0)
      options.log.warn(`${method} ${path} does not match ${operation.id}`, { operation: operation.id, issues: found as never });
    return undefined;
  }
  if (decoded.unsupported) {
    const accepted = decoded.unsupported.join(', ').replace(/[^ -~]/g, '');
    return {
      status: 415,
      detail: `${operation.id} does not take this media type.`,
      hint: `It takes ${accepted}.`,
      headers: { accept: accepted },
    };
  }
  return issues.length === 0 ? undefined : invalid(route, decoded, issues);
};

/** Malformed text is 400; what is well formed and does not fit is 422, or whichever of the two the operation documents. */
const invalid = ({ operation, binding }: Route, decoded: Decoded, issues: RequestIssue[]): Problem => {
  const documents = (status: string): boolean => binding.responses.some((response) => response.status === status);
  const malformed = decoded.issues.length > 0;
  const status = malformed || (documents('400') && !documents('422')) ? 400 : 422;
  const [first] = issues;
  const detail = `${first?.path || 'The input'} ${first?.message ?? 'is not valid'}.`;
  return {
    status,
    detail,
    code: 'INPUT_INVALID',
    more: { operation: operation.id, issues: issues.map(({ path, message }) => ({ path, pointer: path, message })) },
  };
};

const challenge = (description: Interface, keys: string[]): string => {
  const kind = description.auth[keys[0] ?? '']?.kind;
  return kind === 'basic' ? 'Basic realm="mirror", charset="UTF-8"' : 'Bearer realm="mirror"';
};

const notAcceptable = ({ operation, binding }: Route): Problem => {
  const types = [...new Set(binding.responses.flatMap(({ contents }) => contents.map(({ mediaType }) => mediaType)))];
  return {
    status: 406,
    detail: `${operation.id} gives none of the wanted media types.`,
    hint: `It gives ${types.join(', ')}.`,
    more: { types },
  };
};

/** Answers with an error that the provider's other side gave: its status and body. False for any other error. */
const writeRemote = ({ request, response, head }: Exchange, route: Route, error: unknown): boolean => {
  if (!BurgeonError.is(error) || error.code !== 'REMOTE_ERROR' || !isObject(error.data) || response.headersSent) return false;
  const { code, body = null } = error.data as { code?: JsonValue; body?: JsonValue };
  if (typeof code !== 'string' || !/^[1-5](\d\d|XX)$/i.test(code)) return false;
  writeErrorBody({ response, plan: route.plan(code.toUpperCase(), request.headers.accept), head }, body);
  return true;
};

/** Answers with the problem that an error is; a defect is told to the log, not to the client. */
const fail = (exchange: Exchange, error: unknown): void => {
  const { options } = exchange.service;
  const problem = problemOf(error);
  if (problem.code === 'INTERNAL') {
    options.log.warn(`${exchange.method} ${exchange.path} failed`, { message: problem.detail });
    problem.detail = 'The request could not be carried out.';
  }
  refuse(exchange, problem);
};
