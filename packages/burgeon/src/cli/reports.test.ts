import type { Diagnostic } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import type { CheckVerdict } from '../pipeline/check.ts';
import { junit, sarif } from './reports.ts';

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
      finding({ severity: 'warning', message: 'first' }),
      finding({ path: 'src/index.ts:3:7' }),
      finding({ path: 'index.ts:9' }),
      finding({ severity: 'info', path: '/operations/0', position: { line: 0, column: 0 } }),
    ],
  },
  { name: 'types', ok: true, elapsedMs: 0, diagnostics: [] },
  { name: 'schema', ok: true, elapsedMs: 5, diagnostics: [finding({ severity: 'info', message: 'fine \u0000\u001B[2J\uD800' })] },
];

describe('sarif', () => {
  it('gives one result for each finding, with file and region where they are known', () => {
    const [run] = sarif('api/x@1.0.0', checks)['runs'] as {
      results: Record<string, unknown>[];
      tool: { driver: { rules: unknown[] } };
    }[];
    expect(run?.tool.driver.rules).toEqual([{ id: 'policy/bad-thing' }, { id: 'schema/bad-thing' }]);
    expect(run?.results.map(({ level }) => level)).toEqual(['warning', 'error', 'error', 'note', 'note']);
    const [, located, lineOnly, positioned] = run?.results ?? [];
    expect(located).toMatchObject({
      locations: [{ physicalLocation: { artifactLocation: { uri: 'src/index.ts' }, region: { startLine: 3, startColumn: 7 } } }],
    });
    expect(lineOnly).toMatchObject({ locations: [{ physicalLocation: { region: { startLine: 9, startColumn: 1 } } }] });
    expect(positioned).toMatchObject({
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: 'interface.json' }, region: { startLine: 1 } },
          logicalLocations: [{ fullyQualifiedName: '/operations/0' }],
        },
      ],
    });
  });
});

describe('junit', () => {
  it('gives one case for each check and lets nothing out of its quotes', () => {
    const text = junit('api/x@1.0.0', checks);
    expect(text).toContain('tests="3" failures="1"');
    expect(text).toContain('<failure message="It is &lt;bad&gt; &amp; &quot;so&quot;.">');
    expect(text).toContain('time="1.234"></testcase>'.replace('></testcase>', '>'));
    expect(text).toContain('<testcase classname="api/x@1.0.0" name="types" time="0.000"></testcase>');
    expect(text).toContain('<system-out>info bad-thing : fine [2J</system-out>');
  });
});
