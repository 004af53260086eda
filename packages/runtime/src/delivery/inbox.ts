import { decodeWakeUp, MeshError } from "@federation/core";
import type { Counters } from "../metrics/counters.ts";
import type { BrokerLink, Clock, IncomingFrame, Log, Random, StopSignal, Store } from "../ports/index.ts";
import { backOffMs } from "../timing/back-off.ts";
import { createDoorbell } from "../timing/doorbell.ts";

/**
 * Takes wake-ups off the broker and marks what they name as received.
 *
 * 1. A frame is acknowledged after the commit that it caused, and never refused: what it names comes back by the poll.
 * 2. A frame that is no wake-up, doubled, forged or late changes nothing but a counter.
 * 3. Nothing is done here but the mark: work starts from the rows, in the work loop.
 */
export interface InboxOptions {
  readonly store: Pick<Store, "markReceived">;
  /** The consuming link. */
  readonly link: Pick<BrokerLink, "subscribe">;
  /** Destination of my own queue. */
  readonly queue: string;
  /** Destination of the broadcast topic. */
  readonly broadcast: string;
  /** Something arrived in this conversation: a message, or a duty of mine. */
  readonly onConversation: (conversation: string, what: "message" | "duty") => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
  readonly signal: StopSignal;
}

export interface Inbox {
  /** The standing poll saw deliveries of mine that no frame had told of: marks all of them. */
  sweep(): Promise<void>;
  /** Resolves when the inbox has ended; unacknowledged frames are the broker's again. */
  readonly ended: Promise<void>;
}

const MAX_BATCH = 32;
const BATCH_MS = 10;
/** More than any prefetch: only a flood on the topic comes near it. */
const MAX_WAITING = 1_024;
/** A frame that has not come this long after the poll found its message is lost: an outbox lease is 5 s. */
const LATE_MS = 10_000;
const MAX_EARLY = 10_000;

interface Arrival {
  readonly frame: IncomingFrame;
  /** From the broadcast topic: it says that there is something, not that it is mine. */
  readonly hint: boolean;
}
type Marked = Awaited<ReturnType<Store["markReceived"]>>;

export function startInbox(options: InboxOptions): Inbox {
  const { store, link, clock, random, log, counters, signal } = options;
  const bell = createDoorbell(clock, signal);
  let waiting: Arrival[] = [];
  /** Frames overflown up to the last look at all that is due. */
  let overflownSwept = 0;
  /** Message → how it was found before its own frame came, until that comes or is given up. In order of time. */
  const early = new Map<string, { readonly foundMs: number; readonly by: "poll" | "hint" }>();

  const take = (frame: IncomingFrame, hint: boolean): void => {
    if (frame.redelivered) counters.redelivered++;
    if (waiting.length >= MAX_WAITING) {
      counters.overflown_frames++;
      acknowledge(frame);
      return;
    }
    waiting.push({ frame, hint });
    if (waiting.length === 1) bell.ring();
  };
  const subscriptions = [
    link.subscribe(options.queue, (frame) => take(frame, false)),
    link.subscribe(options.broadcast, (frame) => take(frame, true)),
  ];

  function acknowledge(frame: IncomingFrame): void {
    if (!frame.acknowledge()) counters.stale_acks++;
  }

  function noteArrivals(marked: Marked): void {
    counters.delivered += marked.length;
    for (const conversation of new Set(marked.map((m) => m.conversation)))
      options.onConversation(conversation, "message");
  }

  function noteEarly(marked: Marked, by: "poll" | "hint"): void {
    const foundMs = clock.nowMs();
    for (const { message } of marked) early.set(message, { foundMs, by });
    giveUpLate();
  }

  function giveUpLate(): void {
    const lostMs = clock.nowMs() - LATE_MS;
    for (const [message, found] of early) {
      if (found.foundMs > lostMs && early.size <= MAX_EARLY) return;
      early.delete(message);
      if (found.by === "poll") counters.poll_rescues++;
    }
  }

  function untilGivenUpMs(): number {
    const [oldest] = early.values();
    return oldest === undefined ? LATE_MS : oldest.foundMs + LATE_MS - clock.nowMs();
  }

  function countFrames(named: readonly string[], marked: Marked): void {
    const fresh = new Set(marked.map((m) => m.message));
    for (const message of named) {
      const found = early.get(message);
      early.delete(message);
      if (found?.by === "poll") counters.late_frames++;
      // The second frame of a message in one batch is a double, and so is one for what had been received before.
      else if (!fresh.delete(message) && found === undefined) counters.duplicate_frames++;
    }
  }

  async function process(batch: readonly Arrival[]): Promise<void> {
    const overflown = counters.overflown_frames;
    let sweeping = overflown > overflownSwept;
    const named: string[] = [];
    const duties = new Set<string>();
    for (const { frame, hint } of batch) {
      const wakeUp = decodeWakeUp(frame.body);
      if (wakeUp === undefined) counters.bad_frames++;
      else if (wakeUp.seq === 0) duties.add(wakeUp.conv);
      else if (hint) {
        counters.broadcast_hints++;
        sweeping = true;
      } else named.push(wakeUp.id);
    }
    if (sweeping || named.length > 0) {
      const marked = await store.markReceived(sweeping ? "all_due" : [...new Set(named)], "frame");
      countFrames(named, marked);
      if (sweeping) {
        overflownSwept = overflown;
        const own = new Set(named);
        noteEarly(
          marked.filter((m) => !own.has(m.message)),
          "hint",
        );
      }
      noteArrivals(marked);
    }
    for (const conversation of duties) options.onConversation(conversation, "duty");
    for (const { frame } of batch) acknowledge(frame);
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      if (waiting.length === 0) await bell.wait(untilGivenUpMs());
      giveUpLate();
      if (waiting.length > 0 && waiting.length < MAX_BATCH) await clock.sleep(BATCH_MS, signal);
      if (signal.aborted) return;
      const batch = waiting.slice(0, MAX_BATCH);
      if (batch.length === 0) continue;
      try {
        await process(batch);
        waiting = waiting.slice(batch.length);
        failures = 0;
      } catch (error) {
        failures++;
        log.warn({ error: MeshError.from(error).message }, "arrivals could not be marked as received; trying again");
        await clock.sleep(backOffMs(failures, 250, 5_000, random), signal);
      }
    }
  }

  return {
    async sweep() {
      const marked = await store.markReceived("all_due", "poll");
      noteEarly(marked, "poll");
      noteArrivals(marked);
    },
    ended: run().finally(() => {
      for (const subscription of subscriptions) subscription.close();
    }),
  };
}
