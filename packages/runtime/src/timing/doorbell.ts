import type { Clock } from "../ports/clock.ts";
import type { StopSignal } from "../ports/signal.ts";
import { createStop } from "./stop.ts";

/**
 * A loop's doorbell: the loop sleeps until it is rung, its time is over, or it is stopped.
 *
 * 1. A ring is never lost: one that comes while the loop works ends its next wait at once.
 * 2. Rings are not counted: ten of them are one.
 */
export interface Doorbell {
  ring(): void;
  /** For the one loop that owns the bell. `ms` may be Infinity. */
  wait(ms: number): Promise<"rung" | "elapsed" | "stopped">;
}

/** Timers of the platforms end at 2^31 - 1 ms; the longest wait is far below. */
const LONGEST_WAIT_MS = 60 * 60 * 1_000;

export function createDoorbell(clock: Clock, signal: StopSignal): Doorbell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(ms) {
      if (!rung && !signal.aborted) {
        const nap = createStop(signal);
        wake = nap.stop;
        await clock.sleep(Math.min(Math.max(ms, 0), LONGEST_WAIT_MS), nap.signal);
        wake = undefined;
        // Takes the nap's listener off the loop's signal: thousands of waits hang on one signal.
        nap.stop();
      }
      if (signal.aborted) return "stopped";
      const how = rung ? "rung" : "elapsed";
      rung = false;
      return how;
    },
  };
}
