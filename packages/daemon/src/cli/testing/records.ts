import type { ControlResponse } from "@federation/core";

type RosterEntry = ControlResponse<"ListRoster">["actors"][number];

/** An actor as a node lists it, of whom nothing is known; with what matters to the case laid over it. */
export function rosterRecord(actor: string, over: Partial<RosterEntry> = {}): RosterEntry {
  return {
    actor,
    kind: "agent",
    role: "developer",
    ordinal: 0,
    description: "",
    online: true,
    model: null,
    activity: { state: "idle", conversation: null, title: null, duty: null, task: null, since: null, waitingFor: [] },
    version: "0.1.0",
    startedAt: null,
    broker: null,
    host: null,
    queued: 0,
    dead: 0,
    tokensPerSecond: null,
    lastReload: null,
    paused: false,
    pauseReason: null,
    due: 0,
    tokensIn: 0,
    tokensOut: 0,
    lastSeenAt: null,
    ...over,
  };
}
