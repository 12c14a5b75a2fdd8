import { BurgeonError } from '@burgeon/kit';

/** How long something is waited for. */
export interface Patience {
  /** Without it, as long as it takes. */
  ms?: number;
  /** Makes the error of waiting too long. */
  late?(): BurgeonError;
  /** Ends the wait with CANCELLED. */
  signal?: AbortSignal;
}

/** Waits for `work`, not for ever. What it comes to afterwards, nobody hears. @throws {BurgeonError} what `late` makes; CANCELLED; what `work` throws */
export const bounded = <T>(work: Promise<T>, { ms, late, signal }: Patience): Promise<T> =>
  new Promise((resolve, reject) => {
    const cancel = (): void => end(reject)(new BurgeonError('CANCELLED', { message: 'Burgeon is closing.' }));
    const timer = ms === undefined ? undefined : setTimeout(() => end(reject)(late?.() ?? tooLong(ms)), ms);
    const end =
      <V>(settle: (value: V) => void) =>
      (value: V): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        settle(value);
      };
    work.then(end(resolve), end(reject));
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
  });

const tooLong = (ms: number): BurgeonError => new BurgeonError('TIMEOUT', { message: `It took longer than ${ms} ms.` });
