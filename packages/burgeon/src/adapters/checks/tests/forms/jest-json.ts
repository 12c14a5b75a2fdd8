import { isObject } from '../../../../base/json.ts';
import { type TestCase, brokenCase } from '../report.ts';

const states: Readonly<Record<string, TestCase['state']>> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  pending: 'skipped',
  todo: 'skipped',
  disabled: 'skipped',
  focused: 'passed',
};

const listIn = (value: unknown, name: string): Record<string, unknown>[] => {
  const list = isObject(value) ? value[name] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
};

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

// oxlint-disable-next-line no-control-regex -- colours of a terminal begin with a control character
const colours = /\u001b\[[\d;]*m/g;

/**
 * Reads the JSON report of Jest, which Vitest writes too, from the last line that begins like one. A file that could not be run at all counts as one failed test. Undefined when it is none.
 * @see https://jestjs.io/docs/cli#--json
 */
export const readJestJson = (text: string, relative: (path: string) => string): TestCase[] | undefined => {
  let report: unknown;
  try {
    // Runner and tests may have printed before it.
    report = JSON.parse(text.split('\n').findLast((line) => line.startsWith('{"')) ?? '');
  } catch {
    return undefined;
  }
  if (!isObject(report) || !Array.isArray(report['testResults'])) return undefined;
  return listIn(report, 'testResults').flatMap((result): TestCase[] => {
    const file = relative(textIn(result['name']));
    const cases = listIn(result, 'assertionResults').map((each) => caseOf(each, file));
    const lost = result['status'] === 'failed' && !cases.some(({ state }) => state === 'failed');
    return lost
      ? [...cases, brokenCase(file, textIn(result['message']).replaceAll(colours, '') || 'The file could not be run.')]
      : cases;
  });
};

const caseOf = (each: Record<string, unknown>, file: string): TestCase => {
  const around = Array.isArray(each['ancestorTitles']) ? each['ancestorTitles'].map(textIn).filter((title) => title !== '') : [];
  const messages = Array.isArray(each['failureMessages']) ? each['failureMessages'].map(textIn) : [];
  const message = messages.join('\n').replaceAll(colours, '');
  return {
    name: [...around, textIn(each['title'])].join(' > '),
    file,
    // What nobody knows has not passed.
    state: states[textIn(each['status'])] ?? 'failed',
    ...(message === '' ? {} : { message }),
    ms: typeof each['duration'] === 'number' ? each['duration'] : 0,
  };
};
