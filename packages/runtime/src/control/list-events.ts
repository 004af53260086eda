import { type ControlRequest, type ControlResponse, MeshError } from "@federation/core";
import type { ControlCaller, EventFilter } from "../ports/index.ts";
import type { ControlDeps } from "./call.ts";

/**
 * Reads the event log in either direction.
 *
 * 1. Who reads on from what they have seen is told soon: while things happen a page follows the one before at once, and the
 *    next looks come close together. With nothing there each look waits twice as long as the one before, up to a second.
 * 2. What happened in this process rings, and is looked at after a breath: what happens together is told together.
 * 3. Only the rows tell: what another node did rings nowhere, and nothing else is asked for it.
 */
const FIRST_LOOK_MS = 30;
const SLOWEST_LOOK_MS = 1_000;
/** Half of the time to the next look, and no more than this: others' rings must not make looks that find nothing many. */
const LONGEST_BREATH_MS = 50;

export async function listEvents(
  deps: ControlDeps,
  request: ControlRequest<"ListEvents">,
  caller: ControlCaller,
): Promise<ControlResponse<"ListEvents">> {
  const { clock, store, news } = deps;
  const { before, limit, waitMs } = request;
  const filter = filterOf(request);
  if (before !== undefined) {
    if (request.after !== undefined)
      throw new MeshError("invalid_input", "Read after a cursor or before one, not both at once.");
    const page = await store.eventsBefore(before === "end" ? null : before, limit, filter, caller.actor);
    return { events: [...page.events], cursor: page.cursor };
  }
  let after = request.after === "end" ? await store.eventEnd() : (request.after ?? null);
  const endMs = clock.nowMs() + waitMs;
  for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(SLOWEST_LOOK_MS, lookMs * 2)) {
    const { events, cursor } = await store.events(after, limit, filter, caller.actor);
    const leftMs = endMs - clock.nowMs();
    if (events.length > 0 || leftMs <= 0 || caller.signal.aborted) return { events: [...events], cursor };
    // What was looked through is not looked through again.
    after = cursor;
    const breathMs = Math.min(LONGEST_BREATH_MS, lookMs / 2, leftMs);
    await clock.sleep(breathMs, caller.signal);
    await news.wait(Math.max(0, Math.min(lookMs, leftMs) - breathMs), caller.signal);
  }
}

export async function countEvents(
  { store }: ControlDeps,
  request: ControlRequest<"CountEvents">,
  caller: ControlCaller,
): Promise<ControlResponse<"CountEvents">> {
  const after = request.after === "end" ? await store.eventEnd() : (request.after ?? null);
  const upTo = request.upTo === "end" ? null : request.upTo;
  return await store.countEvents({ after, upTo }, filterOf(request), caller.actor);
}

function filterOf({ conversation, actor, kinds, subject, text }: EventFilter): EventFilter {
  return { conversation, actor, kinds, subject, text };
}
