/**
 * What the client of one session wants to hear of, and telling it.
 *
 * 1. A subscription holds once it is answered: what commits after that is told. What the client is told is that a
 *    resource changed; what it now is, it reads, under its own rights.
 * 2. What was subscribed to in a session that another process held before may have changed in between: it is told once.
 * 3. Bounded: so many URIs per session, and new lists at most once a second.
 */
import { MeshError, type MeshEvent } from "@federation/core";
import type { ChangeFeed } from "@federation/runtime/ports";
import { covers, touchedBy } from "./touched-resources.ts";

const maxUris = 256;
const maxUriLength = 1000;
const listsEveryMs = 1000;

export interface SubscriptionsOptions {
  readonly actor: string;
  /** Without one nothing is ever told. */
  readonly changes: ChangeFeed | undefined;
  readonly updated: (uri: string) => void;
  readonly listsChanged: () => void;
}

export interface Subscriptions {
  /**
   * Begins to tell of these URIs, and with `lists` of changed lists, under a key of the caller.
   * @throws MeshError `limit_exceeded`, `invalid_input` or `unavailable`.
   */
  add(key: string, wanted: { readonly uris: readonly string[]; readonly lists: boolean }): Promise<void>;
  has(key: string): boolean;
  remove(key: string): void;
  /** Tells of everything under a key as if it had changed. */
  tell(key: string): void;
  close(): void;
}

interface Wanted {
  readonly uris: readonly string[];
  readonly lists: boolean;
}

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const wanted = new Map<string, Wanted>();
  let watching: Promise<() => void> | undefined;
  let listsTimer: NodeJS.Timeout | undefined;
  let listsToldMs = Number.NEGATIVE_INFINITY;

  function hear(events: readonly MeshEvent[]): void {
    const touched = events.map(touchedBy);
    const uris = [...new Set(touched.flatMap((it) => it.uris))];
    const all = [...wanted.values()];
    const changed = new Set(all.flatMap((it) => it.uris).filter((uri) => uris.some((it) => covers(it, uri))));
    for (const uri of changed) options.updated(uri);
    if (touched.some((it) => it.list) && all.some((it) => it.lists)) tellLists();
  }

  function tellLists(): void {
    if (listsTimer !== undefined) return;
    const waitMs = listsToldMs + listsEveryMs - performance.now();
    listsTimer = setTimeout(
      () => {
        listsTimer = undefined;
        listsToldMs = performance.now();
        options.listsChanged();
      },
      Math.max(0, waitMs),
    );
  }

  async function watch(changes: ChangeFeed): Promise<void> {
    watching ??= changes.watch(options.actor, hear);
    try {
      await watching;
    } catch (error) {
      watching = undefined;
      throw error;
    }
  }

  function unwatch(): void {
    const ending = watching;
    watching = undefined;
    void ending?.then(
      (end) => end(),
      () => undefined,
    );
  }

  function remove(key: string): void {
    wanted.delete(key);
    if (wanted.size === 0) unwatch();
  }

  return {
    async add(key, it) {
      const count = [...wanted.values()].reduce((sum, other) => sum + other.uris.length, it.uris.length);
      if (count > maxUris || wanted.size >= maxUris) {
        throw new MeshError("limit_exceeded", `A session may be told of ${maxUris} resources; give up others first.`);
      }
      if (it.uris.some((uri) => uri.length > maxUriLength)) {
        throw new MeshError("invalid_input", `A resource's URI has at most ${maxUriLength} characters.`);
      }
      wanted.set(key, it);
      if (options.changes === undefined) return;
      try {
        await watch(options.changes);
      } catch (error) {
        remove(key);
        throw error;
      }
    },
    has: (key) => wanted.has(key),
    remove,
    tell(key) {
      const it = wanted.get(key);
      for (const uri of it?.uris ?? []) options.updated(uri);
      if (it?.lists === true) tellLists();
    },
    close() {
      clearTimeout(listsTimer);
      wanted.clear();
      unwatch();
    },
  };
}
