import { MeshError } from "@federation/core";
import type { Clock, Log, Principal, Store } from "@federation/runtime/ports";

/**
 * The external actors whose clients are connected here: this node hosts them, and speaks for them.
 *
 * 1. A hosting begins before the first session is let in, is renewed while there is one, and ends a moment after the last.
 * 2. The newest host wins. Whoever lost an actor to another node learns so at the next renewal, and lets its sessions go.
 * 3. Of two impls of one node both renew, and only the one with the loops ends: the other's sessions may live there.
 */
export interface Hosting {
  /** Hosts the principal from now on, if it has no daemon of its own. Throws `unauthenticated` when its token is over. */
  begin(principal: Principal): Promise<void>;
  /** A session is open under this principal, or no longer. */
  hold(principal: Principal): void;
  release(principal: Principal): void;
  /** Renews and ends what is due; answers the actors that another node has taken. */
  tend(): Promise<readonly string[]>;
  /** Ends all of it: this node leaves. */
  leave(): Promise<void>;
}

export interface HostingOptions {
  readonly store: Pick<Store, "hostActor" | "renewHosting" | "endHosting">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Log;
  /** This impl has the loops of the node. */
  readonly active: () => boolean;
  readonly limits?: HostingLimits;
}

export interface HostingLimits {
  /** How long a hosting outlives a node that dies. */
  readonly ttlMs: number;
  readonly renewMs: number;
  /** How long a hosting outlasts its last session: over HTTP each call may be one. */
  readonly lingerMs: number;
  /** A hosting that was begun or renewed so recently, under the same credential, is not begun again. */
  readonly freshMs: number;
}

export const defaultHostingLimits: HostingLimits = { ttlMs: 15_000, renewMs: 2_000, lingerMs: 3_000, freshMs: 1_000 };

interface Guest {
  /** Its credentials, and how many sessions each has. */
  readonly sessions: Map<string, number>;
  /** The credential that was shown last: over HTTP it may have no session at this moment. */
  last: string;
  renewedMs: number;
  idleSinceMs: number;
}

export function createHosting(options: HostingOptions): Hosting {
  const { store, clock, log, active, limits = defaultHostingLimits } = options;
  const guests = new Map<string, Guest>();

  const guestOf = ({ actor, credential }: Principal): Guest => {
    const known = guests.get(actor);
    if (known !== undefined) return known;
    const guest = {
      sessions: new Map(),
      last: credential,
      renewedMs: Number.NEGATIVE_INFINITY,
      idleSinceMs: clock.nowMs(),
    };
    guests.set(actor, guest);
    return guest;
  };

  async function end(actor: string): Promise<void> {
    await store.endHosting(actor).catch((error: unknown) => {
      // Its lease runs out by itself.
      log.debug({ actor, reason: MeshError.from(error).message }, "a hosting could not be ended");
    });
  }

  async function renew(due: readonly (readonly [actor: string, guest: Guest])[]): Promise<readonly string[]> {
    const credentials = due.flatMap(([, { sessions, last }]) => [...new Set([...sessions.keys(), last])]);
    const nowMs = clock.nowMs();
    const hosted = new Set(await store.renewHosting(credentials, limits.ttlMs));
    for (const [actor, guest] of due) if (hosted.has(actor)) guest.renewedMs = nowMs;
    return due.flatMap(([actor]) => (hosted.has(actor) ? [] : [actor]));
  }

  return {
    async begin(principal) {
      if (principal.kind !== "external") return;
      const guest = guests.get(principal.actor);
      const nowMs = clock.nowMs();
      if (guest !== undefined && guest.last === principal.credential && nowMs - guest.renewedMs < limits.freshMs) {
        guest.idleSinceMs = nowMs;
        return;
      }
      await store.hostActor(principal.credential, limits.ttlMs);
      const hosted = guestOf(principal);
      hosted.last = principal.credential;
      hosted.renewedMs = nowMs;
      hosted.idleSinceMs = clock.nowMs();
    },
    hold(principal) {
      if (principal.kind !== "external") return;
      const { sessions } = guestOf(principal);
      sessions.set(principal.credential, (sessions.get(principal.credential) ?? 0) + 1);
    },
    release({ actor, credential }) {
      const guest = guests.get(actor);
      if (guest === undefined) return;
      const left = (guest.sessions.get(credential) ?? 0) - 1;
      if (left > 0) guest.sessions.set(credential, left);
      else guest.sessions.delete(credential);
      guest.idleSinceMs = clock.nowMs();
    },
    async tend() {
      const nowMs = clock.nowMs();
      for (const [actor, guest] of guests) {
        if (guest.sessions.size > 0 || nowMs - guest.idleSinceMs < limits.lingerMs) continue;
        guests.delete(actor);
        if (active()) await end(actor);
      }
      const due = [...guests].filter(([, guest]) => nowMs - guest.renewedMs >= limits.renewMs);
      if (due.length === 0) return [];
      const lost = await renew(due);
      for (const actor of lost) guests.delete(actor);
      return lost;
    },
    async leave() {
      const all = [...guests.keys()];
      guests.clear();
      await Promise.all(all.map(end));
    },
  };
}
