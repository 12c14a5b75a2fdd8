import { BurgeonError } from '@burgeon/kit';
import { isoNow } from '../../base/clock.ts';
import { countDenial, watchRules } from '../monitor.ts';
import type { Hold } from './holds.ts';
import { endAll, type LifeContext, type Line, operate, retire } from './line.ts';
import type { Replica } from './replica.ts';
import { step } from './states.ts';

/** An instance lost its heap. Calls that run on it fail by themselves; the next one starts the module with its last state. */
export const onEnded = (
  context: LifeContext,
  line: Line,
  { replica, reason }: { replica: Replica; reason: BurgeonError },
): void => {
  replica.lost = true;
  if (!line.replicas.includes(replica)) return;
  line.replicas = line.replicas.filter((each) => each !== replica);
  retire(context, line, [replica]);
  context.parts.log.warn(`${line.key} fell over.`, { module: line.key, code: reason.code, message: reason.message });
  noteEnd(context, line);
  // During a reload the new instance is on its way: what becomes of it decides.
  if (line.state !== 'ready') return;
  if (tooMany(line)) quarantine(context, line, reason);
  else if (line.replicas.length === 0) step(line, 'failed');
};

/** Counts one end, and says from when it may be started again. */
export const noteEnd = ({ parts: { clock } }: LifeContext, line: Line): void => {
  const now = clock.now();
  line.ends = [...line.ends.filter((at) => at > now - watchRules.endsWithinMs), now];
  line.notBefore = now + (watchRules.backOffMs[line.ends.length - 1] ?? watchRules.backOffMs.at(-1) ?? 0);
};

/** True when it fell over too often of late. */
export const tooMany = ({ ends }: Line): boolean => ends.length >= watchRules.ends;

/** Puts a module aside until somebody loads it. */
export const quarantine = (context: LifeContext, line: Line, reason: BurgeonError): void => {
  const seconds = watchRules.endsWithinMs / 1_000;
  hold(context, line, {
    state: 'quarantined',
    reason: `it fell over ${line.ends.length} times within ${seconds} s, last because: ${reason.message}`,
  });
  retire(context, line, takeAll(line));
};

/** A host call was denied. Too many of them stop the module at once, with all that runs on it. */
export const onDenied = (
  context: LifeContext,
  line: Line,
  { replica, what }: { replica: Replica | undefined; what: string },
): void => {
  context.record.denied({ module: line.id, version: line.prepared?.version ?? '', what });
  // One that was already stopped does not count against the next.
  if (replica && !line.replicas.includes(replica)) return;
  if (!countDenial(line.figures, context.parts.clock.now())) return;
  const { prepared } = line;
  context.background(
    operate(line, async () => {
      // After a reload it is another's fault.
      if (line.state !== 'ready' || line.prepared !== prepared) return;
      const seconds = watchRules.denialsWithinMs / 1_000;
      const reason = `it asked for what it was not granted ${watchRules.denials} times within ${seconds} s.`;
      hold(context, line, { state: 'suspended', reason });
      await endAll(line, takeAll(line));
    }),
  );
};

const takeAll = (line: Line): Replica[] => {
  const replicas = line.replicas;
  line.replicas = [];
  return replicas;
};

const hold = (context: LifeContext, line: Line, { state, reason }: Pick<Hold, 'state' | 'reason'>): void => {
  const { parts, holds, background } = context;
  const version = line.prepared?.version ?? line.pinned ?? '';
  line.hold = { state, version, reason, since: isoNow(parts.clock) };
  step(line, state);
  parts.log.warn(`${line.key} is ${state}.`, { module: line.key, reason });
  const kept = Promise.all([
    holds.put(line.key, line.hold),
    parts.audit.commit([{ kind: `module.${state}`, module: line.id, data: { version, reason } }]),
  ]);
  background(
    kept.catch((error: unknown) => {
      parts.log.warn(`That ${line.key} is ${state} could not be recorded.`, { message: BurgeonError.from(error).message });
    }),
  );
};

/** Lets a held line go on: what it did before no longer counts. */
export const release = async ({ parts, holds }: LifeContext, line: Line): Promise<void> => {
  line.ends = [];
  line.notBefore = 0;
  line.figures.recentDenials = [];
  const held = line.hold ?? (await holds.get(line.key));
  if (!held) return;
  line.hold = undefined;
  if (line.state === 'quarantined' || line.state === 'suspended') step(line, 'unloaded');
  await holds.remove(line.key);
  await parts.audit.commit([
    { kind: 'module.released', module: line.id, data: { version: held.version, from: held.state, reason: held.reason } },
  ]);
};
