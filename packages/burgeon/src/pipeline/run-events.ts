import { manifestExtension, type Candidate } from '@burgeon/kit';
import type { AuditEvent } from '../security/audit.ts';
import type { CheckVerdict } from './check.ts';
import type { Trial } from './trial-result.ts';

/** What a run has made and found before anybody is asked. */
export interface RunFacts {
  run: string;
  candidate: Candidate;
  checks: readonly CheckVerdict[];
  trial: Trial;
}

/** What the record tells of a run: where it began, what it wrote, what judged it. The entries share the id of the run with all that follows. */
export const runEvents = ({ run, candidate, checks, trial }: RunFacts): AuditEvent[] => {
  const { manifest, interface: description, digest } = candidate;
  const { id, provenance } = manifest.extensions[manifestExtension];
  const { kind, location, digest: source } = description.source;
  const { passed, failed, skipped } = trial;
  const told = (event: string, data: AuditEvent['data']): AuditEvent => ({ kind: event, module: id, data: { run, ...data } });
  return [
    told('run.derived', { source: { kind, location, digest: source }, fingerprint: provenance.fingerprint }),
    told('run.generated', { version: manifest.version, digest, generator: provenance.generator }),
    told('run.checked', { passed: checks.filter(({ ok }) => ok).map(({ name }) => name) }),
    told('run.tried', { passed, failed, skipped }),
  ];
};
