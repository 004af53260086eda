import { MeshError } from "@federation/core";
import type { Clock, Log, Random, StopSignal, Store } from "../ports/index.ts";
import { jittered } from "../timing/back-off.ts";
import { createDoorbell } from "../timing/doorbell.ts";

/**
 * Moves what is overdue, on the database's clock. There is no model in it, and every node runs one: whoever is left
 * keeps the mesh going.
 */
export interface ReconcilerOptions {
  readonly store: Pick<Store, "reconcile">;
  readonly move: (conversation: string) => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: StopSignal;
}

export interface Reconciler {
  /** Something waits or is held on this node: look at the quick pace for a while. */
  stir(): void;
  readonly ended: Promise<void>;
}

const PACE_MS = 2_000;
/** With nothing waiting for this node; the nodes that have work look at the quick pace. */
const RESTING_PACE_MS = 5_000;
const STIRRED_MS = 30_000;

export function startReconciler({ store, move, clock, random, log, signal }: ReconcilerOptions): Reconciler {
  const bell = createDoorbell(clock, signal);
  let stirredUntilMs = clock.nowMs() + STIRRED_MS;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const stirred = clock.nowMs() < stirredUntilMs;
      if ((await bell.wait(jittered(stirred ? PACE_MS : RESTING_PACE_MS, random))) === "stopped") return;
      try {
        // One that cannot be moved must not hold back those behind it.
        for (const conversation of new Set(await store.reconcile()))
          await move(conversation).catch((thrown: unknown) =>
            log.warn({ conversation, error: MeshError.from(thrown).message }, "it could not be moved; trying again"),
          );
      } catch (thrown) {
        log.warn({ error: MeshError.from(thrown).message }, "what is overdue could not be moved; trying again");
      }
    }
  }

  return {
    stir() {
      const resting = clock.nowMs() >= stirredUntilMs;
      stirredUntilMs = clock.nowMs() + STIRRED_MS;
      if (resting) bell.ring();
    },
    ended: run(),
  };
}
