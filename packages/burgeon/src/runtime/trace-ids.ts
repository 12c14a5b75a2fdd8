import { randomFillSync } from 'node:crypto';

const alphabet = 'abcdefghjkmnpqrstvwxyz0123456789';
const digits = 20;

/** Ids drawn from the system's randomness at once: asking it for each would take half the time of a call (measured 2026-11: 2.4 us of 5). */
const drawn = 256;

/** Makes a source of trace ids: `trace_` and 20 lower-case base-32 digits (100 bits), as `randomIds` writes them. */
export const createTraceIds = (): (() => string) => {
  const pool = new Uint8Array(digits * drawn);
  let at = pool.length;
  return () => {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    let id = 'trace_';
    for (const end = at + digits; at < end; at += 1) id += alphabet[(pool[at] ?? 0) & 31];
    return id;
  };
};
