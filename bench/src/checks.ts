/**
 * What judging a module of 1,000 lines takes, against compilers and linters, in one run: node src/checks.ts [--quick]. The contenders take turns;
 * every module is one that nobody has seen before, unless the line says that its verdicts were remembered.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type AdapterList, BurgeonError, type Check } from '@burgeon/kit';
import { caches } from '../../packages/burgeon/src/adapters/caches/index.ts';
import { checks } from '../../packages/burgeon/src/adapters/checks/index.ts';
import { ambientDeclarations } from '../../packages/burgeon/src/adapters/checks/types/ambient.ts';
import { compilerOptions } from '../../packages/burgeon/src/adapters/checks/types/options.ts';
import { openTypeScript6 } from '../../packages/burgeon/src/adapters/checks/types/typescript6.ts';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { silentLogger } from '../../packages/burgeon/src/base/log.ts';
import { check, stampsOf } from '../../packages/burgeon/src/pipeline/check.ts';
import { createVerdicts } from '../../packages/burgeon/src/pipeline/verdicts.ts';
import { candidates, moduleLines, writeModule } from './checks-module.ts';
import { bench, burgeon, root, skip } from './machine.ts';
import { run } from './processes.ts';
import { save } from './results.ts';
import { median, quantile, table } from './statistics.ts';

const quick = process.argv.includes('--quick');
const rounds = quick ? { before: 3, warm: 5, cold: 2 } : { before: 10, warm: 40, cold: 10 };

/** Checks that run what they judge, which is no static check. */
const running: ReadonlySet<string> = new Set(['tests']);
const surface = ['structure', 'capabilities', 'policy'];
const all = Object.keys(checks).filter((name) => !running.has(name));
const only = (names: readonly string[]): AdapterList<Check> =>
  Object.fromEntries(Object.entries(checks).filter(([name]) => names.includes(name)));

const place = mkdtempSync(join(tmpdir(), 'burgeon-checks-'));
const folder = join(place, 'shop');
writeModule(folder);
const compiled = join(place, 'compiled');

/** The module as the command line of a compiler takes it. */
const writeCompiled = async (): Promise<void> => {
  const { text } = await candidates(folder);
  writeModule(compiled);
  writeFileSync(join(compiled, 'index.ts'), text);
  writeFileSync(join(compiled, 'ambient.d.ts'), ambientDeclarations());
  writeFileSync(join(compiled, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['index.ts', 'ambient.d.ts'] }));
};

/** Milliseconds of each round, by contender. */
type Times = Map<string, number[]>;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

const inTurns = async (contenders: Record<string, () => Promise<unknown>>, before: number, count: number): Promise<Times> => {
  const times: Times = new Map(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -before; round < count; round += 1)
    for (const [name, work] of Object.entries(contenders)) {
      const took = await timed(work);
      if (round >= 0) times.get(name)?.push(took);
    }
  return times;
};

/** A linter may well find something; everybody else finds nothing. */
const command =
  (words: readonly string[], mayFind = false) =>
  async (): Promise<void> => {
    const { code, stderr, stdout } = await run(words, { cwd: place });
    if (code === 0 || mayFind) return;
    throw new BurgeonError('INTERNAL', { message: `${words.join(' ')} ended with ${code}: ${stderr || stdout}` });
  };

const binary = (name: string): string => join(root, 'node_modules', '.bin', name);
const linter = existsSync(binary('oxlint'))
  ? { 'oxlint, as a process': command([process.execPath, binary('oxlint'), compiled], true) }
  : {};
if (Object.keys(linter).length === 0) skip('oxlint', 'it is not installed');

const takeWarm = async (): Promise<Times> => {
  const { next, text } = await candidates(folder);
  const six = await openTypeScript6();
  const ambient = { path: 'ambient.d.ts', text: ambientDeclarations() };
  const names = {
    'all static checks': all,
    [surface.join(' + ')]: surface,
    ...Object.fromEntries(all.map((name) => [name, [name]])),
  };
  const verdicts = createVerdicts({
    caches,
    layers: [
      ['memory', ''],
      ['disk', join(place, 'verdicts')],
    ],
    secret: randomBytes(32),
    clock: systemClock,
    log: silentLogger,
  });
  const seen = next();
  const stamps = await stampsOf(checks, seen.manifest);
  await verdicts.keep({ candidate: seen, stamps }, await check(only(all), seen));
  let count = 0;
  const times = await inTurns(
    {
      ...Object.fromEntries(Object.entries(names).map(([name, chosen]) => [name, () => check(only(chosen), next())])),
      'all static checks, remembered': async () =>
        check(only(all), seen, {
          known: await verdicts.known({ candidate: seen, stamps: await stampsOf(checks, seen.manifest) }),
        }),
      'TypeScript 6 `createProgram`, warm': async () =>
        six.check([{ path: 'index.ts', text: text.replaceAll('cents', `cents${++count}`) }, ambient]),
    },
    rounds.before,
    rounds.warm,
  );
  await verdicts.close();
  return times;
};

const takeCold = (): Promise<Times> => {
  const once = (names: readonly string[]): string[] => [process.execPath, join(bench, 'src', 'checks-once.ts'), folder, ...names];
  return inTurns(
    {
      '`node -e 0`': command([process.execPath, '-e', '0']),
      'all static checks': command(once(all)),
      [surface.join(' + ')]: command(once(surface)),
      '`burgeon check FOLDER`': command([...burgeon, 'check', folder]),
      '`tsc` 7': command([process.execPath, binary('tsc'), '--project', compiled]),
      'TypeScript 6 `createProgram`': command([process.execPath, join(bench, 'src', 'checks-compile.ts'), compiled]),
      ...linter,
    },
    1,
    rounds.cold,
  );
};

/** Modules a second with so many threads at once, each with warm processes of its own. */
const takeThreads = async (count: number): Promise<number> => {
  const threads = Array.from(
    { length: count },
    (_, index) =>
      new Worker(new URL('./checks-thread.ts', import.meta.url), {
        workerData: { folder, names: all, salt: `t${count}x${index}x` },
      }),
  );
  const work = (modules: number): Promise<unknown> =>
    Promise.all(
      threads.map((thread) => {
        const done = new Promise((resolve) => thread.once('message', resolve));
        thread.postMessage(modules);
        return done;
      }),
    );
  await work(rounds.before);
  const took = await timed(() => work(rounds.warm));
  await Promise.all(threads.map((thread) => thread.terminate()));
  return (count * rounds.warm) / (took / 1_000);
};

const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const both = (times: readonly number[] = []): string => `${ms(median(times))} / ${ms(quantile(times, 0.95))}`;
const rowsOf = (times: Times, what: string): string[][] =>
  [...times].map(([name, taken]) => [name, what, ms(median(taken)), ms(quantile(taken, 0.95)), ms(Math.min(...taken))]);

await writeCompiled();
const warm = await takeWarm();
const cold = await takeCold();
const [one, two] = [await takeThreads(1), await takeThreads(2)];
rmSync(place, { recursive: true, force: true });

const surfaceWarm = warm.get(surface.join(' + ')) ?? [];
const allWarm = warm.get('all static checks') ?? [];
const allCold = cold.get('all static checks') ?? [];
const printed = [
  table(['what', 'how', 'p50', 'p95', 'best'], [...rowsOf(warm, 'warm'), ...rowsOf(cold, 'a process')]),
  '',
  `A module of ${moduleLines} lines; ${all.length} static checks: ${all.join(', ')}. Two threads at once judge ${two.toFixed(1)} modules a second, one ${one.toFixed(1)}: ${(two / one).toFixed(2)} x.`,
].join('\n');

if (quick) process.stdout.write(`${printed}\n`);
else
  await save('checks', {
    figures: {
      surface: { measured: both(surfaceWarm), met: median(surfaceWarm) <= 60 },
      all: { measured: `warm ${both(allWarm)}; cold ${both(allCold)}`, met: median(allWarm) <= 250 && median(allCold) <= 1_500 },
    },
    table: printed,
    details: { warm: Object.fromEntries(warm), cold: Object.fromEntries(cold), modulesPerSecond: { one, two } },
  });
