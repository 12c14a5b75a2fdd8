import { stripTypes } from '../../../../walls/javascript/strip.ts';
import { readJestJson } from '../forms/jest-json.ts';
import { type TestCase, runOf } from '../report.ts';
import { runJailed, writeFolder } from '../sandbox.ts';
import { findInstalled } from './installed.ts';
import { type Runner, bounds, casesIn, deadlineMs } from './runner.ts';

const isScript = (path: string): boolean => /\.[cm]?[jt]s$/.test(path) && !/\.d\.[cm]?ts$/.test(path);

/** Ours alone: a module brings no configuration, and nothing that would be run to transform it. */
const configOf = (tests: readonly string[]): string =>
  JSON.stringify({
    testMatch: tests.map((path) => `<rootDir>/${path.replaceAll(/[()[\]{}!*?+@]/g, '\\$&')}`),
    transform: {},
    extensionsToTreatAsEsm: ['.ts'],
    moduleFileExtensions: ['ts', 'js', 'mjs', 'json'],
  });

/** Runs tests by Jest, when it is installed; types are stripped before. */
export const jestRunner: Runner = async ({ files, tests, installed, signal }) => {
  const found = findInstalled('jest', 'bin/jest.js', installed);
  if (!found)
    return runOf('jest', [], { absent: 'Jest is not installed; install it beside the module: npm install --save-dev jest' });
  const scripts = await stripTypes(files.filter(({ path }) => isScript(path)));
  const others = files.filter(({ path }) => !isScript(path) && path !== 'package.json');
  const card = { path: 'package.json', text: '{"type":"module"}' };
  const folder = writeFolder([...others, ...scripts.map(({ path, source }) => ({ path, text: source })), card]);
  try {
    const output = await runJailed(
      {
        command: process.execPath,
        args: [
          '--no-warnings',
          '--experimental-vm-modules',
          found.command,
          '--json',
          '--runInBand',
          '--no-watchman',
          '--no-cache',
          '--rootDir',
          folder.path,
          '--config',
          configOf(tests),
        ],
        read: [folder.path, ...found.read],
        scratch: true,
        bounds,
      },
      deadlineMs,
      signal,
    );
    const read = (text: string): TestCase[] | undefined => readJestJson(text, (path) => path.replace(`${folder.path}/`, ''));
    return runOf('jest', casesIn(output, read, { runner: 'Jest', folder, tests }));
  } finally {
    await folder.remove();
  }
};
