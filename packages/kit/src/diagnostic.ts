import type { JsonValue } from './json.ts';

/** How grave a judgement is: an `error` stops the stage that made it, a `warning` names a loss, `info` is advice. */
export type Severity = 'error' | 'warning' | 'info';

/** One judgement about an input: what, where, and what to do. Judgements are data; they are returned, never thrown. */
export interface Diagnostic {
  severity: Severity;
  /** Stable, kebab-case, the same for the same kind of finding: scripts match on it. */
  code: string;
  message: string;
  /** JSON pointer into the judged document (RFC 6901), `file:line:column` in code, or empty for the whole. */
  path: string;
  hint?: string;
  /** 1-based position in the source text when it is known. */
  position?: { line: number; column: number };
  /** Which check or source said so. */
  from?: string;
  data?: JsonValue;
}
