import type { ControlName, Operation, OperationResult } from "@federation/core";
import type { Counters } from "../metrics/counters.ts";
import type { ApplyOutcome, Clock, ControlCaller, Log, Random, Store } from "../ports/index.ts";
import type { News } from "../timing/news.ts";

/** What every part of the control service works with. */
export interface ControlDeps {
  readonly store: Pick<
    Store,
    | "apply"
    | "missionView"
    | "assemblyView"
    | "query"
    | "listPages"
    | "events"
    | "eventsBefore"
    | "countEvents"
    | "eventEnd"
    | "counts"
    | "health"
  >;
  /** This node's actor; others who call here are hosted by it. */
  readonly actor: string;
  /** Makes the moves that a call may have brought about. */
  readonly move: (conversation: string) => Promise<void>;
  /** Lets this node look at once for what waits for it. */
  readonly lookForWork: () => void;
  readonly news: News;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
}

/** Applies the operations of one call under its own id, for the actor who makes it. */
export async function applyCall(
  deps: ControlDeps,
  caller: ControlCaller,
  command: ControlName,
  operations: readonly Operation[],
  callId: string = caller.callId,
): Promise<ApplyOutcome> {
  const outcome = await deps.store.apply({
    callId,
    command,
    operations,
    ...(caller.actor === deps.actor ? {} : { as: caller.actor }),
  });
  if (!outcome.replayed) deps.counters.accepted += operations.filter((o) => o.op === "send_message").length;
  deps.news.ring();
  return outcome;
}

/** The result of the first operation of this kind. A replayed call had the same kinds in the same order. */
export function resultOf(
  outcome: ApplyOutcome,
  operations: readonly Operation[],
  op: Operation["op"],
): OperationResult {
  return outcome.results[operations.findIndex((o) => o.op === op)] ?? {};
}
