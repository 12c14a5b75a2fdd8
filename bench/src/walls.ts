/**
 * What the walls around code cost, ours and others', in one run: node src/walls.ts [NAME...] [--quick] [--json] [--quiet]. The contenders take
 * turns. Keeps results only when everything was measured and nothing was `--quick`; `--only NAME` leaves the other contenders out.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Contender } from '../../packages/burgeon/src/measure/contender.ts';
import type { Figure } from '../../packages/burgeon/src/measure/figures.ts';
import { ours } from '../../packages/burgeon/src/measure/ours.ts';
import { type Taken, conditionsOf, measurements, rowOf, take } from '../../packages/burgeon/src/measure/taken.ts';
import { peers } from './peers/index.ts';
import { save } from './results.ts';
import { rowsOf, tablesOf } from './walls-table.ts';

const words = process.argv.slice(2);
const has = (option: string): boolean => words.includes(`--${option}`);
const only = has('only') ? words[words.indexOf('--only') + 1] : undefined;
const named = measurements.filter((name) => words.includes(name));
const names = named.length > 0 ? named : [...measurements];

/** isolated-vm needs the first, memory in this process can only be told with the second. */
const flags = ['--no-node-snapshot', '--expose-gc', '--no-warnings'];

const script = fileURLToPath(import.meta.url);

/** Starts this script anew; gives what it printed when `collect` says so, and its exit code. */
const start = (options: readonly string[], collect: boolean): Promise<{ code: number; text: string }> => {
  const child = spawn(process.execPath, [...flags, script, ...options], {
    stdio: ['ignore', collect ? 'pipe' : 'inherit', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const stop = (): void => void child.kill('SIGTERM');
  process.once('SIGTERM', stop);
  return new Promise((resolve) =>
    child.once('close', (code) => {
      process.off('SIGTERM', stop);
      resolve({ code: code ?? 1, text: Buffer.concat(chunks).toString('utf8') });
    }),
  );
};

const tell = (text: string): void => void (has('quiet') || process.stderr.write(`${text}\n`));

const listener = {
  progress: (what: string): void => tell(`... ${what}`),
  figure: (figure: Figure): void =>
    tell(
      `    ${rowOf(figure)
        .cells.filter((cell) => cell !== '')
        .join('  ')}`,
    ),
  failed: (what: string, { message }: { message: string }): void => tell(`NOT TAKEN ${what}: ${message}`),
};

/** What each peer in this process takes: in a process of its own, so that nobody finds room that another one left behind. */
const memoryOfPeers = async (contenders: readonly Contender[]): Promise<Pick<Taken, 'figures' | 'failures'>> => {
  const [figures, failures]: [Figure[], Taken['failures']] = [[], []];
  for (const { name } of contenders) {
    listener.progress(`memory: ${name}`);
    const { text } = await start(['memory', '--only', name, '--json', '--quiet', ...(has('quick') ? ['--quick'] : [])], true);
    const taken = JSON.parse(text) as Taken;
    taken.figures.forEach(listener.figure);
    figures.push(...taken.figures);
    failures.push(...taken.failures);
  }
  return { figures, failures };
};

const takeAll = async (): Promise<Taken> => {
  const [own, others] = [ours(), await peers()];
  const request = { quick: has('quick'), ...listener };
  const contenders = [...own, ...others].filter(({ name }) => only === undefined || name === only);
  if (only !== undefined) return take({ ...request, names, contenders });
  const apart = names.includes('memory') ? await memoryOfPeers(others) : { figures: [], failures: [] };
  const together = names.filter((name) => name !== 'memory');
  const taken = await take({ ...request, names: together, contenders });
  const memory = await take({ ...request, names: names.filter((name) => name === 'memory'), contenders: own });
  return {
    ...taken,
    figures: [...taken.figures, ...memory.figures, ...apart.figures],
    failures: [...taken.failures, ...memory.failures, ...apart.failures],
    load: { before: taken.load.before, after: memory.load.after },
  };
};

const main = async (): Promise<number> => {
  const taken = await takeAll();
  if (has('json')) process.stdout.write(`${JSON.stringify(taken)}\n`);
  const table = `${tablesOf(taken)}\n\n${conditionsOf(taken)}`;
  if (named.length === 0 && !has('quick') && only === undefined && !has('json'))
    await save('walls', { figures: rowsOf(taken.figures), table, details: taken });
  else if (!has('json')) process.stdout.write(`${table}\n`);
  return taken.failures.length > 0 ? 1 : 0;
};

process.exitCode = process.execArgv.includes('--no-node-snapshot') ? await main() : (await start(words, false)).code;
