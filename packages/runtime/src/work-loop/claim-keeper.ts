import { MeshError } from "@federation/core";
import type { Counters } from "../metrics/counters.ts";
import type { Clock, Log, Random, StopSignal, Store, Work } from "../ports/index.ts";
import { createDoorbell } from "../timing/doorbell.ts";

/**
 * Renews the leases of the tasks this node holds.
 *
 * 1. Its timer is its own: a turn that takes minutes, or hangs, does not cost the claim.
 * 2. A process that slept longer than a lease drops its claims before it touches anything: they may be another's now.
 * 3. A refused renewal ends the claim here; nothing is written under its fence again by this keeper.
 */
export interface ClaimKeeperOptions {
  readonly store: Pick<Store, "apply">;
  /** Length of a lease by the charter in force. */
  readonly leaseMs: () => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
  readonly signal: StopSignal;
}

export type Claim = Work["claims"][number];

export interface ClaimKeeper {
  /** What this node holds, as the database said last. */
  holds(claims: readonly Claim[]): void;
  readonly ended: Promise<void>;
}

export function startClaimKeeper(options: ClaimKeeperOptions): ClaimKeeper {
  const { store, clock, random, log, counters, signal } = options;
  const bell = createDoorbell(clock, signal);
  let held: readonly Claim[] = [];

  const drop = (claim: Claim): void => {
    held = held.filter((c) => c !== claim);
  };

  async function renew(claim: Claim): Promise<void> {
    try {
      await store.apply({
        callId: random.uuid(),
        command: "RenewClaim",
        operations: [{ op: "renew_claim", task: claim.task, fence: claim.fence }],
      });
    } catch (thrown) {
      const error = MeshError.from(thrown);
      if (error.code === "unavailable") {
        log.warn({ task: claim.task, error: error.message }, "a claim could not be renewed yet");
        return;
      }
      drop(claim);
      if (error.code === "fenced") counters.stale_fence_rejects++;
      log.warn({ task: claim.task, fence: claim.fence, error: error.message }, "a claim is no longer held");
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      if (held.length === 0) {
        await bell.wait(Number.POSITIVE_INFINITY);
        continue;
      }
      const leaseMs = options.leaseMs();
      const sleptFromMs = clock.nowMs();
      await clock.sleep(leaseMs / 3, signal);
      if (signal.aborted) return;
      if (clock.nowMs() - sleptFromMs > leaseMs) {
        counters.lease_lost += held.length;
        log.warn({ claims: held.length }, "this process stood still longer than a lease; its claims are dropped");
        held = [];
        continue;
      }
      await Promise.all(held.map(renew));
    }
  }

  return {
    holds(claims) {
      held = claims;
      if (claims.length > 0) bell.ring();
    },
    ended: run(),
  };
}
