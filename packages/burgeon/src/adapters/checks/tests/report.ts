/** What became of one test. */
export interface TestCase {
  /** With the names of the suites around it: `shop > adds`. */
  name: string;
  /** Path in the module. */
  file: string;
  state: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  message?: string;
  /** Milliseconds. */
  ms: number;
}

/** How much of something was run. */
export interface Share {
  covered: number;
  total: number;
}

/** What of one file was run. */
export interface FileCoverage {
  file: string;
  lines: Share;
  branches: Share;
  /** Line and how often it was run. */
  lineHits: [line: number, hits: number][];
  /** Line and how often one branch on it was taken; a line may have several. */
  branchHits: [line: number, hits: number][];
}

/** What of the code was run. */
export interface Coverage {
  lines: Share;
  branches: Share;
  perFile: FileCoverage[];
}

/** The names of those who run tests. `trial` is the one that is made from the interface. */
export type RunnerName = 'node:test' | 'vitest' | 'jest' | 'pytest' | 'trial';

/** What one runner found: the same shape whoever it is. */
export interface TestRun {
  runner: RunnerName;
  passed: number;
  failed: number;
  skipped: number;
  cases: TestCase[];
  coverage?: Coverage;
  /** Why nothing was run: the runner is not installed, or there are no walls to run it behind. Nothing has then passed or failed. */
  absent?: string;
}

/** A run told from its cases. */
export const runOf = (runner: RunnerName, cases: TestCase[], more: Pick<TestRun, 'coverage' | 'absent'> = {}): TestRun => {
  const count = (state: TestCase['state']): number => cases.filter((each) => each.state === state).length;
  return { runner, passed: count('passed'), failed: count('failed'), skipped: count('skipped'), cases, ...more };
};

/** A test that stands for a whole file which could not be run to its end. */
export const brokenCase = (file: string, message: string): TestCase => ({ name: file, file, state: 'failed', message, ms: 0 });

/** Several coverages of the same code as one. */
export const mergeCoverage = (all: readonly Coverage[]): Coverage | undefined => {
  if (all.length === 0) return undefined;
  const byFile = Map.groupBy(
    all.flatMap(({ perFile }) => perFile),
    ({ file }) => file,
  );
  return coverageOf([...byFile.values()].map(mergeFile));
};

/** The sum of some files. */
export const coverageOf = (perFile: readonly FileCoverage[]): Coverage => {
  const sum = (shares: Share[]): Share =>
    shares.reduce((a, b) => ({ covered: a.covered + b.covered, total: a.total + b.total }), { covered: 0, total: 0 });
  const sorted = perFile.toSorted((a, b) => (a.file < b.file ? -1 : 1));
  return { lines: sum(sorted.map(({ lines }) => lines)), branches: sum(sorted.map(({ branches }) => branches)), perFile: sorted };
};

/** A file from what was counted on it. */
export const fileCoverage = (
  file: string,
  lineHits: [line: number, hits: number][],
  branchHits: [line: number, hits: number][],
): FileCoverage => {
  const share = (hits: [number, number][]): Share => ({
    covered: hits.filter(([, count]) => count > 0).length,
    total: hits.length,
  });
  return { file, lines: share(lineHits), branches: share(branchHits), lineHits, branchHits };
};

const mergeFile = (all: FileCoverage[]): FileCoverage => {
  const lines = new Map<number, number>();
  for (const [line, hits] of all.flatMap(({ lineHits }) => lineHits)) lines.set(line, (lines.get(line) ?? 0) + hits);
  const branches = new Map<number, number[]>();
  for (const { branchHits } of all) {
    const own = Map.groupBy(branchHits, ([line]) => line);
    for (const [line, found] of own)
      branches.set(
        line,
        mergeCounts(
          branches.get(line) ?? [],
          found.map(([, hits]) => hits),
        ),
      );
  }
  return fileCoverage(
    all[0]?.file ?? '',
    [...lines].toSorted(([a], [b]) => a - b),
    [...branches].toSorted(([a], [b]) => a - b).flatMap(([line, counts]) => counts.map((hits): [number, number] => [line, hits])),
  );
};

/** A run that never came to a function does not know its branches: the longer list knows more. */
const mergeCounts = (a: readonly number[], b: readonly number[]): number[] =>
  a.length === b.length ? a.map((hits, index) => hits + (b[index] ?? 0)) : [...(a.length > b.length ? a : b)];
