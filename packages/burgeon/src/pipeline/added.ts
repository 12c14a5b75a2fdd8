import type { Candidate, Capability, Diagnostic } from '@burgeon/kit';
import type { ApprovalRequest } from '../approval/request.ts';
import type { VersionRecord } from '../registry/records.ts';
import type { CheckVerdict } from './check.ts';
import type { StageEvent } from './context.ts';
import type { Packaged } from './derived.ts';
import type { Trial } from './trial-result.ts';

/** What `add` did. */
export interface AddResult {
  module: { id: string; version: string; kind: string; host: string; digest: string; state: string };
  operations: number;
  /** Losses and repairs while reading. */
  diagnostics: Diagnostic[];
  checks: CheckVerdict[];
  trial: Trial;
  disclosure: { text: string; capabilities: Capability[] };
  /** The open approval request; absent once active. */
  request?: ApprovalRequest;
  /** True when the very same module was there already. */
  unchanged?: boolean;
  elapsedMs: number;
}

/** One run of the pipeline: what happened to a version from its source to its calls is told under its id. */
export interface Run {
  id: string;
  /** ISO 8601 UTC. */
  startedAt: string;
}

/** Everything that is stored about a candidate. */
export interface Judged {
  candidate: Candidate;
  checks: CheckVerdict[];
  trial: Trial;
  connection: string | undefined;
  /** There when it came as a package. */
  package: Packaged | undefined;
  run: Run;
}

/** Tells whoever listens how far it has come. */
export type Tell = (stage: StageEvent['stage'], state: StageEvent['state'], message: string) => void;

/** What is told of a stored version. */
export const resultOf = (record: VersionRecord, candidate: Candidate): Pick<AddResult, 'module' | 'operations'> => ({
  module: {
    id: record.id,
    version: record.version,
    kind: record.kind,
    host: record.host,
    digest: record.digest,
    state: record.state,
  },
  operations: candidate.interface.operations.length,
});
