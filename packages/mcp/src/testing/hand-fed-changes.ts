import { MeshError, type MeshEvent } from "@federation/core";
import type { ChangeFeed } from "@federation/runtime/ports";

/** A feed of changes whose events a test makes. */
export function createHandFedChanges() {
  const listeners = new Map<string, Set<(events: readonly MeshEvent[]) => void>>();
  let away = false;
  const feed: ChangeFeed = {
    async watch(actor, listener) {
      if (away) throw new MeshError("unavailable", "The log cannot be read now.");
      const of = listeners.get(actor) ?? new Set();
      listeners.set(actor, of.add(listener));
      return () => {
        of.delete(listener);
        if (of.size === 0) listeners.delete(actor);
      };
    },
  };
  return {
    feed,
    /** Something happens that `actor` may see. */
    happens(actor: string, ...events: readonly Partial<MeshEvent>[]): void {
      const made = events.map((event) => ({
        cursor: "1.1.1",
        at: "2026-01-01T00:00:00.000Z",
        kind: "MessageSent",
        actor: null,
        conversation: null,
        subject: null,
        data: {},
        ...event,
      }));
      for (const listener of listeners.get(actor) ?? []) listener(made);
    },
    watched: () => [...listeners.keys()],
    /** Whether the log can be read. */
    setAway: (now: boolean): void => {
      away = now;
    },
  };
}
