import type { ControlRequest, ControlResponse } from "@federation/core";
import type { ControlCaller } from "../ports/index.ts";
import type { ControlDeps } from "./call.ts";

/** Looks again this soon at first, then less and less often; news in this process is looked at soon after it rang. */
const FIRST_POLL_MS = 250;
const SLOWEST_POLL_MS = 1_000;
const BREATH_MS = 50;

/** Reads the event log after a cursor; with nothing there, waits up to `waitMs` or until nobody waits for the answer. */
export async function listEvents(
  deps: ControlDeps,
  request: ControlRequest<"ListEvents">,
  caller: ControlCaller,
): Promise<ControlResponse<"ListEvents">> {
  const { clock, store, news } = deps;
  const after = request.after === "end" ? await store.eventEnd() : (request.after ?? null);
  const endMs = clock.nowMs() + request.waitMs;
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(SLOWEST_POLL_MS, pollMs * 1.5)) {
    const events = await store.events(after, request.limit, request.conversation ?? null, caller.actor);
    const leftMs = endMs - clock.nowMs();
    if (events.length > 0 || leftMs <= 0 || caller.signal.aborted)
      return { events: [...events], cursor: events.at(-1)?.cursor ?? after };
    await clock.sleep(Math.min(BREATH_MS, leftMs), caller.signal);
    await news.wait(Math.max(0, Math.min(pollMs, leftMs) - BREATH_MS), caller.signal);
  }
}
