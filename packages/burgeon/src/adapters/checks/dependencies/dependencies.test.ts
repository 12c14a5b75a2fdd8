import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Candidate, Diagnostic } from '@burgeon/kit';
import { checkSuite } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { codeCandidate } from '../fixtures/candidates.ts';
import { dependencies } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'burgeon-dependencies-'));
const withFiles = (files: Record<string, string | object>): Candidate => {
  const made = codeCandidate('export const operations = {};');
  const more = Object.entries(files).map(([path, content]) => ({
    path,
    text: typeof content === 'string' ? content : JSON.stringify(content, null, 1),
  }));
  return { ...made, files: [...made.files, ...more] };
};
const integrity = `sha512-${'q8Zr4Tn1VxB7mKd2Lw9PsHc3'.repeat(4).slice(0, 86)}==`;
const lock = (version = '1.3.0', more: object = {}): object => ({
  lockfileVersion: 3,
  packages: {
    '': {},
    'node_modules/left-pad': {
      version,
      integrity,
      resolved: `https://registry.example/left-pad/-/left-pad-${version}.tgz`,
      ...more,
    },
    'node_modules/vitest': { version: '5.0.0', dev: true },
  },
});
const vendored = {
  'vendor/left-pad/package.json': { name: 'left-pad', version: '1.3.0', scripts: { postinstall: 'theirs' } },
  'vendor/left-pad/index.js': 'export {};',
};
const sound = {
  'package.json': { dependencies: { 'left-pad': '1.3.0' }, devDependencies: { vitest: '^5' } },
  'package-lock.json': lock(),
  ...vendored,
};
const hash = `--hash=sha256:${'ab'.repeat(32)}`;
const soundPython = {
  'requirements.txt': `# what it needs\nLeft_Pad==1.0 \\\n  ${hash}\n--require-hashes\n`,
  'vendor/left_pad/__init__.py': '',
  'pyproject.toml': '[project]\ndependencies = ["left-pad == 1.0"]\n',
};

const data = (name: string, records: object[]): string => {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(records));
  return path;
};
const advisory = (ecosystem: string, name: string, fixed: string): object => ({
  id: `OSV-${ecosystem}-${name}`,
  modified: '2026-11-01T00:00:00Z',
  summary: 'It pads\u202e too much.',
  affected: [{ package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }] }],
});
const found = (candidate: Candidate, advisories?: string): Promise<Diagnostic[]> =>
  dependencies.run(candidate, {
    signal: new AbortController().signal,
    scratch: async () => folder,
    ...(advisories === undefined ? {} : { advisories }),
  });

checkSuite(
  { describe, it, expect },
  {
    check: dependencies,
    scratch: async () => folder,
    valid: [
      { name: 'no dependency', candidate: withFiles({}) },
      {
        name: 'what only tests need',
        candidate: withFiles({
          'package.json': { scripts: { test: 'vitest' }, devDependencies: { vitest: '^5' } },
          'requirements-dev.txt': 'pytest>=8\n',
        }),
      },
      { name: 'one that is declared, bound and brought along', candidate: withFiles(sound) },
      { name: 'the same in Python', candidate: withFiles(soundPython) },
      { name: 'a file of text that is no list of requirements', candidate: withFiles({ 'notes/needs.txt': 'lodash@latest' }) },
    ],
    invalid: [
      {
        name: 'a range',
        candidate: withFiles({ ...sound, 'package.json': { dependencies: { 'left-pad': '^1.3.0' } } }),
        code: 'dependency-range',
        path: 'package.json:3:1',
      },
      { name: 'a tag', candidate: withFiles({ 'package.json': { dependencies: { a: 'latest' } } }), code: 'dependency-range' },
      {
        name: 'a repository',
        candidate: withFiles({ 'package.json': { dependencies: { a: 'git+https://example.com/a.git' } } }),
        code: 'dependency-foreign',
      },
      {
        name: 'a short name of a repository',
        candidate: withFiles({ 'package.json': { optionalDependencies: { a: 'ada/a' } } }),
        code: 'dependency-foreign',
      },
      {
        name: 'a file',
        candidate: withFiles({ 'package.json': { peerDependencies: { a: 'file:../a' } } }),
        code: 'dependency-foreign',
      },
      {
        name: 'an address in the lock file',
        candidate: withFiles({ ...sound, 'package-lock.json': lock('1.3.0', { resolved: 'git+ssh://git@example.com/a.git' }) }),
        code: 'dependency-foreign',
      },
      {
        name: 'one that would have to be installed',
        candidate: withFiles({ 'package.json': { dependencies: { a: '1.0.0' } } }),
        code: 'dependency-not-vendored',
      },
      {
        name: 'one that only the lock file knows',
        candidate: withFiles({ 'package-lock.json': lock() }),
        code: 'dependency-not-vendored',
        path: 'package-lock.json:5:1',
      },
      { name: 'no digest', candidate: withFiles({ ...sound, 'package-lock.json': {} }), code: 'dependency-unbound' },
      {
        name: 'a weak digest',
        candidate: withFiles({
          ...sound,
          'package-lock.json': lock('1.3.0', { integrity: 'sha1-q8Zr4Tn1VxB7mKd2Lw9PsHc3abc=' }),
        }),
        code: 'dependency-unbound',
      },
      {
        name: 'another version in the lock file',
        candidate: withFiles({ ...sound, 'package-lock.json': lock('1.2.0') }),
        code: 'dependency-differs',
      },
      {
        name: 'another version in the bundle',
        candidate: withFiles({ ...sound, 'vendor/left-pad/package.json': { version: '1.2.0' } }),
        code: 'dependency-differs',
      },
      {
        name: 'one that nothing declares',
        candidate: withFiles(vendored),
        code: 'dependency-undeclared',
        path: 'vendor/left-pad/package.json:1:1',
      },
      {
        name: 'a script at installation',
        candidate: withFiles({ 'package.json': { scripts: { postinstall: 'node evil.js' } } }),
        code: 'install-script',
      },
      {
        name: 'a script at the installation of a dependency',
        candidate: withFiles({ ...sound, 'package-lock.json': lock('1.3.0', { hasInstallScript: true }) }),
        code: 'install-script',
      },
      { name: 'a card that is no JSON', candidate: withFiles({ 'package.json': '{' }), code: 'dependency-unread' },
      { name: 'a lock file of another kind', candidate: withFiles({ 'yarn.lock': '' }), code: 'dependency-unread' },
      {
        name: 'a range in Python',
        candidate: withFiles({ 'requirements.txt': 'a>=1\n' }),
        code: 'dependency-range',
        path: 'requirements.txt:1:1',
      },
      { name: 'several bounds', candidate: withFiles({ 'requirements.txt': 'a==1.0,!=1.1\n' }), code: 'dependency-range' },
      { name: 'all of a version', candidate: withFiles({ 'requirements.txt': 'a==1.*\n' }), code: 'dependency-range' },
      {
        name: 'a project without a version',
        candidate: withFiles({ 'pyproject.toml': '[project]\nname = "x"\ndependencies = [\n  "a", # any\n  "b==1",\n]\n' }),
        code: 'dependency-range',
        path: 'pyproject.toml:4:1',
      },
      {
        name: 'a table of Poetry',
        candidate: withFiles({ 'pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.11"\na = "^1"\n' }),
        code: 'dependency-range',
        path: 'pyproject.toml:3:1',
      },
      {
        name: 'a repository in a table of Poetry',
        candidate: withFiles({ 'pyproject.toml': '[tool.poetry.dependencies]\na = { git = "https://example.com/a" }\n' }),
        code: 'dependency-foreign',
      },
      {
        name: 'an address in Python',
        candidate: withFiles({ 'requirements.txt': 'a @ https://example.com/a.whl\n' }),
        code: 'dependency-foreign',
      },
      {
        name: 'another index',
        candidate: withFiles({ 'requirements.txt': '--index-url https://evil.example/simple\n' }),
        code: 'dependency-foreign',
      },
      {
        name: 'what can be changed in place',
        candidate: withFiles({ 'requirements.txt': '-e .\n' }),
        code: 'dependency-foreign',
      },
      {
        name: 'no digest in Python',
        candidate: withFiles({ ...soundPython, 'requirements.txt': 'left-pad==1.0\n' }),
        code: 'dependency-unbound',
      },
      { name: 'what is no requirement', candidate: withFiles({ 'requirements.txt': '???\n' }), code: 'dependency-unread' },
      { name: 'a lock file of another kind in Python', candidate: withFiles({ 'poetry.lock': '' }), code: 'dependency-unread' },
      { name: 'a script of set-up', candidate: withFiles({ 'setup.py': '' }), code: 'install-script' },
      {
        name: 'one in Python that nothing declares',
        candidate: withFiles({ 'vendor/evil-1.0.dist-info/METADATA': '' }),
        code: 'dependency-undeclared',
      },
      { name: 'no data', candidate: withFiles(sound), code: 'dependency-not-checked', severity: 'warning' },
    ],
  },
);

describe('the verdict', () => {
  const verdicts = async (candidate: Candidate, advisories?: string) =>
    (await found(candidate, advisories)).map(({ severity, data: told }) => [severity, told]);
  const npm = { packages: ['npm:left-pad@1.3.0'] };

  it('is "not-checked" without data, or with data about others', async () => {
    expect(await verdicts(withFiles(sound))).toEqual([['warning', { verdict: 'not-checked', ...npm }]]);
    expect(await verdicts(withFiles(sound), join(folder, 'nowhere'))).toEqual([['warning', { verdict: 'not-checked', ...npm }]]);
    const other = data('python-only', [advisory('PyPI', 'x', '1')]);
    expect(await verdicts(withFiles(sound), other)).toEqual([
      ['warning', { verdict: 'not-checked', date: '2026-11-01T00:00:00Z', ...npm }],
    ]);
  });

  it('is "clean" with the date of the data', async () => {
    const path = data('other', [advisory('npm', 'right-pad', '9.0.0')]);
    expect(await verdicts(withFiles(sound), path)).toEqual([
      ['info', { verdict: 'clean', date: '2026-11-01T00:00:00Z', ...npm }],
    ]);
  });

  it('is "vulnerable" by each record that says so', async () => {
    const path = data('both', [advisory('npm', 'left-pad', '1.3.1'), advisory('PyPI', 'left-pad', '2')]);
    const [one] = await found(withFiles(sound), path);
    expect(one).toMatchObject({
      severity: 'error',
      code: 'dependency-vulnerable',
      path: 'package.json:3:1',
      hint: 'Take a version in which it is mended: 1.3.1.',
      message: 'left-pad 1.3.0 is vulnerable by OSV-npm-left-pad: It pads\\u{202e} too much.',
      data: { verdict: 'vulnerable', date: '2026-11-01T00:00:00Z', advisory: 'OSV-npm-left-pad', package: 'npm:left-pad@1.3.0' },
    });
    expect((await found(withFiles(soundPython), path)).map(({ code }) => code)).toEqual(['dependency-vulnerable']);
  });

  it('also of a version that is wrong in other ways', async () => {
    const path = data('both', [advisory('npm', 'left-pad', '1.3.1')]);
    const codes = (await found(withFiles({ ...sound, 'package.json': { dependencies: { 'left-pad': '~1.3.0' } } }), path)).map(
      ({ code }) => code,
    );
    expect(codes).toEqual(['dependency-range', 'dependency-vulnerable']);
  });

  it('changes its stamp with the data', async () => {
    const stamp = (context: { advisories?: string }) => dependencies.stamp(context);
    const path = data('stamp', [advisory('npm', 'a', '1.0.0')]);
    const first = await stamp({ advisories: path });
    data('stamp', [advisory('npm', 'a', '1.0.00')]);
    expect(await stamp({ advisories: path })).not.toBe(first);
    expect(await stamp({})).toBe('none');
  });
});
