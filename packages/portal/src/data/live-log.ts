/**
 * The event log as it happens: every event once, in commit order, across lost connections, sleeps, restarts and reloads
 * of the node. What arrives is told in batches, one for each picture that the browser draws; after a batch that nobody can
 * have read the next one may be a tenth of a second later.
 */
import { MeshError, type MeshEvent } from "@federation/core";
import { followEvents } from "@federation/mcp/client/web";
import { type ReadonlySignal, signal } from "@preact/signals";
import { type Away, type AwayNews, type AwayQuestion, evolveAway } from "./away.ts";
import { asRequest, type EventFilter, isEmpty, noFilter } from "./event-filter.ts";
import { createEventWindow, type EventWindow } from "./event-window.ts";
import type { Mesh } from "./mesh.ts";

export type LogState = { readonly is: "loading" | "following" } | { readonly is: "failed"; readonly reason: string };

export interface LiveLog {
  /** The whole log, from its end backwards. */
  readonly all: EventWindow;
  /** Only what fits; filled until it is let go. */
  open(filter: EventFilter): { readonly window: EventWindow; readonly release: () => void };
  /** Tells of each batch after it was put into the windows. */
  onEvents(listener: (events: readonly MeshEvent[]) => void): () => void;
  readonly away: ReadonlySignal<Away>;
  dismissAway(): void;
  /** Events told since the page began to follow. */
  readonly told: ReadonlySignal<number>;
  readonly state: ReadonlySignal<LogState>;
}

const pageSize = 500;
const retryMs = 1_000;
/** More at once than a screen holds. */
const unreadable = 30;
const unreadableRestMs = 100;

export function createLiveLog(mesh: Mesh): LiveLog {
  const windows = new Set<EventWindow>();
  const listeners = new Set<(events: readonly MeshEvent[]) => void>();
  const away = signal<Away>({ state: "present" });
  const told = signal(0);
  const state = signal<LogState>({ is: "loading" });
  const pending: MeshEvent[] = [];
  let restUntilMs = 0;
  /** Of the event told last. */
  let cursor: string | undefined;

  const all = windowOf(noFilter);
  windows.add(all);

  function windowOf(filter: EventFilter): EventWindow {
    return createEventWindow({
      filter,
      loadBefore: async (before = "end") => {
        const client = await mesh.client;
        return await client.call("ListEvents", { ...asRequest(filter), before, limit: pageSize });
      },
    });
  }

  function note(news: AwayNews): void {
    const step = evolveAway(away.peek(), news);
    away.value = step.away;
    // Where the question fails the connection is lost, and it is asked anew with the next one.
    if (step.question !== undefined) void answer(step.question).catch(() => {});
  }

  async function answer(question: AwayQuestion): Promise<void> {
    const client = await mesh.client;
    if (question.ask === "count") {
      const { count } = await client.call("CountEvents", { after: question.after, upTo: "end" });
      note({ kind: "counted", missed: count });
    } else {
      const { count } = await client.call("CountEvents", { after: question.after, upTo: question.upTo });
      note({ kind: "proved", count });
    }
  }

  function receive(event: MeshEvent): void {
    if (pending.push(event) === 1) nextPicture(flush, restUntilMs - performance.now());
  }

  function flush(): void {
    const batch = pending.splice(0);
    if (batch.length > unreadable) restUntilMs = performance.now() + unreadableRestMs;
    cursor = batch.at(-1)?.cursor ?? cursor;
    for (const window of windows) window.append(batch);
    told.value += batch.length;
    note({ kind: "arrived", cursors: batch.map((event) => event.cursor) });
    for (const listener of [...listeners]) listener(batch);
  }

  async function follow(): Promise<void> {
    const client = await mesh.client;
    await untilItWorks(() => all.loadOlder());
    cursor = all.events.at(-1)?.cursor ?? (await untilItWorks(() => endOfLog())) ?? undefined;
    state.value = { is: "following" };
    const from = cursor === undefined ? {} : { after: cursor };
    for await (const event of followEvents(client, { ...from, limit: pageSize })) receive(event);
  }

  async function endOfLog(): Promise<string | null> {
    const client = await mesh.client;
    return (await client.call("ListEvents", { after: "end", limit: 1 })).cursor;
  }

  async function untilItWorks<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (thrown) {
        const { code, message } = MeshError.from(thrown);
        if (code === "unauthenticated" || code === "forbidden") throw thrown;
        state.value = { is: "failed", reason: message };
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  mesh.connection.subscribe(({ state: now }) => {
    if (now === "connecting" && cursor !== undefined) note({ kind: "lost", atMs: Date.now(), cursor });
  });
  mesh.onConnected(() => note({ kind: "back", atMs: Date.now() }));
  void follow().catch((thrown: unknown) => {
    state.value = { is: "failed", reason: MeshError.from(thrown).message };
  });

  return {
    all,
    told,
    away,
    state,
    dismissAway: () => note({ kind: "dismissed" }),
    open(filter) {
      if (isEmpty(filter)) return { window: all, release: () => {} };
      const window = windowOf(filter);
      windows.add(window);
      void window.loadOlder().catch(() => {});
      return { window, release: () => void windows.delete(window) };
    },
    onEvents(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** A hidden page draws no pictures, and goes on all the same. */
function nextPicture(work: () => void, notBeforeMs: number): void {
  if (document.visibilityState !== "visible") setTimeout(work, 100);
  else if (notBeforeMs <= 0) requestAnimationFrame(work);
  else setTimeout(() => nextPicture(work, 0), notBeforeMs);
}
