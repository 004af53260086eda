import type { ControlResponse } from "@federation/core";
import { type Paper, table, timeText } from "../paper.ts";

export function showWaiting(paper: Paper, { items, unread }: ControlResponse<"ListWaiting">): string {
  const rows = items.map((it) => [
    it.optional ? `${it.kind} (may be)` : it.kind,
    it.id,
    it.from ?? "-",
    timeText(it.deadline) || "-",
    it.fence ?? "-",
    it.text,
  ]);
  const list = table(paper, ["WHAT", "ID", "FROM", "UNTIL", "FENCE", "ABOUT"], rows, "Nothing waits for you.");
  return unread === 0 ? list : `${list}\n${paper.colours.dim(`Unread besides: ${unread}, see: federation inbox`)}`;
}
