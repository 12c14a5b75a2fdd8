import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { BurgeonError, type Clock } from '@burgeon/kit';

/** Which start of this machine it is; undefined where the system does not say. @see proc(5), /proc/sys/kernel/random/boot_id */
const readStart = (): string | undefined => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
};

let start: string | undefined;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  uptime: () => ({ start: (start ??= readStart() ?? `process ${performance.timeOrigin}`), ms: uptime() * 1_000 }),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const aborted = (): void => {
        clearTimeout(timer);
        const reason: unknown = signal?.reason;
        // Whoever gave a reason of his own gets it back; to make an error costs more than all else here.
        reject(
          reason instanceof DOMException || reason === undefined
            ? new BurgeonError('CANCELLED', { message: 'The wait was cancelled.', cause: reason })
            : reason,
        );
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', aborted);
        resolve();
      }, ms);
      if (signal?.aborted) return aborted();
      signal?.addEventListener('abort', aborted, { once: true });
    }),
};

/** A clock that moves only when told to, for tests and trials: `sleep` advances it at once. `set` puts its hands, as people do. */
export const manualClock = (startMs: number): Clock & { advance(ms: number): void; set(ms: number): void } => {
  let nowMs = startMs;
  let upMs = 0;
  const advance = (ms: number): void => {
    nowMs += ms;
    upMs += ms;
  };
  return {
    now: () => nowMs,
    uptime: () => ({ start: 'manual', ms: upMs }),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      advance(ms);
    },
    advance,
    set: (ms) => {
      nowMs = ms;
    },
  };
};

/** ISO 8601 UTC of a clock's now, milliseconds kept. */
export const isoNow = (clock: Clock): string => new Date(clock.now()).toISOString();
