import type { Candidate, CheckContext, Diagnostic } from '@burgeon/kit';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codeCandidate, wasmCandidate } from '../fixtures/candidates.ts';
import { judgeFiles } from './files.ts';
import { benign, bypasses } from './fixtures/corpus.ts';
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
  it.each(bypasses.filter(({ rule }) => rule !== 'guarded'))('$family: $rule refuses $code', ({ rule, code }) => {
    expect(errors(code)).toContain(rule);
  });
  it.each(bypasses.filter(({ rule }) => rule === 'guarded'))('$family: leaves to the walls and tells $code', ({ code }) => {
    expect(errors(code)).toEqual([]);
    expect(found(code)).not.toEqual([]);
  });
  it('are many, of many families', () => {
    expect(new Set(bypasses.map(({ code }) => code)).size).toBeGreaterThanOrEqual(1_000);
    expect(new Set(bypasses.map(({ family }) => family)).size).toBeGreaterThanOrEqual(20);
  });
});

describe('policy: the page about it', () => {
  it('has every rule that is found, and no other', () => {
    const page = readFileSync(new URL('../../../../../../docs/policy.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^\| `([\w-]+)`/gm)].map(([, rule]) => rule);
    const all = [...bypasses, ...benign].flatMap(({ code }) => found(code).map((each) => each.code));
    expect(new Set(listed)).toEqual(new Set(all));
  });
});

describe('policy: what people write', () => {
  it.each(benign)('$family: lets $code through', ({ code }) => {
    expect(errors(code)).toEqual([]);
  });
  it('is much', () => {
    expect(new Set(benign.map(({ code }) => code)).size).toBeGreaterThanOrEqual(360);
  });
});

/** Each of the ten old patterns: what breaks its rule, and what a search for words would take for it. */
const patterns: [rule: string, breaks: string[], resembles: string[]][] = [
  [
    'BP-01',
    [`eval('1')`, `(0, eval)('1')`, `eval?.('1')`, 'eval`1`', `\\u0065val('1')`],
    [`const retrieval = (a) => a; retrieval('1')`],
  ],
  [
    'BP-02',
    [
      `Function('1')`,
      `''.constructor.constructor('1')`,
      `(async () => {}).constructor('1')`,
      `(function* () {}).constructor('1')`,
    ],
    [`const isFunction = (a) => typeof a === 'function'; isFunction(1)`],
  ],
  [
    'BP-03',
    [`require('fs')`, `module.require('fs')`, `import { createRequire } from 'node:module'; createRequire('/')`],
    [`const required = (a) => a; required('fs')`],
  ],
  [
    'BP-04',
    [`import('fs')`, 'import /* now */ (`./other.ts`)'],
    [`import { a } from './other.ts'; a`, `import { clock } from 'burgeon:cap/clock'; clock`],
  ],
  [
    'BP-05',
    [`process.exit()`, `const { exit } = process`, `process?.['exit']()`],
    [`const preprocess = { run: 1 }; preprocess.run`],
  ],
  ['BP-06', [`fs.readFileSync('a')`, `import { readFileSync } from 'node:fs'`], [`const diffs = { total: 1 }; diffs.total`]],
  ['BP-07', ['__dirname', '__filename', 'import.meta.url'], [`const text = '__dirname'; text`]],
  [
    'BP-08',
    [`import 'child_process'`, `import 'node:child_process'`, `import 'worker_threads'`, `import 'cluster'`],
    [`// child_process is not here`],
  ],
  ['BP-09', [`exec('ls')`, `execSync('ls')`, `spawn('ls')`], [`/a/.exec('a')`, `const m = new RegExp('a').exec('a'); m`]],
  [
    'BP-10',
    [`process.env.TOKEN`, `const { env } = process`, `Bun.env`],
    [`const site = { environment: 1 }; site.environment`, `const row = { env: 1 }; row.env`],
  ],
];

describe('policy: the ten patterns', () => {
  it.each(patterns)('%s', (rule, breaks, resembles) => {
    for (const code of breaks) expect(errors(code), code).toContain(rule);
    for (const code of resembles) expect(errors(code), code).toEqual([]);
  });
});

describe('policy: state at the top of a module', () => {
  const told = (code: string): string[] => found(code).flatMap(({ code: rule, path }) => (rule === 'policy-state' ? [path] : []));
  it.each([
    ['a variable', 'let count = 0;', ['module.ts:1:5']],
    ['an older variable', 'var count;', ['module.ts:1:5']],
    ['several', 'export let [a, { b }] = [1, { b: 2 }];', ['module.ts:1:13', 'module.ts:1:18']],
    ['a static member that is written', 'class A { static n = 0; m() { A.n++ } } A.n = 2;', ['module.ts:1:31', 'module.ts:1:41']],
  ])('tells of %s', (_name, code, paths) => {
    expect(told(code)).toEqual(paths);
  });
  it.each([
    ['a constant', 'const a = 1;'],
    ['what a function keeps', 'const f = () => { let a = 1; return a; };'],
    ['a static member that stays', 'class A { static n = 0; m() { return A.n + A["n"]; } }'],
    ['what the host is told', 'declare let a: string;'],
    ['state that is handed over', 'let a = 1; export const snapshot = () => a; export const restore = (kept) => { a = kept };'],
    ['state handed over by name', 'let a = 1; const keep = () => a; export { keep as snapshot };'],
  ])('says nothing of %s', (_name, code) => {
    expect(told(code)).toEqual([]);
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
  it('reads JavaScript as JavaScript, where a comparison is no type', () => {
    const text = 'export const f = (a, b) => a<process>(b);';
    const rules = (path: string): string[] => judgeFiles([{ path, text }]).map((each) => each.code);
    expect(['a.js', 'a.mjs', 'a.cjs'].map(rules)).toEqual([['BP-05'], ['BP-05'], ['BP-05']]);
    expect(rules('a.ts')).toEqual([]);
  });
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
    const files = {
      'src/a.ts': `import './b.ts'; import '../c.ts'; import '../../c.ts'; import './b';`,
      'src/b.ts': '',
      'c.ts': '',
    };
    const findings = await policy.run(candidate(files), context);
    expect(findings.map((each) => each.path)).toEqual(['src/a.ts:1:43', 'src/a.ts:1:64']);
    expect(findings[1]?.hint).toContain('with its ending');
  });
  it('resolves them as the engines do, so that what runs is what was judged', async () => {
    const files = {
      'index.ts': `import './test//../a.ts'; import './b/./c.ts'; import './/c.ts';`,
      'a.ts': '',
      'b/c.ts': '',
      'c.ts': '',
      'test/a.ts': 'eval("1")',
    };
    const findings = await policy.run(candidate(files), context);
    expect(findings.map((each) => each.path)).toEqual(['index.ts:1:8', 'index.ts:1:55']);
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
  it('shows a bounded number of findings, errors before all', () => {
    expect(found('eval;'.repeat(1_000)).length).toBe(200);
    expect(errors(`const f = (a, k) => { ${'a[k];'.repeat(1_000)} eval(k) }`)).toEqual(['BP-01']);
  });
  it.each([
    ['error', 'const a = "\u202e";'],
    ['error', '// \u2066'],
    ['warning', 'const a = 1; // \u2028'],
    ['warning', 'const a = 1;\rconst b = 2;'],
    ['warning', 'const a = "\u{e0041}";'],
    ['warning', 'const pro\u200dcess = 1;'],
    ['warning', 'const \u0435val = 1;'],
    ['warning', 'const \uff45val = 1;'],
    ['warning', 'const a = "\u3164\uffa0";'],
    ['warning', 'const a = "\u200c\u200d\u200c";'],
    ['warning', 'const a = "x\ufe00";'],
    ['warning', 'const a = "\ufe0f\ufe0e\ufe0f";'],
    ['warning', 'const a = "!\u{e0101}";'],
    ['warning', 'const a = "\ufeff";'],
  ])('gives an %s for characters that hide code: %j', (severity, text) => {
    expect(found(text)).toMatchObject([{ code: 'policy-hidden-text', severity }]);
  });
  it.each([
    ['families in one picture', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'],
    ['pictures and keys', '\u2764\ufe0f 1\ufe0f\u20e3'],
    ['joiners of scripts', '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'],
    ['marks of direction', '\u05e9\u200e (ok)\u200f'],
    ['hyphens', 'Donau\u00addampf'],
    ['variants of signs', '\u845b\u{e0100}\u57ce'],
  ])('says nothing of %s', (_name, text) => {
    expect(found(`\ufeffconst a = '${text}';`)).toEqual([]);
  });
  it('tells of silenced faults, and refuses when there are many', () => {
    const line = '// @ts-ignore it works\n';
    expect(found(line)).toMatchObject([{ code: 'policy-unchecked', severity: 'warning' }]);
    expect(errors(line.repeat(10))).toEqual(['policy-unchecked']);
    expect(errors('const f = (a: any): any => a;')).toEqual([]);
    const sparse = Array.from({ length: 29 }, (_, i) => `const a${i}: any = 1, b${i}: string = '', c${i}: number = 1;`);
    expect(errors(sparse.join('\n'))).toEqual([]);
    expect(errors(`${sparse.join('\n')}\nconst z: any = 1;`)).toEqual(['policy-unchecked']);
  });
});
