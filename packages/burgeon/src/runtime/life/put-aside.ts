import { isoNow } from '../../base/clock.ts';
import { endAll, type LifeContext, type Line, operate } from './line.ts';
import { prepareLine } from './load.ts';
import { lifeTable, step } from './states.ts';

/**
 * Puts a module aside at the owner's wish: what runs of it ends, and nothing of this version starts until somebody loads it or another version takes
 * its place. True when it was not put aside before. It is recorded before anybody hears of it.
 */
export const putAside = (context: LifeContext, line: Line, reason: string): Promise<boolean> =>
  operate(line, async () => {
    if (lifeTable[line.state].calls === 'refuse') return false;
    const { parts, holds } = context;
    const version = line.pinned ?? line.prepared?.version ?? (await prepareLine(context, line)).version;
    const before = await holds.get(line.key);
    if (before?.version === version) return false;
    const hold = { state: 'quarantined', version, reason, since: isoNow(parts.clock) } as const;
    await holds.put(line.key, hold);
    await parts.audit.commit([{ kind: 'module.quarantined', module: line.id, data: { version, reason } }]);
    line.hold = hold;
    if (line.state === 'failed') step(line, 'unloaded');
    step(line, 'quarantined');
    const replicas = line.replicas;
    line.replicas = [];
    await endAll(line, replicas);
    parts.log.warn(`${line.key} is quarantined.`, { module: line.key, reason });
    return true;
  });
