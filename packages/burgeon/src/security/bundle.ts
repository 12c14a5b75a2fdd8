import { manifestExtension, type BundleFile, type Candidate, type ModuleKind } from '@burgeon/kit';
import { digestOf, sha256 } from '../base/json.ts';
import { capabilitiesDigest } from './capabilities.ts';

/** Where the manifest lies in a bundle. */
export const manifestPath = 'plugin.json';

/** Where the interface lies in a bundle. */
export const interfacePath = 'interface.json';

/** Where the page for agents lies. */
const skillPath = 'SKILL.md';

/** Folder of the stub for `import`: the top of a data module; beside the code, which may well have an `index.ts` of its own. */
export const stubFolder = (kind: ModuleKind): string => (kind === 'code' ? 'stub/' : '');

/** True for the files of a code module that are written for it, whatever its author put there. */
export const isGenerated = (path: string): boolean =>
  path === manifestPath || path === interfacePath || path === skillPath || path.startsWith(stubFolder('code'));

/** True when the module is WebAssembly: then no script of its bundle ever runs here, whatever its binary was made from. */
export const isWebAssembly = ({ manifest }: Pick<Candidate, 'manifest'>): boolean =>
  manifest.extensions[manifestExtension].host === 'wasm';

/** True for files that only test a module. They run in a jail of their own, and nothing else of the module may import them. */
export const isTestFile = (path: string): boolean =>
  /(?:^|\/)(?:tests?|__tests__)\/|\.(?:test|spec)\.[cm]?[jt]sx?$|(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.py$/.test(path);

/**
 * The files among which scripts are judged: of a module in WebAssembly, the stub that is written for it; of others, all but its tests. What imports
 * a test imports a file that is not there.
 */
export const scriptFiles = (candidate: Pick<Candidate, 'manifest' | 'files'>): BundleFile[] => {
  if (isWebAssembly(candidate)) return candidate.files.filter(({ path }) => isGenerated(path));
  const { entry } = candidate.manifest.extensions[manifestExtension];
  return candidate.files.filter(({ path }) => path === entry || !isTestFile(path));
};

/** One file of a bundle as it is signed: `bytes` counts the UTF-8 form. */
export interface FileDigest {
  path: string;
  sha256: string;
  bytes: number;
}

/** Digests of the files, in code-unit order of their paths. */
export const fileDigests = (files: readonly BundleFile[]): FileDigest[] =>
  files
    .map(({ path, text }) => ({ path, sha256: sha256(text), bytes: Buffer.byteLength(text) }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));

/** The digest of a bundle: sha-256 (hex) over the canonical list of files and their digests. What `Candidate.digest` holds. */
export const bundleDigest = (files: readonly BundleFile[]): string => digestOf(fileDigests(files));

/** A candidate with the digests of its files and of the capabilities in its card. */
export const assembleCandidate = (parts: Omit<Candidate, 'digest' | 'capabilitiesDigest'>): Candidate => ({
  ...parts,
  digest: bundleDigest(parts.files),
  capabilitiesDigest: capabilitiesDigest(parts.manifest.extensions[manifestExtension].capabilities),
});
