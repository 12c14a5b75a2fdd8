import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BurgeonError, type Candidate, manifestExtension } from '@burgeon/kit';
import type { CheckVerdict } from '../pipeline/check.ts';
import type { TestReport } from '../pipeline/test.ts';
import { manifestPath } from '../security/bundle.ts';
import type { Invocation } from './command.ts';
import { findModule } from './module.ts';

/**
 * Whether a folder is meant: what can be no module name, like `./shop`, `/srv/shop` or `.`, and what is the name of a folder with a module in
 * it and of no module that is kept. A folder never hides a module.
 */
export const isFolder = async (reference: string, { open }: Pick<Invocation, 'open'>): Promise<boolean> => {
  const path = resolve(reference);
  if (/^\.|^[/\\]|^[A-Za-z]:/.test(reference) || reference.split(/[/\\]/).length > 2)
    return stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
  if (!(await stat(join(path, manifestPath)).catch(() => undefined))) return false;
  return findModule(await open(), reference).then(
    () => false,
    (error: unknown) => BurgeonError.is(error) && error.code === 'MODULE_NOT_FOUND',
  );
};

/** Where the vulnerability data are for what is judged without opening a home; undefined when there are none. */
const advisoriesFor = async (home: string): Promise<string | undefined> => {
  const { BURGEON_ADVISORIES: named = '' } = process.env;
  if (named !== '') return named;
  const kept = join(home, 'advisories');
  return (await stat(kept).catch(() => undefined)) ? kept : undefined;
};

/** What the checks say of a candidate, without a home. `without`: names of checks that are left out. */
export const checkCandidate = async (
  candidate: Candidate,
  home: string,
  without: readonly string[] = [],
): Promise<CheckVerdict[]> => {
  const [{ check }, { checks }] = await Promise.all([import('../pipeline/check.ts'), import('../adapters/checks/index.ts')]);
  const advisories = await advisoriesFor(home);
  const wanted = Object.fromEntries(Object.entries(checks).filter(([name]) => !without.includes(name)));
  return check(wanted, candidate, advisories === undefined ? {} : { advisories });
};

/** Tries a candidate and runs its own tests, without a home. */
export const testCandidate = async (candidate: Candidate, folder: string, signal: AbortSignal): Promise<TestReport> => {
  const [{ localWorkbench }, { testReport }] = await Promise.all([import('../pipeline/work.ts'), import('../pipeline/test.ts')]);
  const { trial } = await localWorkbench().judge(candidate, ['try']);
  return testReport(candidate, trial, { signal, installed: [folder] });
};

/** Percent of the lines that were run; undefined where lines cannot be counted. */
export const linePercent = ({ code }: Pick<TestReport, 'code'>): number | undefined =>
  code === undefined || code.lines.total === 0 ? undefined : (100 * code.lines.covered) / code.lines.total;

/** Why the coverage of a report is too low; undefined when it is enough, was not asked for, or cannot be counted for modules that are data. */
export const coverageFault = (report: Pick<TestReport, 'code'>, least: number | undefined): string | undefined => {
  if (least === undefined) return undefined;
  const percent = linePercent(report);
  if (percent === undefined) return `its lines cannot be counted, and ${least} % were asked for`;
  return percent < least ? `${percent.toFixed(1)} % of its lines were run, and ${least} % were asked for` : undefined;
};

/** True for modules that carry out a description: nothing of theirs is code. */
export const isData = ({ manifest }: Candidate): boolean => manifest.extensions[manifestExtension].kind === 'data';
