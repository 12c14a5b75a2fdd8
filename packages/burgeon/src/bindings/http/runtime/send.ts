import { InputError, NetworkError } from './errors.ts';
import type { WireRequest } from './request.ts';
import { type RetryPlan, isRetryable, jitterMs, retryAfterMs } from './retry.ts';
import type { Fetch, FetchInit } from './types.ts';

/** What sending needs. */
export interface SendContext {
  id: string;
  fetch: Fetch;
  plan: RetryPlan;
  /** True when the request may be sent again. */
  repeatable: boolean;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  random: () => number;
  now: () => number;
  signal?: AbortSignal;
}

/** An answer whose time still runs: `settle` stops the clock once its body is read. */
export interface Sent {
  response: Response;
  settle(): void;
  /** Names the true cause of an error that came while the body was read. */
  explain(error: unknown): unknown;
}

type Outcome = { response: Response } | { error: unknown };

/** A signal that ends with the caller's or when the time is up. */
const deadline = (
  totalMs: number,
  signal: AbortSignal | undefined,
): { signal: AbortSignal; expired: () => boolean; clear: () => void } => {
  const controller = new AbortController();
  let expired = false;
  const aborted = (): void => controller.abort(signal?.reason);
  const timer = setTimeout(() => {
    expired = true;
    controller.abort(new DOMException('The time is up', 'TimeoutError'));
  }, totalMs);
  if (signal?.aborted) aborted();
  signal?.addEventListener('abort', aborted, { once: true });
  const clear = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
  };
  return { signal: controller.signal, expired: () => expired, clear };
};

const initOf = (request: WireRequest, signal: AbortSignal): FetchInit => {
  const { method, headers, payload, auth } = request;
  const init: FetchInit & { duplex?: 'half' } = { method, headers, signal };
  if (auth) init.auth = auth;
  if (payload) init.body = payload.body;
  if (payload && !payload.replayable) init.duplex = 'half';
  return init;
};

/** True for an error that says of itself that trying again is of no use, or of none before a time that it names. */
const isFinal = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null) return false;
  const { retryable, data } = error as { retryable?: unknown; data?: { retryAfterMs?: unknown } };
  return retryable === false || typeof data?.retryAfterMs === 'number';
};

/** True when `fetch` refuses by its own rules: the standard one sends no payload with these methods. */
const isUnsendable = (request: WireRequest, error: unknown): boolean =>
  request.payload !== undefined && /^(GET|HEAD)$/.test(request.method) && error instanceof TypeError;

/** True for an error of whoever fetches that already is a verdict with a code, which is passed on as it is. */
const isVerdict = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && typeof (error as { retryable?: unknown }).retryable === 'boolean';

/** How long to wait before the next try; undefined when the outcome stands. */
const waitMs = (outcome: Outcome, attempt: number, context: SendContext): number | undefined => {
  const { plan, random, now } = context;
  if (!context.repeatable || attempt + 1 >= plan.attempts) return undefined;
  const drawnMs = jitterMs(plan, attempt, random);
  if ('error' in outcome) return isFinal(outcome.error) ? undefined : drawnMs;
  if (!isRetryable(outcome.response.status)) return undefined;
  // A date that is over does not mean: without a pause.
  return retryAfterMs(outcome.response.headers.get('retry-after'), now()) || drawnMs;
};

/**
 * Sends a request, again where that is safe and may help, within one total time.
 * @throws {NetworkError} when there is no answer, or none in time
 */
export const send = async (request: WireRequest, context: SendContext): Promise<Sent> => {
  context.signal?.throwIfAborted();
  const endMs = context.now() + context.plan.totalMs;
  const time = deadline(context.plan.totalMs, context.signal);
  const explain = (error: unknown): unknown => {
    if (context.signal?.aborted) return context.signal.reason;
    if (time.expired())
      return new NetworkError(context.id, {
        message: `no answer within ${context.plan.totalMs} ms`,
        timedOut: true,
        cause: error,
      });
    if (isVerdict(error) || error instanceof InputError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new NetworkError(context.id, { message: `no answer: ${message}`, timedOut: false, cause: error });
  };
  try {
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await attemptOnce(request, context.fetch, time.signal);
      if ('error' in outcome && isUnsendable(request, outcome.error)) {
        const message = `cannot be sent: this fetch sends no payload with ${request.method}`;
        throw new InputError(context.id, [{ path: '', message }]);
      }
      const wait = time.signal.aborted ? undefined : waitMs(outcome, attempt, context);
      if (wait === undefined || context.now() + wait >= endMs) {
        if ('error' in outcome) throw outcome.error;
        return { response: outcome.response, settle: time.clear, explain };
      }
      if ('response' in outcome) await outcome.response.body?.cancel().catch(() => undefined);
      await context.sleep(wait, time.signal);
    }
  } catch (error) {
    time.clear();
    throw explain(error);
  }
};

const attemptOnce = async (request: WireRequest, fetch: Fetch, signal: AbortSignal): Promise<Outcome> => {
  try {
    return { response: await fetch(request.url, initOf(request, signal)) };
  } catch (error) {
    return { error };
  }
};
