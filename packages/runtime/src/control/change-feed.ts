/**
 * The event log, followed for whoever in this process wants to hear of changes.
 *
 * 1. One loop per process, and only while somebody watches; one read per watching actor and round, not per listener.
 * 2. An actor is only told of what it may see: each is read for with its own cursor.
 * 3. A log that cannot be read is tried again, more and more slowly, from where it was left: nothing is skipped.
 * 4. What is not for an actor is passed over once, and not searched through again at every round.
 */
import { MeshError, type MeshEvent } from "@federation/core";
import type { ChangeFeed, Clock, Log, StopSignal, Store } from "../ports/index.ts";
import type { News } from "../timing/news.ts";

export interface ChangeFeedOptions {
  readonly store: Pick<Store, "events" | "eventEnd">;
  readonly news: News;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: StopSignal;
}

/** What happens together is told together. */
const COALESCE_MS = 100;
/** What another node did rings nothing here. */
const POLL_MS = 900;
const SLOWEST_RETRY_MS = 10_000;
const PAGE = 200;

interface Watched {
  cursor: string;
  readonly listeners: Set<(events: readonly MeshEvent[]) => void>;
}

export function createChangeFeed(options: ChangeFeedOptions): ChangeFeed {
  const { store, news, clock, log, signal } = options;
  const watched = new Map<string, Watched>();
  let running = false;

  async function readFor(actor: string, of: Watched): Promise<void> {
    for (;;) {
      const { events, cursor } = await store.events(of.cursor, PAGE, {}, actor);
      of.cursor = cursor;
      if (events.length > 0) for (const listener of [...of.listeners]) listener(events);
      if (events.length < PAGE || signal.aborted) return;
    }
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (watched.size > 0 && !signal.aborted) {
      if (failures === 0) {
        await news.wait(POLL_MS, signal);
        await clock.sleep(COALESCE_MS, signal);
      } else await clock.sleep(Math.min(SLOWEST_RETRY_MS, POLL_MS * 2 ** failures), signal);
      try {
        for (const [actor, of] of [...watched]) if (!signal.aborted) await readFor(actor, of);
        failures = 0;
      } catch (thrown) {
        failures = Math.min(failures + 1, 10);
        log.debug({ reason: MeshError.from(thrown).message }, "the event log could not be followed; trying again");
      }
    }
    running = false;
  }

  return {
    async watch(actor, listener) {
      const known = watched.get(actor);
      const of = known ?? { cursor: await store.eventEnd(), listeners: new Set() };
      // Another may have begun for this actor meanwhile, and is behind us or level.
      const entry = watched.get(actor) ?? of;
      watched.set(actor, entry);
      // The same function twice is two listeners.
      const own = (events: readonly MeshEvent[]): void => listener(events);
      entry.listeners.add(own);
      if (!running && !signal.aborted) {
        running = true;
        void run();
      }
      return () => {
        entry.listeners.delete(own);
        if (entry.listeners.size === 0 && watched.get(actor) === entry) watched.delete(actor);
      };
    },
  };
}
