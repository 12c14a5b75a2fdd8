import { type Candidate, manifestExtension } from '@burgeon/kit';
import { generatedTest } from '../adapters/checks/tests/generated.ts';
import { type Coverage, type TestRun, mergeCoverage, runOf } from '../adapters/checks/tests/report.ts';
import { runTests } from '../adapters/checks/tests/run.ts';
import { isTestFile } from '../security/bundle.ts';
import type { Trial, TrialResult } from './trial-result.ts';

/** What became of testing a module: the trial of its operations, and its own tests. */
export interface TestReport extends Pick<Trial, 'passed' | 'failed' | 'skipped' | 'results'> {
  /** Share of the operations that were tried. */
  coverage: number;
  /** The trial first, then one run for each runner of the module's own tests. */
  runs: TestRun[];
  /** Lines and branches of the module's code that all of it ran; absent where they cannot be counted. */
  code?: Coverage;
}

/** How to test. */
export interface TestOptions {
  signal: AbortSignal;
  /** Folders in which runners may be installed. */
  installed?: readonly string[];
}

/** Puts a trial and the module's own tests, which run behind walls, into one report. */
export const testReport = async (candidate: Candidate, tried: Trial, options: TestOptions): Promise<TestReport> => {
  const isCode = candidate.manifest.extensions[manifestExtension].kind === 'code';
  const [played, own] = isCode
    ? await Promise.all([playedCoverage(candidate, options), runTests(candidate, options)])
    : [undefined, []];
  const trial = runOf('trial', casesOf(candidate, tried), played ? { coverage: played } : {});
  const runs = [trial, ...own];
  const sum = (state: 'passed' | 'failed' | 'skipped'): number => runs.reduce((total, run) => total + run[state], 0);
  const code = mergeCoverage(runs.flatMap(({ coverage }) => coverage ?? []));
  const counted = tried.passed + tried.failed;
  return {
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    results: tried.results,
    coverage: counted / Math.max(1, counted + tried.skipped),
    runs,
    ...(code ? { code } : {}),
  };
};

/** Lines and branches that the plays of the trial run; they are played once more where these can be counted. */
const playedCoverage = async (candidate: Candidate, options: TestOptions): Promise<Coverage | undefined> => {
  const generated = generatedTest(candidate);
  if (!generated) return undefined;
  const files = candidate.files.filter(({ path }) => !isTestFile(path));
  const [run] = await runTests({ files }, { ...options, generated: [generated] });
  return run?.coverage;
};

/** One case for each operation. Of failures, only so many are kept with their reasons. */
const casesOf = (candidate: Candidate, { results, passed, failed, skipped }: Trial): TestRun['cases'] => {
  const told = new Map(results.map((result) => [result.operation, result]));
  const untold = failed + skipped - results.length;
  const others = candidate.interface.operations.filter(({ id }) => !told.has(id));
  const passes = others.slice(0, passed).map(({ id }): TrialResult => ({ operation: id, outcome: 'passed' }));
  const lost = Array.from({ length: untold }, (_, index): TrialResult => ({
    operation: `one of ${untold} more (${index + 1})`,
    outcome: index < failed - results.filter(({ outcome }) => outcome === 'failed').length ? 'failed' : 'skipped',
  }));
  return [...passes, ...results, ...lost].map(({ operation, outcome, reason }) => ({
    name: operation,
    file: 'interface.json',
    state: outcome,
    ...(reason === undefined ? {} : { message: reason }),
    ms: 0,
  }));
};
