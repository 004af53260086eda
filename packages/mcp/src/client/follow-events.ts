import { type EventFilter, MeshError, type MeshEvent } from "@federation/core";
import type { ControlClient } from "./control-client.ts";
import { sleep } from "./sleep.ts";

export interface FollowOptions extends EventFilter {
  /** Cursor of the last event seen; from the beginning when not given. */
  readonly after?: string | undefined;
  /** How long one call waits at the node for something new. */
  readonly waitMs?: number;
  /** Events asked for at once, 200 when not given. */
  readonly limit?: number;
  /** Ends the sequence, without an error. */
  readonly signal?: AbortSignal;
}

const defaultWaitMs = 20_000;
const graceMs = 10_000;
const pauseMs = 500;
const defaultLimit = 200;

/**
 * The event log from a cursor on, in commit order, without gap or repetition, across lost connections.
 * @throws MeshError when the node refuses; not for a node that is away, which is waited for.
 */
export async function* followEvents(client: ControlClient, options: FollowOptions = {}): AsyncGenerator<MeshEvent> {
  const { after: from, waitMs = defaultWaitMs, limit = defaultLimit, signal, ...choice } = options;
  let after = from;
  while (!isAborted(signal)) {
    const startedMs = performance.now();
    let events: readonly MeshEvent[];
    try {
      const request = { ...choice, after, waitMs, limit };
      const answer = await client.call("ListEvents", request, {
        timeoutMs: waitMs + graceMs,
        ...(signal === undefined ? {} : { signal }),
      });
      events = answer.events;
      after = answer.cursor ?? after;
    } catch (error) {
      if (isAborted(signal)) return;
      const passes = error instanceof MeshError && ["deadline_exceeded", "unavailable"].includes(error.code);
      if (!passes || client.status().state === "closed") throw error;
      events = [];
    }
    yield* events;
    // A node that does not wait must not be asked in a tight loop.
    const restMs = pauseMs - (performance.now() - startedMs);
    if (events.length === 0 && restMs > 0) await sleep(restMs, signal);
  }
}

/** Asked anew each time: it changes while the generator waits. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
