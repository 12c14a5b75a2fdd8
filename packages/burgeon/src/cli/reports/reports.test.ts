import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Diagnostic, JsonObject } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { readJunit } from '../../adapters/checks/tests/forms/junit-xml.ts';
import { readLcov } from '../../adapters/checks/tests/forms/lcov.ts';
import { coverageOf, fileCoverage, runOf, type TestRun } from '../../adapters/checks/tests/report.ts';
import type { CheckVerdict } from '../../pipeline/check.ts';
import type { TestReport } from '../../pipeline/test.ts';
import { annotations } from './annotations.ts';
import { writeReports } from './files.ts';
import { checkSuiteXml, junit, testSuitesXml } from './junit.ts';
import { lcov } from './lcov.ts';
import { placeOf, sarif } from './sarif.ts';

const finding = (more: Partial<Diagnostic>): Diagnostic => ({
  severity: 'error',
  code: 'bad-thing',
  message: 'It is <bad> & "so".',
  path: '',
  ...more,
});
const checks: CheckVerdict[] = [
  {
    name: 'policy',
    ok: false,
    elapsedMs: 1_234,
    diagnostics: [
      finding({ severity: 'warning', message: 'first', hint: 'Do it.' }),
      finding({ path: 'src/index.ts:3:7' }),
      finding({ path: 'index.ts:9' }),
      finding({ severity: 'info', path: '/operations/0', position: { line: 0, column: 0 } }),
      finding({ code: 'BP-01', path: 'a b.ts:1:1' }),
    ],
  },
  { name: 'types', ok: true, elapsedMs: 0, diagnostics: [] },
  { name: 'schema', ok: true, elapsedMs: 5, diagnostics: [finding({ severity: 'info', message: 'fine \u0000\u001B[2J\uD800' })] },
];
const coverage = coverageOf([
  fileCoverage(
    'index.ts',
    [
      [1, 2],
      [2, 0],
    ],
    [
      [1, 1],
      [1, 0],
    ],
  ),
]);
const runs: TestRun[] = [
  runOf('node:test', [
    { name: 'a ]]> <b>', file: 'a.test.ts', state: 'passed', ms: 1_500 },
    { name: 'c', file: 'a.test.ts', state: 'failed', message: 'no: 1,\n%"\u0007', ms: 0 },
    { name: 'd', file: 'a.test.ts', state: 'skipped', message: "why'", ms: 0 },
  ]),
  runOf('jest', [], { absent: 'Jest is not installed.' }),
];

interface Log {
  runs: {
    tool: { driver: { name: string; rules: Record<string, never>[] } };
    results: Record<string, never>[];
    invocations: { executionSuccessful: boolean }[];
  }[];
}
const logOf = (log: JsonObject): Log => log as unknown as Log;

describe('sarif', () => {
  it('has what SARIF 2.1.0 asks for: rules with help, results that name them, places', () => {
    const log = sarif({ id: 'api/x@1.0.0', checks });
    expect(log).toMatchObject({ version: '2.1.0', $schema: expect.stringContaining('sarif-2.1.0') });
    const [run] = logOf(log).runs;
    const rules = run?.tool.driver.rules ?? [];
    expect(rules.map(({ id }) => id)).toEqual(['policy/bad-thing', 'policy/BP-01', 'schema/bad-thing']);
    for (const rule of rules) {
      expect(rule).toMatchObject({
        name: expect.stringMatching(/^[A-Z]\w+$/),
        shortDescription: { text: expect.any(String) },
        help: { text: expect.stringMatching(/\S/) },
      });
      expect(rule).toHaveProperty('defaultConfiguration.level');
    }
    for (const result of run?.results ?? []) {
      expect(rules[result['ruleIndex'] as unknown as number]?.['id']).toBe(result['ruleId']);
      expect(result).toMatchObject({
        level: expect.stringMatching(/^(?:error|warning|note)$/),
        message: { text: expect.stringMatching(/\S/) },
      });
    }
    expect(run?.results.map(({ level }) => level)).toEqual(['warning', 'error', 'error', 'note', 'error', 'note']);
  });

  it('gives file and region where they are known', () => {
    const [run] = logOf(sarif({ id: 'x', checks, folder: 'modules/x/' })).runs;
    const places = run?.results.map(({ locations }) => (locations as unknown as JsonObject[])[0]) ?? [];
    expect(places[1]).toMatchObject({
      physicalLocation: { artifactLocation: { uri: 'modules/x/src/index.ts' }, region: { startLine: 3, startColumn: 7 } },
    });
    expect(places[2]).toMatchObject({ physicalLocation: { region: { startLine: 9, startColumn: 1 } } });
    expect(places[3]).toMatchObject({
      physicalLocation: { artifactLocation: { uri: 'modules/x/interface.json' }, region: { startLine: 1, startColumn: 1 } },
      logicalLocations: [{ fullyQualifiedName: '/operations/0' }],
    });
    expect(places[4]).toMatchObject({ physicalLocation: { artifactLocation: { uri: 'modules/x/a%20b.ts' } } });
    const [described] = logOf(sarif({ id: 'x', checks, document: 'api.yaml' })).runs;
    expect(JSON.stringify(described?.results[1])).toContain('"uri":"api.yaml"');
  });

  it('says when a check did not come to its end', () => {
    const killed = [{ name: 'types', ok: false, elapsedMs: 0, diagnostics: [finding({ code: 'check-killed' })] }];
    expect(
      logOf(sarif({ id: 'x', checks }, { id: 'y', checks: killed })).runs.map(
        ({ invocations }) => invocations[0]?.executionSuccessful,
      ),
    ).toEqual([true, false]);
  });

  it.each([
    ['/manifest/name', 'plugin.json'],
    ['/interface/operations/0', 'interface.json'],
    ['main.ts', 'main.ts'],
    ['', 'interface.json'],
  ])('%s stands in %s', (path, file) => expect(placeOf(path, undefined)).toEqual({ file, inside: true }));
});

describe('junit', () => {
  it('gives one case for each check and lets nothing out of its quotes', () => {
    const text = checkSuiteXml('api/x@1.0.0', checks);
    expect(text).toContain('tests="3" failures="1" errors="0" skipped="0" time="1.239"');
    expect(text).toContain('<failure message="It is &lt;bad&gt; &amp; &quot;so&quot;.">');
    expect(text).toContain('<testcase classname="api/x@1.0.0" name="types" time="0.000"></testcase>');
    expect(text).toContain('<system-out>info bad-thing : fine [2J</system-out>');
  });

  it('is read back as what it was', () => {
    const text = junit([checkSuiteXml('x', checks), ...testSuitesXml('x', runs)]);
    const cases = readJunit(text, ({ file = '' }) => file) ?? [];
    expect(cases.map(({ name, state }) => `${state} ${name}`)).toEqual([
      'failed x > policy',
      'passed x > types',
      'passed x > schema',
      'passed x node:test > a ]]> <b>',
      'failed x node:test > c',
      'skipped x node:test > d',
    ]);
    expect(cases.at(-2)?.message).toBe('no: 1,');
    expect(text).toContain('<testsuite name="x jest" tests="0"');
    expect(text).toContain('Jest is not installed.');
  });
});

describe('lcov', () => {
  it('is read back as what it was', () => {
    expect(readLcov(lcov(coverage))).toEqual(coverage);
    expect(readLcov(lcov(coverage, 'modules/x/')).perFile[0]?.file).toBe('modules/x/index.ts');
    expect(lcov(undefined)).toBe('');
  });
});

describe('annotations', () => {
  it('escape what would end them', () => {
    const lines = annotations({ id: 'x', checks, folder: 'm/' }, runs);
    expect(lines.every((line) => !line.includes('\n'))).toBe(true);
    expect(lines).toContain('::warning file=m/interface.json,line=1,col=1,title=policy/bad-thing::first');
    expect(lines).toContain('::error file=m/src/index.ts,line=3,col=7,title=policy/bad-thing::It is <bad> & "so".');
    expect(lines).toContain('::error file=m/a.test.ts,title=node%3Atest c::no: 1,%0A%25"\u0007');
    expect(lines).toContain('::warning title=x jest::Jest is not installed.');
    expect(annotations({ id: 'x', checks, document: 'api.yaml' })[1]).toMatch(/^::error file=api\.yaml,line=1,col=1,/);
  });
});

describe('the reports of a run', () => {
  it('agree with one another', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'burgeon-reports-')), 'out');
    const tests = { runs, code: coverage } as unknown as TestReport;
    const files = await writeReports(folder, [
      { path: 'modules/x', kind: 'module', ok: false, checks, tests },
      { path: 'api.yaml', kind: 'description', ok: true, checks: [] },
    ]);
    const [log, xml, trace, json] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const written = JSON.parse(json ?? '') as { ok: boolean; modules: { checks: CheckVerdict[] }[] };
    const findings = written.modules.flatMap(({ checks: all }) => all.flatMap(({ diagnostics }) => diagnostics));
    const results = logOf(JSON.parse(log ?? '') as JsonObject).runs.flatMap((run) => run.results);
    expect(results.length).toBe(findings.length);
    const failed = readJunit(xml ?? '', () => '')?.filter(({ state }) => state === 'failed');
    expect(failed?.length).toBe(1 + 1);
    expect(trace).toContain('SF:modules/x/index.ts');
    expect(written.ok).toBe(false);
  });
});
