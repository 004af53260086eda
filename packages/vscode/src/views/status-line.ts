/** The line in the status bar: who is there, and how many things wait. */
import type { Reach } from "../session/session.ts";
import { oneLine } from "../text/one-line.ts";
import { spanText } from "../text/times.ts";
import { waitingTitle } from "./inbox-items.ts";
import type { RosterEntry, WaitingItem } from "./item.ts";

export interface StatusLine {
  readonly text: string;
  /** Lines, each plain text. */
  readonly tooltip: readonly string[];
  readonly tone: "plain" | "warn" | "bad";
  /** For a screen reader. */
  readonly accessible: string;
  readonly leadsTo: "inbox" | "observer" | "connect";
}

const named = 5;
/** A node that comes back within it was hardly away. */
const briefMs = 5_000;

/** Over the lists, which then show what was; empty while there is nothing to say. */
export function reachText(reach: Reach, nowMs: number): string {
  if (reach.state === "connecting")
    return reach.lastError === undefined ? "" : "The node is not reached yet; it is tried again.";
  if (reach.state !== "away") return "";
  const ms = nowMs - reach.sinceMs;
  return `The node is away${ms < briefMs ? "" : ` for ${spanText(ms)}`}; it is tried again.`;
}

export function statusLine(
  reach: Reach,
  actors: readonly RosterEntry[] | undefined,
  waiting: readonly WaitingItem[] | undefined,
  nowMs: number = Date.now(),
): StatusLine {
  if (reach.state === "over")
    return {
      text: "$(debug-disconnect) Federation",
      tooltip: [
        "The node lets this editor in no more.",
        oneLine(reach.reason, 300),
        "Connect again with another token.",
      ],
      tone: "bad",
      accessible: "Federation: not let in any more",
      leadsTo: "connect",
    };
  if (reach.state !== "connected") {
    const what = reach.state === "away" ? `away for ${spanText(nowMs - reach.sinceMs)}` : "connecting";
    return {
      text: `$(sync~spin) Federation`,
      tooltip: [
        `The node is ${reach.state === "away" ? what : "not reached yet"}; it is tried again.`,
        ...(reach.lastError === undefined ? [] : [oneLine(reach.lastError, 300)]),
      ],
      tone: "warn",
      accessible: `Federation: ${what}`,
      leadsTo: "observer",
    };
  }
  const online = actors?.filter((it) => it.online).length ?? 0;
  const mine = waiting?.filter((it) => !it.optional) ?? [];
  const count = mine.length;
  return {
    text: `$(organization) ${online}/${actors?.length ?? 0}${count === 0 ? "" : `  $(inbox) ${count}`}`,
    tooltip: [
      `${online} of ${actors?.length ?? 0} actors are online.`,
      ...(actors ?? []).filter((it) => !it.online).map((it) => `${it.actor} is away.`),
      count === 0 ? "Nothing waits for you." : `${count === 1 ? "One thing waits" : `${count} things wait`} for you:`,
      ...mine.slice(0, named).map((it) => `${waitingTitle(it)}: ${oneLine(it.text, 80)}`),
      ...(count > named ? [`and ${count - named} more`] : []),
    ],
    // A count is enough: a colour is for what is wrong.
    tone: "plain",
    accessible: `Federation: ${online} of ${actors?.length ?? 0} online, ${count} waiting for you`,
    leadsTo: count > 0 ? "inbox" : "observer",
  };
}
