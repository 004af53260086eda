import { actorNameSchema, MeshError } from "@federation/core";

const queuePrefix = "/queue/federation.";

export function isActorName(text: string): boolean {
  return actorNameSchema.safeParse(text).success;
}

/** Every node subscribes to it; a hint, never the only way a message travels. */
export const broadcastTopic = "/topic/federation.broadcast";

/**
 * The queue that wakes one actor: `/queue/federation.{actor}`.
 * @throws MeshError `invalid_input` when the name is not lower-case letters, digits and dashes (at most 63).
 */
export function actorQueue(actor: string): string {
  if (!isActorName(actor)) {
    throw new MeshError(
      "invalid_input",
      "An actor's name is 1 to 63 lower-case letters, digits or dashes and does not begin with a dash.",
    );
  }
  return queuePrefix + actor;
}

/** The actor whose queue `destination` is, or undefined when it is no actor's queue. */
export function actorOfQueue(destination: string): string | undefined {
  if (!destination.startsWith(queuePrefix)) return undefined;
  const actor = destination.slice(queuePrefix.length);
  return isActorName(actor) ? actor : undefined;
}

/** True for the two kinds of destination the mesh uses; false for wildcards, composites and anything else. */
export function isMeshDestination(destination: string): boolean {
  return destination === broadcastTopic || actorOfQueue(destination) !== undefined;
}
