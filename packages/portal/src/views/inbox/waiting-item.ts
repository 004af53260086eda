import type { ControlResponse } from "@federation/core";

/** One of what waits for the person. */
export type WaitingItem = ControlResponse<"ListWaiting">["items"][number];
