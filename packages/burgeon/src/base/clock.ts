import { BurgeonError, type Clock } from '@burgeon/kit';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const aborted = (): void => {
        clearTimeout(timer);
        reject(new BurgeonError('CANCELLED', { message: 'The wait was cancelled.', cause: signal?.reason }));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', aborted);
        resolve();
      }, ms);
      if (signal?.aborted) return aborted();
      signal?.addEventListener('abort', aborted, { once: true });
    }),
};

/** A clock that moves only when told to, for tests and trials: `sleep` advances it at once. */
export const manualClock = (startMs: number): Clock & { advance(ms: number): void } => {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      nowMs += ms;
    },
    advance: (ms) => {
      nowMs += ms;
    },
  };
};

/** ISO 8601 UTC of a clock's now, milliseconds kept. */
export const isoNow = (clock: Clock): string => new Date(clock.now()).toISOString();
