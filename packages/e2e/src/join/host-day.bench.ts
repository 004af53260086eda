/** A host's day, both ways, with its transcript written into docs/mcp.md. Takes half a minute. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { markdownTable, withSection } from "../docs/written-section.ts";
import type { DayWay } from "./testing/day-host.ts";
import { type Day, liveHostDay, withPool } from "./testing/host-day.ts";
import { repository, startJoinNode } from "./testing/join-node.ts";

const docs = path.join(repository, "docs/mcp.md");
const ways: readonly DayWay[] = ["stdio stub, 2025-11-25", "HTTP, 2026-07-28"];

const days: Day[] = [];
for (const way of ways) {
  const node = await startJoinNode({ parameters: withPool });
  try {
    const day = await liveHostDay(node, way, "copilot-1");
    days.push(day);
    process.stdout.write(`${transcript(day)}\n\n`);
  } finally {
    await node.close();
  }
}
const section = [...days.map(transcript), figures(days)].join("\n\n");
writeFileSync(docs, withSection(readFileSync(docs, "utf8"), "host-day", section));

function transcript({ way, lines }: Day): string {
  const width = Math.max(...lines.map(({ who }) => who.length));
  const told = lines.map(
    ({ atMs, who, text }) => `${(atMs / 1000).toFixed(2).padStart(6)} s  ${who.padEnd(width)}  ${text}`,
  );
  return [`### By ${way}`, "", "```", ...told, "```"].join("\n");
}

function figures(all: readonly Day[]): string {
  const rows: readonly (readonly [string, (day: Day) => number])[] = [
    ["Notes answered while the node changed under the host", (day) => day.rows.notesWritten],
    ["Notes in the rows", (day) => day.rows.notes],
    ["Claims of the task", (day) => day.rows.claims],
    ["Submissions of the task", (day) => day.rows.submissions],
    ["Calls the host had to send again, under their call id", (day) => day.repeated.length],
    ["Connections the host lost", (day) => day.lost],
  ];
  return markdownTable(
    ["", ...all.map(({ way }) => way)],
    rows.map(([name, of]) => [name, ...all.map((day) => String(of(day)))]),
  );
}
