import { BurgeonError, type CallOptions, type CallResult, type JsonObject, type Limits } from '@burgeon/kit';

/** The call that is being bounded, for texts. */
interface BoundedCall {
  module: string;
  operation: string;
  input: JsonObject;
  options: CallOptions;
}

/**
 * Runs one call within the wall-clock, argument and result limits of its module.
 * @throws {BurgeonError} LIMIT_EXCEEDED naming the limit, CANCELLED when the caller's signal ended it
 */
export const withinLimits = async (
  limits: Limits,
  call: BoundedCall,
  run: (signal: AbortSignal) => Promise<CallResult>,
): Promise<CallResult> => {
  checkBytes(limits, 'argumentBytes', call.input, call);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), limits.wallMs);
  const signal = call.options.signal ? AbortSignal.any([call.options.signal, deadline.signal]) : deadline.signal;
  try {
    const result = await Promise.race([run(signal), ended(signal)]);
    if (result.stream === undefined) checkBytes(limits, 'resultBytes', result.output, call);
    return result;
  } catch (error) {
    if (deadline.signal.aborted) throw exceeded('wallMs', limits.wallMs, call);
    if (call.options.signal?.aborted) {
      throw new BurgeonError('CANCELLED', {
        message: `The call of ${call.module}.${call.operation} was cancelled.`,
        cause: error,
      });
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
};

const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new BurgeonError('CANCELLED', { message: 'The call was ended.' })), {
      once: true,
    });
  });

const checkBytes = (limits: Limits, name: 'argumentBytes' | 'resultBytes', value: unknown, call: BoundedCall): void => {
  const text = JSON.stringify(value) ?? '';
  // A UTF-16 unit is at most 3 bytes of UTF-8: only texts near the limit need counting.
  if (text.length * 3 > limits[name] && Buffer.byteLength(text) > limits[name]) throw exceeded(name, limits[name], call);
};

const exceeded = (name: keyof Limits, limit: number, call: BoundedCall): BurgeonError =>
  new BurgeonError('LIMIT_EXCEEDED', {
    message: `${call.module}.${call.operation} reached its limit ${name} = ${limit}.`,
    hint: 'Ask for less in one call, or raise the limit in the manifest and have the new version approved.',
    data: { limit: name, value: limit, module: call.module, operation: call.operation },
  });
