/**
 * The event log as it happens: every event once, in commit order, across lost connections, sleeps, restarts and reloads
 * of the node.
 *
 * 1. What arrives is told in batches, one for each picture that the browser draws; after a batch that nobody can have read
 *    the next one may be a tenth of a second later.
 * 2. Each window begins to be told where its first page ends: no event is between them, and none in both.
 * 3. Whatever fails is tried again, later each time, from the place where it stood; until then the state says why.
 */
import { type EventFilter, MeshError, type MeshEvent } from "@federation/core";
import { followEvents } from "@federation/mcp/client/web";
import { type ReadonlySignal, signal } from "@preact/signals";
import { type Away, type AwayNews, type AwayQuestion, evolveAway } from "./away.ts";
import { asRequest, fits, isEmpty, noFilter } from "./event-filter.ts";
import { createEventWindow, type EventPage, type EventWindow } from "./event-window.ts";
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
const longestRetryMs = 30_000;
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
  /** What has no answer yet. */
  let asked: AwayQuestion | undefined;
  /** The first page of all is there. */
  const started = Promise.withResolvers<void>();
  started.promise.catch(() => {});

  const all = createEventWindow({ filter: noFilter, loadBefore: (before = "end") => pageBefore(noFilter, before) });
  windows.add(all);

  async function pageBefore(filter: EventFilter, before: string): Promise<EventPage> {
    const client = await mesh.client;
    return await client.call("ListEvents", { ...asRequest(filter), before, limit: pageSize });
  }

  function windowOf(filter: EventFilter): EventWindow {
    // Of now: what is told from here on comes after it.
    const last = started.promise.then(() => all.events.at(-1));
    last.catch(() => {});
    return createEventWindow({
      filter,
      loadBefore: async (before) => {
        if (before !== undefined) return await pageBefore(filter, before);
        const end = await last;
        if (end === undefined) return { events: [], cursor: null };
        const page = await pageBefore(filter, end.cursor);
        return fits(filter, end) ? { ...page, events: [...page.events, end] } : page;
      },
    });
  }

  function note(news: AwayNews): void {
    const step = evolveAway(away.peek(), news);
    away.value = step.away;
    if (step.away.state === "present") asked = undefined;
    if (step.question !== undefined) void answer(step.question);
  }

  /** Until there is an answer, or nobody asks this any more. */
  async function answer(question: AwayQuestion): Promise<void> {
    asked = question;
    const { after } = question;
    const upTo = question.ask === "count" ? "end" : question.upTo;
    for (let waitMs = retryMs; asked === question; waitMs = Math.min(2 * waitMs, longestRetryMs)) {
      try {
        const client = await mesh.client;
        const { count } = await client.call("CountEvents", { after, upTo });
        if (asked !== question) return;
        note(question.ask === "count" ? { kind: "counted", missed: count } : { kind: "proved", count });
        return;
      } catch {
        await sleep(waitMs);
      }
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
    // Where there is nothing yet it is followed from its beginning.
    cursor = all.events.at(-1)?.cursor;
    started.resolve();
    await untilItWorks(async () => {
      // Where it failed before, it has to go well for a while to be spoken well of.
      const well = setTimeout(
        () => {
          state.value = { is: "following" };
        },
        state.peek().is === "failed" ? retryMs : 0,
      );
      try {
        const after = pending.at(-1)?.cursor ?? cursor;
        for await (const event of followEvents(client, { after, limit: pageSize })) receive(event);
      } finally {
        clearTimeout(well);
      }
    });
  }

  async function untilItWorks(work: () => Promise<void>): Promise<void> {
    let waitMs = retryMs;
    for (;;) {
      const startedMs = performance.now();
      try {
        return await work();
      } catch (thrown) {
        const { code, message } = MeshError.from(thrown);
        if (code === "unauthenticated" || code === "forbidden") throw thrown;
        state.value = { is: "failed", reason: message };
        if (performance.now() - startedMs > longestRetryMs) waitMs = retryMs;
        await sleep(waitMs);
        waitMs = Math.min(2 * waitMs, longestRetryMs);
      }
    }
  }

  mesh.connection.subscribe(({ state: now }) => {
    if (now === "connecting" && cursor !== undefined) note({ kind: "lost", atMs: Date.now(), cursor });
  });
  mesh.onConnected(() => note({ kind: "back", atMs: Date.now() }));
  void follow().catch((thrown: unknown) => {
    started.reject(thrown);
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

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A hidden page draws no pictures, and goes on all the same. */
function nextPicture(work: () => void, notBeforeMs: number): void {
  if (document.visibilityState !== "visible") setTimeout(work, 100);
  else if (notBeforeMs <= 0) requestAnimationFrame(work);
  else setTimeout(() => nextPicture(work, 0), notBeforeMs);
}
