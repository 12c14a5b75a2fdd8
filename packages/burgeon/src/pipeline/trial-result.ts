import type { Capability, Operation } from '@burgeon/kit';

/** Outcome of one operation in the trial. `skipped` says why it could not be tried at all. */
export interface TrialResult {
  operation: string;
  outcome: 'passed' | 'failed' | 'skipped';
  reason?: string;
}

/** Outcome of a trial. */
export interface Trial {
  passed: number;
  failed: number;
  skipped: number;
  /** Operations that did not pass, at most 50. */
  results: TrialResult[];
  /** What code asked of the outside while it was tried, whether it was given or not. Absent for modules without code. */
  observed?: Capability[];
  /** What it declares and was not seen to ask for: it may want more than it uses, or the trial did not come that far. */
  unobserved?: Capability[];
  /** What it asked for and never declared; then the whole trial has failed. Absent when there is none. */
  outside?: Capability[];
}

/** A module passes its trial while at most this share of its tried operations fails; each failure is disclosed. */
export const toleratedFailures = 0.1;

/** Seed of every trial: the same candidate is tried the same way. */
export const trialSeed = 1;

/** A trial told from the outcomes of its operations. */
export const summary = (results: TrialResult[]): Trial => {
  const count = (outcome: TrialResult['outcome']): number => results.filter((result) => result.outcome === outcome).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    results: results.filter((result) => result.outcome !== 'passed').slice(0, 50),
  };
};

/** Outcomes that are not the operation's success, yet exactly what its description provides for. */
export const documented = (operation: Operation, code: string): boolean =>
  operation.errors.some(
    (error) => error.code === code || error.code === 'default' || (error.code.endsWith('XX') && error.code[0] === code[0]),
  );
