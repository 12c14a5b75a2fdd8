import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { findPython } from '../../../../base/python.ts';
import { readJunit } from '../forms/junit-xml.ts';
import { brokenCase, runOf } from '../report.ts';
import { runJailed, writeFolder } from '../sandbox.ts';
import { type Runner, bounds, casesIn, deadlineMs } from './runner.ts';

/** What the driver ends with when there is no pytest. */
const absentCode = 97;

const driver = fileURLToPath(new URL('../inside/pytest-driver.py', import.meta.url));

/** `tests.test_a.TestX` is told of `tests/test_a.py`. */
const fileOf =
  (tests: readonly string[]) =>
  ({ file = '', classname = '' }: Readonly<Record<string, string>>): string =>
    tests.find((path) => path === file) ??
    tests.find((path) => {
      const dotted = path.replace(/\.py$/, '').replaceAll('/', '.');
      return classname === dotted || classname.startsWith(`${dotted}.`);
    }) ??
    classname;

/** Runs tests by the pytest of this machine's Python, when it is there. */
export const pytestRunner: Runner = async ({ files, tests, signal }) => {
  const absent = 'pytest is not installed; install it for the Python of this machine: python3 -m pip install pytest';
  const python = await findPython();
  if (!python) return runOf('pytest', [], { absent: 'There is no Python on this machine.' });
  const folder = writeFolder(files);
  try {
    const output = await runJailed(
      {
        command: python.command,
        args: ['-I', '-B', '-X', 'utf8', '-c', readFileSync(driver, 'utf8'), folder.path, ...tests],
        read: [folder.path, ...python.read],
        scratch: true,
        bounds,
      },
      deadlineMs,
      signal,
    );
    if (output.code === absentCode) return runOf('pytest', [], { absent });
    const told = casesIn(output, (text) => readJunit(text, fileOf(tests)), { runner: 'pytest', folder, tests });
    return runOf(
      'pytest',
      output.code === 0 || told.some(({ state }) => state === 'failed')
        ? told
        : [...told, brokenCase(tests[0] ?? '', `pytest ended with ${output.code}.`)],
    );
  } finally {
    await folder.remove();
  }
};
