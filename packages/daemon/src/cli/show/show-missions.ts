import type { ControlResponse } from "@federation/core";
import { fields, heading, type Paper, quote, sections, table, timeText } from "../paper.ts";
import { proposalText, taskText } from "./show-work.ts";

export function showMissions(paper: Paper, { missions }: ControlResponse<"ListMissions">): string {
  return table(
    paper,
    ["MISSION", "PHASE", "ROUND", "OUTCOME", "STARTED", "OBJECTIVE"],
    missions.map((it) => [it.id, it.phase, it.round, it.outcome ?? "-", timeText(it.createdAt), it.objective]),
    "There are no missions; start one with: federation mission start OBJECTIVE",
  );
}

export function showMission(paper: Paper, { mission: it }: ControlResponse<"ShowMission">): string {
  const open = it.obligations.filter((duty) => duty.state === "open");
  return sections(
    heading(paper, it.objective),
    fields(paper, [
      ["mission", it.id],
      ["phase", it.round > 1 ? `${it.phase}, round ${it.round}` : it.phase],
      ["since", timeText(it.phaseEnteredAt)],
      ["deadline", timeText(it.phaseDeadline)],
      ["outcome", it.outcome],
      ["started by", it.createdBy],
      ["tokens", it.tokens],
    ]),
    table(
      paper,
      ["MEMBER", "ROLE", "VOTES", "ONLINE", "TURNS"],
      it.members.map((member) => [member.actor, member.role, member.votes, member.online, member.turns]),
      "No members.",
    ),
    open.length === 0
      ? ""
      : fields(
          paper,
          open.map((duty) => [`${duty.actor} owes`, duty.duty]),
        ),
    ...it.proposals.map((proposal) => proposalText(paper, proposal)),
    ...it.tasks.map((task) => taskText(paper, task)),
    it.report === null ? "" : quote(paper, it.report),
  );
}

export function showReport(paper: Paper, it: ControlResponse<"ReportMission">): string {
  const seconds = Math.round(it.durationMs / 100) / 10;
  const { deliveries, decisions, verdicts } = it;
  return sections(
    heading(paper, it.objective),
    quote(paper, it.result === "" ? "(no result)" : it.result),
    fields(paper, [
      ["mission", it.mission],
      ["outcome", it.outcome ?? "not closed yet"],
      ["took", `${seconds} s`],
      ["phases", it.phases.map((phase) => phase.name).join(" → ")],
      ["messages", it.messages],
      ["deliveries", `${deliveries.acted} of ${deliveries.stored} acted on, ${deliveries.dead} dead`],
      ["verdicts", `${verdicts.allowed} allowed, ${verdicts.refused} refused`],
      [
        "decisions",
        `${decisions.byModel} by model, ${decisions.byDeadline} by deadline, ${decisions.byRule} by rule, ${decisions.byHuman} by a human`,
      ],
    ]),
    table(
      paper,
      ["PROPOSAL", "AUTHOR", "STATE", "BALLOTS", "TITLE"],
      it.proposals.map((row) => [row.id, row.author, row.state, ballotText(row.ballots), row.title]),
      "No proposals.",
    ),
    table(
      paper,
      ["TASK", "ASSIGNEE", "CLAIMED BY", "FENCE", "STATE"],
      it.tasks.map((row) => [row.id, row.assignee, row.claimedBy, row.fence, row.state]),
      "No tasks.",
    ),
    table(
      paper,
      ["AGENT", "TOKENS IN", "OUT"],
      Object.entries(it.tokens).map(([actor, use]) => [actor, use.in, use.out]),
      "No tokens used.",
    ),
    it.files.length === 0
      ? ""
      : table(
          paper,
          ["FILE", "SHA256"],
          it.files.map((file) => [file.path, file.sha256]),
          "",
        ),
    deliveries.open.length === 0
      ? ""
      : table(
          paper,
          ["OPEN DELIVERY", "TO", "WHY"],
          deliveries.open.map((row) => [row.message, row.recipient, row.why]),
          "",
        ),
  );
}

function ballotText(ballots: ControlResponse<"ReportMission">["proposals"][number]["ballots"]): string {
  return ballots.map((it) => `${it.voter} ${it.choice}${it.byDeadline ? " (deadline)" : ""}`).join(", ");
}
