import type { Diagnostic } from '../diagnostic.ts';
import type { Candidate } from '../manifest.ts';

/** What a check may use. */
export interface CheckContext {
  signal: AbortSignal;
  /** Folder for files a tool needs; empty, private, removed afterwards. */
  scratch(): Promise<string>;
}

/** One judge of candidates. All findings are returned, not the first. */
export interface Check {
  readonly name: string;
  run(candidate: Candidate, context: CheckContext): Promise<Diagnostic[]>;
}
