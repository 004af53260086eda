import { MeshError } from "@federation/core";
import type { Counters } from "../metrics/counters.ts";
import type { Clock, Log, Random, StopSignal, Store } from "../ports/index.ts";
import { jittered } from "../timing/back-off.ts";

/**
 * Says that this node is there, on a timer of its own.
 *
 * 1. Who is online is decided by the database's clock against the lease renewed here, never by a connection.
 * 2. A node that finds itself fenced says so once and stops saying that it is there.
 */
export interface PresenceOptions {
  readonly store: Pick<Store, "renewPresence">;
  /** Name of the loaded model, or null. */
  readonly model: () => string | null;
  /** State of the broker links, in a word or two. */
  readonly broker: () => string;
  /** Another daemon of this actor has taken over: this one must stop. */
  readonly onFenced: (error: MeshError) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
  readonly signal: StopSignal;
  readonly ttlMs?: number;
}

export interface PresenceKeeper {
  readonly ended: Promise<void>;
}

export function startPresence(options: PresenceOptions): PresenceKeeper {
  const { store, clock, random, log, counters, signal } = options;
  const ttlMs = options.ttlMs ?? 15_000;

  /** False when there is no use in going on. */
  async function renew(): Promise<boolean> {
    try {
      const answer = await store.renewPresence({ model: options.model(), broker: options.broker(), ttlMs });
      if (answer === "renewed") return true;
    } catch (thrown) {
      const error = MeshError.from(thrown);
      if (error.code !== "fenced") {
        counters.presence_missed++;
        log.warn({ error: error.message }, "this node could not say that it is there; trying again");
        return true;
      }
    }
    options.onFenced(new MeshError("fenced", "Another daemon of this actor has taken over; this one stops."));
    return false;
  }

  async function run(): Promise<void> {
    while (!signal.aborted && (await renew())) await clock.sleep(jittered(ttlMs / 3, random), signal);
  }

  return { ended: run() };
}
