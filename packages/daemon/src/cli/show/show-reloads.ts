import type { ControlResponse } from "@federation/core";
import { oneLine } from "../../timeline/plain-text.ts";
import { type Paper, table, timeText } from "../paper.ts";

export type Reload = ControlResponse<"ListReloads">["reloads"][number];

export function showReloads(paper: Paper, { reloads }: ControlResponse<"ListReloads">): string {
  return table(
    paper,
    ["NODE", "STATE", "STAGE", "MS", "ASKED BY", "ASKED", "CLOSED", "REASON"],
    reloads.map((it) => [
      it.node,
      it.state,
      it.stage ?? "-",
      it.tookMs ?? "-",
      it.askedBy ?? "-",
      timeText(it.askedAt),
      timeText(it.closedAt),
      it.reason,
    ]),
    "There were no reloads.",
  );
}

/** How one reload ended, in a sentence. */
export function showReloaded(paper: Paper, it: Reload): string {
  switch (it.state) {
    case "reloaded":
      return `${it.node} has new logic, after ${((it.tookMs ?? 0) / 1000).toFixed(1)} s.`;
    case "failed":
      return paper.colours.red(
        `The reload of ${it.node} failed at ${it.stage}: ${oneLine(it.reason)} The logic from before goes on.`,
      );
    case "expired":
      return paper.colours.red(`${it.node} did not say in time how its reload ended: it may be away.`);
    case "asked":
      return `The reload of ${it.node} is still under way.`;
  }
}
