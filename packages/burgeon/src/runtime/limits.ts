import { BurgeonError, type CallOptions, type CallResult, type JsonValue, type Limits } from '@burgeon/kit';
import { limitExceeded } from '../base/limit-exceeded.ts';

/** The call that is being bounded. */
export interface BoundedCall {
  /** Module id. */
  module: string;
  operation: string;
  input: JsonValue;
  options: CallOptions;
  /** Limits that the manifest names. */
  own?: Partial<Limits> | undefined;
}

/**
 * Runs one call within the wall-clock, argument and result limits of its module. The options that `run` is given carry a signal that ends with
 * the deadline or with the caller; it is made when it is first looked at.
 * @throws {BurgeonError} LIMIT_EXCEEDED naming the limit and the line that set it, CANCELLED when the caller's signal ended it
 */
export const withinLimits = (
  limits: Limits,
  call: BoundedCall,
  run: (options: CallOptions) => Promise<CallResult>,
): Promise<CallResult> =>
  new Promise((resolve, reject) => {
    const { signal: given } = call.options;
    if (!fits(call.input, limits.argumentBytes)) throw exceeded(limits, 'argumentBytes', call);
    let controller: AbortController | undefined;
    let stopped: BurgeonError | undefined;
    const stop = (why: BurgeonError): void => {
      stopped = why;
      clearTimeout(timer);
      controller?.abort(why);
      reject(why);
    };
    const cancel = (): void => stop(cancelled(call, given?.reason));
    const timer = setTimeout(() => stop(exceeded(limits, 'wallMs', call)), limits.wallMs);
    if (given?.aborted) return cancel();
    given?.addEventListener('abort', cancel, { once: true });
    const settle = (result: CallResult): void => {
      clearTimeout(timer);
      // What is still read goes on listening to the caller.
      if (result.stream === undefined) {
        given?.removeEventListener('abort', cancel);
        if (!fits(result.output, limits.resultBytes)) return reject(exceeded(limits, 'resultBytes', call));
      }
      resolve(result);
    };
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      given?.removeEventListener('abort', cancel);
      reject(error as Error);
    };
    const options: CallOptions = {
      ...call.options,
      get signal() {
        if (!controller) {
          controller = new AbortController();
          if (stopped) controller.abort(stopped);
        }
        return controller.signal;
      },
    };
    run(options).then(settle, fail);
  });

const cancelled = ({ module, operation }: BoundedCall, cause: unknown): BurgeonError =>
  new BurgeonError('CANCELLED', { message: `The call of ${module}.${operation} was cancelled.`, cause });

const exceeded = (limits: Limits, limit: keyof Limits, { module: name, operation, own }: BoundedCall): BurgeonError =>
  limitExceeded({ name, limits, limit, own, operation });

/** Whether a value takes at most so many bytes as JSON. Written out only when it may be near: most values are far from their limit. */
const fits = (value: JsonValue, bytes: number): boolean => {
  if (atMost(value, bytes, 0) >= 0) return true;
  return Buffer.byteLength(JSON.stringify(value) ?? '') <= bytes;
};

/** Deeper than this, JSON.stringify is to tell. */
const deepest = 64;

/** What is left of `room` when a value is as long as it can be: a UTF-16 unit takes up to six bytes. Below zero: it may not fit. */
const atMost = (value: JsonValue | undefined, room: number, depth: number): number => {
  if (typeof value === 'string') return room - 2 - value.length * 6;
  // The longest number, -2.2250738585072014e-308, takes 24.
  if (typeof value !== 'object' || value === null) return room - 24;
  if (depth > deepest) return -1;
  let left = room - 2;
  if (Array.isArray(value)) {
    for (const item of value) if ((left = atMost(item, left - 1, depth + 1)) < 0) return -1;
    return left;
  }
  for (const key in value) if ((left = atMost(value[key], left - 4 - key.length * 6, depth + 1)) < 0) return -1;
  return left;
};
