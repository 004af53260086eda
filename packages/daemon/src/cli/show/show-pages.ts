import type { ControlResponse } from "@federation/core";
import { type Paper, table, timeText } from "../paper.ts";

export function showPages(paper: Paper, { sessions, here }: ControlResponse<"ListPageSessions">): string {
  return table(
    paper,
    ["PAGE", "ACTOR", "STATE", "LAST USED", "UNTIL", "ORIGIN", ""],
    sessions.map((it) => [
      it.id,
      it.actor,
      it.state,
      timeText(it.usedAt),
      timeText(it.expiresAt),
      it.origin,
      it.id === here ? "this one" : it.reason,
    ]),
    "There are no pages.",
  );
}
