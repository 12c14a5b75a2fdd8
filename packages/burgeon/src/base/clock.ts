import { BurgeonError, type Clock } from '@burgeon/kit';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
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
