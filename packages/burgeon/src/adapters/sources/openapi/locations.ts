import type { Location } from '@burgeon/kit';
import { asText, define, isObject } from '../../../base/json.ts';
import { variablesOf } from './path-templates.ts';
import { type Place, type Reading, member, placeOf, textMember, texts } from './reading.ts';

const isWeb = (location: string): boolean => /^https?:\/\//i.test(location);

/** Base addresses of the whole: `servers`, or `schemes`, `host` and `basePath` of 2.0; relative ones are resolved against the document's own. */
export const readLocations = (reading: Reading): Location[] => {
  const { root, location } = reading;
  const found = Array.isArray(root['servers']) ? readServers(reading, root['servers'], '/servers') : [];
  // Without an address of the document a relative one leads nowhere by itself.
  const leads = ({ url }: Location): boolean => isWeb(url) || url.includes('{');
  if (found.length > 0) return [...found.filter(leads), ...found.filter((each) => !leads(each))];
  const hasOld = ['host', 'basePath', 'schemes'].some(
    (key) => textMember(root, key) !== undefined || Array.isArray(member(root, key)),
  );
  if (hasOld || reading.version === '2.0') {
    const old = oldLocations(reading);
    if (old.length > 0) return old;
  }
  if (isWeb(location)) return [{ url: new URL('/', location).href.replace(/\/$/, '') }];
  reading.report({
    severity: 'info',
    code: 'location-missing',
    message: 'The description does not say where the interface lives.',
    place: '',
  });
  return [];
};

/** Reads a `servers` list. */
export const readServers = (reading: Reading, node: unknown, place: Place): Location[] => {
  if (!Array.isArray(node)) return [];
  return node.flatMap((server, index) => {
    const at = placeOf(place, index);
    const url = isObject(server) ? textMember(server, 'url') : undefined;
    if (!isObject(server) || url === undefined) {
      if (isObject(server) && member(server, 'url') === '') return [{ url: resolve(reading, '/') }];
      reading.report({ code: 'invalid-server', message: 'A server has no URL; it is left out.', place: at });
      return [];
    }
    const variables = readVariables(server, variablesOf(url));
    for (const name of variablesOf(url)) {
      if (variables !== undefined && Object.hasOwn(variables, name)) continue;
      reading.report({
        code: 'server-variable-missing',
        message: `The variable "${name}" of a server has no default.`,
        place: at,
      });
    }
    return [{ url: resolve(reading, url), ...texts(server, 'description'), ...(variables && { variables }) }];
  });
};

const readVariables = (server: Record<string, unknown>, used: string[]): Location['variables'] => {
  const written = member(server, 'variables');
  const variables: NonNullable<Location['variables']> = {};
  if (isObject(written)) {
    for (const [name, variable] of Object.entries(written)) {
      if (!isObject(variable)) continue;
      const choices = Array.isArray(variable['enum']) ? variable['enum'].map(String) : [];
      const fallback = member(variable, 'default');
      define(variables, name, {
        default: fallback === undefined ? (choices[0] ?? '') : asText(fallback),
        ...(choices.length > 0 && { enum: choices }),
        ...texts(variable, 'description'),
      });
    }
  }
  for (const name of used) if (!Object.hasOwn(variables, name)) define(variables, name, { default: '' });
  return Object.keys(variables).length === 0 ? undefined : variables;
};

/** A relative address is relative to the description; without an address of the description it stays as it is. */
const resolve = (reading: Reading, url: string): string => {
  const trimmed = url.trim();
  if (/^[a-z{][\w+.{}-]*:\/\//i.test(trimmed)) return trimmed.replace(/\/$/, '');
  if (trimmed.startsWith('//')) return `https:${trimmed}`.replace(/\/$/, '');
  const absolute = isWeb(reading.location) && !/[{}]/.test(trimmed) ? URL.parse(trimmed, reading.location) : null;
  if (absolute) return absolute.href.replace(/\/$/, '');
  if (isWeb(reading.location)) return new URL(reading.location).origin + (trimmed.startsWith('/') ? trimmed : `/${trimmed}`);
  // `api.example.com/v1` without a scheme is a host, not a path.
  return /^[\w-]+(\.[\w-]+)+(:\d+)?(\/|$)/.test(trimmed) ? `https://${trimmed}`.replace(/\/$/, '') : trimmed;
};

const oldLocations = (reading: Reading): Location[] => {
  const { root, location } = reading;
  const base = (textMember(root, 'basePath') ?? '').replace(/^(?=[^/])/, '/').replace(/\/$/, '');
  const host = (textMember(root, 'host') ?? (isWeb(location) ? new URL(location).host : ''))
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/+$/, '');
  if (host === '') return base === '' ? [] : [{ url: base }];
  const written = Array.isArray(root['schemes'])
    ? root['schemes'].filter((each): each is string => typeof each === 'string')
    : [];
  const web = [...new Set(written.map((each) => each.toLowerCase()))].filter((each) => each === 'https' || each === 'http');
  const schemes = web.length > 0 ? web.toSorted().toReversed() : [/^http:/i.test(location) ? 'http' : 'https'];
  const variables = readVariables({}, variablesOf(host + base));
  return schemes.map((scheme) => ({ url: `${scheme}://${host}${base}`, ...(variables && { variables }) }));
};
