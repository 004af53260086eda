import { MeshError, type ReloadStage } from "@federation/core";
import type { Clock, Log, Random, StopSignal, Store } from "../ports/index.ts";
import { backOffMs } from "../timing/back-off.ts";
import { applyCall, type ControlDeps } from "./call.ts";
import { fromRows, handle } from "./handler.ts";

/**
 * Reloads of nodes. Asking for one writes a row, and the node finds it at its next look for work: this one at once, another
 * within two seconds; how it ended, the node puts on record. Another node's is the commander's to ask for, which the database holds.
 */
export function reloadHandlers(deps: ControlDeps) {
  return {
    ReloadNode: handle("ReloadNode", async ({ id = deps.random.uuid(), node = deps.actor }, caller) => {
      const outcome = await applyCall(deps, caller, "ReloadNode", [{ op: "ask_reload", id, node }]);
      if (node === deps.actor) deps.lookForWork();
      // When one is open already, it is that one's.
      return { reload: outcome.results[0]?.id ?? id, node };
    }),
    ListReloads: fromRows(deps, "ListReloads"),
  };
}

/** How a reload of this node ended. */
export interface EndedReload {
  readonly reload: string;
  readonly stage: ReloadStage | null;
  readonly reason: string;
  readonly tookMs: number;
}

export interface RecordReloadDeps {
  readonly store: Pick<Store, "apply">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: StopSignal;
}

const ATTEMPTS = 6;

/**
 * Puts the end of a reload on record: told twice, it is recorded once, which the row sees to. The call id is one that
 * no client could have used before. While the
 * database is away it is tried again, about two minutes long; a reload that was asked for by a row is told of again
 * after that.
 */
export async function recordReload(
  { store, clock, random, log, signal }: RecordReloadDeps,
  { reload, stage, reason, tookMs }: EndedReload,
): Promise<void> {
  const callId = random.uuid();
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      await store.apply({
        callId,
        command: "RecordReload",
        operations: [{ op: "record_reload", id: reload, stage, reason, tookMs }],
      });
      return;
    } catch (thrown) {
      const { code, message } = MeshError.from(thrown);
      if (code !== "unavailable" || attempt === ATTEMPTS) {
        log.warn({ reload, error: message }, "the end of a reload could not be put on record");
        return;
      }
      await clock.sleep(backOffMs(attempt, 1_000, 30_000, random), signal);
    }
  }
}
