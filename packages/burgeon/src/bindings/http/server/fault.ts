/** Injected faults: drawn from a seed, so that the same run fails at the same places. */
import type { Problem } from './problem.ts';

/** Statuses that a tired server gives. @see RFC 9110 section 15, RFC 6585 section 4 */
const statuses = [429, 500, 502, 503, 504] as const;

/** Gives numbers in [0, 1), the same ones for the same seed (mulberry32). */
const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** Draws for each request whether it fails, and how. `rate` is the share of requests that do, 0..1. */
export const createFaults = (rate: number, seed: number): (() => Problem | undefined) => {
  if (!(rate > 0)) return () => undefined;
  const random = seededRandom(seed);
  return () => {
    const [draw, choice] = [random(), random()];
    if (draw >= rate) return undefined;
    const status = statuses[Math.floor(choice * statuses.length)] ?? 503;
    const headers: Record<string, string> = status === 429 || status === 503 ? { 'retry-after': '1' } : {};
    return { status, detail: 'An injected fault.', more: { injected: true }, headers };
  };
};
