import type { Diagnostic } from '../diagnostic.ts';
import type { Candidate, Manifest } from '../manifest.ts';

/** What a check may use. */
export interface CheckContext {
  signal: AbortSignal;
  /** Folder for files a tool needs; empty, private, removed afterwards. */
  scratch(): Promise<string>;
  /** File or folder of vulnerability data that the owner keeps; absent = there is none. */
  advisories?: string;
}

/** One judge of candidates. All findings are returned, not the first. */
export interface Check {
  readonly name: string;
  run(candidate: Candidate, context: CheckContext): Promise<Diagnostic[]>;
  /**
   * What a verdict about such a module depends on beside the candidate and this release: the state of a data file, a tool that is or is not there.
   * Undefined: it depends on more than can be said, so it is never remembered. Absent: on nothing.
   */
  stamp?(context: Pick<CheckContext, 'advisories'>, manifest: Manifest): Promise<string | undefined>;
}
