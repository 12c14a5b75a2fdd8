import type { Capability, Limits } from './capability.ts';
import type { Interface } from './interface.ts';
import type { JsonObject } from './json.ts';

/** Key of our half inside `extensions` of an Agent Plugins manifest. */
export const manifestExtension = 'dev.burgeon.module';

/** Canonical identifier of the manifest schema we write. */
export const pluginSchema = 'https://agent-plugins.org/schemas/1.0.0/plugin.schema.json';

/** Where a module lives: the first part of its id. */
export const namespaces = [
  'api',
  'web',
  'db',
  'net',
  'queue',
  'parsers',
  'skill',
  'flow',
  'agent',
  'app',
  'prompt',
  'kb',
  'model',
] as const;

/** One of {@link namespaces}. */
export type Namespace = (typeof namespaces)[number];

/** What kind of thing a module is; `data` modules are carried out by a protocol, `code` modules run in a wall. */
export type ModuleKind = 'data' | 'code';

/**
 * The card of a module, readable without running it: a valid Agent Plugins 1.0.0 `plugin.json` with our half under `extensions`.
 * @see https://agent-plugins.org/schemas/1.0.0/plugin.schema.json
 */
export interface Manifest {
  $schema: typeof pluginSchema;
  /** `namespace.name`, lower case. */
  name: string;
  /** Semantic version of the module. */
  version: string;
  description?: string;
  author?: { name?: string; email?: string; url?: string };
  homepage?: string;
  repository?: string;
  license?: string;
  keywords?: string[];
  extensions: { [manifestExtension]: ModuleManifest } & Record<string, JsonObject | ModuleManifest>;
}

/** Our half of the manifest. */
export interface ModuleManifest {
  contract: 1;
  /** `namespace/name`. */
  id: string;
  kind: ModuleKind;
  /** Which host runs it: `interface`, `isolate`, ... */
  host: string;
  /** Path of the interface inside the bundle; its content is {@link Interface}. */
  interface: 'interface.json';
  /** Entry file inside the bundle for code modules. */
  entry?: string;
  /** Protocol that carries a data module out. */
  protocol?: string;
  capabilities: Capability[];
  limits?: Partial<Limits>;
  /** Module id -> semver range. */
  dependencies: Record<string, string>;
  /** Version of the state that snapshot and restore exchange; absent when the module keeps none. */
  state?: { version: number };
  provenance: Provenance;
}

/** Where a module came from: enough to make it again and get the same bytes. */
export interface Provenance {
  generator: string;
  source: Interface['source'];
  /** Canonical fingerprint of the interface. */
  fingerprint: string;
}

/** One file of a bundle. Paths are relative, with `/`, and never climb. */
export interface BundleFile {
  path: string;
  text: string;
}

/** A program that comes with its interface: what its author declares of it, and every file it consists of. */
export interface Program {
  namespace: Namespace;
  /** What the author declares. Without `host`, `isolate`; without `capabilities`, those that the code imports. */
  card: Pick<ModuleManifest, 'limits' | 'dependencies' | 'state'> & { host?: string; entry: string; capabilities?: Capability[] };
  /** Words about it, for the manifest. */
  about: Pick<Manifest, 'description' | 'author' | 'homepage' | 'repository' | 'license' | 'keywords'>;
  files: BundleFile[];
}

/** A module before approval: everything that checks judge and people approve. */
export interface Candidate {
  manifest: Manifest;
  interface: Interface;
  files: BundleFile[];
  /** sha-256 (hex) over the canonical list of files and their digests. */
  digest: string;
  /** sha-256 (hex) over the canonical capabilities. */
  capabilitiesDigest: string;
}
