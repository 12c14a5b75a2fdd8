import type { Diagnostic, Interface, Program } from '@burgeon/kit';
import type { ModuleReference, Publication } from '../registry/records.ts';

/** What to read and how. */
export interface DeriveRequest {
  /** Path, URL or connection string; the label of `text` when that is there. */
  what: string;
  /** Document text, when it came through a pipe. */
  text?: string;
  /** Source to use instead of the best guess. */
  as?: string;
  /** Short name instead of the interface's own. */
  name?: string;
  /** Base address instead of the interface's own. */
  location?: string;
  /** `sha512-...` that a package must have. */
  integrity?: string;
  /** Take a package in that was published a moment ago, or by somebody nobody here knows. */
  allowFresh?: boolean;
  allowUnknown?: boolean;
  /** Documents that may be read when this one refers to them: paths or URLs, exactly as they will be resolved. */
  allowRefs?: string[];
}

/** An interface, and what the vault must know so that it can be reached. */
export interface Derived {
  interface: Interface;
  /** The program behind it, when the module has code of its own. */
  program?: Program;
  /** Connection string of a live thing; a secret. */
  connection?: string;
  /** There when it came as a package. */
  package?: Packaged;
}

/** A package that something was derived from. */
export interface Packaged extends ModuleReference {
  publication: Publication;
  /** The publisher's key, as a person would add it. */
  publicKey: string;
  /** What people should know of it beside its interface, whose bytes are signed. */
  notes: Diagnostic[];
}
