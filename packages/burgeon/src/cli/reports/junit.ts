import type { TestRun } from '../../adapters/checks/tests/report.ts';
import type { CheckVerdict } from '../../pipeline/check.ts';

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text for XML 1.0: what it cannot hold is taken out, not escaped, because no escape of it is legal. */
const xml = (text: string): string =>
  text.replace(/(?![\t\n\r])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '').replace(/[&<>"']/g, (sign) => entities[sign] ?? '');

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

/** A document of suites. @see https://github.com/testmoapp/junitxml */
export const junit = (suites: readonly string[]): string =>
  ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>'].join('\n');

/** The findings about a module as a suite: one case for each check, a failure where it found an error. */
export const checkSuiteXml = (id: string, checks: readonly CheckVerdict[]): string => {
  const cases = checks.map(({ name, ok, diagnostics, elapsedMs }) => {
    const lines = diagnostics.map((each) => `${each.severity} ${each.code} ${each.path}: ${each.message}`).join('\n');
    const inner = ok
      ? lines === ''
        ? ''
        : `<system-out>${xml(lines)}</system-out>`
      : `<failure message="${xml(diagnostics.find(({ severity }) => severity === 'error')?.message ?? '')}">${xml(lines)}</failure>`;
    return `    <testcase classname="${xml(id)}" name="${xml(name)}" time="${seconds(elapsedMs)}">${inner}</testcase>`;
  });
  const failed = checks.filter(({ ok }) => !ok).length;
  const time = seconds(checks.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0));
  return [
    `  <testsuite name="${xml(id)}" tests="${checks.length}" failures="${failed}" errors="0" skipped="0" time="${time}">`,
    ...cases,
    '  </testsuite>',
  ].join('\n');
};

/** The runs of a module's tests, a suite each. A runner that is not there is a suite without a test that says so. */
export const testSuitesXml = (id: string, runs: readonly TestRun[]): string[] =>
  runs.map(({ runner, passed, failed, skipped, cases, absent }) => {
    const time = seconds(cases.reduce((sum, { ms }) => sum + ms, 0));
    const told = cases.map(({ name, file, state, message = '', ms }) => {
      const inner =
        state === 'failed'
          ? `<failure message="${xml(message.split('\n')[0] ?? '')}">${xml(message)}</failure>`
          : state === 'skipped'
            ? `<skipped message="${xml(message)}"/>`
            : '';
      return `    <testcase classname="${xml(`${id} ${runner}`)}" name="${xml(name)}" file="${xml(file)}" time="${seconds(ms)}">${inner}</testcase>`;
    });
    return [
      `  <testsuite name="${xml(`${id} ${runner}`)}" tests="${passed + failed + skipped}" failures="${failed}" errors="0" skipped="${skipped}" time="${time}">`,
      ...told,
      ...(absent === undefined ? [] : [`    <system-out>${xml(absent)}</system-out>`]),
      '  </testsuite>',
    ].join('\n');
  });
