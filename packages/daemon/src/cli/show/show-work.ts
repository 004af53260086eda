import type { ControlResponse, Proposal, Task } from "@federation/core";
import { fields, heading, type Paper, quote, sections, table, timeText } from "../paper.ts";

export function showProposals(paper: Paper, { proposals }: ControlResponse<"ListProposals">): string {
  return table(
    paper,
    ["PROPOSAL", "AUTHOR", "STATE", "ROUND", "BALLOTS", "TITLE"],
    proposals.map((it) => [
      it.id,
      it.author,
      it.state,
      it.round,
      `${it.ballots.length} of ${it.electorate.length}`,
      it.title,
    ]),
    "There are no proposals.",
  );
}

export function showTasks(paper: Paper, { tasks }: ControlResponse<"ListTasks">): string {
  return table(
    paper,
    ["TASK", "STATE", "ASSIGNEE", "HOLDER", "FENCE", "TITLE"],
    tasks.map((it) => [it.id, it.state, it.assignee ?? "-", it.holder ?? "-", it.fence, it.title]),
    "There are no tasks.",
  );
}

export function proposalText(paper: Paper, it: Proposal): string {
  return [
    heading(paper, `Proposal: ${it.title}`),
    fields(paper, [
      ["proposal", it.id],
      ["author", it.author],
      ["state", it.state],
      ["electorate", it.electorate.join(", ")],
    ]),
    quote(paper, it.text),
    ...it.ballots.map((ballot) => {
      const late = ballot.byDeadline ? " (by deadline)" : "";
      return fields(paper, [[`${ballot.voter}: ${ballot.choice}${late}`, ballot.reason]]);
    }),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

export function taskText(paper: Paper, it: Task): string {
  const { submission } = it;
  return [
    heading(paper, `Task: ${it.title}`),
    fields(paper, [
      ["task", it.id],
      ["state", it.state],
      ["kind", it.kind],
      ["priority", it.priority === 0 ? "" : it.priority],
      ["due", timeText(it.dueAt)],
      ["paths", it.scope.join(", ")],
      ["waits for", it.needs.join(", ")],
      ["assignee", it.assignee ?? (it.pool ? "the pool: whoever claims it first" : null)],
      ["holder", it.holder],
      ["taken over from", it.takenFrom],
      ["fence", it.fence],
      ["lease", it.holder === null ? "" : it.leaseLive ? "live" : "run out"],
    ]),
    it.instructions === "" ? "" : quote(paper, it.instructions),
    ...(submission === null
      ? []
      : [
          heading(paper, `Submission of ${submission.author} (${submission.state})`),
          quote(paper, submission.summary),
          fields(paper, [["evidence", submission.evidence.join(", ")]]),
          ...submission.files.map((file) => `${heading(paper, file.path)}\n${quote(paper, file.content)}`),
          submission.reason === null
            ? ""
            : fields(paper, [[`${submission.reviewer ?? "reviewer"} says`, submission.reason]]),
        ]),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

export function showProposal(paper: Paper, { proposal }: ControlResponse<"ShowProposal">): string {
  return sections(proposalText(paper, proposal), fields(paper, [["conversation", proposal.conversation]]));
}

export function showTask(paper: Paper, { task }: ControlResponse<"ShowTask">): string {
  return sections(taskText(paper, task), fields(paper, [["conversation", task.conversation]]));
}

export function showClaim(_paper: Paper, it: ControlResponse<"ClaimTask">): string {
  return it.claimed
    ? `Claimed. Your fence is ${it.fence}: give it with "task submit" and "task hand-back".`
    : `Not claimed: ${it.holder} holds it with fence ${it.fence}.`;
}
