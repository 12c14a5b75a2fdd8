import {
  manifestExtension,
  pluginSchema,
  type BundleFile,
  type Candidate,
  type Capability,
  type Interface,
  type Manifest,
  type ModuleManifest,
  type Namespace,
  type Program,
} from '@burgeon/kit';
import { canonicalJson } from '../base/json.ts';
import { version as ownVersion } from '../base/version.ts';
import { fingerprint } from '../interface/fingerprint.ts';
import { assembleCandidate, interfacePath, manifestPath, stubFolder } from '../security/bundle.ts';
import { canonicalCapabilities } from '../security/capabilities.ts';
import { capabilityOfImport } from '../security/capability-imports.ts';
import { inferCapabilities } from '../security/infer.ts';
import { readImports } from '../security/read-imports.ts';
import { isWasm, readWasmNeeds } from '../security/wasm-imports.ts';
import type { PipelineContext } from './context.ts';
import type { Derived } from './derived.ts';

/** Name and version of what writes modules; part of every provenance. */
const generator = `burgeon/${ownVersion}`;

/** Which namespace a data module of a protocol lives in. */
const namespaceOf: Record<string, Namespace> = { http: 'api', sql: 'db', mcp: 'api' };

/** Targets whose files every bundle carries; the stub of code has a folder of its own. */
const bundleTargets = [
  { name: 'typescript', folder: stubFolder },
  { name: 'skill-md', folder: () => '' },
] as const;

/** What a candidate is made from. */
export type Grown = Pick<Derived, 'interface' | 'program'>;

/** Protocol that carries the interface out, read off its first operation or channel; undefined when none does. */
export const protocolOf = (description: Interface): string | undefined => {
  const [first] = [...description.operations, ...description.channels];
  return first && Object.keys(first.bindings)[0];
};

/** Module id of what was derived: `namespace/name`. */
export const moduleIdOf = ({ interface: description, program }: Grown): string => {
  const protocol = protocolOf(description);
  const namespace = protocol === undefined ? 'api' : (namespaceOf[protocol] ?? 'net');
  return `${program?.namespace ?? namespace}/${description.name}`;
};

/** Second stage: writes what was derived out as a candidate. Same interface, program and version: same bytes and digest. */
export const generate = async (context: Pick<PipelineContext, 'targets'>, grown: Grown, version: string): Promise<Candidate> => {
  const { interface: description, program } = grown;
  const id = moduleIdOf(grown);
  const { kind, location, digest } = description.source;
  const own = program ? await codeCard(program) : dataCard(description, id);
  const card: ModuleManifest = {
    contract: 1,
    id,
    interface: 'interface.json',
    ...own,
    provenance: { generator, source: { kind, location, digest }, fingerprint: fingerprint(description) },
  };
  const manifest = manifestOf(grown, card, version);
  const written: BundleFile[] = [];
  for (const { name, folder } of bundleTargets) {
    const target = await context.targets[name]?.();
    const files = (await target?.write(description, { module: id, version, form: 'stub' })) ?? [];
    written.push(...files.map(({ path, text }) => ({ path: folder(card.kind) + path, text })));
  }
  const files = [
    { path: manifestPath, text: `${JSON.stringify(manifest, null, 2)}\n` },
    { path: interfacePath, text: canonicalJson(description) },
    ...written,
    ...(program?.files ?? []),
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return assembleCandidate({ manifest, interface: description, files });
};

/** What the two kinds of modules say differently. */
type OwnPart = Omit<ModuleManifest, 'contract' | 'id' | 'interface' | 'provenance'>;

const dataCard = (description: Interface, id: string): OwnPart => {
  const protocol = protocolOf(description);
  const capabilities = canonicalCapabilities(inferCapabilities(description, id));
  return {
    kind: 'data',
    host: 'interface',
    ...(protocol === undefined ? {} : { protocol }),
    capabilities,
    dependencies: {},
  };
};

/** What the author declares is binding: code that imports more fails its check. Who declares nothing is taken at the word of the code. */
const codeCard = async ({ card, files }: Program): Promise<OwnPart> => ({
  kind: 'code',
  host: card.host ?? (isWasm(card.entry) ? 'wasm' : 'isolate'),
  entry: card.entry,
  capabilities: canonicalCapabilities(card.capabilities ?? (await imported(files, card.entry))),
  ...(card.limits === undefined ? {} : { limits: card.limits }),
  dependencies: card.dependencies,
  ...(card.state === undefined ? {} : { state: card.state }),
});

/** Imports that nothing knows, or that cannot be read, are told by the check. */
const imported = async (files: readonly BundleFile[], entry: string): Promise<Capability[]> => {
  if (isWasm(entry)) return readWasmNeeds(files, entry).powers.map(({ kind }) => ({ kind, scope: {} }));
  return (await readImports(files)).imports.flatMap(
    ({ specifier, attributes }) => capabilityOfImport(specifier, Object.fromEntries(attributes)) ?? [],
  );
};

const manifestOf = ({ interface: description, program }: Grown, card: ModuleManifest, version: string): Manifest => ({
  $schema: pluginSchema,
  name: card.id
    .replace('/', '.')
    .slice(0, 64)
    .replace(/[.-]+$/, ''),
  version,
  description: (description.title ?? description.name).slice(0, 512),
  ...program?.about,
  extensions: { [manifestExtension]: card },
});
