import { resolve } from 'node:path';
import type { JsonObject } from '@burgeon/kit';
import type { TestReport } from '../../pipeline/test.ts';
import { flag, type Action, type Invocation } from '../command.ts';
import { usage } from '../fault.ts';
import { coverageFault, isFolder, linePercent, testCandidate } from '../judging.ts';
import { findModule, withVersion } from '../module.ts';
import { numberOption } from '../numbers.ts';
import { junit, testSuitesXml } from '../reports/junit.ts';
import { lcov } from '../reports/lcov.ts';
import { bold, dim, green, red, table, yellow } from '../text.ts';

/**
 * `test MODULE|DIR`: tries every operation and runs the module's own tests, all of it behind walls. Ends with 1 when something fails, or less of the
 * code was run than was asked for.
 */
export const test: Action = async (invocation) => {
  const reference = invocation.words[0] ?? '';
  const least = numberOption(invocation, 'minCoverage', { least: 0, most: 100, whole: false });
  if (flag(invocation, 'lcov') && flag(invocation, 'junit'))
    throw usage('There is one document on standard output.', 'Choose --junit or --lcov.');
  const { id, report } = (await isFolder(reference, invocation))
    ? await testFolder(invocation, reference)
    : await testStored(invocation, reference);
  const low = coverageFault(report, least);
  print(invocation, id, report);
  if (low !== undefined) invocation.terminal.say(`${red('coverage')}  ${id}: ${low}.`);
  return report.failed === 0 && low === undefined ? 0 : 1;
};

interface Tested {
  id: string;
  report: TestReport;
}

const testStored = async (invocation: Invocation, reference: string): Promise<Tested> => {
  const client = await invocation.open();
  const found = await findModule(client, reference);
  const report = (await client.call('testModule', withVersion(reference, found))) as unknown as TestReport;
  return { id: `${found.id}@${found.version}`, report };
};

/** A folder is tested without a home: nothing of it is stored. */
const testFolder = async ({ signal }: Invocation, path: string): Promise<Tested> => {
  const { readCandidate } = await import('../folder.ts');
  const folder = resolve(path);
  return { id: path, report: await testCandidate(await readCandidate(folder), folder, signal) };
};

const print = (invocation: Invocation, id: string, report: TestReport): void => {
  const { terminal } = invocation;
  const document = flag(invocation, 'junit')
    ? junit(testSuitesXml(id, report.runs))
    : flag(invocation, 'lcov')
      ? lcov(report.code)
      : undefined;
  if (document === undefined) terminal.result(report as unknown as JsonObject, () => reportText(id, report));
  else terminal.line(document, () => document.trimEnd());
};

/** What `test` tells people: counts, coverage, and the first failures. */
export const reportText = (id: string, report: TestReport): string => {
  const { passed, failed, skipped, coverage, runs } = report;
  const lines = linePercent(report);
  const bad = runs.flatMap(({ runner, cases }) =>
    cases
      .filter(({ state }) => state === 'failed')
      .map(({ name, message = '' }) => [red(name), dim(runner), message.split('\n')[0] ?? '']),
  );
  const own = runs.filter(({ runner }) => runner !== 'trial');
  return [
    `${bold(id)}  ${green(`${passed} passed`)}  ${(failed > 0 ? red : dim)(`${failed} failed`)}  ${dim(`${skipped} skipped`)}`,
    dim(
      `  ${(coverage * 100).toFixed(0)} % of the operations were tried${lines === undefined ? '' : `, ${lines.toFixed(0)} % of the lines run`}`,
    ),
    ...own.map((run) =>
      run.absent === undefined
        ? dim(`  ${run.runner}: ${run.passed} passed, ${run.failed} failed, ${run.skipped} skipped`)
        : yellow(`  ${run.runner}: not run. ${run.absent}`),
    ),
    ...(bad.length > 0 ? ['', table(bad.slice(0, 10))] : []),
  ].join('\n');
};
