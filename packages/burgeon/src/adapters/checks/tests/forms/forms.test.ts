import { describe, expect, it } from 'vitest';
import { mergeCoverage, runOf, type TestCase } from '../report.ts';
import { readJestJson } from './jest-json.ts';
import { readJunit } from './junit-xml.ts';
import { readLcov } from './lcov.ts';
import { readTap } from './tap.ts';

const tap = `TAP version 13
# Subtest: adds \\# one
ok 1 - adds \\# one
  ---
  duration_ms: 1.5
  type: 'test'
  ...
# Subtest: shop
    # Subtest: fails
    not ok 1 - fails
      ---
      duration_ms: 2
      type: 'test'
      failureType: 'testCodeFailure'
      error: |-
        Expected <3>

        3 !== 4
      code: 'ERR_ASSERTION'
      ...
    # Subtest: skips
    ok 2 - skips # SKIP why
      ---
      duration_ms: 0
      type: 'test'
      ...
    1..2
not ok 2 - shop
  ---
  type: 'suite'
  failureType: 'subtestsFailed'
  ...
1..2
# tests 3
`;
const junit = `<?xml version="1.0"?><!-- by hand --><testsuites><testsuite name="all">
<testcase classname="" name="adds # one" time="0.0015" file="a.test.ts"/>
<testcase classname="shop" name="fails" time="0.002" file="a.test.ts"><failure message="Expected &lt;3&gt;&#10;&#x0A;3 !== 4"><![CDATA[at <x>]]></failure></testcase>
<testcase classname="shop" name='skips' time="0" file="a.test.ts"><skipped message="why"/><system-out>text</system-out></testcase>
</testsuite></testsuites>`;
const jest = JSON.stringify({
  testResults: [
    {
      name: '/jail/a.test.ts',
      status: 'failed',
      assertionResults: [
        { ancestorTitles: [], title: 'adds # one', status: 'passed', duration: 1.5, failureMessages: [] },
        {
          ancestorTitles: ['shop'],
          title: 'fails',
          status: 'failed',
          duration: 2,
          failureMessages: ['\u001b[31mExpected <3>\u001b[39m\n\n3 !== 4'],
        },
        { ancestorTitles: ['shop'], title: 'skips', status: 'pending', duration: null },
      ],
    },
  ],
});
const expected: TestCase[] = [
  { name: 'adds # one', file: 'a.test.ts', state: 'passed', ms: 1.5 },
  { name: 'shop > fails', file: 'a.test.ts', state: 'failed', message: 'Expected <3>\n\n3 !== 4', ms: 2 },
  { name: 'shop > skips', file: 'a.test.ts', state: 'skipped', message: 'why', ms: 0 },
];

describe('the same results', () => {
  it.each<[string, TestCase[] | undefined]>([
    ['TAP', readTap(tap, 'a.test.ts').cases],
    ['JUnit XML', readJunit(junit, ({ file = '' }) => file)],
    [
      'the JSON of Jest',
      readJestJson(jest, (path) => path.replace('/jail/', ''))?.map((each) =>
        each.state === 'skipped' ? { ...each, message: 'why' } : each,
      ),
    ],
  ])('have one shape, told in %s', (_, cases) => {
    expect(cases).toEqual(expected);
    expect(runOf('node:test', cases ?? [])).toMatchObject({ passed: 1, failed: 1, skipped: 1 });
  });
});

describe('TAP', () => {
  const states = (text: string): string[] => readTap(text, 'a').cases.map(({ name, state }) => `${state} ${name}`);
  it('is whole when its plan is kept', () => {
    expect(readTap(tap, 'a').whole).toBe(true);
    expect(readTap(tap.replace(/^1\.\.2$/m, ''), 'a').whole).toBe(false);
    expect(readTap('ok 1 - a\n1..2\n', 'a').whole).toBe(false);
    expect(readTap('1..0\n', 'a')).toEqual({ cases: [], whole: true });
    expect(readTap('1..1\nok 1\nBail out! no more\n', 'a').whole).toBe(false);
  });
  it('may come from others', () => {
    expect(states('1..4\nok 1 first\nnot ok 2 second # TODO later\nok 3\nnot ok\n')).toEqual([
      'passed first',
      'skipped second',
      'passed ',
      'failed ',
    ]);
    expect(states('# Subtest: outer\n    ok 1 - inner\n    1..1\nok 1 - outer\n1..1\n')).toEqual(['passed outer > inner']);
  });
  it('tells a suite that failed by itself', () => {
    expect(
      states(
        `# Subtest: s\n    1..0\nnot ok 1 - s\n  ---\n  type: 'suite'\n  failureType: 'hookFailed'\n  error: 'no'\n  ...\n1..1\n`,
      ),
    ).toEqual(['failed s']);
  });
  it('passes over what is none', () => expect(readTap('okay\nnot okay\n  ok indented\nhello', 'a').cases).toEqual([]));
});

describe('JUnit XML', () => {
  it.each(['', 'hello', '<testsuites><testcase name="a">', '<!DOCTYPE x [<!ENTITY a "b">]><testsuites/>', '{}'])(
    'is not %j',
    (text) => {
      expect(readJunit(text, () => '')).toBeUndefined();
    },
  );
  it('may tell why in the text, and errors beside failures', () => {
    const text = `<testsuite><testcase name="a"><error>boom &unknown; &#x110000;</error></testcase><testcase name="b"><failure/><skipped/></testcase></testsuite>`;
    expect(readJunit(text, () => 'f')).toEqual([
      { name: 'a', file: 'f', state: 'failed', message: 'boom &unknown;', ms: 0 },
      { name: 'b', file: 'f', state: 'failed', ms: 0 },
    ]);
  });
});

describe('the JSON of Jest', () => {
  it.each(['', '[]', '{"testResults":1}'])('is not %j', (text) => expect(readJestJson(text, (path) => path)).toBeUndefined());
  it('tells a file that could not be run', () => {
    const text = JSON.stringify({
      testResults: [
        { name: 'a', status: 'failed', message: 'SyntaxError', assertionResults: [] },
        { name: 'b', status: 'failed' },
        7,
      ],
    });
    expect(readJestJson(text, (path) => path)).toMatchObject([
      { file: 'a', state: 'failed', message: 'SyntaxError' },
      { file: 'b', message: 'The file could not be run.' },
    ]);
  });
  it('takes what it does not know for a failure', () => {
    expect(
      readJestJson(
        JSON.stringify({ testResults: [{ name: 'a', assertionResults: [{ title: 'x', status: 'maybe' }] }] }),
        (path) => path,
      )?.[0]?.state,
    ).toBe('failed');
  });
});

describe('coverage', () => {
  const lcov = (file: string, lines: [number, number][], branches: [number, number | '-'][]): string =>
    [
      `SF:${file}`,
      ...branches.map(([line, hits], index) => `BRDA:${line},${index},0,${hits}`),
      ...lines.map(([line, hits]) => `DA:${line},${hits}`),
      'end_of_record',
      '',
    ].join('\n');

  it('is read from a tracefile, without the files that do not count', () => {
    const text =
      lcov(
        'a.ts',
        [
          [1, 2],
          [2, 0],
        ],
        [
          [1, 1],
          [1, '-'],
        ],
      ) + lcov('a.test.ts', [[1, 1]], []);
    expect(readLcov(text, (file) => !file.includes('.test.'))).toEqual({
      lines: { covered: 1, total: 2 },
      branches: { covered: 1, total: 2 },
      perFile: [
        {
          file: 'a.ts',
          lines: { covered: 1, total: 2 },
          branches: { covered: 1, total: 2 },
          lineHits: [
            [1, 2],
            [2, 0],
          ],
          branchHits: [
            [1, 1],
            [1, 0],
          ],
        },
      ],
    });
    expect(readLcov('').perFile).toEqual([]);
  });

  it('of several processes is that of all of them', () => {
    const first = readLcov(
      lcov(
        'a.ts',
        [
          [1, 1],
          [2, 0],
        ],
        [
          [1, 1],
          [2, 0],
        ],
      ) + lcov('b.ts', [[1, 1]], []),
    );
    const second = readLcov(
      lcov(
        'a.ts',
        [
          [1, 1],
          [2, 3],
        ],
        [
          [1, 1],
          [2, 3],
          [2, 0],
        ],
      ),
    );
    expect(mergeCoverage([first, second])).toMatchObject({
      lines: { covered: 3, total: 3 },
      branches: { covered: 2, total: 3 },
      perFile: [
        {
          file: 'a.ts',
          lineHits: [
            [1, 2],
            [2, 3],
          ],
          branchHits: [
            [1, 2],
            [2, 3],
            [2, 0],
          ],
        },
        { file: 'b.ts' },
      ],
    });
    expect(mergeCoverage([])).toBeUndefined();
  });
});
