import { BurgeonError } from '@burgeon/kit';
import { dependentsOf, drain, endAll, isRunning, type LifeContext, type Line, operate } from './line.ts';
import { step } from './states.ts';

/** How a line is brought to its end. */
export interface UnloadOptions {
  /** Unload what needs it first, instead of refusing. */
  cascade?: boolean;
  /** The module is taken away: whoever needs it will see. */
  forced?: boolean;
  /** Keep its state. Default: true. */
  keep?: boolean;
  /** Wait for no call: what runs there may not run any longer. */
  atOnce?: boolean;
}

/** Whoever ends Burgeon does not wait for what hangs: Ctrl-C is to work within a second. Milliseconds. */
const hurryMs = 500;

/**
 * Ends a line: what runs there ends, its state is kept, its instances are gone. The next call starts it anew. Gives the keys of what was
 * unloaded, in order.
 * @throws {BurgeonError} MODULE_NEEDED when a running module needs it and `cascade` is not set
 */
export const unload = async (context: LifeContext, line: Line, options: UnloadOptions = {}): Promise<string[]> => {
  const gone: string[] = [];
  if (options.cascade === true)
    for (const dependent of dependentsOf(context, line)) gone.push(...(await unload(context, dependent, options)));
  const ended = await operate(line, async () => {
    if (options.forced !== true) checkNeeded(context, line);
    return unloadNow(context, line, options);
  });
  return ended ? [...gone, line.key] : gone;
};

const checkNeeded = (context: LifeContext, line: Line): void => {
  const dependents = dependentsOf(context, line).map(({ key }) => key);
  if (dependents.length === 0) return;
  throw new BurgeonError('MODULE_NEEDED', {
    message: `${dependents.join(', ')} ${dependents.length === 1 ? 'needs' : 'need'} ${line.key}, and ${
      dependents.length === 1 ? 'runs' : 'run'
    }.`,
    hint: `Unload ${dependents.length === 1 ? 'it' : 'them'} first, or all together: burgeon modules unload ${line.key} --cascade`,
    data: { module: line.key, dependents },
  });
};

/** What {@link unload} does to the line itself, for those who change it anyway. True when something ran. */
export const unloadNow = async (
  { closing }: Pick<LifeContext, 'closing'>,
  line: Line,
  { keep = true, atOnce = false }: Pick<UnloadOptions, 'keep' | 'atOnce'> = {},
): Promise<boolean> => {
  const was = isRunning(line);
  if (line.state === 'ready') {
    step(line, 'draining');
    if (!atOnce) await unlessHurried(comeToRest(line, keep), closing);
    line.sealed = true;
    await endAll(line, line.replicas);
  }
  if (line.state === 'failed' || line.state === 'draining') step(line, 'unloaded');
  Object.assign(line, { sealed: false, replicas: [], prepared: undefined, picks: new Map() });
  return was;
};

const comeToRest = async (line: Line, keep: boolean): Promise<void> => {
  await drain(line);
  await line.keeper.settle();
  const [replica] = line.replicas;
  // What cannot be kept was said when it was tried: the last state that could be stays.
  if (keep && replica?.prepared.card.state && !replica.lost) await line.keeper.take(replica).catch(() => {});
};

/** Waits for what ends by the limits of the module; not much longer once everything ends. */
const unlessHurried = async (work: Promise<void>, closing: AbortSignal): Promise<void> => {
  const hurried = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  const hurry = (): void => {
    timer = setTimeout(hurried.resolve, hurryMs);
  };
  if (closing.aborted) hurry();
  else closing.addEventListener('abort', hurry, { once: true });
  await Promise.race([work, hurried.promise]);
  clearTimeout(timer);
  closing.removeEventListener('abort', hurry);
};
