import { MeshError } from "@federation/core";
import type { Clock, Log, Me, Opened, OpenOptions, Store } from "@federation/runtime/ports";

/**
 * Takes this daemon's generation and epoch in the database.
 *
 * 1. A database that is away is waited for, with back-off: nodes may be started in any order.
 * 2. Another live daemon of this actor is not pushed aside: the lease of a dead one runs out while we wait.
 * 3. What waiting cannot mend (login refused, schema out of range) is thrown.
 */
export async function openNode(
  store: Store,
  options: OpenOptions,
  ports: { readonly clock: Clock; readonly log: Log; readonly onWaiting: (reason: string) => void },
  signal: AbortSignal,
): Promise<{ readonly opened: Extract<Opened, { outcome: "opened" }>; readonly me: Me }> {
  for (let attempt = 0, occupiedMs = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      const opened = await store.open(options);
      if (opened.outcome === "opened") return { opened, me: await store.me() };
      // Two leases of patience: a dead daemon's has run out by then, a live one's has been renewed.
      if (occupiedMs > 30_000)
        throw new MeshError(
          "fenced",
          "Another daemon of this actor is running; stop it, or start this one with --take-over.",
        );
      ports.onWaiting("another daemon of this actor holds the lease; waiting for it to run out");
      const sleepMs = Math.min(opened.retryAfterMs + 50, 5_000);
      await ports.clock.sleep(sleepMs, signal);
      occupiedMs += sleepMs;
    } catch (thrown) {
      const error = MeshError.from(thrown);
      if (error.code !== "unavailable") throw error;
      ports.onWaiting(error.message);
      ports.log.warn({ attempt, error: error.message }, "the database is not there yet; it is tried again");
      await ports.clock.sleep(Math.min(5_000, 100 * 2 ** attempt), signal);
    }
  }
}
