import type { MeshEvent } from "@federation/core";

/** Tells edges what happens in the mesh as it happens, so that they can tell their clients. */
export interface ChangeFeed {
  /**
   * Tells `listener` of the events that `actor` may see, in order, a few at a time. Resolves when nothing that commits
   * from then on is missed; the function it gives ends it.
   * @throws MeshError `unavailable` when the log cannot be read now.
   */
  watch(actor: string, listener: (events: readonly MeshEvent[]) => void): Promise<() => void>;
}
