import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Candidate, Diagnostic, ModuleManifest } from '@burgeon/kit';
import { checkSuite } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { findPython } from '../../../base/python.ts';
import { runDisposable } from '../../../base/disposable.ts';
import { codeCandidate } from '../fixtures/candidates.ts';
import { generatedTest } from './generated.ts';
import { tests } from './index.ts';
import type { TestRun } from './report.ts';
import { runTests, runnerOf } from './run.ts';
import { findInstalled } from './runners/installed.ts';
import { missingWalls } from './sandbox.ts';

const walls = (await missingWalls()) === undefined;
const python = await findPython();
const hasPytest =
  python !== undefined &&
  (await runDisposable({
    command: python.command,
    args: ['-I', '-c', 'import pytest'],
    deadlineMs: 20_000,
    memoryBytes: 1e9,
  }).then((end) => end.kind === 'ended' && end.code === 0));
if (!walls) process.stderr.write('SKIPPED: there are no walls to run tests behind.\n');
if (!hasPytest) process.stderr.write('SKIPPED: there is no pytest, so its runner is only tested for saying so.\n');

const shop = `import { http } from 'burgeon:cap/http' with { hosts: 'api.example.com' };
import { clock } from 'burgeon:cap/clock';
export const operations = {
  add: async ({ a, b }: { a: number; b: number }): Promise<number> => {
    if (a > 5) {
      return a;
    }
    return a + b;
  },
  ask: async () => http.fetch('https://api.example.com/'),
  now: async () => (await clock.now()) > 0,
};
`;
const module = (files: Record<string, string>, card: Partial<ModuleManifest> = {}): Candidate => {
  const made = codeCandidate(shop, card);
  return { ...made, files: [...made.files, ...Object.entries(files).map(([path, text]) => ({ path, text }))] };
};
const words = `test('adds', async () => same(await operations.add({ a: 1, b: 2 }), 3));
describe('shop', () => {
  test('fails', async () => same(await operations.add({ a: 1, b: 2 }), 4));
  test.skip('skips', () => {});
});
`;
const byNode = `import test, { describe } from 'node:test';\nimport assert from 'node:assert/strict';\nimport { operations } from '../index.ts';\nconst same = assert.equal;\n${words}`;
const byVitest = `import { test, describe, expect } from 'vitest';\nconst operations = { add: async ({ a, b }: { a: number; b: number }) => a + b };\nconst same = (a: unknown, b: unknown) => expect(a).toBe(b);\n${words}`;
const byJest = `const operations = { add: async ({ a, b }: { a: number; b: number }) => a + b };\nconst same = (a: unknown, b: unknown) => expect(a).toBe(b);\n${words}`;
const byPytest = `import pytest\nfrom shop import add\ndef test_adds():\n    print("noise")\n    assert add(1, 2) == 3\nclass TestShop:\n    def test_fails(self):\n        assert add(1, 2) == 4\n    @pytest.mark.skip(reason="why")\n    def test_skips(self):\n        pass\n`;

const signal = new AbortController().signal;
const run = (candidate: Candidate, more: { installed?: string[] } = {}): Promise<TestRun[]> =>
  runTests(candidate, { signal, ...more });
const found = (candidate: Candidate): Promise<Diagnostic[]> => tests.run(candidate, { signal, scratch: async () => '' });
const passing = `import test from 'node:test';\ntest('one', () => {});\n`;

describe('which runner a test is written for', () => {
  it.each([
    ['a.test.ts', "import test from 'node:test'", 'node:test'],
    ['test/a.js', `import { it } from "vitest"`, 'vitest'],
    ['a.spec.mjs', `import { it } from '@jest/globals'`, 'jest'],
    ['a.test.js', 'it("x", () => {})', 'jest'],
    ['tests/helper.ts', 'export const a = 1;', undefined],
    ['a.ts', "import test from 'node:test'", undefined],
    ['a.test.d.ts', "import test from 'node:test'", undefined],
    ['vendor/x/a.test.ts', "import test from 'node:test'", undefined],
    ['test_a.py', '', 'pytest'],
    ['tests/a_test.py', '', 'pytest'],
    ['tests/conftest.py', '', undefined],
    ['tests/data.json', 'test(', undefined],
  ])('%s: %s', (path, text, expected) => expect(runnerOf({ path, text })).toBe(expected));

  it('without an import, is told by the card', () => {
    const file = { path: 'a.test.js', text: 'suite("x", () => {})' };
    const globals = { path: 'a.test.js', text: 'test.only("x", () => {})' };
    expect([
      runnerOf(file, '{"vitest":"5"}'),
      runnerOf(globals, '{"vitest":"5"}'),
      runnerOf(globals, '{"vitest":"5","jest":"30"}'),
    ]).toEqual([undefined, 'vitest', 'jest']);
  });
});

describe.skipIf(!walls)('runners', () => {
  const counts = { passed: 1, failed: 1, skipped: 1 };
  const told = ({ cases }: TestRun): string[] => cases.map(({ name, state, file }) => `${state} ${name} ${file}`);

  it('node:test runs behind walls, with lines and branches', async () => {
    const [one, ...more] = await run(module({ 'test/shop.test.ts': byNode, 'test/more.test.ts': passing }));
    expect(more).toEqual([]);
    expect(one).toMatchObject({ runner: 'node:test', passed: 2, failed: 1, skipped: 1 });
    expect(told(one!)).toEqual([
      'passed one test/more.test.ts',
      'passed adds test/shop.test.ts',
      'failed shop > fails test/shop.test.ts',
      'skipped shop > skips test/shop.test.ts',
    ]);
    expect(one?.cases.find(({ state }) => state === 'failed')?.message).toContain('3 !== 4');
    expect(one?.coverage?.perFile.map(({ file }) => file)).toEqual(['index.ts']);
    const { lines, branches } = one?.coverage ?? {};
    expect(lines?.covered).toBeLessThan(lines?.total ?? 0);
    expect(branches?.covered).toBeGreaterThan(0);
  });

  it('Vitest gives the same shape', async () => {
    const [one] = await run(module({ 'test/shop.test.ts': byVitest, 'vitest.config.ts': 'throw new Error("never run")' }));
    expect(one).toMatchObject({ runner: 'vitest', ...counts });
    expect(told(one!)).toEqual([
      'passed adds test/shop.test.ts',
      'failed shop > fails test/shop.test.ts',
      'skipped shop > skips test/shop.test.ts',
    ]);
  });

  it('Jest gives the same shape', async () => {
    const [one] = await run(module({ 'test/shop.test.ts': byJest, 'package.json': '{"jest":{"globalSetup":"./evil.js"}}' }));
    expect(one).toMatchObject({ runner: 'jest', ...counts });
    expect(told(one!)).toEqual([
      'passed adds test/shop.test.ts',
      'failed shop > fails test/shop.test.ts',
      'skipped shop > skips test/shop.test.ts',
    ]);
  });

  it.skipIf(!hasPytest)('pytest gives the same shape', async () => {
    const [one] = await run(
      module({
        'tests/test_shop.py': byPytest,
        'shop.py': 'from burgeon import operation\n@operation\ndef add(a, b):\n    return a + b\n',
      }),
    );
    expect(one).toMatchObject({ runner: 'pytest', ...counts });
    expect(one?.cases.map(({ state, file }) => `${state} ${file}`)).toEqual([
      'passed tests/test_shop.py',
      'failed tests/test_shop.py',
      'skipped tests/test_shop.py',
    ]);
  });

  it('each has its own tests, in one order', async () => {
    const runs = await run(module({ 'a.test.ts': passing, 'b.test.ts': `import { test } from 'vitest'; test('x', () => {});` }));
    expect(runs.map(({ runner, passed }) => `${runner} ${passed}`)).toEqual(['node:test 1', 'vitest 1']);
  });

  it('have no network, no files of ours, no environment, and no power but time and chance', async () => {
    const text = `import test from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { operations } from './index.ts';
test('network', async () => assert.rejects(new Promise((resolve, reject) => connect(80, '127.0.0.1').on('connect', resolve).on('error', reject))));
test('files', () => { assert.throws(() => readFileSync('/etc/passwd')); assert.throws(() => readFileSync(${JSON.stringify(import.meta.filename)})); assert.throws(() => writeFileSync(new URL('./x', import.meta.url), '')); });
test('environment', () => assert.equal(process.env.PATH, undefined));
test('power', async () => { await assert.rejects(operations.ask(), { code: 'CAPABILITY_DENIED' }); assert.equal(await operations.now(), true); });
`;
    const [one] = await run(module({ 'a.test.ts': text }));
    expect(one?.cases.filter(({ state }) => state !== 'passed')).toEqual([]);
    expect(one?.passed).toBe(4);
  });

  it.each([
    ['one that ends the process', 'process.exit(0);'],
    ['one that cannot be read', 'const = ;'],
    ['one that says it passed', `console.log('ok 1 - fine\\n1..1'); process.reallyExit(0);`],
    [
      'one that throws later',
      `import test from 'node:test'; test('a', () => new Promise(() => setTimeout(() => { throw new Error('late'); }, 5)));`,
    ],
  ])('fail for %s', async (_, text) => {
    const [one] = await run(module({ 'a.test.ts': `// from 'node:test'\n${text}` }));
    expect([one?.passed, (one?.failed ?? 0) > 0]).toEqual([0, true]);
  });

  it('end when they are told to', async () => {
    const [one] = await runTests(module({ 'a.test.ts': passing }), { signal: AbortSignal.abort() });
    expect(one).toMatchObject({ failed: 1 });
    expect(one?.cases[0]?.message).toContain('cancelled');
  });
});

describe('a runner that is not installed', () => {
  it('is found from the folder of a module', () => {
    const folder = mkdtempSync(join(tmpdir(), 'burgeon-runners-'));
    expect(findInstalled('nobodys-runner', 'run.js', [folder])).toBeUndefined();
    mkdirSync(join(folder, 'node_modules/nobodys-runner'), { recursive: true });
    writeFileSync(join(folder, 'node_modules/nobodys-runner/package.json'), '{}');
    expect(findInstalled('nobodys-runner', 'run.js', [folder])).toBeUndefined();
    writeFileSync(join(folder, 'node_modules/nobodys-runner/run.js'), '');
    expect(findInstalled('nobodys-runner', 'run.js', [join(folder, 'modules/shop')])).toEqual({
      command: join(folder, 'node_modules/nobodys-runner/run.js'),
      read: [join(folder, 'node_modules')],
    });
  });
});

describe('the generated test', () => {
  const candidate = (): Candidate => {
    const made = codeCandidate(shop);
    const [pet] = made.interface.operations;
    const operation = (id: string, more: object): typeof pet => ({
      ...pet!,
      id,
      errors: [],
      examples: [],
      input: { type: 'object', properties: {} },
      output: true,
      ...more,
    });
    return {
      ...made,
      interface: {
        ...made.interface,
        operations: [
          operation('add', {
            input: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
            examples: [
              { name: 'right', input: { a: 1, b: 2 }, output: 3 },
              { name: '`${wrong}`\n"', input: { a: 1, b: 2 }, output: 4 },
              { name: 'code', input: { a: 1, b: 2 }, code: 'NO' },
            ],
          }),
          operation('ask', {}),
          operation('missing', {}),
        ] as Candidate['interface']['operations'],
      },
    };
  };

  it('is the same for the same interface, and none where no script runs', () => {
    expect(generatedTest(candidate())?.text).toBe(generatedTest(candidate())?.text);
    expect(generatedTest(codeCandidate('', { host: 'wasm', entry: 'a.wasm' }))).toBeUndefined();
    expect(generatedTest(codeCandidate('', { host: 'process', entry: 'main.py' }))).toBeUndefined();
    expect(generatedTest(codeCandidate('', { entry: `a';evil('.ts` }))).toBeUndefined();
  });

  it.skipIf(!walls)('plays examples and made-up input, and says what was covered', async () => {
    const subject = candidate();
    const [one] = await runTests(subject, { signal, generated: [generatedTest(subject)!] });
    expect(one?.cases.map(({ name, state }) => `${state} ${name}`)).toEqual([
      'passed add: example "right"',
      expect.stringContaining('failed add: example'),
      'failed add: example "code"',
      'passed add: synthesised input',
      'skipped ask: synthesised input',
      'failed missing: synthesised input',
    ]);
    expect(one?.coverage?.perFile.map(({ file }) => file)).toEqual(['index.ts']);
  });
});

describe.skipIf(!walls)('the check', () => {
  checkSuite(
    { describe, it, expect },
    {
      check: {
        ...tests,
        run: async (candidate, context) => (await tests.run(candidate, context)).map(({ data: _, ...each }) => each),
      },
      scratch: async () => '',
      valid: [
        { name: 'no test', candidate: module({}) },
        { name: 'a test that passes', candidate: module({ 'a.test.ts': passing }) },
      ],
      invalid: [
        {
          name: 'a test that fails',
          candidate: module({ 'a.test.ts': `import test from 'node:test';\ntest('x', () => { throw new Error('no\u202e'); });` }),
          code: 'test-failed',
          path: 'a.test.ts:1:1',
        },
        {
          name: 'a file without a test',
          candidate: module({ 'a.test.ts': `import 'node:test';\nexport { default } from 'node:test';` }),
          code: 'tests-empty',
          severity: 'warning',
        },
      ],
    },
  );

  it('tells counts and coverage', async () => {
    const text = `import test from 'node:test';\nimport { operations } from './index.ts';\ntest('one', () => operations.add({ a: 1, b: 1 }));\n`;
    const [only] = await found(module({ 'a.test.ts': text }));
    expect(only).toMatchObject({
      severity: 'info',
      code: 'tests-run',
      data: { runner: 'node:test', passed: 1, failed: 0, skipped: 0 },
    });
    expect(only?.data).toHaveProperty('lines.covered');
    expect(await tests.stamp?.({}, codeCandidate('').manifest)).toBeUndefined();
  });
});
