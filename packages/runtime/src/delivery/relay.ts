import { encodeWakeUp, MeshError } from "@federation/core";
import type { Counters } from "../metrics/counters.ts";
import type { Durations } from "../metrics/durations.ts";
import type { BrokerLink, Clock, Log, OutboxRow, Random, StopSignal, Store } from "../ports/index.ts";
import { backOffMs } from "../timing/back-off.ts";
import { createDoorbell } from "../timing/doorbell.ts";

/**
 * Carries wake-ups from the outbox to the broker. Every daemon runs one; the lease decides who publishes a row.
 *
 * 1. A receipted row is deleted and never published again, not even when deleting it fails at first.
 * 2. An unconfirmed row is left alone: its lease runs out, and some relay sends it again. A doubled frame is harmless.
 * 3. Nothing is leased that could not be published now: rows wait for the relay of a daemon whose broker answers.
 * 4. At most 256 rows are in flight.
 */
export interface RelayOptions {
  readonly store: Pick<Store, "leaseOutbox" | "completeOutbox" | "onOutbox">;
  /** The publishing link. */
  readonly link: Pick<BrokerLink, "publish" | "status" | "watch">;
  /** The destination of an actor's queue, or of the broadcast topic for null. */
  readonly destinationOf: (queue: string | null) => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
  /** How long the broker takes to confirm a transaction. */
  readonly receiptTimes: Durations;
  readonly signal: StopSignal;
}

export interface Relay {
  /** The standing poll saw due rows: the notification of them was lost, or has not come yet. */
  rowsSeen(): void;
  /** Resolves when the relay has ended, after `signal` has aborted and what was in flight is answered. */
  readonly ended: Promise<void>;
}

const MAX_ROWS = 256;
const MAX_FRAMES = 64;
/** With notifications coming and nothing outstanding the standing poll of the work loop is enough; this is its spare. */
const QUIET_POLL_MS = 30_000;
/** While rows of mine are unconfirmed: their lease will run out. */
const OUTSTANDING_POLL_MS = 1_000;
const DEAF_POLL_MS = 250;
/** How long a row that no notification told of keeps the relay polling fast. */
const DEAF_MS = 10_000;
const OUTSTANDING_MS = 60_000;
const TRIES_BEFORE_PAUSE = 3;
const LONGEST_PAUSE_MS = 5_000;

export function startRelay(options: RelayOptions): Relay {
  const { store, link, clock, random, log, counters, signal } = options;
  const rows = createDoorbell(clock, signal);
  const broker = createDoorbell(clock, signal);
  /** Receipted, but not yet deleted. */
  let receipted: readonly string[] = [];
  let unconfirmedInARow = 0;
  let storeFailures = 0;
  let told = true;
  let deafUntilMs = 0;
  let outstandingUntilMs = 0;

  store
    .onOutbox(() => {
      deafUntilMs = 0;
      told = true;
      rows.ring();
    }, signal)
    .catch((error: unknown) => {
      deafUntilMs = Number.POSITIVE_INFINITY;
      rows.ring();
      log.warn({ error: MeshError.from(error).message }, "the outbox is polled: the database cannot be listened to");
    });
  const unwatch = link.watch((status) => {
    if (status.state !== "connected") return;
    broker.ring();
    rows.ring();
  });

  async function publish(chunk: readonly OutboxRow[]): Promise<readonly string[]> {
    const startedMs = clock.nowMs();
    const outcome = await link.publish(
      chunk.map((row) => ({
        destination: options.destinationOf(row.queue),
        body: encodeWakeUp({ id: row.message, conv: row.conversation, seq: row.seq }),
      })),
    );
    if (outcome.outcome === "receipted") {
      unconfirmedInARow = 0;
      counters.published += chunk.length;
      options.receiptTimes.add(clock.nowMs() - startedMs);
      return chunk.map((row) => row.id);
    }
    if (outcome.reason === "refused" && chunk.length > 1) {
      // One row the broker does not take, an actor it does not know yet, must not hold up the others.
      const middle = Math.ceil(chunk.length / 2);
      return [...(await publish(chunk.slice(0, middle))), ...(await publish(chunk.slice(middle)))];
    }
    counters.publish_unconfirmed++;
    // A refusal is an answer: the broker is there.
    if (outcome.reason !== "refused") unconfirmedInARow++;
    outstandingUntilMs = clock.nowMs() + OUTSTANDING_MS;
    if (unconfirmedInARow === TRIES_BEFORE_PAUSE) {
      counters.publish_circuit_opened++;
      log.warn({ reason: outcome.reason, detail: outcome.detail }, "publishing pauses: the broker confirms nothing");
    }
    return [];
  }

  /** Deletes what was receipted; while that fails nothing more is leased. */
  async function complete(): Promise<void> {
    if (receipted.length === 0) return;
    await store.completeOutbox(receipted);
    receipted = [];
  }

  /** One round; true when there may be more rows at once. */
  async function carry(expected: boolean): Promise<boolean> {
    await complete();
    if (signal.aborted || link.status().state !== "connected") return false;
    // After a pause a single transaction asks whether the broker is back.
    const limit = unconfirmedInARow >= TRIES_BEFORE_PAUSE ? MAX_FRAMES : MAX_ROWS;
    const leased = await store.leaseOutbox(limit);
    if (leased.length === 0) return false;
    if (!expected && clock.nowMs() >= outstandingUntilMs) deafUntilMs = Math.max(deafUntilMs, clock.nowMs() + DEAF_MS);
    const chunks: OutboxRow[][] = [];
    for (let at = 0; at < leased.length; at += MAX_FRAMES) chunks.push(leased.slice(at, at + MAX_FRAMES));
    receipted = (await Promise.all(chunks.map(publish))).flat();
    const all = receipted.length === leased.length;
    await complete();
    return all && leased.length === limit;
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      let expected = told;
      told = false;
      try {
        while (await carry(expected)) expected = true;
        storeFailures = 0;
      } catch (error) {
        storeFailures++;
        log.warn({ error: MeshError.from(error).message }, "the outbox could not be read or emptied; trying again");
      }
      if (storeFailures > 0) await clock.sleep(backOffMs(storeFailures, 250, LONGEST_PAUSE_MS, random), signal);
      else if (unconfirmedInARow >= TRIES_BEFORE_PAUSE)
        await broker.wait(backOffMs(unconfirmedInARow - TRIES_BEFORE_PAUSE + 1, 500, LONGEST_PAUSE_MS, random));
      else await rows.wait(pollMs());
    }
  }

  function pollMs(): number {
    // Without a broker there is nothing to lease for; its return rings.
    if (link.status().state !== "connected") return QUIET_POLL_MS;
    const nowMs = clock.nowMs();
    if (nowMs < deafUntilMs) return DEAF_POLL_MS;
    return nowMs < outstandingUntilMs ? OUTSTANDING_POLL_MS : QUIET_POLL_MS;
  }

  return { rowsSeen: rows.ring, ended: run().finally(unwatch) };
}
