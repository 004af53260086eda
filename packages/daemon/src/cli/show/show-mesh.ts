import type { ControlResponse } from "@federation/core";
import { fields, heading, type Paper, quote, sections, table, timeText } from "../paper.ts";

export function showStatus(paper: Paper, it: ControlResponse<"GetStatus">): string {
  return fields(paper, [
    ["node", `${it.node} (version ${it.version})`],
    ["database", it.database],
    ["broker, publishing", it.broker.publish],
    ["broker, consuming", it.broker.consume],
    ["model", it.model],
    ["charter", `version ${it.charterVersion}`],
    ["actors online", `${it.online} of ${it.actors}`],
    ["open missions", it.openMissions],
    ["wake-ups to send", it.outbox],
    ["deliveries due", it.due],
    ["dead letters", it.dead],
    ["paused nodes", it.paused.join(", ")],
  ]);
}

export function showRoster(paper: Paper, { actors }: ControlResponse<"ListRoster">): string {
  return table(
    paper,
    ["ACTOR", "ROLE", "KIND", "ONLINE", "MODEL", "WAITING", "TOKENS IN", "OUT", "LAST SEEN"],
    actors.map((it) => [
      it.actor,
      it.role,
      it.kind,
      it.paused ? `${it.online ? "yes" : "no"}, paused` : it.online,
      it.model ?? "-",
      it.due,
      it.tokensIn,
      it.tokensOut,
      timeText(it.lastSeenAt),
    ]),
    "There are no actors.",
  );
}

export function showOverdue(paper: Paper, { items }: ControlResponse<"GetOverdue">): string {
  return table(
    paper,
    ["WHAT", "WAITS FOR", "SINCE", "SECONDS LATE", "SUBJECT", "CONVERSATION"],
    items.map((it) => [
      it.kind,
      it.owner,
      timeText(it.deadline),
      Math.round(it.lateMs / 1000),
      it.subject,
      it.conversation ?? "-",
    ]),
    "Nothing is overdue.",
  );
}

export function showEpisodes(paper: Paper, { episodes }: ControlResponse<"RecallMemory">): string {
  if (episodes.length === 0) return paper.colours.dim("Nothing remembered matches.");
  return sections(
    ...episodes.map(
      (it) => `${heading(paper, `${it.actor}, ${timeText(it.createdAt)}, ${it.source}`)}\n${quote(paper, it.text)}`,
    ),
  );
}
