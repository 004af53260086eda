/** Who may use which destination: an actor reads its own queue and the broadcast, and writes to any actor. */
import { actorOfQueue, broadcastTopic, isMeshDestination } from "../destinations.ts";

export function maySubscribe(login: string, destination: string): boolean {
  return destination === broadcastTopic || actorOfQueue(destination) === login;
}

/** Patterns, composites and foreign names are no destinations of the mesh at all. */
export function maySend(destination: string): boolean {
  return isMeshDestination(destination);
}
