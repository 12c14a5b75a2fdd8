import type { Capability, Effect, Interface, JsonObject } from '@burgeon/kit';
import { isObject } from '../base/json.ts';
import { reachOf } from './addresses.ts';
import { bareHost, isInside, placeOf, socketPorts } from './host-rules.ts';

/** Schemes of addresses that are reached by web requests, and their default ports. */
const webPorts: Record<string, string> = { http: '80', https: '443', ws: '80', wss: '443' };

/**
 * What a data module needs in order to work, read off its interface: the hosts of its locations (private ones too where a person
 * chose the name) with the methods of its operations, the files it opens, the tables it touches and the secrets of its auth schemes. Locations that do not parse ask for nothing and therefore reach nothing; neither do private addresses that
 * a document from a public place names by itself: whoever wants those gives the location.
 */
export const inferCapabilities = (description: Interface, module: string): Capability[] => {
  const capabilities: Capability[] = [];
  const locations = description.locations.flatMap((location) => expand(location.url, location.variables ?? {}));
  const web = hostsOf(locations, webPorts);
  const chosen = new Set(
    hostsOf(
      description.locations.filter((each) => each.chosen).map(({ url }) => url),
      webPorts,
    ).filter(isNamed),
  );
  const mayName = nameable(description);
  const told = web.filter((host) => !chosen.has(host) && mayName(host));
  const methods = methodsOf(description);
  const narrowed = methods === undefined ? {} : { methods };
  const isClear = clear(description, locations);
  const [open, sealed] = [told.filter(isClear), told.filter((host) => !isClear(host))];
  if (sealed.length > 0) capabilities.push({ kind: 'net.http', scope: { hosts: sealed, ...narrowed } });
  if (open.length > 0) capabilities.push({ kind: 'net.http', scope: { hosts: open, ...narrowed, unencrypted: true } });
  if (chosen.size > 0) capabilities.push({ kind: 'net.http', scope: { hosts: [...chosen], ...narrowed, private: true } });
  const tokens = tokenPlaces(description, { web, methods });
  capabilities.push(...tokens.filter(({ scope }) => (scope['hosts'] as string[]).every(mayName)));
  const sockets = hostsOf(locations, socketPorts).filter(mayName);
  if (sockets.length > 0) capabilities.push({ kind: 'net.socket', scope: socketScope(description, sockets) });
  const files = locations.filter((url) => url.startsWith('sqlite:')).map((url) => url.slice('sqlite:'.length));
  if (files.length > 0) capabilities.push({ kind: 'fs', scope: { globs: files, mode: writes(description) ? 'write' : 'read' } });
  if (sockets.length + files.length > 0) capabilities.push({ kind: 'db', scope: databaseScope(description) });
  if (asksFreely(description))
    capabilities.push({ kind: 'db', scope: { ref: description.name, tables: ['*'], verbs: ['select'] } });
  const secrets = Object.keys(description.auth).map((scheme) => `${module}/${scheme}`);
  if (secrets.length > 0) capabilities.push({ kind: 'secret.use', scope: { names: secrets.toSorted() } });
  return capabilities;
};

/**
 * The methods that the operations are asked by, and GET, to which an answer may lead on; undefined where more than HTTP requests of known
 * methods may be sent. So a version that begins to write or to delete wants more than the one before.
 */
const methodsOf = ({ operations, channels, auth }: Interface): string[] | undefined => {
  const asked = operations.map(({ bindings }) => (isObject(bindings['http']) ? bindings['http']['method'] : undefined));
  const isPlain = operations.every(({ bindings }) => Object.keys(bindings).every((name) => name === 'http'));
  if (asked.length === 0 || channels.length > 0 || !isPlain || !asked.every((method) => typeof method === 'string'))
    return undefined;
  // Where an identity provider speaks for itself, the place where it gives tokens is known only later.
  const isFound = Object.values(auth).some(({ discoveryUrl }) => discoveryUrl !== undefined);
  return [...new Set(['GET', ...(isFound ? ['POST'] : []), ...asked.map((method) => method.toUpperCase())])].toSorted();
};

/** Private addresses that are asked over plain http, with credentials: whoever approves them is told how those travel. */
const clear = ({ auth }: Interface, locations: readonly string[]): ((host: string) => boolean) => {
  const plain = locations.map((location) => URL.parse(location)).filter((url) => url?.protocol === 'http:');
  const hosts = new Set(plain.flatMap((url) => (url && reachOf(bareHost(url)) === 'private' ? [url.host] : [])));
  return (host) => hosts.has(host) && Object.keys(auth).length > 0;
};

/** The hosts that a description may ask for. One that came from this machine or its network may name what is in there. */
const nameable = ({ source, locations }: Interface): ((host: string) => boolean) => {
  const from = URL.parse(source.location);
  if (!from || !/^https?:$/.test(from.protocol) || isInside(from)) return () => true;
  const given = new Set(locations.flatMap((each) => (each.chosen ? [placeOf(each.url)] : [])));
  return (host) => given.has(host) || !isInside(new URL(`http://${host}`));
};

/** Where tokens are got: each address of an authorization server that is asked by the module itself, and by no other method or path. */
const tokenPlaces = (
  { auth, locations }: Interface,
  { web, methods }: { web: readonly string[]; methods: readonly string[] | undefined },
): Capability[] => {
  const base = locations[0]?.url;
  const asked = Object.values(auth).flatMap(({ flows = {}, discoveryUrl }) => [
    ...Object.values(flows).flatMap(({ tokenUrl, refreshUrl, deviceAuthorizationUrl }) =>
      [tokenUrl, refreshUrl, deviceAuthorizationUrl].map((url) => ({ url, method: 'POST' })),
    ),
    { url: discoveryUrl, method: 'GET' },
  ]);
  return asked.flatMap(({ url: written, method }) => {
    const url = written === undefined ? null : URL.parse(written, base);
    if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') return [];
    if (web.includes(url.host) && methods?.includes(method) !== false) return [];
    return [{ kind: 'net.http', scope: { hosts: [url.host], methods: [method], paths: [url.pathname] } }];
  });
};

/** Every address a templated location can stand for, as far as its variables are enumerated; at most 32. */
const expand = (url: string, variables: Record<string, { default: string; enum?: string[] }>): string[] => {
  let urls = [url];
  for (const [name, variable] of Object.entries(variables)) {
    if (!url.includes(`{${name}}`)) continue;
    const values = new Set([variable.default, ...(variable.enum ?? [])]);
    urls = urls.flatMap((each) => [...values].map((value) => each.replaceAll(`{${name}}`, value))).slice(0, 32);
  }
  return urls;
};

const hostsOf = (locations: string[], ports: Readonly<Record<string, string>>): string[] => {
  const hosts = new Set<string>();
  for (const location of locations) {
    const url = URL.parse(location);
    const scheme = url?.protocol.slice(0, -1);
    if (!url || scheme === undefined || !Object.hasOwn(ports, scheme) || url.hostname === '') continue;
    hosts.add(placeOf(location));
  }
  return [...hosts].toSorted();
};

/** An address written out, and `localhost`, are what they are; any other name may lead anywhere. */
const isNamed = (host: string): boolean => !/^(?:\[.*\]|[\d.]+|localhost)(?::\d+)?$/i.test(host);

/**
 * A database that was looked into was named by a person, and mostly its name leads to a private address; no document can say so for itself.
 * An address written out needs no such word.
 */
const socketScope = ({ source }: Interface, hosts: string[]): JsonObject => {
  return source.kind === 'sql' && hosts.some(isNamed) ? { hosts, private: true } : { hosts };
};

/** True where statements of the caller's own can be asked: those reach whatever the database user may read. */
const asksFreely = (description: Interface): boolean =>
  description.operations.some(({ bindings }) => isObject(bindings['sql']) && bindings['sql']['action'] === 'query');

const writes = (description: Interface): boolean => description.operations.some((operation) => operation.effect !== 'read');

const verbsOf: Record<Effect, string[]> = { read: ['select'], write: ['insert', 'update'], delete: ['delete'] };

const databaseScope = (description: Interface): JsonObject => {
  const verbs = new Set(description.operations.flatMap((operation) => verbsOf[operation.effect]));
  return {
    ref: description.name,
    tables: description.entities.map((entity) => entity.name).toSorted(),
    verbs: [...verbs].toSorted(),
  };
};
