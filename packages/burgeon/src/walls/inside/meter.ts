/** Counts something within a window of time, by a clock that cannot be set. */
export class Meter {
  private readonly most: number;
  private readonly windowMs: number;
  private begun = 0;
  private used = 0;

  constructor(most: number, windowMs: number) {
    this.most = most;
    this.windowMs = windowMs;
  }

  /** True while `amount` more still fits into the window. What does not fit is not counted. */
  take(amount: number): boolean {
    const now = performance.now();
    if (now - this.begun >= this.windowMs) {
      this.begun = now;
      this.used = 0;
    }
    if (this.used + amount > this.most) return false;
    this.used += amount;
    return true;
  }
}
