import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AdapterList, Candidate, Check, Diagnostic } from '@burgeon/kit';
import { BurgeonError } from '@burgeon/kit';

/** Verdict of one check. `ok` = no finding of severity `error`. */
export interface CheckVerdict {
  name: string;
  ok: boolean;
  diagnostics: Diagnostic[];
  elapsedMs: number;
}

/** Wall clock of one check, milliseconds. */
const checkDeadlineMs = 60_000;

/** Third stage: every check judges the candidate, all findings kept. A check that breaks is itself a finding: nothing passes unjudged. */
export const check = async (checks: AdapterList<Check>, candidate: Candidate): Promise<CheckVerdict[]> =>
  Promise.all(Object.entries(checks).map(async ([name, load]) => judge(name, await load(), candidate)));

const judge = async (name: string, adapter: Check, candidate: Candidate): Promise<CheckVerdict> => {
  const begun = performance.now();
  const folders: string[] = [];
  const scratch = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'burgeon-check-'));
    folders.push(folder);
    return folder;
  };
  try {
    const diagnostics = await adapter.run(candidate, { signal: AbortSignal.timeout(checkDeadlineMs), scratch });
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
