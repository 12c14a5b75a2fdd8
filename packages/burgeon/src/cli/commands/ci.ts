import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { BurgeonError, manifestExtension, type Candidate, type Diagnostic, type Interface, type JsonObject } from '@burgeon/kit';
import type { CheckVerdict } from '../../pipeline/check.ts';
import type { TestReport } from '../../pipeline/test.ts';
import { toleratedFailures } from '../../pipeline/trial-result.ts';
import { type Action, type Invocation, textOption } from '../command.ts';
import { checkCandidate, coverageFault, isData, linePercent, testCandidate } from '../judging.ts';
import { numberOption } from '../numbers.ts';
import { annotations } from '../reports/annotations.ts';
import { judgedOf, writeReports } from '../reports/files.ts';
import { bold, count, dim, green, red } from '../text.ts';

/** What was found out about one module or description. */
export interface CiResult {
  /** Path, as it is seen from here. */
  path: string;
  kind: What['kind'];
  /** `namespace/name@version`; absent when it could not be read. */
  id?: string;
  ok: boolean;
  checks: CheckVerdict[];
  tests?: TestReport;
  /** Why too little of its code was run. */
  coverageFault?: string;
}

/** Folders inside folders that are looked through for modules. */
const deepest = 8;

/**
 * `ci [WHAT...]`: checks and tests every module below the folders, and every API description, that are named. Nothing is stored, nobody is asked. Ends
 * with 1 when one is not sound.
 */
export const ci: Action = async (invocation) => {
  const { terminal, words } = invocation;
  const least = numberOption(invocation, 'minCoverage', { least: 0, most: 100, whole: false });
  const found = (await Promise.all((words.length === 0 ? ['.'] : words).map(whatIn))).flat();
  if (found.length === 0)
    throw new BurgeonError('SOURCE_NOT_FOUND', {
      message: `There is no module in ${words.length === 0 ? 'this folder' : words.join(', ')}.`,
      hint: 'A module is a folder with a plugin.json. Name an API description by its file.',
    });
  const results: CiResult[] = [];
  for (const what of found) {
    const result = await judge(invocation, what, least);
    results.push(result);
    if (process.env['GITHUB_ACTIONS'] === 'true') for (const line of annotationsOf(result)) terminal.say(line);
    if (terminal.manners.json) terminal.say(lineOf(result));
  }
  const out = textOption(invocation, 'out');
  const files = out === undefined ? [] : await writeReports(resolve(out), results);
  const ok = results.every((each) => each.ok);
  const value = { ok, modules: results, ...(out === undefined ? {} : { files }) } as unknown as JsonObject;
  terminal.result(value, () => text(results, files));
  return ok ? 0 : 1;
};

/** Something to be judged: a folder with a module, or a description. */
interface What {
  kind: 'module' | 'description';
  path: string;
}

const whatIn = async (word: string): Promise<What[]> => {
  const found = await stat(resolve(word)).catch(() => undefined);
  if (found === undefined && !/^[a-z][a-z0-9+.-]*:/i.test(word))
    throw new BurgeonError('SOURCE_NOT_FOUND', {
      message: `There is no ${word}.`,
      hint: 'Name folders with modules, or API descriptions.',
    });
  return found?.isDirectory()
    ? (await modulesBelow(resolve(word))).map((path) => ({ kind: 'module', path }))
    : [{ kind: 'description', path: word }];
};

/** Folders with a plugin.json; what is inside one of them is its own. */
const modulesBelow = async (folder: string, depth = 0): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some((entry) => entry.isFile() && entry.name === 'plugin.json')) return [folder];
  if (depth >= deepest) return [];
  const inner = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules');
  const found: string[] = [];
  for (const { name } of inner.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    found.push(...(await modulesBelow(join(folder, name), depth + 1)));
  return found;
};

const seen = (path: string): string => relative(process.cwd(), path).split(sep).join('/') || '.';

const judge = async (invocation: Invocation, { kind, path }: What, least: number | undefined): Promise<CiResult> => {
  const shown = kind === 'module' ? seen(path) : path;
  try {
    const { readCandidate } = await import('../folder.ts');
    const candidate = kind === 'module' ? await readCandidate(path) : await described(path);
    // Tests are run below, with their coverage; once is enough.
    const checks = await checkCandidate(candidate, invocation.home, ['tests']);
    const tests = await testCandidate(candidate, kind === 'module' ? path : process.cwd(), invocation.signal);
    const low = isData(candidate) ? undefined : coverageFault(tests, least);
    const ok = checks.every((verdict) => verdict.ok) && passes(candidate, tests) && low === undefined;
    const { manifest } = candidate;
    const id = `${manifest.extensions[manifestExtension].id}@${manifest.version}`;
    return { path: shown, kind, id, ok, checks, tests, ...(low === undefined ? {} : { coverageFault: low }) };
  } catch (error) {
    if (invocation.signal.aborted) throw error;
    return { path: shown, kind, ok: false, checks: [unread(BurgeonError.from(error))] };
  }
};

const passes = (candidate: Candidate, { failed, passed }: TestReport): boolean =>
  failed === 0 || (isData(candidate) && failed <= toleratedFailures * (failed + passed));

/** What cannot be read is told like everything else that is wrong. */
const unread = ({ code, message, hint }: BurgeonError): CheckVerdict => {
  const finding: Diagnostic = {
    severity: 'error',
    code: code.toLowerCase().replaceAll('_', '-'),
    message,
    path: 'plugin.json',
    from: 'read',
    ...(hint === undefined ? {} : { hint }),
  };
  return { name: 'read', ok: false, diagnostics: [finding], elapsedMs: 0 };
};

/** A description as the module that `add` would make of it, in a home that is thrown away. */
const described = async (what: string): Promise<Candidate> => {
  const [{ createBurgeon }, { generate }, { targets }] = await Promise.all([
    import('../../burgeon.ts'),
    import('../../pipeline/generate.ts'),
    import('../../adapters/targets/index.ts'),
  ]);
  const home = await mkdtemp(join(tmpdir(), 'burgeon-ci-'));
  try {
    const burgeon = await createBurgeon({ home, threads: false });
    try {
      const { output } = await burgeon.management.call('describe', { what });
      return await generate({ targets }, { interface: output as unknown as Interface }, '1.0.0');
    } finally {
      await burgeon.close();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
};

const annotationsOf = (result: CiResult): string[] => [
  ...annotations(judgedOf(result), result.tests?.runs ?? []),
  ...(result.coverageFault === undefined ? [] : [`::error title=coverage::${result.path}: ${result.coverageFault}`]),
];

/** One line about one module. */
const lineOf = ({ path, ok, checks, tests, coverageFault: low }: CiResult): string => {
  const bad = checks.filter((verdict) => !verdict.ok).map(({ name }) => name);
  const percent = tests && linePercent(tests);
  const parts = [
    bad.length === 0 ? `${count(checks.length, 'check')} passed` : red(`failed: ${bad.join(', ')}`),
    ...(tests ? [`${tests.passed} tests passed`, ...(tests.failed > 0 ? [red(`${tests.failed} failed`)] : [])] : []),
    ...(tests && tests.skipped > 0 ? [`${tests.skipped} skipped`] : []),
    ...(percent === undefined ? [] : [`${percent.toFixed(0)} % of lines`]),
    ...(tests?.runs ?? []).flatMap(({ runner, absent }) => (absent === undefined ? [] : [`${runner} not run`])),
    ...(low === undefined ? [] : [red(low)]),
  ];
  return `${ok ? green('\u2713') : red('\u2717')} ${bold(path)}  ${parts.join(dim(', '))}`;
};

const text = (results: readonly CiResult[], files: readonly string[]): string => {
  const errors = results.flatMap(({ path, checks, tests }) => [
    ...checks.flatMap(({ name, diagnostics }) =>
      diagnostics
        .filter(({ severity }) => severity === 'error')
        .map((each) => `  ${red(`${name}/${each.code}`)} ${path}/${each.path}  ${each.message}`),
    ),
    ...(tests?.runs ?? []).flatMap(({ runner, cases }) =>
      cases
        .filter(({ state }) => state === 'failed')
        .map(({ name, file, message = '' }) => `  ${red(runner)} ${path}/${file}  ${name}: ${message.split('\n')[0] ?? ''}`),
    ),
  ]);
  const failed = results.filter(({ ok }) => !ok).length;
  return [
    ...results.map(lineOf),
    ...(errors.length > 0 ? ['', ...errors.slice(0, 50)] : []),
    '',
    `${count(results.length, 'module')}, ${failed === 0 ? green('all sound') : red(`${failed} not sound`)}.`,
    ...files.map((file) => dim(`  ${file}`)),
  ].join('\n');
};
