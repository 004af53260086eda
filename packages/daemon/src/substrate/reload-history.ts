import type { ReloadEnd } from "./impl-protocol.ts";

const kept = 32;

/** How reloads of this run ended: for metrics, for `/readyz`, and for one that is asked for twice. */
export class ReloadHistory {
  /** Outcome (`reloaded`, or the stage it failed at) → how often. */
  readonly outcomes = new Map<string, number>();
  /** How long nobody held the loops, in sum and the last time. */
  pauseMsTotal = 0;
  lastPauseMs: number | null = null;
  readonly #ends = new Map<string, ReloadEnd & { readonly at: string }>();
  #stoppedMs: number | undefined;

  add(end: ReloadEnd, at: Date): void {
    const outcome = end.stage ?? "reloaded";
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    this.#ends.set(end.reload, { ...end, at: at.toISOString() });
    for (const oldest of [...this.#ends.keys()].slice(0, -kept)) this.#ends.delete(oldest);
  }

  find(reload: string): ReloadEnd | undefined {
    const known = this.#ends.get(reload);
    if (known === undefined) return undefined;
    const { at: _at, ...end } = known;
    return end;
  }

  /** The last one that was not refused. */
  get last() {
    const ends = [...this.#ends.values()].filter(({ stage }) => stage !== "refused");
    const end = ends.at(-1);
    if (end === undefined) return null;
    const { reload, stage, reason, tookMs, at } = end;
    return { reload, outcome: stage === null ? "reloaded" : "failed", stage, reason, tookMs, at };
  }

  loopsStopped(nowMs: number): void {
    this.#stoppedMs = nowMs;
  }

  loopsStarted(nowMs: number): void {
    if (this.#stoppedMs === undefined) return;
    this.lastPauseMs = Math.round(nowMs - this.#stoppedMs);
    this.pauseMsTotal += this.lastPauseMs;
    this.#stoppedMs = undefined;
  }
}
