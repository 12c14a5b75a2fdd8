import type { Capability, JsonObject, JsonValue } from '@burgeon/kit';
import { isObject } from '../base/json.ts';
import { canonicalCapabilities, covers, vocabulary } from './capabilities.ts';
import { placeOf } from './host-rules.ts';

/** Observed capabilities kept of one module; what comes later is judged all the same. */
const mostObserved = 100;

const text = (value: JsonValue | undefined): string[] => (typeof value === 'string' && value !== '' ? [value] : []);

const field = (value: JsonValue | undefined, name: string): JsonValue | undefined => (isObject(value) ? value[name] : undefined);

const can = (kind: string, scope: Record<string, JsonValue>): Capability => ({ kind, scope });

type Reader = (args: readonly JsonValue[], method: string) => Capability[];

/** What the arguments of a call say of its scope. A call whose arguments are wrong reaches nothing, so it says nothing of one. */
const readers: Readonly<Record<string, Reader>> = {
  'net.http': ([url, options]) => {
    const address = URL.parse(text(url)[0] ?? '');
    const place = address ? placeOf(address.href) : '';
    const scheme = /^(https?):$/.exec(address?.protocol ?? '')?.[1];
    if (!address || place === '' || scheme === undefined) return [];
    const method = (text(field(options, 'method'))[0] ?? 'GET').toUpperCase();
    // A host without a port means the usual one of either scheme; where a scheme was granted, it must be this one.
    const request = can('net.http', { hosts: [`${scheme}://${place}`], methods: [method], paths: [address.pathname] });
    const names = text(field(options, 'auth'));
    return [request, ...(names.length > 0 ? [can('secret.use', { names })] : [])];
  },
  'secret.use': ([name]) => listed('secret.use', { names: text(name) }),
  'module.call': ([module]) => listed('module.call', { ids: text(module).map((id) => id.split('@', 1)[0] ?? '') }),
  bus: ([topic], method) => listed('bus', { topics: text(topic), verbs: [method] }),
  clock: () => [can('clock', {})],
  random: () => [can('random', {})],
};

const listed = (kind: string, scope: Record<string, string[]>): Capability[] =>
  Object.values(scope).every((list) => list.length > 0) ? [can(kind, scope)] : [];

/** What one call of the outside would need; empty when its arguments make it reach nothing. A kind that is not known is given without a scope. */
export const neededBy = (kind: string, method: string, args: readonly JsonValue[]): Capability[] => {
  const read = Object.hasOwn(readers, kind) ? readers[kind] : undefined;
  if (read) return read(args, method);
  return [can(kind.slice(0, 64), {})];
};

/** What code asked for while it ran, and what of it was never declared. */
export interface Observation {
  /** Takes down one call, whether it was then carried out or not. */
  take(kind: string, method: string, args: readonly JsonValue[]): void;
  /** Canonical, one for each thing asked for; paths are left out. */
  observed(): Capability[];
  /** What no declared capability covers. */
  outside(): Capability[];
}

/** Begins to watch a module with these declared capabilities. */
export const observe = (declared: readonly Capability[]): Observation => {
  const seen = new Map<string, Capability>();
  const outside = new Map<string, Capability>();
  const keep = (kept: Map<string, Capability>, capability: Capability): void => {
    if (kept.size < mostObserved) kept.set(JSON.stringify(capability), capability);
  };
  return {
    take: (kind, method, args) => {
      for (const capability of neededBy(kind, method, args)) {
        keep(seen, inShort(capability));
        if (!isDeclared(declared, capability)) keep(outside, capability);
      }
    },
    observed: () => canonicalCapabilities([...seen.values()]),
    outside: () => canonicalCapabilities([...outside.values()]),
  };
};

/** Where a kind has no scope of its own that calls tell, its being declared is enough. */
const isDeclared = (declared: readonly Capability[], capability: Capability): boolean =>
  Object.keys(capability.scope).length === 0 && Object.hasOwn(vocabulary, capability.kind)
    ? declared.some(({ kind }) => kind === capability.kind)
    : covers(declared, capability);

const withoutScheme = (host: JsonValue): JsonValue => (typeof host === 'string' ? host.replace(/^https?:\/\//, '') : host);

/** Without what differs from call to call. */
const inShort = ({ kind, scope }: Capability): Capability => {
  const { paths: _paths, hosts, ...rest } = scope;
  const places = Array.isArray(hosts) ? hosts.map(withoutScheme) : undefined;
  return { kind, scope: { ...rest, ...(places === undefined ? {} : { hosts: places }) } };
};

/** The declared capabilities of which nothing was observed: what a module asks for, as far as was seen, without using it. */
export const neverObserved = (declared: readonly Capability[], observed: readonly Capability[]): Capability[] =>
  canonicalCapabilities(declared).filter((capability) => {
    const { paths: _paths, ...scope } = capability.scope;
    const grant = { kind: capability.kind, scope: inAnyScheme(scope) };
    return !observed.some((each) => isDeclared([grant], each));
  });

/** Observed hosts are told without their scheme. */
const inAnyScheme = (scope: JsonObject): JsonObject =>
  Array.isArray(scope['hosts']) ? { ...scope, hosts: scope['hosts'].map(withoutScheme) } : scope;
