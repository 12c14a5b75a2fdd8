import type { RetryOptions } from './types.ts';

/** The options in full. */
export interface RetryPlan {
  attempts: number;
  baseDelayMs: number;
  maxDelayMs: number;
  totalMs: number;
}

/** Fills in the defaults. */
export const retryPlan = (options: RetryOptions = {}): RetryPlan => ({
  attempts: 3,
  baseDelayMs: 250,
  maxDelayMs: 8_000,
  totalMs: 60_000,
  ...options,
});

/** Statuses after which the same request may succeed. @see RFC 9110 section 15, RFC 6585 section 4 */
export const isRetryable = (status: number): boolean =>
  status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);

/** Milliseconds that a `Retry-After` asks for, as seconds or as a date; undefined when it says nothing. @see RFC 9110 section 10.2.3 */
export const retryAfterMs = (header: string | null, nowMs: number): number | undefined => {
  if (header === null) return undefined;
  if (/^\s*\d{1,15}(\.\d{1,9})?\s*$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
};

/** Delay before try `attempt` + 1 (the first try is 0): full jitter. @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
export const jitterMs = (plan: RetryPlan, attempt: number, random: () => number): number =>
  random() * Math.min(plan.maxDelayMs, plan.baseDelayMs * 2 ** attempt);

/** Waits on the environment's timer; rejects with the signal's reason. */
export const timerSleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const aborted = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }, ms);
    signal?.addEventListener('abort', aborted, { once: true });
  });
