import type { Clock, Store, StoreWrite } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';

/** When things were last used: remembered at once, written together a little later. A crash loses at most that little. */
export interface LastUsed {
  touch(id: string): void;
  /** ISO 8601 UTC; undefined when it was never used. */
  last(id: string): Promise<string | undefined>;
  /** Writes what waits. */
  flush(): Promise<void>;
}

/** Where it is kept. `delayMs`: how long a touch may wait before it is written. */
export interface LastUsedOptions {
  store: Store;
  clock: Clock;
  table: string;
  delayMs: number;
}

/** Opens what a table of a store tells. */
export const openLastUsed = ({ store, clock, table, delayMs }: LastUsedOptions): LastUsed => {
  const waiting = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const writes = [...waiting].map(([id, lastUsedAt]): StoreWrite => ({ kind: 'put', table, id, value: { lastUsedAt } }));
    waiting.clear();
    if (writes.length > 0) await store.transact(writes);
  };
  return {
    touch: (id) => {
      waiting.set(id, isoNow(clock));
      // Unreferenced: a process that has nothing else to do ends, after its owner flushed. A failed write costs only a date.
      timer ??= setTimeout(() => void flush().catch(() => {}), delayMs).unref();
    },
    last: async (id) => {
      const kept = waiting.get(id) ?? (await store.get(table, id))?.value['lastUsedAt'];
      return typeof kept === 'string' ? kept : undefined;
    },
    flush,
  };
};
