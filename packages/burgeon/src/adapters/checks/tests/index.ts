import {
  type Candidate,
  type Check,
  type CheckContext,
  type Diagnostic,
  type JsonObject,
  defineCheck,
  manifestExtension,
} from '@burgeon/kit';
import { spellUnseen } from '../../../base/unseen.ts';
import type { TestCase, TestRun } from './report.ts';
import { runTests } from './run.ts';

/** Failed tests that are told. */
const mostFindings = 100;

const finding = (severity: Diagnostic['severity'], code: string, path: string, message: string): Diagnostic => ({
  severity,
  code,
  message,
  path,
  from: 'tests',
});

const run = async (candidate: Candidate, context: CheckContext): Promise<Diagnostic[]> => {
  if (candidate.manifest.extensions[manifestExtension].kind !== 'code') return [];
  const runs = await runTests(candidate, { signal: context.signal });
  return [...runs.flatMap((each) => each.cases.flatMap(tellCase)).slice(0, mostFindings), ...runs.flatMap(tellRun)];
};

const tellCase = ({ name, file, state, message = 'it failed' }: TestCase): Diagnostic[] =>
  state === 'failed'
    ? [
        finding(
          'error',
          'test-failed',
          `${file}:1:1`,
          `"${spellUnseen(name.slice(0, 200))}": ${spellUnseen(message.slice(0, 500), '\n')}`,
        ),
      ]
    : [];

const tellRun = ({ runner, passed, failed, skipped, absent, coverage }: TestRun): Diagnostic[] => {
  if (absent !== undefined) return [finding('warning', 'runner-absent', '', absent)];
  const data: JsonObject = {
    runner,
    passed,
    failed,
    skipped,
    ...(coverage ? { lines: { ...coverage.lines }, branches: { ...coverage.branches } } : {}),
  };
  const found = [
    { ...finding('info', 'tests-run', '', `${runner}: ${passed} passed, ${failed} failed, ${skipped} skipped.`), data },
  ];
  return passed + failed + skipped > 0
    ? found
    : [finding('warning', 'tests-empty', '', `${runner} found no test in the files of tests.`)];
};

/** The check of a module's own tests: they run behind walls, by the runner they are written for, and none may fail. */
export const tests: Check = defineCheck({
  name: 'tests',
  run,
  // Which runners there are, and what tests find, may be another the next time.
  stamp: async () => undefined,
});
