/** Everything about one operation that serving it needs; made at its first request. */
import type { Interface, Operation } from '@burgeon/kit';
import type { Validator } from '../../../interface/validate.ts';
import type { HttpBinding } from '../binding.ts';
import { httpBinding, httpSchemes } from '../operation.ts';
import { locationUrl } from '../runtime/location.ts';
import type { HttpScheme } from '../runtime/types.ts';
import { type Decoder, type RequestIssue, type RequestParts, createDecoder } from './decode.ts';
import { type AnswerPlanner, createPlanner } from './respond.ts';
import { type RouteEntry, type Router, createRouter } from './router.ts';

/** One operation, ready to be served. */
export interface Route {
  operation: Operation;
  binding: HttpBinding;
  decode: Decoder;
  plan: AnswerPlanner;
}

/** Gives a route, compiled when it is first asked for. */
export type LazyRoute = () => Route;

/** The path part of an address that may be relative, without the slash at its end: `https://a.example/v1/` gives `/v1`. */
export const basePathOf = (url: string): string => {
  const path = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/[^/?#]*)?([^?#]*)/i.exec(url)?.[1] ?? '';
  const segments = path.split('/').filter((segment) => segment !== '');
  return segments.map((segment) => `/${segment}`).join('');
};

const lazyRoute = (
  operation: Operation,
  binding: HttpBinding,
  context: { types: Interface['types']; cors: boolean },
): LazyRoute => {
  let route: Route | undefined;
  return () =>
    (route ??= {
      operation,
      binding,
      decode: createDecoder(operation, binding, context.types),
      plan: createPlanner(operation, binding, context),
    });
};

/** The router over all operations that have an HTTP binding, with and without the base paths of their locations. */
export const createRoutes = (description: Interface, options: { cors: boolean }): Router<LazyRoute> => {
  const entries: RouteEntry<LazyRoute>[] = [];
  const bases = new Set(description.locations.map((location) => basePathOf(locationUrl(location))));
  for (const operation of description.operations) {
    const binding = httpBinding(operation);
    if (!binding) continue;
    for (const location of binding.locations ?? []) bases.add(basePathOf(locationUrl(location)));
    const value = lazyRoute(operation, binding, { types: description.types, cors: options.cors });
    const { method, path, query } = binding;
    entries.push({ method: method.toUpperCase(), path, value, ...(query && query.length > 0 ? { query } : {}) });
  }
  return createRouter(entries, [...bases]);
};

const holds = (request: RequestParts, scheme: HttpScheme): boolean => {
  const { place, name } = scheme;
  if (scheme.kind === 'mutualTls') return true;
  if (place === 'authorization') {
    const value = String(request.headers['authorization'] ?? '').toLowerCase();
    return value.startsWith(`${name.toLowerCase()} `) && value.trim().length > name.length;
  }
  if (place === 'header') return (request.headers[name.toLowerCase()] ?? '') !== '';
  if (place === 'query') return new URLSearchParams(request.query).get(name) !== null;
  return String(request.headers['cookie'] ?? '')
    .split(';')
    .some((pair) => pair.trim().startsWith(`${name}=`));
};

/** The schemes of the first alternative that a request lacks a credential for; undefined when any alternative is complete. */
export const missingCredential = (operation: Operation, request: RequestParts, description: Interface): string[] | undefined => {
  if (operation.auth.length === 0) return undefined;
  const schemes = httpSchemes(description);
  const lacking = operation.auth.map((alternative) =>
    Object.keys(alternative).filter((key) => {
      const scheme = Object.hasOwn(schemes, key) ? schemes[key] : undefined;
      return scheme === undefined || !holds(request, scheme);
    }),
  );
  return lacking.some((keys) => keys.length === 0) ? undefined : lacking[0];
};

/** What is wrong with a request's input, at most 20 issues; what could not even be read stands alone. */
export const inputIssues = (route: Route, decoded: ReturnType<Decoder>, validator: Validator): RequestIssue[] => {
  if (decoded.issues.length > 0) return decoded.issues;
  return validator
    .check(route.operation.input, decoded.input, { direction: 'request' })
    .map(({ path, message }) => ({ path, message }));
};
