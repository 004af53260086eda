import type { Clock } from "../ports/clock.ts";
import type { StopSignal } from "../ports/signal.ts";
import { createStop } from "./stop.ts";

/** Tells everybody in this process who waits for something new that there may be; unlike a doorbell it keeps no ring. */
export interface News {
  ring(): void;
  /** Resolves at the next ring, after `ms`, or when `signal` aborts. */
  wait(ms: number, signal: StopSignal): Promise<void>;
}

export function createNews(clock: Clock): News {
  const waiting = new Set<() => void>();
  return {
    ring() {
      for (const wake of [...waiting]) wake();
    },
    async wait(ms, signal) {
      const nap = createStop(signal);
      waiting.add(nap.stop);
      await clock.sleep(ms, nap.signal);
      waiting.delete(nap.stop);
      nap.stop();
    },
  };
}
