import type { BundleFile } from '@burgeon/kit';
import { type TestCase, type TestRun, brokenCase } from '../report.ts';
import type { JailOutput, TestFolder } from '../sandbox.ts';

/** What a runner is given. */
export interface TestRequest {
  /** Every file of the module. */
  files: readonly BundleFile[];
  /** Paths of the tests that are its own. */
  tests: readonly string[];
  /** Folders in which a runner that is not ours may be installed, the nearest first. */
  installed: readonly string[];
  signal: AbortSignal;
}

/** One way to run tests. */
export type Runner = (request: TestRequest) => Promise<TestRun>;

/** Wall clock of one process of tests, milliseconds. */
export const deadlineMs = 60_000;

/** What a process of tests may take. */
export const bounds: Readonly<Record<'memoryBytes' | 'processes' | 'openFiles' | 'fileBytes', number>> = {
  memoryBytes: 1.5 * 1024 ** 3,
  processes: 128,
  openFiles: 1_024,
  fileBytes: 256 * 1024 * 1024,
};

/** The cases that a process told of. Where it did not come to its end, each of its files is broken, and says why. */
export const casesIn = (
  output: JailOutput,
  read: (text: string) => TestCase[] | undefined,
  { runner, folder, tests }: { runner: string; folder: TestFolder; tests: readonly string[] },
): TestCase[] => {
  const cases = output.why === undefined ? read(output.stdout) : undefined;
  const why = output.why ?? (complaintIn(output.stderr, folder.path) || `it ended with ${output.code}`);
  return cases ?? tests.map((file) => brokenCase(file, `${runner} did not come to its end: ${why}`));
};

/** The end of what a process complained of, without the place where it ran. */
export const complaintIn = (text: string, folder: string): string => text.replaceAll(`${folder}/`, '').trim().slice(-2_000);
