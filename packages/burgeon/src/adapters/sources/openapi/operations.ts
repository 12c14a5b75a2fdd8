import type { Effect, JsonValue, Operation } from '@burgeon/kit';
import type { HttpBinding } from '../../../bindings/http/binding.ts';
import { type Body, readBody } from './bodies.ts';
import type { Endpoint } from './endpoints.ts';
import { examplesOf } from './examples.ts';
import { type Input, inputOf } from './inputs.ts';
import { readServers } from './locations.ts';
import { type Parameter, type Parameters, readParameters } from './parameters.ts';
import { type PathTemplate, readTemplate } from './path-templates.ts';
import { type Place, type Reading, member, placeOf, textMember, texts } from './reading.ts';
import { readResponses, resultsOf } from './responses.ts';
import { type AuthTable, readSecurity } from './security.ts';

/** An operation that was read, with what later steps need to know of it. */
export interface ReadOperation {
  operation: Operation;
  binding: HttpBinding;
  input: Input;
  body?: Body;
  endpoint: Endpoint;
}

const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

/** @see RFC 9110 section 9.2 */
const effectOf = (method: string): Effect => (safe.has(method) ? 'read' : method === 'DELETE' ? 'delete' : 'write');

/** Reads one operation; whatever is broken in it becomes a report. */
export const readOperation = (reading: Reading, endpoint: Endpoint, id: string, auth: AuthTable): ReadOperation => {
  const { node, place, item, itemPlace, method } = endpoint;
  const parameters = readParameters(reading, [
    { node: member(node, 'parameters'), place: placeOf(place, 'parameters') },
    { node: member(item, 'parameters'), place: placeOf(itemPlace, 'parameters') },
  ]);
  const template = readTemplate(
    endpoint.key,
    new Set(parameters.ordinary.filter(({ wire }) => wire.in === 'path').map(({ wire }) => wire.name)),
  );
  if (template.odd !== undefined)
    reading.report({ severity: 'info', code: 'odd-path', message: `The path has ${template.odd}.`, place: itemPlace });
  const body = readBody(reading, node, place, parameters);
  if (body !== undefined && /^(GET|HEAD|TRACE)$/.test(method)) {
    reading.report({
      severity: 'info',
      code: 'body-of-read',
      message: `A body of ${method} has no meaning of its own; some servers refuse it.`,
      place,
    });
  }
  const input = inputOf(matchPath(reading, parameters.ordinary, template, itemPlace), body);
  const responses = readResponses(reading, node, place, method);
  const { ordinary, ...results } = resultsOf(responses);
  const binding: HttpBinding = {
    method,
    path: template.path,
    ...(template.query.length > 0 && { query: template.query }),
    ...locationsOf(reading, endpoint),
    parameters: input.parameters,
    ...(input.body && { body: input.body }),
    responses: responses.map(({ http }) => http),
  };
  const operation: Operation = {
    id,
    ...describe(endpoint),
    effect: effectOf(method),
    idempotent: safe.has(method) || method === 'PUT' || method === 'DELETE',
    input: input.schema,
    ...results,
    auth: authOf(reading, endpoint, parameters, auth),
    examples: examplesOf({ input, body, responses, ordinary }),
    bindings: { http: binding as unknown as JsonValue },
  };
  return { operation, binding, input, endpoint, ...(body && { body }) };
};

const describe = ({ node, item }: Endpoint): Pick<Operation, 'summary' | 'description' | 'deprecated' | 'tags'> => {
  const tags = Array.isArray(node['tags']) ? node['tags'].filter((tag): tag is string => typeof tag === 'string') : [];
  return {
    ...texts(item, 'summary', 'description'),
    ...texts(node, 'summary', 'description'),
    ...(node['deprecated'] === true && { deprecated: true }),
    ...(tags.length > 0 && { tags: [...new Set(tags)] }),
  };
};

const locationsOf = (reading: Reading, { node, place, item, itemPlace }: Endpoint): Pick<HttpBinding, 'locations'> => {
  const own = readServers(reading, member(node, 'servers'), placeOf(place, 'servers'));
  const found = own.length > 0 ? own : readServers(reading, member(item, 'servers'), placeOf(itemPlace, 'servers'));
  if (found.length > 0) return { locations: found };
  const schemes = Array.isArray(node['schemes']) ? node['schemes'] : [];
  const host = textMember(reading.root, 'host');
  const usual = Array.isArray(reading.root['schemes']) ? reading.root['schemes'] : [];
  const other = schemes.filter((each): each is string => /^https?$/.test(String(each)) && !usual.includes(each));
  if (host === undefined || other.length === 0) return {};
  const base = textMember(reading.root, 'basePath')?.replace(/\/$/, '') ?? '';
  return { locations: other.map((scheme) => ({ url: `${scheme}://${host}${base}` })) };
};

/** Makes path variables and path parameters agree: each variable has one parameter, each parameter a variable. */
const matchPath = (reading: Reading, declared: readonly Parameter[], template: PathTemplate, place: Place): Parameter[] => {
  const open = new Set(template.variables);
  const byLooseName = new Map(template.variables.map((name) => [loosely(name), name]));
  const inQuery = new Map(template.queryVariables.map(({ name, variable }) => [variable, name]));
  const matched = declared.flatMap((parameter): Parameter[] => {
    if (parameter.wire.in !== 'path') return [parameter];
    const { name } = parameter.wire;
    const query = inQuery.get(name);
    if (query !== undefined) {
      inQuery.delete(name);
      return [{ ...parameter, wire: { ...parameter.wire, name: query, in: 'query', style: 'form' } }];
    }
    const variable = open.has(name) ? name : byLooseName.get(loosely(name));
    if (variable === undefined || !open.has(variable)) {
      reading.report({
        code: 'path-parameter-unused',
        message: `The path has no "{${name}}"; the parameter is left out.`,
        place: parameter.place,
      });
      return [];
    }
    open.delete(variable);
    return [{ ...parameter, wire: { ...parameter.wire, name: variable } }];
  });
  const missing = [...open].map((name): Parameter => {
    reading.report({
      code: 'path-parameter-missing',
      message: `The path variable "{${name}}" is not declared; it is taken for a text.`,
      place,
    });
    return { wire: { name, in: 'path', style: 'simple', explode: false, required: true }, schema: { type: 'string' }, place };
  });
  const queried = new Set(matched.filter(({ wire }) => wire.in === 'query').map(({ wire }) => wire.name));
  const extra = [...inQuery]
    .filter(([, name]) => !queried.has(name))
    .map(([, name]): Parameter => ({
      wire: { name, in: 'query', style: 'form', explode: true, required: true },
      schema: { type: 'string' },
      place,
    }));
  return [...missing, ...matched, ...extra];
};

const loosely = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** What the operation needs: its own `security`, else that of the whole; a declared `Authorization` header counts when nothing else does. */
const authOf = (reading: Reading, { node, place }: Endpoint, parameters: Parameters, auth: AuthTable): Operation['auth'] => {
  const own = Object.hasOwn(node, 'security') && node['security'] !== null;
  const needed = own
    ? readSecurity(reading, node['security'], placeOf(place, 'security'), auth)
    : readSecurity(reading, member(reading.root, 'security'), '/security', auth);
  const header = parameters.authorization;
  if (header === undefined || needed.some((way) => Object.keys(way).length > 0)) return needed;
  if (!Object.hasOwn(auth, 'authorizationHeader')) {
    auth['authorizationHeader'] = {
      kind: 'apiKey',
      description: header.description ?? 'The whole value of the Authorization header.',
      bindings: { http: { place: 'header', name: 'Authorization' } },
    };
    reading.origins['/auth/authorizationHeader'] = header.place;
  }
  return header.required ? [{ authorizationHeader: [] }] : [{ authorizationHeader: [] }, {}];
};
