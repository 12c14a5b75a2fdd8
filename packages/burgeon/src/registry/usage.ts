import type { Clock, Store, StoreWrite } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import { type ModuleReference, keyOf, tables } from './records.ts';

/** When versions were last called: remembered at once, written together a little later. A crash loses at most that little. */
export interface Usage {
  touch(ref: ModuleReference): void;
  /** ISO 8601 UTC; undefined when it was never called. */
  last(ref: ModuleReference): Promise<string | undefined>;
  /** Writes what waits. */
  flush(): Promise<void>;
}

/** How long a touch may wait before it is written, milliseconds. */
const delayMs = 2_000;

/** Opens the usage of a store. */
export const openUsage = ({ store, clock }: { store: Store; clock: Clock }): Usage => {
  const waiting = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const writes = [...waiting].map(([id, lastUsedAt]): StoreWrite => ({
      kind: 'put',
      table: tables.usage,
      id,
      value: { lastUsedAt },
    }));
    waiting.clear();
    if (writes.length > 0) await store.transact(writes);
  };
  return {
    touch: (ref) => {
      waiting.set(keyOf(ref), isoNow(clock));
      // Unreferenced: a process that has nothing else to do ends, after its owner flushed. A failed write costs only a date.
      timer ??= setTimeout(() => void flush().catch(() => {}), delayMs).unref();
    },
    last: async (ref) => {
      const key = keyOf(ref);
      const kept = waiting.get(key) ?? (await store.get(tables.usage, key))?.value['lastUsedAt'];
      return typeof kept === 'string' ? kept : undefined;
    },
    flush,
  };
};
