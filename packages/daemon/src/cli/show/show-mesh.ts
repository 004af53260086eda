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
      it.online,
      it.model ?? "-",
      it.due,
      it.tokensIn,
      it.tokensOut,
      timeText(it.lastSeenAt),
    ]),
    "There are no actors.",
  );
}

export function showCharter(paper: Paper, it: ControlResponse<"ShowCharter">): string {
  const parameters: Readonly<Record<string, object>> = it.parameters;
  return sections(
    fields(paper, [
      ["version", it.version],
      ["adopted", timeText(it.adoptedAt)],
      ["sha256", it.sha256],
    ]),
    ...it.articles.map((article) => {
      const numbers = Object.hasOwn(parameters, article.id) ? Object.entries(parameters[article.id] ?? {}) : [];
      const told = numbers.map(([name, value]) => [name, JSON.stringify(value)] as const);
      const title = heading(paper, `${article.title} (${article.id})`);
      return [title, quote(paper, article.text), fields(paper, told)].filter((part) => part !== "").join("\n");
    }),
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
