import { MeshError } from "@federation/core";
import type { Counters } from "../metrics/counters.ts";
import type { Clock, Log, Random, StopSignal, Store, Work } from "../ports/index.ts";
import { createDoorbell } from "../timing/doorbell.ts";

/**
 * Renews the leases of the tasks this node holds, and knows when one is over.
 *
 * 1. Its timer is its own: a turn that takes minutes, or hangs, does not cost the claim.
 * 2. A claim ends here no later than in the database: a lease is counted from before it was asked for. Whoever stood
 *    still longer than that, or cannot reach the database for so long, drops the claim before anything is touched.
 * 3. A refused renewal ends the claim; nothing is written under its fence again by this keeper.
 * 4. What is being done under a claim that is over is told to stop.
 */
export interface ClaimKeeperOptions {
  readonly store: Pick<Store, "apply">;
  /** A claim is over before its work was: whoever works under it must stop. */
  readonly onLost: (claim: Claim) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
  readonly signal: StopSignal;
}

export type Claim = Work["claims"][number];

export interface ClaimKeeper {
  /** What this node holds, by what the database answered when it was asked at `askedAtMs`. */
  holds(claims: readonly Claim[], askedAtMs: number): void;
  readonly ended: Promise<void>;
}

interface Held {
  readonly claim: Claim;
  expiresMs: number;
  renewAtMs: number;
  renewing: boolean;
}

export function startClaimKeeper(options: ClaimKeeperOptions): ClaimKeeper {
  const { store, clock, random, log, counters, signal } = options;
  const bell = createDoorbell(clock, signal);
  const underway = new Set<Promise<void>>();
  let held = new Map<string, Held>();

  const keyOf = ({ task, fence }: Claim): string => `${task}/${fence}`;

  function lose(it: Held, why: string): void {
    if (held.get(keyOf(it.claim)) !== it) return;
    held.delete(keyOf(it.claim));
    log.warn({ task: it.claim.task, fence: it.claim.fence }, why);
    options.onLost(it.claim);
  }

  async function renew(it: Held): Promise<void> {
    const { task, fence, leaseMs } = it.claim;
    const askedMs = clock.nowMs();
    try {
      await store.apply({
        callId: random.uuid(),
        command: "RenewClaim",
        operations: [{ op: "renew_claim", task, fence }],
      });
      it.expiresMs = askedMs + leaseMs;
      it.renewAtMs = askedMs + leaseMs / 3;
    } catch (thrown) {
      const error = MeshError.from(thrown);
      if (error.code === "unavailable" || error.code === "deadline_exceeded") {
        it.renewAtMs = clock.nowMs() + leaseMs / 6;
        log.warn({ task, error: error.message }, "a claim could not be renewed yet");
        return;
      }
      if (error.code === "fenced") counters.stale_fence_rejects++;
      lose(it, `a claim is no longer held: ${error.message}`);
    }
  }

  function start(it: Held): void {
    it.renewing = true;
    const promise = renew(it).finally(() => {
      it.renewing = false;
      underway.delete(promise);
      bell.ring();
    });
    underway.add(promise);
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      let nextMs = Number.POSITIVE_INFINITY;
      for (const it of [...held.values()]) {
        const nowMs = clock.nowMs();
        if (nowMs >= it.expiresMs) {
          counters.lease_lost++;
          lose(it, "a lease ran out before it could be renewed; its claim is dropped");
          continue;
        }
        if (!it.renewing && nowMs >= it.renewAtMs) start(it);
        nextMs = Math.min(nextMs, (it.renewing ? it.expiresMs : Math.min(it.expiresMs, it.renewAtMs)) - nowMs);
      }
      await bell.wait(nextMs);
    }
    await Promise.all(underway);
  }

  return {
    holds(claims, askedAtMs) {
      const next = new Map<string, Held>();
      let fresh = false;
      for (const claim of claims) {
        const known = held.get(keyOf(claim));
        const expiresMs = askedAtMs + claim.leftMs;
        fresh ||= known === undefined;
        if (known === undefined)
          next.set(keyOf(claim), { claim, expiresMs, renewAtMs: expiresMs - (claim.leaseMs * 2) / 3, renewing: false });
        else {
          known.expiresMs = Math.max(known.expiresMs, expiresMs);
          next.set(keyOf(claim), known);
        }
      }
      held = next;
      if (fresh) bell.ring();
    },
    ended: run(),
  };
}
