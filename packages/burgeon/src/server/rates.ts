import type { ServerResponse } from 'node:http';
import { BurgeonError } from '@burgeon/kit';
import type { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** How many requests one key or one address may make. */
export interface RateOptions {
  /** Requests in a minute. Default: 60,000. */
  perMinute?: number;
  /** Tokens that were wrong, in a minute. Default: 30. */
  failuresPerMinute?: number;
  /** Answers to approval requests, in a minute. Default: 30. */
  answersPerMinute?: number;
}

/** Counts requests, and says in the headers of their answers how many more there may be. */
export interface Rates {
  /** @throws {BurgeonError} RATE_LIMITED */
  request(response: ServerResponse, name: string): Promise<void>;
  /** @throws {BurgeonError} RATE_LIMITED */
  answer(response: ServerResponse, name: string): Promise<void>;
  /** Counts a wrong token. @throws {BurgeonError} RATE_LIMITED when there were too many */
  failure(response: ServerResponse, name: string): Promise<void>;
  /** True once there were too many wrong tokens from there. */
  hasFailed(name: string): Promise<boolean>;
}

const usual = { perMinute: 60_000, failuresPerMinute: 30, answersPerMinute: 30 } as const;

/** Makes the counters; they live as long as the process. */
export const createRates = async (options: RateOptions = {}): Promise<Rates> => {
  const { RateLimiterMemory } = await import('rate-limiter-flexible');
  const limiter = (points: number): RateLimiterMemory => new RateLimiterMemory({ points, duration: 60 });
  const { perMinute, failuresPerMinute, answersPerMinute } = { ...usual, ...options };
  const [requests, failures, answers] = [limiter(perMinute), limiter(failuresPerMinute), limiter(answersPerMinute)];
  return {
    request: (response, name) => count(requests, response, name),
    answer: (response, name) => count(answers, response, name),
    failure: (response, name) => count(failures, response, name),
    hasFailed: async (name) => ((await failures.get(name))?.consumedPoints ?? 0) >= failuresPerMinute,
  };
};

/** @see draft-ietf-httpapi-ratelimit-headers-06 */
const count = async (limiter: RateLimiterMemory, response: ServerResponse, name: string): Promise<void> => {
  const taken = await limiter.consume(name).then(
    (left) => ({ left, isOver: false }),
    (left: RateLimiterRes) => ({ left, isOver: true }),
  );
  const seconds = Math.max(1, Math.ceil(taken.left.msBeforeNext / 1_000));
  response.setHeader('ratelimit-limit', limiter.points);
  response.setHeader('ratelimit-remaining', taken.left.remainingPoints);
  response.setHeader('ratelimit-reset', seconds);
  if (!taken.isOver) return;
  response.setHeader('retry-after', seconds);
  throw new BurgeonError('RATE_LIMITED', {
    message: `There were more than ${limiter.points} requests of this kind in a minute.`,
    hint: `Try again in ${seconds} s.`,
    retryable: true,
  });
};
