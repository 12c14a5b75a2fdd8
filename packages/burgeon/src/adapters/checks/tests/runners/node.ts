import { findPackageJSON } from 'node:module';
import { fileURLToPath } from 'node:url';
import { powerImports } from '../../../../security/capability-imports.ts';
import { isTestFile } from '../../../../security/bundle.ts';
import { isObject } from '../../../../base/json.ts';
import { readLcov } from '../forms/lcov.ts';
import { readTap } from '../forms/tap.ts';
import { type Coverage, type TestCase, brokenCase, mergeCoverage, runOf } from '../report.ts';
import { type TestFolder, runJailed, writeFolder } from '../sandbox.ts';
import { type Runner, bounds, complaintIn, deadlineMs } from './runner.ts';

const inside = fileURLToPath(new URL('../inside/node.ts', import.meta.url));

/** Processes at once: as many as do not keep others from their turn. */
const atOnce = 2;

const powers = JSON.stringify(Object.fromEntries(powerImports().map(({ specifier, kind, name }) => [specifier, { kind, name }])));

/** Runs tests by the Node that runs us: each file in a process of its own, lines and branches counted. */
export const nodeRunner: Runner = async ({ files, tests, signal }) => {
  const folder = writeFolder(asModules(files));
  try {
    const done: FileRun[] = [];
    for (let start = 0; start < tests.length; start += atOnce)
      done.push(...(await Promise.all(tests.slice(start, start + atOnce).map((file) => runFile(folder, file, signal)))));
    const coverage = mergeCoverage(done.flatMap((each) => each.coverage ?? []));
    return runOf(
      'node:test',
      done.flatMap(({ cases }) => cases),
      coverage ? { coverage } : {},
    );
  } finally {
    await folder.remove();
  }
};

/** Scripts of a module are modules of JavaScript, also where nothing says so. */
const asModules: (files: Parameters<Runner>[0]['files']) => { path: string; text: string }[] = (files) =>
  files.some(({ path }) => path === 'package.json')
    ? [...files]
    : [...files, { path: 'package.json', text: '{"type":"module"}' }];

interface FileRun {
  cases: TestCase[];
  coverage?: Coverage;
}

const runFile = async ({ path }: TestFolder, file: string, signal: AbortSignal): Promise<FileRun> => {
  const card = findPackageJSON(import.meta.url);
  const output = await runJailed(
    {
      command: process.execPath,
      args: ['--no-warnings', '--max-old-space-size=512', inside, path, file, powers],
      read: [path, inside, ...(card === undefined ? [] : [card])],
      scratch: true,
      bounds,
    },
    deadlineMs,
    signal,
  );
  const told = parsed(output.stdout);
  if (!told) {
    const why = output.why ?? (complaintIn(output.stderr, path) || `the process ended with ${output.code} before its tests did`);
    return { cases: [brokenCase(file, `The file was not run to its end: ${why}.`)] };
  }
  const { cases: all, whole } = readTap(told.tap.replaceAll(`${path}/`, ''), file);
  // A file without a test counts as one that passed, by its own name.
  const cases = all.filter(({ name, state }) => name !== file || state !== 'passed');
  const ended = whole ? cases : [...cases, brokenCase(file, 'The file was not run to its end.')];
  return { cases: ended, coverage: readLcov(told.lcov, (each) => !each.startsWith('..') && !isTestFile(each)) };
};

const parsed = (text: string): { tap: string; lcov: string } | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && typeof value['tap'] === 'string' && typeof value['lcov'] === 'string'
      ? { tap: value['tap'], lcov: value['lcov'] }
      : undefined;
  } catch {
    return undefined;
  }
};
