import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BurgeonError, type JsonValue } from '@burgeon/kit';
import { nearest } from '../../base/nearest.ts';
import { flag, type Action, type Invocation } from '../command.ts';
import { type ExitCode, usage } from '../fault.ts';
import { dim, green, red, table } from '../text.ts';

/** Loaded only to measure: it knows everything that is measured. */
const measuring = async () => ({ ...(await import('../../measure/taken.ts')), ...(await import('../../measure/ours.ts')) });

type Measuring = Awaited<ReturnType<typeof measuring>>;
type Name = Measuring['measurements'][number];
type Taken = Awaited<ReturnType<Measuring['take']>>;

/**
 * `bench [NAME...]`: takes the figures of this machine; with `--peers`, those of what others have too, in the same run. A missed figure is no
 * failure, one that cannot be taken is.
 */
export const bench: Action = async (invocation) => {
  const { terminal, words } = invocation;
  const measure = await measuring();
  const names = chosen(words, measure.measurements);
  if (flag(invocation, 'peers')) return withPeers(names, invocation);
  const taken = await takeHere(measure, names, invocation);
  terminal.result(taken as unknown as JsonValue, () => textOf(measure, taken, terminal.columns));
  return taken.failures.length > 0 ? 1 : 0;
};

/** The measurements that were asked for; all when none was. @throws {BurgeonError} USAGE when there is none of that name */
const chosen = (words: readonly string[], known: readonly Name[]): Name[] => {
  const wrong = words.find((word) => !known.includes(word as Name));
  if (wrong === undefined) return known.filter((name) => words.length === 0 || words.includes(name));
  const near = nearest(wrong, known);
  const hint = `One of: ${known.join(', ')}`;
  throw usage(`There is no measurement "${wrong}".`, near === undefined ? hint : `Did you mean ${near}? ${hint}`);
};

const takeHere = (measure: Measuring, names: readonly Name[], invocation: Invocation): Promise<Taken> => {
  const { terminal, signal } = invocation;
  const begun = performance.now();
  return measure.take({
    names,
    contenders: measure.ours(),
    quick: flag(invocation, 'quick'),
    progress: (message) => {
      // Between two steps is where it can be left.
      signal.throwIfAborted();
      terminal.progress({ stage: 'bench', message, state: 'start', elapsedMs: performance.now() - begun });
    },
    figure: (figure) => {
      const { cells, reached } = measure.rowOf(figure);
      terminal.note([mark(reached), ...cells.filter((cell) => cell !== '')].join('  '));
    },
    failed: (what, { message }) => {
      signal.throwIfAborted();
      terminal.note(`${red('not taken')}  ${what}  ${message}`);
    },
  });
};

const mark = (reached: boolean | undefined): string =>
  reached === undefined ? dim('\u00B7') : reached ? green('\u2713') : red('\u2717');

const textOf = (measure: Measuring, taken: Taken, columns: number | undefined): string => {
  const rows = taken.figures.map((figure) => {
    const { cells, reached } = measure.rowOf(figure);
    const [name, contender, what, value, reach] = cells;
    return [mark(reached), name, contender, what, value, dim(reach)];
  });
  return [
    table(rows, { head: ['', 'measured', 'of', 'what', 'figure', 'reach'], columns }),
    ...taken.failures.map(({ what, message }) => `${red('not taken')}  ${what}  ${message}`),
    '',
    dim(measure.conditionsOf(taken)),
  ].join('\n');
};

const clone = fileURLToPath(new URL('../../../../../', import.meta.url));

/**
 * The script that measures the peers too, in a clone of the repository.
 * @throws {BurgeonError} DEPENDENCY_MISSING when this is no clone, or the peers are not installed there
 */
export const peersScript = (root: string = clone): string => {
  const script = join(root, 'bench', 'src', 'walls.ts');
  if (!existsSync(script))
    throw new BurgeonError('DEPENDENCY_MISSING', {
      message: 'The peers are measured by scripts that are not part of the package, only of the repository.',
      hint: 'In a clone of the repository: npm ci && (cd bench && npm ci) && npx burgeon bench --peers',
    });
  if (!existsSync(join(root, 'bench', 'node_modules')))
    throw new BurgeonError('DEPENDENCY_MISSING', {
      message: `The peers are not installed in ${join(root, 'bench')}.`,
      hint: `cd ${join(root, 'bench')} && npm ci`,
    });
  return script;
};

/** Runs that script, which prints as this command does. */
const withPeers = (names: readonly Name[], invocation: Invocation): Promise<ExitCode> => {
  const { terminal, signal } = invocation;
  const { json, quiet } = terminal.manners;
  const options = [flag(invocation, 'quick') && '--quick', json && '--json', quiet && '--quiet'].filter((each) => each !== false);
  const child = spawn(process.execPath, [peersScript(), ...names, ...options], { stdio: ['ignore', 'pipe', 'pipe'], signal });
  child.stdout.pipe(terminal.streams.stdout, { end: false });
  child.stderr.pipe(terminal.streams.stderr, { end: false });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? 0 : 1));
  });
};
