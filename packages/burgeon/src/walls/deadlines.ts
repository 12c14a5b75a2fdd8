/** Something with deadlines of its own. */
interface Timed {
  /** `now` is of `performance.now()`. */
  judge(now: number): void;
}

/** One clock for all: a timer for each call would cost more than the call. */
const tickMs = 10;

const timed = new Set<Timed>();
let ticking: NodeJS.Timeout | undefined;

const tick = (): void => {
  if (timed.size === 0) {
    clearInterval(ticking);
    ticking = undefined;
    return;
  }
  const now = performance.now();
  for (const each of timed) each.judge(now);
};

/** Whoever is in here is asked every 10 ms to judge its deadlines. */
export const deadlines: { add(one: Timed): void; delete(one: Timed): void } = {
  add: (one) => {
    timed.add(one);
    ticking ??= setInterval(tick, tickMs);
  },
  delete: (one) => void timed.delete(one),
};
