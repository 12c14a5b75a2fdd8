import {
  manifestExtension,
  pluginSchema,
  type BundleFile,
  type Candidate,
  type Interface,
  type Manifest,
  type ModuleManifest,
  type Namespace,
} from '@burgeon/kit';
import { canonicalJson } from '../base/json.ts';
import { version as ownVersion } from '../base/version.ts';
import { fingerprint } from '../interface/fingerprint.ts';
import { bundleDigest } from '../security/bundle.ts';
import { capabilitiesDigest, canonicalCapabilities } from '../security/capabilities.ts';
import { inferCapabilities } from '../security/infer.ts';
import type { PipelineContext } from './context.ts';

/** Name and version of what writes modules; part of every provenance. */
const generator = `burgeon/${ownVersion}`;

/** Which namespace a data module of a protocol lives in. */
const namespaceOf: Record<string, Namespace> = { http: 'api', sql: 'db', mcp: 'api' };

/** Targets whose files every bundle carries. */
const bundleTargets = ['typescript', 'skill-md'];

/** Protocol that carries the interface out, read off its first operation or channel; undefined when it describes types alone. */
export const protocolOf = (description: Interface): string | undefined => {
  const [first] = [...description.operations, ...description.channels];
  return first && Object.keys(first.bindings)[0];
};

/** Module id of an interface: `namespace/name`. */
export const moduleIdOf = (description: Interface): string => {
  const protocol = protocolOf(description);
  return `${protocol === undefined ? 'api' : (namespaceOf[protocol] ?? 'net')}/${description.name}`;
};

/** Second stage: writes the interface out as a candidate. Same interface and version, same bytes and digest. */
export const generate = async (context: PipelineContext, description: Interface, version: string): Promise<Candidate> => {
  const id = moduleIdOf(description);
  const protocol = protocolOf(description);
  const capabilities = canonicalCapabilities(inferCapabilities(description, id));
  const card: ModuleManifest = {
    contract: 1,
    id,
    kind: 'data',
    host: 'interface',
    interface: 'interface.json',
    ...(protocol === undefined ? {} : { protocol }),
    capabilities,
    dependencies: {},
    provenance: { generator, source: description.source, fingerprint: fingerprint(description) },
  };
  const manifest = manifestOf(description, card, version);
  const written: BundleFile[] = [];
  for (const name of bundleTargets) {
    const target = await context.targets[name]?.();
    if (target) written.push(...(await target.write(description, { module: id, version, form: 'stub' })));
  }
  const files = [
    { path: 'plugin.json', text: `${JSON.stringify(manifest, null, 2)}\n` },
    { path: 'interface.json', text: canonicalJson(description) },
    ...written,
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return {
    manifest,
    interface: description,
    files,
    digest: bundleDigest(files),
    capabilitiesDigest: capabilitiesDigest(capabilities),
  };
};

const manifestOf = (description: Interface, card: ModuleManifest, version: string): Manifest => ({
  $schema: pluginSchema,
  name: card.id
    .replace('/', '.')
    .slice(0, 64)
    .replace(/[.-]+$/, ''),
  version,
  description: (description.title ?? description.name).slice(0, 512),
  extensions: { [manifestExtension]: card },
});
