import type { ControlResponse } from "@federation/core";
import { fields, heading, type Paper, quote, sections, timeText } from "../paper.ts";

type Approval = ControlResponse<"AnswerApproval">["approval"];

export function showAsked(_paper: Paper, it: ControlResponse<"AskApproval">): string {
  return `Asked: approval ${it.approval}; the answer comes into conversation ${it.conversation}.`;
}

export function showApprovals(paper: Paper, { approvals }: ControlResponse<"ListApprovals">): string {
  if (approvals.length === 0) return paper.colours.dim("No question waits.");
  return sections(...approvals.map((it) => approval(paper, it)));
}

export function showAnswered(
  _paper: Paper,
  { approval: { state, askedBy } }: ControlResponse<"AnswerApproval">,
): string {
  return `${state === "approved" ? "Approved" : "Denied"}; ${askedBy} is told.`;
}

function approval(paper: Paper, it: Approval): string {
  return [
    heading(paper, `${it.askedBy} asks ${it.whom}`),
    quote(paper, it.question),
    fields(paper, [
      ["approval", it.id],
      ["conversation", it.conversation],
      ["state", it.state],
      ["asked", timeText(it.createdAt)],
      ["until", timeText(it.deadline)],
      ["closed", timeText(it.closedAt)],
      ["reason", it.reason],
    ]),
  ].join("\n");
}
