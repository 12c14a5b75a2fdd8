import { type Payload, chooseContent, writeBody, writeForm } from './body.ts';
import { InputError, type InputIssue } from './errors.ts';
import { locationUrl, resolveLocation } from './location.ts';
import { mediaKind } from './media-type.ts';
import { percentEncode } from './percent.ts';
import { isAbsent, textOf, writeCookie, writeHeader, writePath, writeQuery, writingOf } from './serialize.ts';
import type { HttpOperation, HttpParameter, WireBinding } from './types.ts';

/** A request ready to be sent. Header names are lower case. */
export interface WireRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  payload?: Payload;
  /** Schemes with their scopes that what fetches is to prove. */
  auth?: Record<string, string[]>;
}

/** What is collected while the parameters are written. */
interface Draft {
  segments: Map<string, string>;
  query: string[];
  headers: Record<string, string>;
  cookies: string[];
  issues: InputIssue[];
}

/** What a request is written with besides the input. */
export interface RequestContext {
  id: string;
  baseUrl: string;
  ownLocations: boolean;
  headers: Record<string, string>;
  random: () => number;
}

/** JSON pointer of one input property. */
const pointer = (property: string): string => `/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Text as a byte string: what is beyond ASCII travels as UTF-8. Undefined when it holds control characters. */
const headerText = (text: string): string | undefined => {
  if (Array.from(text).some((character) => (character < ' ' && character !== '\t') || character === '\u007f')) return undefined;
  return /^[\t -~]*$/.test(text)
    ? text
    : Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
};

/** A parameter written as a media type is one text; the styles then only place it. */
const plainValue = (parameter: HttpParameter, value: unknown): unknown => {
  if (parameter.mediaType === undefined || isAbsent(value)) return value;
  const kind = mediaKind(parameter.mediaType);
  if (kind === 'form' && typeof value === 'object') return writeForm(value);
  return kind === 'json' ? JSON.stringify(value) : textOf(value);
};

const writeQuerystring = (parameter: HttpParameter, value: unknown): string[] => {
  if (isAbsent(value)) return [];
  if (typeof value === 'object' && mediaKind(parameter.mediaType ?? '') === 'form') return [writeForm(value)].filter(Boolean);
  const text = String(plainValue(parameter, value));
  return [mediaKind(parameter.mediaType ?? '') === 'form' ? text : percentEncode(text)];
};

const writeParameter = (draft: Draft, parameter: HttpParameter, given: unknown): void => {
  const path = pointer(parameter.property);
  if (isAbsent(given) && parameter.required && !(given === null && parameter.in === 'query')) {
    draft.issues.push({ path, message: 'is required' });
    return;
  }
  const value = plainValue(parameter, given);
  const writing = {
    ...writingOf(parameter),
    ...(parameter.mediaType === undefined ? {} : { style: baseStyle(parameter), explode: false }),
  };
  if (parameter.in === 'path') draft.segments.set(parameter.name, writePath(writing, value));
  if (parameter.in === 'query') draft.query.push(...writeQuery(writing, value));
  if (parameter.in === 'querystring') draft.query.push(...writeQuerystring(parameter, given));
  if (parameter.in === 'cookie') draft.cookies.push(...writeCookie(writing, value));
  if (parameter.in !== 'header') return;
  const text = writeHeader(writing, value);
  if (text !== undefined) setHeader(draft, { name: parameter.name, text, path });
};

const baseStyle = (parameter: HttpParameter): 'simple' | 'form' =>
  parameter.in === 'path' || parameter.in === 'header' ? 'simple' : 'form';

const setHeader = (draft: Draft, { name, text, path }: { name: string; text: string; path: string }): void => {
  const safe = headerText(text);
  if (safe === undefined) draft.issues.push({ path, message: 'must not hold control characters' });
  else draft.headers[name.toLowerCase()] = safe;
};

/** Fills the path. A value must not change which path it is: nothing empty, no dot segments. */
const fillPath = (binding: WireBinding, draft: Draft): string => {
  const names = new Map(
    binding.parameters.filter((parameter) => parameter.in === 'path').map(({ name, property }) => [name, property]),
  );
  const used: string[] = [];
  const filled = binding.path.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    const segment = draft.segments.get(name);
    if (segment === undefined) return whole;
    used.push(name);
    return segment;
  });
  const issue = (name: string, message: string): unknown =>
    draft.issues.push({ path: pointer(names.get(name) ?? name), message });
  for (const name of used) if (draft.segments.get(name) === '') issue(name, 'must not be empty');
  const dots = filled.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment));
  if (dots && used[0] !== undefined) issue(used[0], 'must not be "." or ".."');
  return filled.replace(/[{}]/g, (brace) => percentEncode(brace));
};

const joinUrl = (base: string, path: string, query: string[]): string => {
  const [address = '', fixed = ''] = base.split('#', 1)[0]?.split('?', 2) ?? [];
  const start = address.endsWith('/') && path.startsWith('/') ? address.slice(0, -1) : address;
  const search = [fixed, ...query].filter((part) => part !== '').join('&');
  return `${start}${path}${search === '' ? '' : `?${search}`}`;
};

const accept = (binding: WireBinding): string => {
  const types = new Set<string>();
  for (const response of binding.responses) for (const { mediaType } of response.contents) types.add(mediaType);
  if (types.size === 0) return '*/*';
  const json = [...types].filter((type) => mediaKind(type) === 'json' && !type.includes('*'));
  const rest = [...types].filter((type) => !json.includes(type) && type !== '*/*');
  const quality = json.length === 0 ? '' : ';q=0.9';
  return [...json, ...rest.map((type) => type + quality), '*/*;q=0.5'].join(', ');
};

const writePayload = (
  operation: HttpOperation,
  input: Record<string, unknown>,
  draft: Draft & { random: () => number },
): Payload | undefined => {
  const { body } = operation.binding;
  if (!body) return undefined;
  const value = input[body.property];
  if (value === undefined) {
    if (body.required) draft.issues.push({ path: pointer(body.property), message: 'is required' });
    return undefined;
  }
  const chosen = chooseContent(body, input);
  if (!chosen) {
    const wanted = body.contents.map(({ mediaType }) => mediaType).join(', ');
    draft.issues.push({ path: pointer(body.mediaTypeProperty ?? body.property), message: `must be one of ${wanted}` });
    return undefined;
  }
  const payload = writeBody(chosen, value, { path: pointer(body.property), random: draft.random });
  if ('body' in payload) return payload;
  draft.issues.push(payload);
  return undefined;
};

/**
 * Writes the request of one call, credentials apart.
 * @throws {InputError} naming every value that is missing or cannot be written
 */
export const writeRequest = (operation: HttpOperation, input: Record<string, unknown>, context: RequestContext): WireRequest => {
  const { binding } = operation;
  const draft: Draft & { random: () => number } = {
    segments: new Map(),
    query: [],
    headers: {},
    cookies: [],
    issues: [],
    random: context.random,
  };
  for (const [name, value] of binding.query ?? []) draft.query.push(`${percentEncode(name)}=${percentEncode(value)}`);
  for (const parameter of binding.parameters) {
    writeParameter(draft, parameter, Object.hasOwn(input, parameter.property) ? input[parameter.property] : undefined);
  }
  const payload = writePayload(operation, input, draft);
  const path = fillPath(binding, draft);
  for (const cookie of draft.cookies) {
    if (headerText(cookie) === undefined || cookie.includes(';'))
      draft.issues.push({ path: '', message: `cookie ${cookie} must not hold ";" or control characters` });
  }
  if (draft.issues.length > 0) throw new InputError(context.id, draft.issues);
  if (draft.cookies.length > 0) draft.headers['cookie'] = draft.cookies.join('; ');
  const [own] = context.ownLocations ? (binding.locations ?? []) : [];
  const base = own ? resolveLocation(locationUrl(own), context.baseUrl) : context.baseUrl;
  const headers: Record<string, string> = { accept: accept(binding), ...lowerCase(context.headers), ...draft.headers };
  if (payload?.contentType !== undefined) headers['content-type'] = payload.contentType;
  return { method: binding.method, url: joinUrl(base, path, draft.query), headers, ...(payload ? { payload } : {}) };
};

const lowerCase = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
