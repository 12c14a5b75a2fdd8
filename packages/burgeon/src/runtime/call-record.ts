import { type Actor, currentActor } from '../base/actor.ts';
import type { Clock } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import type { Audit, AuditEvent } from '../security/audit.ts';

/** One finished call or message. */
export interface FinishedCall {
  module: string;
  version: string;
  operation: string;
  /** Code of its error; undefined when it went well. */
  code: string | undefined;
  traceId: string | undefined;
}

/**
 * What modules did, for the audit. Calls are counted and written together a moment later: a call does not wait for a disk, and a crash
 * loses at most that moment of counts, never a decision.
 */
export interface CallRecord {
  finished(call: FinishedCall): void;
  /** A module asked for what it was not granted. */
  denied(asked: { module: string; version: string; what: string }): void;
  /** Writes what waits. */
  flush(): Promise<void>;
}

/** How long counts may wait before they are written, milliseconds. */
const delayMs = 2_000;

/** Different things that are kept apart until they are written; what is more falls into one count. */
const mostApart = 10_000;

/** Longest text of what was denied, characters. */
const longest = 200;

interface Count {
  module: string;
  actor: Actor;
  kind: 'module.called' | 'module.denied';
  facts: { version: string; operation?: string; what?: string };
  since: string;
  times: number;
  failed: Record<string, number>;
  traces: string[];
}

/** Opens the record of calls. */
export const openCallRecord = ({ audit, clock }: { audit: Pick<Audit, 'commit'>; clock: Clock }): CallRecord => {
  const counts = new Map<string, Count>();
  let timer: NodeJS.Timeout | undefined;

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const events = [...counts.values()].map((count) => eventOf(count, isoNow(clock)));
    counts.clear();
    if (events.length > 0) await audit.commit(events);
  };
  const countOf = (key: string, make: () => Pick<Count, 'module' | 'kind' | 'facts'>): Count => {
    // Unreferenced: a process that has nothing else to do ends, after its owner flushed.
    timer ??= setTimeout(() => void flush().catch(() => {}), delayMs).unref();
    const at = counts.size < mostApart ? key : 'the rest';
    const found = counts.get(at);
    if (found) return found;
    const made: Count = { ...make(), actor: currentActor(), since: isoNow(clock), times: 0, failed: {}, traces: [] };
    counts.set(at, made);
    return made;
  };
  return {
    finished: ({ module, version, operation, code, traceId }) => {
      const { kind, id } = currentActor();
      const count = countOf(`${module} ${version} ${operation} ${kind} ${id}`, () => ({
        module,
        kind: 'module.called',
        facts: { version, operation },
      }));
      count.times += 1;
      if (code !== undefined) count.failed[code] = (count.failed[code] ?? 0) + 1;
      // The first and the last lead to what traces tell.
      if (traceId !== undefined) count.traces[Math.min(count.traces.length, 1)] = traceId;
    },
    denied: ({ module, version, what }) => {
      const told = what.slice(0, longest);
      countOf(`${module} ${version} denied ${told}`, () => ({
        module,
        kind: 'module.denied',
        facts: { version, what: told },
      })).times += 1;
    },
    flush,
  };
};

const eventOf = ({ module, actor, kind, facts, since, times, failed, traces }: Count, until: string): AuditEvent => ({
  kind,
  module,
  actor,
  data: {
    ...facts,
    times,
    ...(Object.keys(failed).length === 0 ? {} : { failed }),
    ...(traces.length === 0 ? {} : { traces }),
    since,
    until,
  },
});
