import type { Check, CheckContext } from '../contracts/check.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Candidate } from '../manifest.ts';

/** The functions of a test runner, as Vitest and its kin give them. */
export interface SuiteRunner {
  describe: (name: string, body: () => void) => void;
  it: (name: string, body: () => Promise<void> | void) => void;
  expect: (
    value: unknown,
    message?: string,
  ) => { toEqual(expected: unknown): void; toContain(expected: unknown): void; toBe(expected: unknown): void };
}

/** One candidate that a check must find fault with: the code of a finding, and its path where that is told. */
export interface InvalidCase {
  name: string;
  candidate: Candidate;
  code: string;
  path?: string;
  /** Default: `error`. */
  severity?: Diagnostic['severity'];
}

/** What {@link checkSuite} needs. */
export interface CheckSuiteOptions {
  check: Check;
  valid: readonly { name: string; candidate: Candidate }[];
  invalid: readonly InvalidCase[];
  /** Makes an empty private folder. */
  scratch: () => Promise<string>;
}

/**
 * What every check must keep: sound candidates get no error, broken ones get theirs, findings say who found them, the candidate is not
 * changed, the same candidate gets the same findings, and a cancelled check neither passes an unsound candidate nor throws.
 */
export const checkSuite = (runner: SuiteRunner, { check, valid, invalid, scratch }: CheckSuiteOptions): void => {
  const { describe, it, expect } = runner;
  const context = (signal: AbortSignal = new AbortController().signal): CheckContext => ({ signal, scratch });
  const errorsOf = (found: Diagnostic[]): Diagnostic[] => found.filter(({ severity }) => severity === 'error');

  describe(`check ${check.name}: valid`, () => {
    for (const { name, candidate } of valid)
      it(name, async () => {
        const before = JSON.stringify(candidate);
        expect(errorsOf(await check.run(candidate, context()))).toEqual([]);
        expect(JSON.stringify(candidate) === before, 'the candidate is left as it was').toBe(true);
      });
  });

  describe(`check ${check.name}: invalid`, () => {
    for (const { name, candidate, code, path, severity = 'error' } of invalid)
      it(name, async () => {
        const found = await check.run(candidate, context());
        const matching = found.filter((each) => each.code === code && each.severity === severity);
        expect(matching.length > 0, `${code} is among ${JSON.stringify(found)}`).toBe(true);
        if (path !== undefined) expect(matching.map((each) => each.path)).toContain(path);
        for (const each of found) expect(each.from).toBe(check.name);
        expect(await check.run(candidate, context())).toEqual(found);
      });
  });

  describe(`check ${check.name}: cancelled`, () => {
    const first = invalid.find(({ severity = 'error' }) => severity === 'error');
    if (first)
      it('does not pass what it could not judge', async () => {
        const found = await check.run(first.candidate, context(AbortSignal.abort()));
        expect(errorsOf(found).length > 0).toBe(true);
      });
  });
};
