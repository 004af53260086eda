import type { ControlResponse } from "@federation/core";
import { fields, heading, type Paper, quote, sections, table, timeText } from "../paper.ts";

export function showCharter(paper: Paper, it: ControlResponse<"ShowCharter">): string {
  return sections(
    fields(paper, [
      ["version", it.version],
      ["in force by", howText(it)],
      ["since", timeText(it.adoptedAt)],
      ["sha256", it.sha256],
      ["proposal", it.proposal],
      ["motive", it.motive],
    ]),
    ...it.articles.map((article) => {
      const numbers = Object.entries(it.parameters[article.id] ?? {});
      const told = numbers.map(([name, value]) => [name, JSON.stringify(value)] as const);
      const marks = [
        it.off.includes(article.id) ? "switched off" : "",
        article.optional ? "optional" : "",
        article.entrenched ? "entrenched" : "",
      ].filter((mark) => mark !== "");
      const title = heading(paper, `${article.title} (${[article.id, ...marks].join(", ")})`);
      return [title, quote(paper, article.text), fields(paper, told)].filter((part) => part !== "").join("\n");
    }),
    ...it.advisories.map(
      (advice) =>
        `${heading(paper, `${advice.title} (${advice.id}, advice: not enforced)`)}\n${quote(paper, advice.text)}`,
    ),
  );
}

function howText(it: Pick<ControlResponse<"ShowCharter">, "how" | "adoptedBy">): string {
  switch (it.how) {
    case "shipped":
      return "shipped with the build";
    case "vote":
      return `vote, proposed by ${it.adoptedBy}`;
    case "commander":
      return `the word of ${it.adoptedBy}`;
  }
}

export function showCharterVersions(paper: Paper, { versions }: ControlResponse<"ListCharterVersions">): string {
  return table(
    paper,
    ["VERSION", "SINCE", "BY", "SHA256", "PROPOSAL", "MOTIVE"],
    versions.map((it) => [
      it.version,
      timeText(it.adoptedAt),
      howText(it),
      it.sha256.slice(0, 12),
      it.proposal ?? "-",
      it.motive,
    ]),
    "There is no charter yet; run: federation init.",
  );
}

export function showCharterDiff(paper: Paper, it: ControlResponse<"DiffCharter">): string {
  return table(
    paper,
    ["ARTICLE", "WHAT", `VERSION ${it.from}`, `VERSION ${it.to}`],
    it.differences.map((d) => [d.article, d.what, valueText(d.before), valueText(d.after)]),
    `Versions ${it.from} and ${it.to} say the same.`,
  );
}

const valueText = (value: unknown): string =>
  value === null ? "-" : typeof value === "string" ? value : JSON.stringify(value);

export function showAudit(paper: Paper, it: ControlResponse<"AuditVerdicts">): string {
  const told = fields(paper, [
    ["seals", it.seals],
    ["verdicts sealed", it.sealed],
    ["not sealed yet", it.unsealed],
    ["head", it.head],
  ]);
  const verdict = it.ok
    ? paper.colours.green("The chain of verdicts is whole.")
    : paper.colours.red(`The chain of verdicts breaks at seal ${it.brokenAt}: what it covers was changed.`);
  return `${told}\n${verdict}`;
}

export function showVerdicts(paper: Paper, { verdicts }: ControlResponse<"ListVerdicts">): string {
  return table(
    paper,
    ["VERDICT", "AT", "ACTOR", "ACTION", "", "ARTICLE", "CHARTER", "REASON", "INSTEAD"],
    verdicts.map((it) => [
      it.id,
      timeText(it.at),
      it.actor,
      it.action,
      it.allowed ? "allowed" : "refused",
      it.article ?? "-",
      it.charterVersion,
      it.reason,
      it.lawful,
    ]),
    "There are no verdicts.",
  );
}

export function showIncident(paper: Paper, it: ControlResponse<"ShowIncident">): string {
  return sections(
    fields(paper, [
      ["incident", it.incident],
      ["kind", it.kind.replaceAll("_", " ")],
      ["at", timeText(it.at)],
      ["actor", it.actor],
    ]),
    quote(paper, it.text),
  );
}

export function showAmendmentMade(paper: Paper, it: ControlResponse<"ProposeAmendment">): string {
  return sections(`Opened motion ${it.motion}; vote on it under this id. Its motive:`, quote(paper, it.motive));
}

export function showMotions(paper: Paper, { motions }: ControlResponse<"ListMotions">): string {
  return table(
    paper,
    ["MOTION", "KIND", "AUTHOR", "PHASE", "UNTIL", "OUTCOME", "TITLE"],
    motions.map((it) => [it.id, it.kind, it.author, it.phase, timeText(it.phaseDeadline), it.outcome ?? "-", it.title]),
    "There are no motions.",
  );
}
