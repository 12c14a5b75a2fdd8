import { BurgeonError, type Clock } from '@burgeon/kit';
import type { Response as UndiciResponse } from 'undici';
import { isRetryable, jitterMs, retryAfterMs, retryPlan } from '../bindings/http/runtime/retry.ts';
import type { Outcome } from './circuit.ts';
import { isPassing } from './egress-failure.ts';
import type { Outgoing } from './egress-hop.ts';

/** How often and until when a request may be sent again. */
export interface Again {
  retries: number;
  /** When the whole exchange must be through, by the clock, milliseconds since the epoch. */
  endsAt: number;
  clock: Clock;
  /** From 0 to below 1. */
  random(): number;
  signal: AbortSignal | undefined;
  /** What an error means. */
  explain(error: unknown): BurgeonError;
}

/** Methods that may be sent twice without doing something twice. @see RFC 9110 section 9.2.2 */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Longest wait that another side may ask for before its answer is handed on instead, milliseconds. */
const longestWaitMs = 60_000;

/**
 * Sends a request, and again when that is safe and may help: not one whose payload is spent, never past the end of the exchange, and
 * not before the time that `Retry-After` names.
 */
export const sendAgain = async (
  request: Outgoing,
  again: Again,
  attempt: () => Promise<UndiciResponse>,
): Promise<UndiciResponse> => {
  const { clock, endsAt, signal } = again;
  const retries = idempotent.has(request.method) && !(request.body instanceof ReadableStream) ? again.retries : 0;
  for (let count = 0; ; count += 1) {
    const got = await attempt().catch(again.explain);
    const waitMs = count < retries ? pauseAfter(got, count, again) : undefined;
    if (waitMs === undefined || waitMs > longestWaitMs || clock.now() + waitMs >= endsAt) {
      if (BurgeonError.is(got)) throw got;
      return got;
    }
    if (!BurgeonError.is(got)) await got.body?.cancel().catch(() => {});
    await clock.sleep(waitMs, signal);
  }
};

/** How long to wait; undefined when trying again is of no use. */
const pauseAfter = (got: UndiciResponse | BurgeonError, count: number, { retries, clock, random }: Again): number | undefined => {
  const drawnMs = jitterMs(retryPlan({ attempts: retries + 1 }), count, random);
  if (BurgeonError.is(got)) return isPassing(got) ? drawnMs : undefined;
  if (!isRetryable(got.status)) return undefined;
  return Math.max(drawnMs, retryAfterMs(got.headers.get('retry-after'), clock.now()) ?? 0);
};

/** What an answer or an error says of the other side. */
export const outcomeOf = (got: UndiciResponse | BurgeonError): Outcome => {
  if (!BurgeonError.is(got)) return got.status >= 500 && isRetryable(got.status) ? 'failed' : 'ok';
  return got.code === 'TIMEOUT' || isPassing(got) ? 'failed' : 'unknown';
};
