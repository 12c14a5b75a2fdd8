import type { Candidate, CheckContext, Diagnostic } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { codeCandidate, wasmCandidate } from '../fixtures/candidates.ts';
import { judgeFiles } from './files.ts';
import { bypasses, lookalikes } from './fixtures/bypasses.ts';
import { policy } from './index.ts';

const other = { path: 'other.ts', text: 'export const helper = 1;' };
const found = (code: string): Diagnostic[] => judgeFiles([{ path: 'module.ts', text: code }, other]);
const errors = (code: string): string[] =>
  found(code).flatMap(({ severity, code: rule }) => (severity === 'error' ? [rule] : []));

const context: CheckContext = { signal: new AbortController().signal, scratch: async () => '' };
const candidate = (files: Record<string, string>): Candidate => ({
  ...codeCandidate(''),
  files: Object.entries(files).map(([path, text]) => ({ path, text })),
});

describe('policy: ways out', () => {
  it.each(bypasses.filter(([rule]) => rule !== 'guarded'))('%s refuses %s', (rule, code) => {
    expect(errors(code)).toContain(rule);
  });
  it.each(bypasses.filter(([rule]) => rule === 'guarded'))('%s: %s', (_rule, code) => {
    expect(found(code).map((each) => each.code)).toContain('policy-computed');
  });
});

describe('policy: look-alikes', () => {
  it.each(lookalikes.map((code) => [code]))('lets %s through', (code) => {
    expect(errors(code)).toEqual([]);
  });
});

describe('policy: keys in brackets', () => {
  const rules = (key: string): string[] => found(`export const at = (list, i, j) => list[${key}];`).map((each) => each.code);
  it.each(['0', 'i++', '--i', '-i', '+i', '~i', 'i * 2', 'i % j', 'i >>> 1', '1 + i * 2', '(i | 0) + (j & 1)', 'i++ + 1'])(
    'takes %s for a number',
    (key) => {
      expect(rules(key)).toEqual([]);
    },
  );
  it.each(['i', 'i + 1', '1 + i', 'i + j', '!i', 'typeof i', 'i.j', `${'1 + '.repeat(20)}(i * 2)`, 'i ? j : 0', 'i || 0'])(
    'leaves %s to the walls',
    (key) => {
      expect(rules(key)).toContain('policy-computed');
    },
  );
  it.each(['[][[]]', '![] + []', '+[] + []'])('judges punctuation alone, as in %s, by what it gives', (key) => {
    expect(rules(key).filter((rule) => rule !== 'policy-obfuscated')).toEqual([]);
  });
});

describe('policy as a check', () => {
  it('has nothing to say of a module without code', async () => {
    expect(await policy.run(candidate({ 'interface.json': '{}', 'types.d.ts': 'eval' }), context)).toEqual([]);
  });
  it('gives file, line, column, rule and hint', async () => {
    const [finding] = await policy.run(candidate({ 'src/a.ts': 'export const a = 1;\n  fetch(a);\n' }), context);
    expect(finding).toMatchObject({
      code: 'policy-global',
      path: 'src/a.ts:2:3',
      position: { line: 2, column: 3 },
      from: 'policy',
    });
    expect(finding?.hint).toContain('burgeon:cap/');
  });
  it('resolves relative imports inside the bundle only', async () => {
    const files = { 'src/a.ts': `import './b.ts'; import '../c.ts';`, 'src/b.ts': '', 'c.ts': '' };
    const findings = await policy.run(candidate(files), context);
    expect(findings.map((each) => each.path)).toEqual(['src/a.ts:1:25']);
  });
  it.each([
    ['parentheses', '('.repeat(20_000)],
    ['behind a regular expression', `/\`/;${'['.repeat(20_000)}`],
  ])('does not hand %s to the parser', async (_name, text) => {
    const findings = await policy.run(candidate({ 'a.ts': text }), context);
    expect(findings).toMatchObject([{ severity: 'error', code: 'check-killed' }]);
  });
  it('survives what kills or exhausts the parser', async () => {
    const chains = [
      `export const a = ${'b.'.repeat(60_000)}c`,
      `export const a = ${'b?c:'.repeat(60_000)}d`,
      `export const a = 1${'+1'.repeat(60_000)}`,
    ];
    for (const text of chains) {
      const findings = await policy.run(candidate({ 'a.ts': text }), context);
      expect(findings).toMatchObject([{ severity: 'error', code: 'check-killed' }]);
    }
  });
  it('passes over what WebAssembly was made from, and says so', async () => {
    expect(await policy.run(wasmCandidate(Buffer.alloc(0)), context)).toMatchObject([{ severity: 'info', code: 'not-judged' }]);
  });
  it('stops when it is cancelled', async () => {
    const findings = await policy.run(candidate({ 'a.ts': '' }), { ...context, signal: AbortSignal.abort() });
    expect(findings).toMatchObject([{ code: 'check-killed', message: expect.stringContaining('cancelled') as string }]);
  });
  it('warns of a file in which secrets are kept', () => {
    const warned = (code: string): boolean => found(code).some((each) => each.code === 'BP-10' && each.severity === 'warning');
    expect(['.env', './.env.local', '/app/.env'].every((path) => warned(`const read = (p) => p; read('${path}')`))).toBe(true);
    expect(['.environment', 'a.env'].some((path) => warned(`const read = (p) => p; read('${path}')`))).toBe(false);
  });
  it('shows a bounded number of findings', () => {
    expect(found('eval;'.repeat(1_000)).length).toBe(200);
  });
  it('warns of characters that hide code', () => {
    expect(found('const a = "\u202e";').map((each) => each.code)).toEqual(['policy-hidden-text']);
  });
});
