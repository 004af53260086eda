import type { StopSignal } from "./signal.ts";

/** Time as the runtime sees it. Leases and deadlines are never decided here but on the database's clock. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  nowMs(): number;
  /** Wall clock, for display and logs only. */
  wallTime(): Date;
  /** Resolves after `ms`, or at once (without an error) when `signal` aborts. */
  sleep(ms: number, signal?: StopSignal): Promise<void>;
}
