import type { Interface } from '../interface.ts';
import type { Program } from '../manifest.ts';
import type { Clock, Egress, Logger } from './context.ts';

/** What was pointed at, after the first look. */
export interface SourceInput {
  /** `document`: text is there; `connection`: a live thing named by a connection string; `folder`: a local folder. */
  kind: 'document' | 'connection' | 'folder';
  /** File path, URL or connection string. A credential in it must not leave the source. */
  location: string;
  /** The document's text, for `document`. */
  text?: string;
  mediaType?: string;
}

/** Bounds of one reading. Exceeding any is SPEC_TOO_COMPLEX. */
export interface SourceBudget {
  /** Bytes of the document. */
  bytes: number;
  /** Nesting depth. */
  depth: number;
  /** Nodes after aliases are expanded. */
  nodes: number;
  /** Wall clock, milliseconds; the worker is killed after it. */
  deadlineMs: number;
}

/** The budget when nobody says otherwise. */
export const defaultBudget: SourceBudget = { bytes: 48 * 1024 * 1024, depth: 512, nodes: 4_000_000, deadlineMs: 4_000 };

/** What a source may use. */
export interface SourceContext {
  budget: SourceBudget;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
  /** For sources that talk to a live thing. Absent inside the parsing worker: a parser has no way out. */
  egress?: Egress;
  /** Text of another document this one refers to. Refuses all but what the user allowed; absent = refuse everything. */
  document?(location: string): Promise<string>;
}

/** A reader into the interface. */
export interface Source {
  readonly name: string;
  /** `document` sources run in a disposable worker, without `egress`. */
  readonly reads: SourceInput['kind'];
  /** How sure this source is that it can read the input: 0 = no, 1 = certain. Cheap, never throws. */
  detect(input: SourceInput): number;
  /**
   * Reads the input. Deterministic for the same input; degrades operation by operation with a diagnostic rather than failing.
   * @throws {BurgeonError} SOURCE_INVALID, SPEC_TOO_COMPLEX, SOURCE_UNREACHABLE, DEPENDENCY_MISSING
   */
  read(input: SourceInput, context: SourceContext): Promise<Interface>;
  /** The same reading with the program behind the interface, for sources whose modules have code of their own. Throws what `read` throws. */
  readProgram?(input: SourceInput, context: SourceContext): Promise<{ interface: Interface; program: Program }>;
}
