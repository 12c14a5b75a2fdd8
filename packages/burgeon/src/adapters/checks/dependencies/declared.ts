import type { PackageVersion } from '../../../security/advisories/affects.ts';

/** A package that a bundle says it needs, or brings along. */
export interface Declared extends Omit<PackageVersion, 'version'> {
  /** The one version; undefined when it is not one. */
  version: string | undefined;
  /** Where it is said: `package.json:4:1`. */
  at: string;
  /** True when the bytes are bound by a digest that is good enough. */
  integrity: boolean;
}

/** What is wrong with a declaration, whatever the package is. */
export interface DeclaredFault {
  code: 'dependency-range' | 'dependency-foreign' | 'dependency-differs' | 'dependency-unread' | 'install-script';
  at: string;
  message: string;
}

/** What the files of one ecosystem say. */
export interface Declarations {
  needed: Declared[];
  /** Names that the files of the bundle bring along, with their versions where those are written. */
  vendored: { name: string; version?: string; at: string }[];
  faults: DeclaredFault[];
}

/** The line on which a text first stands, 1-based. */
export const lineOf = (text: string, needle: string): number => {
  const at = text.indexOf(needle);
  return at < 0 ? 1 : text.slice(0, at).split('\n').length;
};

/** Files that others brought along: what they declare is theirs. */
export const isVendored = (path: string): boolean => /(?:^|\/)(?:vendor|node_modules|site-packages)\//.test(path);
