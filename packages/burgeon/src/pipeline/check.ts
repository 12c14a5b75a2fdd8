import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AdapterList, Candidate, Check, CheckContext, Diagnostic, Manifest } from '@burgeon/kit';
import { BurgeonError } from '@burgeon/kit';

/** Verdict of one check. `ok` = no finding of severity `error`. */
export interface CheckVerdict {
  name: string;
  ok: boolean;
  diagnostics: Diagnostic[];
  /** What this verdict took, this time. */
  elapsedMs: number;
  /** True: it was remembered from an earlier time; nothing it depends on has changed since. */
  cached?: true;
}

/** What the checks of one candidate are given. */
export interface CheckOptions {
  /** Verdicts that are known already; these checks are not run. */
  known?: readonly CheckVerdict[];
  /** File or folder of vulnerability data that the owner keeps. */
  advisories?: string;
}

/** Wall clock of one check, milliseconds. */
const checkDeadlineMs = 60_000;

/**
 * Third stage: every check judges the candidate, all at once, all findings kept. A check that breaks is itself a finding: nothing passes
 * unjudged.
 */
export const check = async (
  checks: AdapterList<Check>,
  candidate: Candidate,
  { known = [], advisories }: CheckOptions = {},
): Promise<CheckVerdict[]> =>
  Promise.all(
    Object.entries(checks).map(
      async ([name, load]) =>
        known.find((verdict) => verdict.name === name) ?? judge(name, load, { candidate, ...given(advisories) }),
    ),
  );

/** What each check depends on beside the candidate and this release, by name; a check that is not among them is never remembered. */
export const stampsOf = async (
  checks: AdapterList<Check>,
  manifest: Manifest,
  { advisories }: Pick<CheckOptions, 'advisories'> = {},
): Promise<Record<string, string>> => {
  const stamps = Object.entries(checks).map(async ([name, load]) => {
    // One that breaks here is run, and then says why.
    const adapter = await load().catch(() => undefined);
    const stamp = adapter?.stamp ? await adapter.stamp(given(advisories), manifest).catch(() => undefined) : '';
    return adapter === undefined || stamp === undefined ? [] : [[name, stamp] as const];
  });
  return Object.fromEntries((await Promise.all(stamps)).flat());
};

const given = (advisories: string | undefined): Pick<CheckContext, 'advisories'> =>
  advisories === undefined ? {} : { advisories };

const judge = async (
  name: string,
  load: () => Promise<Check>,
  { candidate, ...more }: { candidate: Candidate; advisories?: string },
): Promise<CheckVerdict> => {
  const begun = performance.now();
  const folders: string[] = [];
  const scratch = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'burgeon-check-'));
    folders.push(folder);
    return folder;
  };
  try {
    const context: CheckContext = { signal: AbortSignal.timeout(checkDeadlineMs), scratch, ...more };
    const diagnostics = await (await load()).run(candidate, context);
    const ok = diagnostics.every((diagnostic) => diagnostic.severity !== 'error');
    return { name, ok, diagnostics, elapsedMs: performance.now() - begun };
  } catch (error) {
    const { message, hint } = BurgeonError.from(error);
    const broken: Diagnostic = {
      severity: 'error',
      code: 'check-broken',
      message,
      path: '',
      from: name,
      ...(hint === undefined ? {} : { hint }),
    };
    return { name, ok: false, diagnostics: [broken], elapsedMs: performance.now() - begun };
  } finally {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
};
