import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createWarmProcess } from '../../../base/warm-process.ts';
import { type Compiler, askCompiler, compilerStamp, compilers } from './compilers.ts';

const bounds = { deadlineMs: 30_000 };
const wrong = [{ path: 'index.ts', text: 'export const a: number = "x";' }];

/** A few lines that cost gigabytes: the last type has 4 to the power of 2 to the power of 30 members. */
const explosion = [
  {
    path: 'index.ts',
    text: `type T0 = 'a' | 'b' | 'c' | 'd';\n${Array.from({ length: 30 }, (_, index) => `type T${index + 1} = \`\${T${index}}\${T${index}}\`;`).join('\n')}
export const t: T30 = '';`,
  },
];

describe('the compilers', () => {
  it('are asked one after another until one works, and what is missing is not asked twice', async () => {
    const [, six] = compilers();
    let asked = 0;
    const absent: Compiler = { version: () => undefined, ask: () => expect.unreachable() };
    const unusable: Compiler = {
      version: () => 'typescript 7',
      ask: async () => {
        asked += 1;
        return { kind: 'answered', value: { missing: 'no interface' } };
      },
    };
    const among = [absent, unusable, ...(six ? [six] : [])];
    expect(compilerStamp(among)).toBe('typescript 7');
    const answers = [await askCompiler(among, wrong, bounds), await askCompiler(among, wrong, bounds)];
    for (const answer of answers) expect(answer).toMatchObject({ found: [{ code: 'TS2322' }] });
    expect(asked).toBe(1);
    expect(compilerStamp(among)).toMatch(/^@typescript\/typescript6 6\./);
  });

  it('are missing when none works', async () => {
    expect(compilerStamp([])).toBe('none');
    await expect(askCompiler([], wrong, bounds)).rejects.toMatchObject({ code: 'DEPENDENCY_MISSING' });
  });

  it('are not asked again about what one was lost over', async () => {
    const lost: Compiler = { version: () => 'one', ask: async () => ({ kind: 'lost', why: 'memory' }) };
    const never: Compiler = { version: () => 'two', ask: () => expect.unreachable() };
    expect(await askCompiler([lost, never], wrong, bounds)).toEqual({ lost: 'memory' });
  });
});

/** Processes below one, by `/proc`. */
const below = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

const isAlive = (pid: number): boolean =>
  readdirSync('/proc').includes(String(pid)) && !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

describe.skipIf(process.platform !== 'linux')('the native compiler', () => {
  const script = fileURLToPath(new URL('./typescript7-child.ts', import.meta.url));
  const mine = (): number[] =>
    below(process.pid).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('typescript7-child'));

  it.each([
    ['memory', { memoryBytes: 400 * 1024 * 1024 }, { deadlineMs: 30_000 }],
    ['deadline', { memoryBytes: 1024 ** 4 }, { deadlineMs: 1_500 }],
  ])('is killed with the process above it: %s', async (why, options, limits) => {
    const others = new Set(mine());
    const warm = createWarmProcess({ script, ...options });
    expect(await warm.ask(wrong, bounds)).toMatchObject({ kind: 'answered' });
    const natives = mine()
      .filter((pid) => !others.has(pid))
      .flatMap(below);
    expect(natives).toHaveLength(1);
    expect(await warm.ask(explosion, limits)).toEqual({ kind: 'lost', why });
    while (natives.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await warm.ask(wrong, bounds)).toMatchObject({ kind: 'answered', value: { found: [{ code: 'TS2322' }] } });
    warm.close();
  });
});
