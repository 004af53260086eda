import type { ControlResponse } from "@federation/core";
import { createTimeline } from "../../timeline/create-timeline.ts";
import type { Paper } from "../paper.ts";

export function showEvents(paper: Paper, { events }: ControlResponse<"ListEvents">, details: boolean): string {
  const timeline = createTimeline({ colours: paper.colours.isColorSupported, columns: paper.columns, details });
  const lines = events.flatMap((event) => timeline.line(event) ?? []);
  return lines.length === 0 ? paper.colours.dim("No events.") : lines.join("\n");
}
