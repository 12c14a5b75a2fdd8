import type { JsonValue } from '@burgeon/kit';
import type { RunningModule } from '../../runtime/monitor.ts';
import { flag, type Action, type Invocation } from '../command.ts';
import { bold, count, cyan, dim, green, red, size, span, table, yellow } from '../text.ts';

/** What runs at one moment. */
export interface Running {
  /** ISO 8601 UTC. */
  at: string;
  modules: RunningModule[];
}

/** Between two looks, milliseconds. */
const everyMs = 1_000;

/** Puts the cursor back to the top and clears what was below it. */
const again = '\u001B[H\u001B[J';

/** `top`: what runs, followed until Ctrl-C; once with `--once`, with `--json`, and where nobody watches. */
export const top: Action = async (invocation) => {
  const { terminal, signal } = invocation;
  const client = await invocation.open();
  const look = async (): Promise<JsonValue> => client.call('listRunning');
  const { stdout } = terminal.streams;
  // Without a server there is nothing to follow: what a command runs ends with it.
  const once = flag(invocation, 'once') || terminal.manners.json || stdout.isTTY !== true || !client.remote;
  if (once) {
    const seen = await look();
    terminal.result(seen, () =>
      runningText(seen as unknown as Running, { columns: terminal.columns, served: client.remote !== undefined }),
    );
    return;
  }
  while (!signal.aborted) {
    const seen = await look();
    stdout.write(again);
    terminal.line(seen, () =>
      [
        runningText(seen as unknown as Running, { columns: terminal.columns, served: true }),
        dim(`${count((seen as unknown as Running).modules.length, 'module')}. Stop with Ctrl-C.`),
      ].join('\n'),
    );
    await pause(signal);
  }
};

const pause = (signal: Invocation['signal']): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, everyMs);
    signal.addEventListener('abort', end, { once: true });
  });

/** What runs, in a table; why something is refused below it. `served`: a server owns the home. */
export const runningText = (
  { modules }: Running,
  { columns, served }: { columns?: number | undefined; served: boolean },
): string => {
  if (modules.length === 0) {
    return served
      ? `No module runs; the first call of one starts it.\nNext: ${cyan('burgeon list')}`
      : `No module runs: no server owns this home, and what a command starts ends with it.\nNext: ${cyan('burgeon serve')}`;
  }
  const rows = modules.map((each) => [
    bold(each.module),
    each.version,
    paintLife(each.state),
    each.host,
    each.callsPerSecond.toFixed(1),
    errorsText(each),
    span(each.cpuMs),
    size(each.memoryBytes),
    String(each.inFlight),
    each.restarts > 0 ? yellow(each.restarts) : '0',
  ]);
  const head = ['module', 'version', 'state', 'host', 'calls/s', 'errors', 'cpu', 'memory', 'in flight', 'restarts'];
  const reasons = modules.flatMap(({ module, reason }) => (reason === undefined ? [] : [`${red(module)} ${reason}`]));
  return [table(rows, { head, columns }), ...(reasons.length > 0 ? ['', ...reasons] : [])].join('\n');
};

const errorsText = ({ errors }: RunningModule): string => {
  const total = Object.values(errors).reduce((sum, each) => sum + each, 0);
  return total > 0 ? red(total) : '0';
};

/** Where a running module stands, in its colour. */
export const paintLife = (life: string): string => {
  if (life === 'ready') return green(life);
  return life === 'quarantined' || life === 'suspended' || life === 'failed'
    ? red(life)
    : life === 'unloaded'
      ? dim(life)
      : yellow(life);
};
