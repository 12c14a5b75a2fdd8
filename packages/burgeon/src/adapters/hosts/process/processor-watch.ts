import type { Limits } from '@burgeon/kit';

/** How much work without an order is let pass: what a garbage collector or a timer of the language does. Milliseconds at once, and per second. */
const strayMs = 150;
const strayMsPerSecond = 10;

/** Orders that came to nothing are given up a little after their time, milliseconds. */
const lateMs = 1_000;

/** Loading may take this much, whatever the limit of a call is, milliseconds. */
const loadMs = 5_000;

/**
 * Compares the processor time that a program really took with what its orders allow. What the program says of itself does not count: it may say
 * that it rests, and work on. Times are milliseconds of one clock.
 */
export class ProcessorWatch {
  private readonly limits: Pick<Limits, 'cpuMs' | 'wallMs'>;
  private readonly processors: number;
  private readonly open = new Map<number, number>();
  private left: number;
  private stray = strayMs;
  private seen: { now: number; cpuMs: number };
  /** True when an order was open at any time since the last look. */
  private ordered = true;

  /** `processors`: how much faster than the clock its processor time can pass. `begun`: when the program was started. */
  constructor(limits: Pick<Limits, 'cpuMs' | 'wallMs'>, processors: number, begun: number) {
    this.limits = limits;
    this.processors = processors;
    this.left = loadMs;
    this.seen = { now: begun, cpuMs: 0 };
  }

  /** An order was given. */
  begin(id: number, now: number): void {
    this.ordered = true;
    this.left += this.limits.cpuMs;
    this.open.set(id, now + Math.max(this.limits.wallMs, loadMs) + lateMs);
  }

  /** An order was answered. What it did not use is not for the next: only what it may have used since the last look stays to be charged. */
  end(id: number, now: number): void {
    this.open.delete(id);
    if (this.open.size === 0) this.left = Math.min(this.left, (now - this.seen.now) * this.processors);
  }

  /** True while an order is open that has not been given up. */
  get isOpen(): boolean {
    return this.open.size > 0;
  }

  /** Looks at the clock of the program: `order` when its orders took more than they may, `idle` when it worked without one. */
  judge(now: number, cpuMs: number): 'order' | 'idle' | undefined {
    const { now: before, cpuMs: took } = this.seen;
    this.seen = { now, cpuMs };
    const more = Math.max(0, cpuMs - took);
    for (const [id, until] of this.open) if (now >= until) this.open.delete(id);
    const ordered = this.ordered;
    this.ordered = this.open.size > 0;
    if (!ordered) {
      this.stray = Math.min(strayMs, this.stray + ((now - before) / 1_000) * strayMsPerSecond) - more;
      return this.stray < 0 ? 'idle' : undefined;
    }
    this.left -= more;
    if (this.left < -strayMs) return 'order';
    if (!this.ordered) this.left = 0;
    return undefined;
  }
}
