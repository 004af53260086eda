/**
 * What the page knows of the mesh's state: answers to queries of the control API, kept fresh by the event log.
 *
 * 1. A query that somebody shows is asked again when an event may have changed its answer, and after each new connection.
 *    One that is under way when such an event comes is asked once more after it: its answer may be from before.
 * 2. However many events there are, a query is asked at most once in `restMs`, and one whose answer takes long rests longer:
 *    a node that has much to do is asked less.
 * 3. An answer stays to be seen while a newer one is asked for, or cannot be had.
 */
import { type ControlName, type ControlResponse, MeshError, type MeshEvent } from "@federation/core";
import type { ControlArguments } from "@federation/mcp/client/web";
import { type ReadonlySignal, signal } from "@preact/signals";
import { createAsking } from "./asking.ts";
import type { LiveLog } from "./live-log.ts";
import type { Mesh } from "./mesh.ts";
import { touches } from "./touches.ts";

export interface QueryState<T> {
  readonly data: T | undefined;
  readonly error: MeshError | undefined;
  readonly loading: boolean;
}

export interface Query<N extends ControlName> {
  readonly state: ReadonlySignal<QueryState<ControlResponse<N>>>;
  /** Keeps it fresh until the function it gives is called; `everyMs`: also without events. */
  hold(everyMs?: number): () => void;
  refresh(): void;
}

export interface Queries {
  of<N extends ControlName>(name: N, request: ControlArguments<N>): Query<N>;
  /** Everything that is shown is asked again. */
  refreshAll(): void;
}

const restMs = 300;
/** Of how long an answer took. */
const restFactor = 5;
const longestRestMs = 2_000;

/** From one question to the next of the same, when its answer took so long. */
export function restAfter(tookMs: number): number {
  return Math.min(Math.max(restMs, tookMs * restFactor), Math.max(longestRestMs, tookMs));
}

/** An answer that nobody shows is kept for who comes back to it. */
const keepMs = 120_000;

interface Entry {
  readonly name: ControlName;
  readonly request: Readonly<Record<string, unknown>>;
  readonly refresh: () => void;
  readonly held: () => boolean;
}

export function createQueries(mesh: Mesh, log: LiveLog): Queries {
  const entries = new Map<string, Entry & { readonly query: unknown }>();

  function refreshAll(): void {
    for (const entry of entries.values()) if (entry.held()) entry.refresh();
  }

  log.onEvents((events: readonly MeshEvent[]) => {
    const touched = events.map(touches);
    for (const entry of entries.values())
      if (entry.held() && touched.some((it) => it(entry.name, entry.request))) entry.refresh();
  });
  mesh.onConnected(refreshAll);

  return {
    refreshAll,
    of<N extends ControlName>(name: N, request: ControlArguments<N>): Query<N> {
      const key = `${name} ${JSON.stringify(request)}`;
      const known = entries.get(key);
      // The key names the control entry, so what is kept under it is of its type.
      if (known !== undefined) return known.query as Query<N>;
      const made = createQuery(mesh, name, request, () => void entries.delete(key));
      entries.set(key, { name, request, refresh: made.query.refresh, held: made.held, query: made.query });
      return made.query;
    },
  };
}

function createQuery<N extends ControlName>(
  mesh: Mesh,
  name: N,
  request: ControlArguments<N>,
  forget: () => void,
): { readonly query: Query<N>; readonly held: () => boolean } {
  const state = signal<QueryState<ControlResponse<N>>>({ data: undefined, error: undefined, loading: false });
  let holders = 0;
  let forgetting: ReturnType<typeof setTimeout> | undefined;
  const { refresh } = createAsking({ ask, restAfter, wanted: () => holders > 0 });

  async function ask(): Promise<void> {
    state.value = { ...state.peek(), loading: true };
    try {
      const client = await mesh.client;
      const data = await client.call(name, request);
      state.value = { data, error: undefined, loading: false };
    } catch (thrown) {
      state.value = { ...state.peek(), error: MeshError.from(thrown), loading: false };
    }
  }

  function hold(everyMs?: number): () => void {
    holders += 1;
    clearTimeout(forgetting);
    // Nobody told it of changes while nobody showed it.
    if (holders === 1) refresh();
    const timer =
      everyMs === undefined
        ? undefined
        : setInterval(() => {
            if (document.visibilityState === "visible") refresh();
          }, everyMs);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      clearInterval(timer);
      holders -= 1;
      if (holders === 0) forgetting = setTimeout(forget, keepMs);
    };
  }

  return { query: { state, hold, refresh }, held: () => holders > 0 };
}
