/** A rate limit: `burst` at once, `perSecond` in the long run. Twenty lines against a dependency. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  #tokens: number;
  #filledMs: number;

  constructor(options: { readonly burst: number; readonly perSecond: number }, nowMs: () => number) {
    this.#burst = options.burst;
    this.#perSecond = options.perSecond;
    this.#nowMs = nowMs;
    this.#tokens = options.burst;
    this.#filledMs = nowMs();
  }

  /** Takes one; false when there is none. */
  take(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Takes `count`, also what is not there, and tells for how many milliseconds that leaves a debt. */
  owe(count: number): number {
    this.#fill();
    this.#tokens -= count;
    return Math.max(0, (-this.#tokens * 1000) / this.#perSecond);
  }

  /** True when nothing was taken for so long that it is as good as new. */
  get full(): boolean {
    this.#fill();
    return this.#tokens >= this.#burst;
  }

  /** True when nothing could be taken now. */
  get empty(): boolean {
    this.#fill();
    return this.#tokens < 1;
  }

  #fill(): void {
    const now = this.#nowMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledMs) * this.#perSecond) / 1000);
    this.#filledMs = now;
  }
}
