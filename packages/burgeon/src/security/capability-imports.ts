import type { Capability, JsonObject, JsonValue } from '@burgeon/kit';
import { vocabulary } from './capabilities.ts';

/** Short names of kinds, as code imports them. */
const shortNames: Readonly<Record<string, string>> = {
  http: 'net.http',
  socket: 'net.socket',
  secret: 'secret.use',
  module: 'module.call',
};

/** What the import is called in code: `import { http } from 'burgeon:cap/http'`. */
const exportNames: Readonly<Record<string, string>> = {
  'net.http': 'http',
  'net.socket': 'socket',
  'secret.use': 'secret',
  'module.call': 'modules',
};

/** What every import of power begins with. */
const capabilityPrefix = 'burgeon:cap/';

/** The kind of capability a specifier imports: `burgeon:cap/http` and `burgeon:cap/net.http` give `net.http`; undefined when it is none. */
export const capabilityKind = (specifier: string): string | undefined => {
  if (!specifier.startsWith(capabilityPrefix)) return undefined;
  const name = specifier.slice(capabilityPrefix.length);
  const kind = Object.hasOwn(shortNames, name) ? shortNames[name] : name;
  return kind !== undefined && Object.hasOwn(vocabulary, kind) ? kind : undefined;
};

/** The name a capability module exports: `http` for `net.http`, the kind itself where it is one word. */
const capabilityExport = (kind: string): string => (Object.hasOwn(exportNames, kind) ? (exportNames[kind] ?? kind) : kind);

/** Every kind with what it exports and the specifiers under which code may import it. */
export const capabilitySpecifiers = (): { kind: string; name: string; specifiers: string[] }[] =>
  Object.keys(vocabulary).map((kind) => {
    const short = Object.keys(shortNames).filter((name) => shortNames[name] === kind);
    return { kind, name: capabilityExport(kind), specifiers: [kind, ...short].map((name) => capabilityPrefix + name) };
  });

/** The same as one row for each specifier, as engines link them. */
export const powerImports = (): { specifier: string; kind: string; name: string }[] =>
  capabilitySpecifiers().flatMap(({ kind, name, specifiers }) => specifiers.map((specifier) => ({ specifier, kind, name })));

/**
 * The capability that an import with attributes asks for: lists are written with commas, amounts and flags as text. Attributes that the
 * vocabulary does not know are kept, so that judging the capability tells of them.
 */
export const capabilityOfImport = (specifier: string, attributes: Readonly<Record<string, string>>): Capability | undefined => {
  const kind = capabilityKind(specifier);
  if (kind === undefined) return undefined;
  const fields = vocabulary[kind] ?? {};
  const scope = Object.entries(attributes).map(([name, text]): [string, JsonValue] => {
    const form = Object.hasOwn(fields, name) ? fields[name]?.form : undefined;
    // What is neither is kept, so that it is told.
    if (form === 'amount') return [name, /^\d{1,15}(?:\.\d{1,6})?$/.test(text) ? Number(text) : text];
    if (form === 'flag') return [name, text === 'true' || (text === 'false' ? false : text)];
    if (form !== 'words' && form !== 'patterns' && form !== 'places') return [name, text];
    const items = text.split(',').map((item) => item.trim());
    return [name, items.filter((item) => item !== '')];
  });
  return { kind, scope: Object.fromEntries(scope) as JsonObject };
};
