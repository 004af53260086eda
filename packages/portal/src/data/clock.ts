/** The database's clock, by which leases and deadlines run, as well as a page can know it. */
import { type ReadonlySignal, signal } from "@preact/signals";

export interface MeshClock {
  /** In milliseconds, moving on once a second while somebody looks. */
  readonly nowMs: ReadonlySignal<number>;
  /** What the node said, between the moment it was asked and the moment its answer came. */
  adjust(now: string, askedMs: number, answeredMs: number): void;
}

export function createMeshClock(): MeshClock {
  let aheadMs = 0;
  /** Half of the shortest round trip so far: no better guess is replaced by a worse one. */
  let doubtMs = Number.POSITIVE_INFINITY;
  const nowMs = signal(Date.now());
  const tick = (): void => {
    if (document.visibilityState === "visible") nowMs.value = Date.now() + aheadMs;
  };
  setInterval(tick, 1_000);
  document.addEventListener("visibilitychange", tick);
  return {
    nowMs,
    adjust(now, askedMs, answeredMs) {
      const doubt = (answeredMs - askedMs) / 2;
      const told = Date.parse(now);
      const guess = told - (askedMs + answeredMs) / 2;
      // A clock that was set meanwhile is further off than any doubt.
      if (Number.isNaN(told) || (doubt > doubtMs && Math.abs(guess - aheadMs) < doubtMs + doubt)) return;
      doubtMs = doubt;
      aheadMs = guess;
      tick();
    },
  };
}
