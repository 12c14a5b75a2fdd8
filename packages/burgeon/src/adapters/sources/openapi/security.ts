import type { AuthScheme } from '@burgeon/kit';
import { define, isObject } from '../../../base/json.ts';
import type { HttpAuthBinding } from '../../../bindings/http/binding.ts';
import { type Node, type Place, type Reading, member, placeOf, textMember, texts } from './reading.ts';

/** Ways to authenticate by name. */
export type AuthTable = Record<string, AuthScheme>;

/** Reads the security schemes of the description. */
export const readAuth = (reading: Reading): AuthTable => {
  const { root } = reading;
  const components = isObject(root['components']) ? root['components'] : {};
  const auth: AuthTable = {};
  const groups: [Place, unknown][] = [
    ['/securityDefinitions', root['securityDefinitions']],
    ['/components/securitySchemes', components['securitySchemes']],
  ];
  for (const [at, group] of groups) {
    if (!isObject(group)) continue;
    for (const [name, node] of Object.entries(group)) {
      if (name.startsWith('x-') && !isObject(node)) continue;
      const place = placeOf(at, name);
      const located = reading.references.follow(node, place);
      const scheme = located === undefined ? undefined : schemeOf(reading, located.value, located.place);
      if (scheme === undefined) {
        reading.report({
          code: 'invalid-security',
          message: `The security scheme "${name.slice(0, 80)}" cannot be read; it is left out.`,
          place,
        });
        continue;
      }
      define(auth, name, scheme);
      define(reading.origins, placeOf('/auth', name), place);
    }
  }
  return auth;
};

const bound = (kind: AuthScheme['kind'], description: string | undefined, http?: HttpAuthBinding): AuthScheme => ({
  kind,
  ...(description && { description }),
  bindings: http === undefined ? {} : { http: { ...http } },
});

const schemeOf = (reading: Reading, node: Node, place: Place): AuthScheme | undefined => {
  const description = textMember(node, 'description');
  const type = textMember(node, 'type')?.toLowerCase();
  const word = textMember(node, 'scheme') ?? '';
  switch (type) {
    case 'apikey': {
      const where = textMember(node, 'in')?.toLowerCase();
      const name = textMember(node, 'name');
      if (name === undefined || (where !== 'header' && where !== 'query' && where !== 'cookie')) return undefined;
      return bound('apiKey', description, { place: where, name });
    }
    case 'basic':
      return bound('basic', description, { place: 'authorization', name: 'Basic' });
    case 'bearer':
    case 'http':
      return wordScheme(type === 'bearer' ? 'bearer' : word, description);
    case 'oauth2':
      return {
        ...bound('oauth2', description, { place: 'authorization', name: 'Bearer' }),
        flows: flowsOf(reading, node, place),
      };
    case 'openidconnect': {
      const url = textMember(node, 'openIdConnectUrl');
      return {
        ...bound('openIdConnect', description, { place: 'authorization', name: 'Bearer' }),
        ...(url && { discoveryUrl: url }),
      };
    }
    case 'mutualtls':
      return bound('mutualTls', description);
    default:
      return undefined;
  }
};

const wordScheme = (word: string, description: string | undefined): AuthScheme | undefined => {
  const lower = word.toLowerCase();
  if (lower === 'basic') return bound('basic', description, { place: 'authorization', name: 'Basic' });
  if (lower === 'bearer') return bound('bearer', description, { place: 'authorization', name: 'Bearer' });
  return /^[\w!#$%&'*+.^`|~-]+$/.test(word) ? bound('other', description, { place: 'authorization', name: word }) : undefined;
};

/** 2.0 names of flows -> 3.x names. */
const flowNames: ReadonlyMap<string, string> = new Map([
  ['application', 'clientCredentials'],
  ['accesscode', 'authorizationCode'],
  ['authorizationcode', 'authorizationCode'],
  ['clientcredentials', 'clientCredentials'],
  ['deviceauthorization', 'deviceAuthorization'],
]);

const flowsOf = (reading: Reading, node: Node, place: Place): NonNullable<AuthScheme['flows']> => {
  const flows: NonNullable<AuthScheme['flows']> = {};
  const written = member(node, 'flows');
  const list: [string, unknown, Place][] = isObject(written)
    ? Object.entries(written).map(([name, flow]) => [name, flow, placeOf(place, 'flows', name)])
    : [[textMember(node, 'flow') ?? '', node, place]];
  for (const [name, flow, at] of list) {
    if (name.startsWith('x-') || name === '') continue;
    if (!isObject(flow)) {
      reading.report({
        code: 'invalid-security',
        message: `The flow "${name.slice(0, 80)}" is not an object; it is left out.`,
        place: at,
      });
      continue;
    }
    const scopes: Record<string, string> = {};
    const named = member(flow, 'scopes');
    if (Array.isArray(named)) for (const scope of named) define(scopes, String(scope), '');
    else if (isObject(named))
      for (const [scope, text] of Object.entries(named)) define(scopes, scope, typeof text === 'string' ? text : '');
    define(flows, flowNames.get(name.toLowerCase()) ?? name, {
      ...texts(flow, 'authorizationUrl', 'tokenUrl', 'refreshUrl', 'deviceAuthorizationUrl'),
      scopes,
    });
  }
  return flows;
};

/** Reads a `security` list. Alternatives that name an unknown scheme are left out with a report. */
export const readSecurity = (reading: Reading, node: unknown, place: Place, auth: AuthTable): Record<string, string[]>[] => {
  if (node === undefined || node === null) return [];
  const list = Array.isArray(node) ? node : isObject(node) ? [node] : [];
  return list.flatMap((alternative, index) => {
    const at = placeOf(place, index);
    if (!isObject(alternative)) {
      reading.report({
        code: 'invalid-security',
        message: 'A security requirement must be an object; it is left out.',
        place: at,
      });
      return [];
    }
    const needed: Record<string, string[]> = {};
    for (const [name, scopes] of Object.entries(alternative)) {
      if (!Object.hasOwn(auth, name)) {
        reading.report({
          code: 'unknown-security',
          message: `No security scheme is called "${name.slice(0, 80)}"; this way in is left out.`,
          place: at,
        });
        return [];
      }
      define(needed, name, Array.isArray(scopes) ? scopes.filter((scope): scope is string => typeof scope === 'string') : []);
    }
    return [needed];
  });
};
