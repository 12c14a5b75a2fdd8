import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AdapterList, type Candidate, type Check, type Diagnostic, BurgeonError } from '@burgeon/kit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { service } from '../../../../tests/services.ts';
import { caches } from '../adapters/caches/index.ts';
import { codeCandidate } from '../adapters/checks/fixtures/candidates.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { type CheckVerdict, check, stampsOf } from './check.ts';
import { remembering } from './remembering.ts';
import { summary } from './trial-result.ts';
import { type VerdictParts, type Verdicts, createVerdicts } from './verdicts.ts';
import type { Workbench } from './workbench.ts';

const root = mkdtempSync(join(tmpdir(), 'burgeon-verdicts-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder = '';
let count = 0;
beforeEach(() => {
  folder = join(root, String(++count));
});

const secret = randomBytes(32);
const open = (more: Partial<VerdictParts> = {}): Verdicts =>
  createVerdicts({ caches, layers: [['disk', folder]], secret, clock: systemClock, log: silentLogger, ...more });

/** Checks that count how often they are run, and a workbench over them. */
const bench = (more: AdapterList<Check> = {}) => {
  const runs: string[] = [];
  const checkOf = (name: string, found: Diagnostic[], stamp?: Check['stamp']): [string, () => Promise<Check>] => [
    name,
    async () => ({
      name,
      run: async () => {
        runs.push(name);
        return found;
      },
      ...(stamp ? { stamp } : {}),
    }),
  ];
  const error = (code: string): Diagnostic => ({ severity: 'error', code, message: 'm', path: 'a.ts:1:1', from: 'x' });
  const state = { advisories: 'one' };
  const checks: AdapterList<Check> = Object.fromEntries([
    checkOf('good', []),
    checkOf('bad', [error('policy-global')]),
    checkOf('stamped', [], async () => state.advisories),
    checkOf('flaky', [], async () => undefined),
    checkOf('killed', [error('check-killed')]),
    ...Object.entries(more),
  ]);
  const workbench: Workbench = {
    read: () => Promise.reject(new BurgeonError('UNSUPPORTED', { message: 'reads nothing' })),
    stamps: (manifest) => stampsOf(checks, manifest),
    judge: async (candidate, _parts, _checked, known = []) => ({
      checks: await check(checks, candidate, { known }),
      trial: summary([]),
    }),
    close: async () => {},
  };
  return { runs, state, workbench };
};

const judge = async (
  workbench: Workbench,
  candidate: Candidate = codeCandidate('export const a = 1;'),
): Promise<CheckVerdict[]> => (await workbench.judge(candidate, ['check'])).checks;
const cachedOf = (verdicts: CheckVerdict[]): string[] => verdicts.flatMap(({ name, cached }) => (cached ? [name] : []));
const plain = (verdicts: CheckVerdict[]) => verdicts.map(({ name, ok, diagnostics }) => ({ name, ok, diagnostics }));

describe('verdicts', () => {
  it('are remembered: the second time nothing is run that can be remembered, and the answer is the same', async () => {
    const { runs, workbench } = bench();
    const remembered = remembering(workbench, open());
    const first = await judge(remembered);
    runs.length = 0;
    const second = await judge(remembered);
    expect(plain(second)).toEqual(plain(first));
    expect(cachedOf(first)).toEqual([]);
    expect(cachedOf(second)).toEqual(['good', 'bad', 'stamped']);
    expect(runs).toEqual(['flaky', 'killed']);
  });

  it('are not asked for a trial alone', async () => {
    const { workbench } = bench();
    const verdicts: Verdicts = { known: () => expect.unreachable(), keep: () => expect.unreachable(), close: async () => {} };
    await remembering(workbench, verdicts).judge(codeCandidate(''), ['try']);
  });

  const changed: [string, (candidate: Candidate) => Candidate][] = [
    ['a file', (one) => ({ ...one, files: [...one.files, { path: 'b.ts', text: '' }] })],
    [
      'a file, with the digest of another',
      (one) => ({ ...one, files: one.files.map((file) => ({ ...file, text: `${file.text} ` })) }),
    ],
    ['the manifest', (one) => ({ ...one, manifest: { ...one.manifest, version: '9.9.9' } })],
    ['the digest', (one) => ({ ...one, digest: 'f'.repeat(64) })],
    ['the digest of the capabilities', (one) => ({ ...one, capabilitiesDigest: 'f'.repeat(64) })],
  ];
  it.each(changed)('are of no use when %s changed', async (_what, change) => {
    const remembered = remembering(bench().workbench, open());
    await judge(remembered);
    expect(cachedOf(await judge(remembered, change(codeCandidate('export const a = 1;'))))).toEqual([]);
  });

  it('are of no use when what a check depends on changed', async () => {
    const { state, workbench } = bench();
    const remembered = remembering(workbench, open());
    await judge(remembered);
    state.advisories = 'two';
    expect(cachedOf(await judge(remembered))).toEqual(['good', 'bad']);
  });

  it('of a check that cannot be loaded, or cannot say what it depends on, are not remembered', async () => {
    const broken: AdapterList<Check> = {
      missing: () => Promise.reject(new BurgeonError('DEPENDENCY_MISSING', { message: 'not there' })),
      lost: async () => ({ name: 'lost', run: async () => [], stamp: () => Promise.reject(new RangeError('lost')) }),
    };
    const remembered = remembering(bench(broken).workbench, open());
    const first = await judge(remembered);
    expect(first.find(({ name }) => name === 'missing')).toMatchObject({ ok: false, diagnostics: [{ code: 'check-broken' }] });
    expect(cachedOf(await judge(remembered))).toEqual(['good', 'bad', 'stamped']);
  });

  it('survive the process that made them, in the layer that does', async () => {
    const layers = [['memory', ''] as const, ['disk', folder] as const];
    const first = remembering(bench().workbench, open({ layers }));
    await judge(first);
    await first.close();
    expect(cachedOf(await judge(remembering(bench().workbench, open({ layers }))))).toEqual(['good', 'bad', 'stamped']);
  });
});

describe('verdicts that somebody else wrote', () => {
  const files = (): string[] => readdirSync(folder).map((name) => join(folder, name));
  const edit = (change: (text: string, path: string) => string): void => {
    for (const path of files()) writeFileSync(path, change(readFileSync(path, 'utf8'), path));
  };
  const isNothing = async (more: Partial<VerdictParts> = {}): Promise<void> =>
    expect(cachedOf(await judge(remembering(bench().workbench, open(more))))).toEqual([]);

  beforeEach(async () => {
    await judge(remembering(bench().workbench, open()));
    expect(files()).toHaveLength(3);
  });

  it.each([
    [
      'say ok instead of not',
      (text: string) => text.replace(/"ok":(?:true|false),"diagnostics":\[.*\]/, '"ok":true,"diagnostics":[] '),
    ],
    ['are cut off', (text: string) => text.slice(0, -1)],
    ['are empty', () => ''],
    ['carry no code', (text: string) => text.slice(65)],
    ['carry another code', (text: string) => `${'0'.repeat(64)}${text.slice(64)}`],
    ['carry a code that is no number', (text: string) => `${'x'.repeat(64)}${text.slice(64)}`],
    ['are followed by more', (text: string) => `${text} `],
  ])('are not believed when they %s', async (_how, change) => {
    edit(change);
    await isNothing();
  });

  it('are not believed under the address of another', async () => {
    const texts = files().map((path) => readFileSync(path, 'utf8'));
    for (const [index, path] of files().entries()) writeFileSync(path, texts[(index + 1) % texts.length] ?? '');
    await isNothing();
  });

  it('are not believed with another key, and not even found', async () => {
    await isNothing({ secret: randomBytes(32) });
    expect(files()).toHaveLength(6);
  });
});

const server = await service('redis');

describe.skipIf(!server.available)('verdicts that are shared', () => {
  it('reach another machine with the same key, and are kept nearby there', async () => {
    const first = remembering(bench().workbench, open({ layers: [['redis', server.url]] }));
    await judge(first);
    const second = remembering(
      bench().workbench,
      open({
        layers: [
          ['disk', folder],
          ['redis', server.url],
        ],
      }),
    );
    expect(cachedOf(await judge(second))).toEqual(['good', 'bad', 'stamped']);
    expect(readdirSync(folder)).toHaveLength(3);
    await Promise.all([first.close(), second.close()]);
  });
});

describe('a layer', () => {
  it.each([
    ['nowhere', 'ADAPTER_UNKNOWN'],
    ['redis', 'USAGE'],
  ])('that is wrong is told before anything is judged: %s', async (name, code) => {
    const { runs, workbench } = bench();
    const remembered = remembering(workbench, open({ layers: [[name, 'nonsense']] }));
    await expect(judge(remembered)).rejects.toMatchObject({ code });
    expect(runs).toEqual([]);
    await remembered.close();
  });

  it('that is away is a warning, and the checks are run', async () => {
    const warnings: string[] = [];
    const log = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
    const remembered = remembering(bench().workbench, open({ layers: [['redis', 'redis://127.0.0.1:1']], log }));
    expect((await judge(remembered)).map(({ name }) => name)).toEqual(['good', 'bad', 'stamped', 'flaky', 'killed']);
    expect(warnings).toHaveLength(1);
  });
});
