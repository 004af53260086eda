import type { StopSignal } from "../ports/signal.ts";

/** One turn of this node's model in one conversation. The work loop never asks for two at a time in the same one. */
export interface TurnRunner {
  /**
   * `acted`: the turn ended and its effects are committed. `idle`: there was nothing to decide. `failed`: it ended
   * without effect, on record, and may be tried again. Ends soon after `signal` aborts.
   */
  run(conversation: string, signal: StopSignal): Promise<TurnEnding>;
}

export type TurnEnding = "idle" | "acted" | "failed";
