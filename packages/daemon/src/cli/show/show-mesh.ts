import type { ControlResponse } from "@federation/core";
import { fields, heading, type Paper, quote, sections, table, timeText } from "../paper.ts";

export function showStatus(paper: Paper, it: ControlResponse<"GetStatus">): string {
  return fields(paper, [
    ["node", `${it.node} (version ${it.version})`],
    ["you", `${it.you.actor}, ${it.you.role}, may ${it.you.scopes.join(", ") || "nothing"}`],
    ["its clock", timeText(it.now)],
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
    ["ACTOR", "ROLE", "KIND", "MODEL", "DUE", "DEAD", "TOKENS IN", "OUT", "PER S", "VERSION", "LAST SEEN", "DOING"],
    actors.map((it) => [
      it.actor,
      it.role,
      it.kind,
      it.model ?? "-",
      it.due,
      it.dead,
      it.tokensIn,
      it.tokensOut,
      it.tokensPerSecond ?? "-",
      it.version ?? (it.host === null ? "-" : `at ${it.host}`),
      timeText(it.lastSeenAt),
      doing(it),
    ]),
    "There are no actors.",
  );
}

function doing({
  activity,
  pauseReason,
}: Pick<ControlResponse<"ListRoster">["actors"][number], "activity" | "pauseReason">): string {
  const { state, title, duty, waitingFor } = activity;
  const where = title === null ? "" : `: ${title}`;
  switch (state) {
    case "thinking":
      return `thinking${duty === null ? "" : ` (${duty})`}${where}`;
    case "waiting":
      return `waiting${waitingFor.length === 0 ? "" : ` for ${waitingFor.join(", ")}`}${where}`;
    case "paused":
      return `paused${pauseReason === null ? "" : `: ${pauseReason}`}`;
    case "working":
      return `working${where}`;
    case "idle":
    case "away":
      return state;
  }
}

export function showEventCount(_paper: Paper, { count, upTo }: ControlResponse<"CountEvents">): string {
  return `${count} events, up to ${upTo}`;
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
