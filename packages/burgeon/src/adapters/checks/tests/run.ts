import type { BundleFile, Candidate } from '@burgeon/kit';
import { isTestFile } from '../../../security/bundle.ts';
import type { RunnerName, TestRun } from './report.ts';
import { runOf } from './report.ts';
import { missingWalls } from './sandbox.ts';
import type { Runner } from './runners/runner.ts';

/** The runner a test is written for; undefined for files that only help tests. */
export type Written = Exclude<RunnerName, 'trial'>;

const runners: Readonly<Record<Written, () => Promise<Runner>>> = {
  'node:test': async () => (await import('./runners/node.ts')).nodeRunner,
  vitest: async () => (await import('./runners/vitest.ts')).vitestRunner,
  jest: async () => (await import('./runners/jest.ts')).jestRunner,
  pytest: async () => (await import('./runners/pytest.ts')).pytestRunner,
};

const isVendored = (path: string): boolean => /(?:^|\/)(?:vendor|node_modules)\//.test(path);

/** What a file of tests says by its imports; without them, by what the card of the package has for tests. */
export const runnerOf = ({ path, text }: BundleFile, card = ''): Written | undefined => {
  if (!isTestFile(path) || isVendored(path)) return undefined;
  if (path.endsWith('.py')) return /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/.test(path) ? 'pytest' : undefined;
  if (!/\.[cm]?[jt]s$/.test(path) || /\.d\.[cm]?ts$/.test(path)) return undefined;
  if (/\bfrom\s*['"]vitest['"]/.test(text)) return 'vitest';
  if (/\bfrom\s*['"]@jest\/globals['"]/.test(text)) return 'jest';
  if (/\bfrom\s*['"](?:node:)?test['"]/.test(text)) return 'node:test';
  // Without an import the words are those that Jest and Vitest put everywhere.
  if (!/\b(?:test|it|describe)\s*(?:\.\w+\s*)*\(/.test(text)) return undefined;
  return /"vitest"/.test(card) && !/"jest"/.test(card) ? 'vitest' : 'jest';
};

/** How to run the tests of a module. */
export interface RunOptions {
  signal: AbortSignal;
  /** Folders in which runners may be installed. Default: where this process works. */
  installed?: readonly string[];
  /** Further tests for node:test, which are no part of the module. */
  generated?: readonly BundleFile[];
}

/** Runs every test of a module behind walls, by the runner it is written for; one run for each runner, none where there is no test. */
export const runTests = async ({ files }: Pick<Candidate, 'files'>, options: RunOptions): Promise<TestRun[]> => {
  const { signal, installed = [process.cwd()], generated = [] } = options;
  const card = files.find(({ path }) => path === 'package.json')?.text;
  const all = [...files, ...generated];
  const byRunner = Map.groupBy(all, (file) => runnerOf(file, card));
  const missing = [...byRunner.keys()].some((name) => name !== undefined) ? await missingWalls() : undefined;
  const runs: TestRun[] = [];
  for (const name of Object.keys(runners) as Written[]) {
    const tests = (byRunner.get(name) ?? []).map(({ path }) => path).toSorted();
    if (tests.length === 0) continue;
    if (missing !== undefined) runs.push(runOf(name, [], { absent: `Tests run only behind walls: ${missing}.` }));
    else runs.push(await (await runners[name]())({ files: all, tests, installed, signal }));
  }
  return runs;
};
