import { BurgeonError } from '@burgeon/kit';
import { heldError } from './holds.ts';
import { endAll, freest, isOwnFault, type LifeContext, type Line, operate } from './line.ts';
import { meetNeeds } from './needs.ts';
import { prepare, type PreparedModule } from './prepared.ts';
import { type Replica, startReplica } from './replica.ts';
import { step } from './states.ts';
import { noteEnd, quarantine, release, tooMany } from './supervisor.ts';

/** How a person loads a module. */
export interface LoadOptions {
  /** Instances there are to be; as many as before, or one, when absent. */
  replicas?: number;
}

/**
 * Starts a line where nothing runs: what it needs first, then its instances, with the state that was kept.
 * @throws {BurgeonError} MODULE_QUARANTINED, MODULE_SUSPENDED, DEPENDENCY_UNMET, whatever verification and the module's `init` and
 * `restore` throw
 */
export const load = (context: LifeContext, line: Line): Promise<void> => {
  // Whoever comes meanwhile shares it, also its failure.
  line.starting ??= operate(line, () => loadNow(context, line)).finally(() => {
    line.starting = undefined;
  });
  return line.starting;
};

/** Starts a line at a person's wish: also one that was put aside. */
export const loadAgain = (context: LifeContext, line: Line, { replicas }: LoadOptions): Promise<void> =>
  operate(line, async () => {
    if (replicas !== undefined) {
      checkReplicas(await prepareLine(context, line), replicas);
      line.wanted = replicas;
    }
    await release(context, line);
    await loadNow(context, line);
  });

/** What {@link load} does, for those who change the line anyway. */
export const loadNow = async (context: LifeContext, line: Line): Promise<void> => {
  if (line.state === 'ready') return;
  if (line.hold) throw heldError(line.key, line.hold);
  const restart = line.state === 'failed';
  if (restart) await backOff(context, line);
  const prepared = await prepareLine(context, line);
  if (line.state === 'unloaded') await checkHold(context, line, prepared);
  line.picks = await meetNeeds(context, prepared, (needed) => load(context, needed));
  line.prepared = prepared;
  step(line, 'loading');
  try {
    const replicas = await startReplicas(context, line, prepared);
    await restoreKept(context, line, replicas);
    line.replicas = replicas;
    step(line, 'ready');
    if (restart) line.figures.restarts += 1;
  } catch (error) {
    failLoad(context, line, BurgeonError.from(error));
    throw error;
  }
};

const backOff = async ({ parts: { clock }, closing }: LifeContext, line: Line): Promise<void> => {
  const wait = line.notBefore - clock.now();
  if (wait > 0) await clock.sleep(wait, closing);
};

/** A module that cannot be started is one that fell over; what is wrong around it is not its fault. */
const failLoad = (context: LifeContext, line: Line, error: BurgeonError): void => {
  if (!isOwnFault(error)) return step(line, 'unloaded');
  noteEnd(context, line);
  if (tooMany(line)) quarantine(context, line, error);
  else step(line, 'failed');
};

/** Verifies the version that a line is to run, once. */
export const prepareLine = async ({ parts: { registry } }: LifeContext, line: Line): Promise<PreparedModule> => {
  if (line.prepared) return line.prepared;
  const { epoch } = line;
  const version = line.pinned ?? (await registry.resolve(line.id)).version;
  const prepared = await prepare(registry, { id: line.id, version });
  if (line.epoch === epoch) line.prepared ??= prepared;
  return line.prepared ?? prepared;
};

const checkHold = async ({ holds }: LifeContext, line: Line, { version }: PreparedModule): Promise<void> => {
  const held = await holds.get(line.key);
  if (!held) return;
  // Another version took its place: what the one before did is not held against it.
  if (held.version !== version) return holds.remove(line.key);
  line.hold = held;
  step(line, held.state);
  throw heldError(line.key, held);
};

/**
 * As many instances as are wanted; all of them or none.
 * @throws {BurgeonError} UNSUPPORTED when several are wanted of a module that keeps state, MODULE_CRASHED, whatever starting throws
 */
export const startReplicas = async (context: LifeContext, line: Line, prepared: PreparedModule): Promise<Replica[]> => {
  checkReplicas(prepared, line.wanted);
  const ties = context.ties(line);
  const starting = Array.from({ length: line.wanted }, () => startReplica(context.parts, prepared, ties));
  const settled = await Promise.allSettled(starting);
  const replicas = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = settled.find((each) => each.status === 'rejected');
  if (!failed) return replicas;
  await endAll(line, replicas);
  throw failed.reason;
};

/** @throws {BurgeonError} UNSUPPORTED when several instances are wanted of a module that keeps state */
export const checkReplicas = ({ id, card }: PreparedModule, wanted: number): void => {
  if (wanted === 1 || card.state === undefined) return;
  throw new BurgeonError('UNSUPPORTED', {
    message: `${id} keeps state: of ${wanted} instances each would have its own.`,
    hint: `Load it without --replicas: burgeon modules load ${id}`,
    data: { module: id, replicas: wanted },
  });
};

const restoreKept = async ({ states }: LifeContext, line: Line, replicas: readonly Replica[]): Promise<void> => {
  const [replica] = replicas;
  if (!replica || replica.prepared.card.state === undefined) return;
  const { id, version } = replica.prepared;
  const kept = line.pinned === undefined ? await states.adopt(id, version) : await states.get(line.key);
  if (!kept || kept.state === null) return;
  try {
    await replica.restore(kept.state, kept.version);
  } catch (error) {
    await endAll(line, replicas);
    throw refused(replica.prepared, kept, BurgeonError.from(error));
  }
};

/** A state that a version does not take: said with both versions. */
const refused = (
  { id, version, card }: PreparedModule,
  kept: { version: number | undefined; module: string },
  error: BurgeonError,
): BurgeonError =>
  new BurgeonError(error.code, {
    message: `${id}@${version} does not take the state that ${kept.module} left (state version ${kept.version ?? 'unknown'}, its own is ${
      card.state?.version ?? 'unknown'
    }): ${error.message}`,
    hint: `Release a version whose restore() or migrate() takes it, or go back: burgeon rollback ${id}`,
    ...(error.data === undefined ? {} : { data: error.data }),
    cause: error,
  });

/** Replaces replicas that were lost while others go on; nobody waits for it. */
export const refill = (context: LifeContext, line: Line): void => {
  if (line.refilling || line.replicas.length >= line.wanted) return;
  line.refilling = true;
  const work = async (): Promise<void> => {
    const { prepared } = line;
    if (line.state !== 'ready' || !prepared || !freest(line)) return;
    await backOff(context, line);
    const fresh = await startReplica(context.parts, prepared, context.ties(line));
    if (line.state === 'ready') line.replicas = [...line.replicas, fresh];
    else await endAll(line, [fresh]);
    line.figures.restarts += 1;
  };
  const done = (): void => {
    line.refilling = false;
  };
  const failed = (error: unknown): void => {
    done();
    noteEnd(context, line);
    if (line.state === 'ready' && tooMany(line)) quarantine(context, line, BurgeonError.from(error));
  };
  context.background(operate(line, work).then(done, failed));
};
