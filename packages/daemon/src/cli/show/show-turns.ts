import { type ControlResponse, chosenKey } from "@federation/core";
import { fields, heading, type Paper, quote, sections, table, timeText } from "../paper.ts";

type Turn = ControlResponse<"ShowTurn">["turn"];
type Decision = ControlResponse<"ListDecisions">["decisions"][number];

export function showTurns(paper: Paper, { turns }: ControlResponse<"ListTurns">): string {
  return table(
    paper,
    ["TURN", "ACTOR", "STATE", "STARTED", "SECONDS", "TOKENS IN", "OUT", "DUTY", "ACTION", "BY", "CONVERSATION"],
    turns.map((it) => [
      it.id,
      it.actor,
      it.state,
      timeText(it.startedAt),
      seconds(it),
      it.tokensIn,
      it.tokensOut,
      it.duty ?? "-",
      it.action ?? "-",
      it.origin ?? "-",
      it.conversation,
    ]),
    "There were no turns.",
  );
}

export function showTurn(paper: Paper, answer: ControlResponse<"ShowTurn">): string {
  const { turn: it, record, decisions, verdicts } = answer;
  return sections(
    heading(paper, `A turn of ${it.actor}`),
    fields(paper, [
      ["turn", it.id],
      ["conversation", it.conversation],
      ["step", it.attempts > 1 ? `${it.step}, attempt ${it.attempts}` : it.step],
      ["state", it.state],
      ["model", it.model],
      ["started", timeText(it.startedAt)],
      ["took", it.endedAt === null ? "" : `${seconds(it)} s`],
      ["tokens", `${it.tokensIn} in, ${it.tokensOut} out`],
      ["duty", it.duty],
      ["about", it.subject],
      ["failure", it.failure],
    ]),
    ...(record === null
      ? [paper.colours.dim("What its model was shown is not on record, or not yours to read.")]
      : [
          `${heading(paper, "Stable prompt")}\n${quote(paper, record.system)}`,
          `${heading(paper, "Situation")}\n${quote(paper, record.situation)}`,
          offers(paper, record.offered, decisions),
          fields(paper, [
            ["messages shown", record.read.join(", ")],
            ["answers thrown away", record.rejected.join(", ")],
          ]),
        ]),
    decisionTable(paper, decisions),
    table(
      paper,
      ["VERDICT ON", "ALLOWED", "ARTICLE", "REASON", "LAWFUL INSTEAD"],
      verdicts.map((verdict) => [
        verdict.action,
        verdict.allowed,
        verdict.article ?? "-",
        verdict.reason,
        verdict.lawful,
      ]),
      "No verdict.",
    ),
  );
}

/** What it could choose from, with how likely each was to it. */
function offers(
  paper: Paper,
  offered: readonly { readonly key: string; readonly sentence: string }[],
  decisions: readonly Decision[],
): string {
  const chosen = decisions[0]?.probabilities ?? {};
  return table(
    paper,
    ["OFFERED", "PROBABILITY", "AS"],
    offered.map(({ key, sentence }) => [key, chosen[key]?.toFixed(3) ?? "-", sentence]),
    "Nothing was offered.",
  );
}

export function showDecisions(paper: Paper, { decisions }: ControlResponse<"ListDecisions">): string {
  return decisionTable(paper, decisions);
}

function decisionTable(paper: Paper, decisions: readonly Decision[]): string {
  return table(
    paper,
    ["DECISION", "AT", "ACTOR", "BY", "ACTION", "PROBABILITY", "CONVERSATION", "NOTE"],
    decisions.map((it) => [
      it.id,
      timeText(it.at),
      it.actor,
      it.origin,
      it.head.kind,
      it.probabilities?.[chosenKey(it.head) ?? ""]?.toFixed(3) ?? "-",
      it.conversation,
      it.note,
    ]),
    "No decisions.",
  );
}

export function showCosts(paper: Paper, { costs, total }: ControlResponse<"ListCosts">): string {
  const rows = costs.map((it) => [
    it.kind,
    it.turns,
    it.failedTurns,
    it.tokensIn,
    it.tokensOut,
    Math.round(it.ms / 1_000),
    nearestBudget(it.budgets),
    it.id,
    it.title === it.id ? "" : it.title,
  ]);
  return table(
    paper,
    ["WHAT", "TURNS", "FAILED", "TOKENS IN", "OUT", "SECONDS", "BUDGET USED", "ID", "TITLE"],
    [
      ...rows,
      ...(rows.length === 0
        ? []
        : [["all", total.turns, total.failedTurns, total.tokensIn, total.tokensOut, Math.round(total.ms / 1_000)]]),
    ],
    "No turn was taken.",
  );
}

/** The budget that is nearest to its end. */
function nearestBudget(budgets: ControlResponse<"ListCosts">["costs"][number]["budgets"]): string {
  const [nearest] = [...budgets].sort((a, b) => b.used / b.limit - a.used / a.limit);
  return nearest === undefined ? "-" : `${Math.round((100 * nearest.used) / nearest.limit)} % of ${nearest.name}`;
}

export function showUsage(paper: Paper, { from, stepMs, actors }: ControlResponse<"GetUsage">): string {
  const startMs = Date.parse(from);
  const steps = actors[0]?.turns.length ?? 0;
  const rows = Array.from({ length: steps }, (_, step) => [
    timeText(new Date(startMs + step * stepMs).toISOString()),
    ...actors.map((it) =>
      it.turns[step] === 0 ? "-" : `${it.turns[step]}: ${it.tokensIn[step]} in, ${it.tokensOut[step]} out`,
    ),
  ]);
  return table(paper, ["FROM", ...actors.map((it) => it.actor)], rows, "No turn ended in this time.");
}

function seconds({ startedAt, endedAt }: Turn): string {
  return endedAt === null ? "-" : ((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000).toFixed(1);
}
