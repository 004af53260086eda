import type { ControlResponse } from "@federation/core";
import { createTimeline } from "../../timeline/create-timeline.ts";
import type { Paper } from "../paper.ts";

export function showEvents(paper: Paper, { events }: ControlResponse<"ListEvents">, details: boolean): string {
  const { colours, columns, ordinals } = paper;
  const timeline = createTimeline({ colours: colours.isColorSupported, columns, details, ordinals });
  const lines = events.flatMap((event) => timeline.line(event) ?? []);
  return lines.length === 0 ? paper.colours.dim("No events.") : lines.join("\n");
}
