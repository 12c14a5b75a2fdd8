import { BurgeonError, type Clock } from '@burgeon/kit';

/** Counts tries within a sliding time, so that nobody guesses quickly. */
export interface Attempts {
  /** Counts one. @throws {BurgeonError} RATE_LIMITED (data.retryAfterMs) when there were too many; it is then not counted */
  take(): void;
}

/** Lets `most` tries through in any `withinMs` milliseconds. */
export const createAttempts = ({
  clock,
  most,
  withinMs,
}: {
  clock: Pick<Clock, 'now'>;
  most: number;
  withinMs: number;
}): Attempts => {
  let taken: number[] = [];
  return {
    take: () => {
      const now = clock.now();
      taken = taken.filter((at) => at > now - withinMs && at <= now);
      const [oldest = now] = taken;
      if (taken.length >= most) throw tooMany(oldest + withinMs - now);
      taken.push(now);
    },
  };
};

const tooMany = (retryAfterMs: number): BurgeonError =>
  new BurgeonError('RATE_LIMITED', {
    message: 'There were too many tries in a short time.',
    hint: `Try again in ${Math.ceil(retryAfterMs / 1_000)} s.`,
    data: { retryAfterMs },
    retryable: true,
  });
