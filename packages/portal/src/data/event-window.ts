/**
 * A stretch of the event log without gaps, from some event up to the latest, of the events that fit a filter.
 *
 * 1. Events are in commit order, each once: older ones come in pages from the node, newer ones as they are told. The first
 *    page ends where telling begins.
 * 2. It holds at most `maxEvents`: the oldest go first, and can be loaded again.
 */
import { type EventFilter, MeshError, type MeshEvent } from "@federation/core";
import { type ReadonlySignal, signal } from "@preact/signals";
import { fits } from "./event-filter.ts";

export interface EventPage {
  readonly events: readonly MeshEvent[];
  /** To read on before it; null: there is nothing before. */
  readonly cursor: string | null;
}

/** Of what lies before the first: an error where it could not be had. */
export type Older = "unknown" | "loading" | "there" | "none" | MeshError;

export interface EventWindow {
  readonly filter: EventFilter;
  /** Changes with every change of `events`; the array itself is the same, and only grows at its ends. */
  readonly version: ReadonlySignal<number>;
  readonly events: readonly MeshEvent[];
  /** How many were put before the first since the beginning: what a list needs to keep its place. */
  readonly prepended: ReadonlySignal<number>;
  readonly older: ReadonlySignal<Older>;
  /** Takes the next page of older events. Whoever asks while one is on its way waits for that one. */
  loadOlder(): Promise<void>;
  /** Newer events, in order. */
  append(events: readonly MeshEvent[]): void;
}

const defaultMaxEvents = 200_000;
/** Dropped at once, so that not every event moves a long array. */
const slack = 1_000;

export function createEventWindow(options: {
  readonly filter: EventFilter;
  /** Without a cursor: the page that ends with the last event before the first that is told. */
  readonly loadBefore: (cursor: string | undefined) => Promise<EventPage>;
  readonly maxEvents?: number;
}): EventWindow {
  const { filter, loadBefore, maxEvents = defaultMaxEvents } = options;
  const events: MeshEvent[] = [];
  const version = signal(0);
  const prepended = signal(0);
  const older = signal<Older>("unknown");
  let before: string | undefined;
  let loading: Promise<void> | undefined;

  async function load(): Promise<void> {
    older.value = "loading";
    try {
      const page = await loadBefore(before);
      events.unshift(...page.events);
      prepended.value += page.events.length;
      before = page.cursor ?? undefined;
      older.value = page.cursor === null ? "none" : "there";
      version.value += 1;
    } catch (error) {
      older.value = MeshError.from(error);
      throw error;
    } finally {
      loading = undefined;
    }
  }

  return {
    filter,
    version,
    events,
    prepended,
    older,
    async loadOlder() {
      if (older.peek() === "none") return;
      loading ??= load();
      await loading;
    },
    append(told) {
      const fitting = told.filter((event) => fits(filter, event));
      if (fitting.length === 0) return;
      events.push(...fitting);
      if (events.length > maxEvents + slack) {
        const gone = events.length - maxEvents;
        events.splice(0, gone);
        prepended.value -= gone;
        before = events[0]?.cursor;
        older.value = "there";
      }
      version.value += 1;
    },
  };
}
