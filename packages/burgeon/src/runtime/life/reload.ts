import { BurgeonError, type JsonValue } from '@burgeon/kit';
import type { ModuleReference } from '../../registry/records.ts';
import { heldError } from './holds.ts';
import { drain, endAll, type LifeContext, type Line, operate, retire } from './line.ts';
import { checkReplicas, load, loadNow, startReplicas } from './load.ts';
import { meetNeeds } from './needs.ts';
import { prepare, type PreparedModule } from './prepared.ts';
import type { Replica } from './replica.ts';
import { step } from './states.ts';

/** What is to run after a reload. */
export interface ReloadOptions {
  /** Another version of the module; the one that runs when absent. */
  version?: string;
  replicas?: number;
  /** Called in the moment in which the new instances take over. */
  switched?(): void;
}

/**
 * Puts new instances in the place of those that run. They start beside them; then calls wait until those that run have ended, the state goes
 * over, and the waiting calls go to the new ones. Whatever fails on the way, the old ones go on as if nothing had been. Where nothing runs, it
 * is started.
 * @throws {BurgeonError} MODULE_FAILED, MODULE_CRASHED, LIMIT_EXCEEDED, ... as the new instance failed; MODULE_QUARANTINED, MODULE_SUSPENDED
 */
export const reload = (context: LifeContext, line: Line, options: ReloadOptions = {}): Promise<void> =>
  operate(line, () => reloadNow(context, line, options));

/** What {@link reload} does, for those who change the line anyway. */
export const reloadNow = async (context: LifeContext, line: Line, options: ReloadOptions): Promise<void> => {
  if (line.hold) throw heldError(line.key, line.hold);
  if (line.state !== 'ready' || !line.prepared) return startAnew(context, line, options);
  const before = { prepared: line.prepared, wanted: line.wanted };
  const wanted = { id: line.id, version: options.version ?? before.prepared.version };
  line.wanted = options.replicas ?? line.wanted;
  try {
    await replace(context, line, { ...wanted, switched: options.switched });
  } catch (error) {
    line.wanted = before.wanted;
    throw explain(line, { from: before.prepared.version, to: wanted.version }, BurgeonError.from(error));
  }
};

const startAnew = async (context: LifeContext, line: Line, { version, replicas }: ReloadOptions): Promise<void> => {
  if (version !== undefined && version !== line.prepared?.version) line.prepared = undefined;
  line.wanted = replicas ?? line.wanted;
  await loadNow(context, line);
};

const replace = async (
  context: LifeContext,
  line: Line,
  target: ModuleReference & { switched: ReloadOptions['switched'] | undefined },
): Promise<void> => {
  let prepared: PreparedModule;
  let picks: Line['picks'];
  let fresh: Replica[] = [];
  step(line, 'reloading');
  try {
    prepared = await prepare(context.parts.registry, target);
    checkReplicas(prepared, line.wanted);
    picks = await meetNeeds(context, prepared, (needed) => load(context, needed));
    fresh = await startReplicas(context, line, prepared);
    await handOver(context, line, { prepared, fresh });
    const gone = fresh.find(({ lost }) => lost);
    if (gone)
      throw new BurgeonError('MODULE_CRASHED', { message: `The new instance of ${line.key} fell over.`, retryable: true });
  } catch (error) {
    line.sealed = false;
    step(line, line.replicas.length > 0 ? 'ready' : 'failed');
    context.background(endAll(line, fresh));
    throw error;
  }
  // All at once, so that no call sees half of it.
  const old = line.replicas;
  const otherVersion = line.prepared?.version !== prepared.version;
  Object.assign(line, { picks, prepared, replicas: fresh, sealed: false, ends: [], notBefore: 0 });
  line.figures.recentDenials = [];
  target.switched?.();
  if (otherVersion) context.forget();
  step(line, 'ready');
  retire(context, line, old);
  if (prepared.card.state) line.keeper.changed();
};

/** What is handed from one version to the next. */
interface Heirs {
  prepared: PreparedModule;
  fresh: readonly Replica[];
}

/**
 * Moves the state. Where there is none to move, calls go on all the time. Several instances have no state in common, so nothing is moved
 * between them.
 */
const handOver = async (context: LifeContext, line: Line, { prepared, fresh }: Heirs): Promise<void> => {
  const before = line.prepared;
  const [heir, ...others] = fresh;
  if (!before || !heir || others.length > 0 || line.replicas.length > 1) return;
  const declared = before.card.state;
  if (declared && !prepared.card.state && before.version !== prepared.version) return;
  if (!declared && (await stateOf(line, true)) === null) return;
  step(line, 'handing-over');
  await drain(line, context.closing);
  await line.keeper.settle();
  const lenient = before.version !== prepared.version;
  const given = declared ? await keptState(context, line, lenient) : { state: await stateOf(line, lenient), version: undefined };
  if (given === undefined || given.state === null) return;
  if (line.pinned === undefined && prepared.card.state) await context.states.adopt(line.id, prepared.version);
  await heir.restore(given.state, given.version);
};

/** `lenient`: one that cannot tell its state has none. A version that was released to cure that must not be kept out by it. */
const stateOf = async (line: Line, lenient: boolean): Promise<JsonValue> => {
  const [replica] = line.replicas;
  if (!replica) return null;
  try {
    return await replica.snapshot();
  } catch (error) {
    // It fell over: what it knew is gone, and nothing of it was to be kept.
    if (replica.lost || lenient) return null;
    throw error;
  }
};

/** The state of a line that declares one: as it is now, or as it was last kept when the instance is gone, or cannot tell it. */
const keptState = async (
  { states, parts }: LifeContext,
  line: Line,
  lenient: boolean,
): Promise<{ state: JsonValue; version: number | undefined } | undefined> => {
  const [replica] = line.replicas;
  if (replica && !replica.lost) {
    try {
      return { state: await line.keeper.take(replica), version: replica.prepared.card.state?.version };
    } catch (error) {
      if (!replica.lost && !lenient) throw error;
      const { code, message } = BurgeonError.from(error);
      parts.log.warn(`${line.key} goes on with the state that was kept last.`, { module: line.key, code, message });
    }
  }
  return states.get(line.key);
};

const explain = ({ key }: Line, { from, to }: { from: string; to: string }, error: BurgeonError): BurgeonError =>
  new BurgeonError(error.code, {
    message:
      from === to
        ? `${key} could not be reloaded: ${error.message}`
        : `${key} could not go from ${from} to ${to}: ${error.message}`,
    hint: `${from} goes on with its state. ${error.hint ?? 'Correct what the message names, then try again.'}`,
    ...(error.data === undefined ? {} : { data: error.data }),
    cause: error,
    retryable: error.retryable,
  });
