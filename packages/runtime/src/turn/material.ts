import {
  changeInWords,
  currentTask,
  decidedProposal,
  findProposal,
  type MissionView,
  type Obligation,
  type Proposal,
} from "@federation/core";
import type { QuotedLine } from "./quoting.ts";

/**
 * The texts a duty is about: the proposals, the motion with what it changes, the task, the result. What others wrote is
 * quoted by the caller; what was short comes first, so that what is long takes the room it leaves.
 */
export function materialFor(view: MissionView, actor: string, focus: Obligation | undefined): readonly QuotedLine[] {
  if (view.kind === "motion") return view.proposals.flatMap((p) => motionLines(view, p, focus !== undefined));
  const decided = decidedProposal(view);
  const plan = decided === undefined ? [] : proposalLines(decided, "Decided plan");
  switch (focus?.duty) {
    case "propose":
      // A later round: what was refused, and why.
      return view.proposals
        .filter((p) => p.state === "rejected")
        .flatMap((p) => [...proposalLines(p, "Refused plan"), ...reasons(p)]);
    case "critique":
      return view.proposals
        .filter((p) => p.state === "open" && p.author !== actor)
        .flatMap((p) => proposalLines(p, "Plan"));
    case "vote": {
      const proposal = focus.subject === null ? undefined : findProposal(view, focus.subject);
      return proposal === undefined ? [] : proposalLines(proposal, "Proposal");
    }
    case "adopt":
      return view.proposals
        .filter((p) => p.round === view.round && p.state === "rejected")
        .flatMap((p) => proposalLines(p, "Plan"));
    case "advance":
      return view.proposals
        .filter((p) => p.state === "open")
        .map((p) => ({ label: `Plan of ${p.author}`, text: p.title }));
    case "assign":
    case "implement":
      return [...plan, ...taskLines(view)];
    case "review":
    case "report":
      return [...plan, ...(view.kind === "errand" ? taskLines(view) : []), ...resultLines(view)];
    case undefined:
      if (view.kind === "errand") return taskLines(view);
      return decided === undefined ? [] : [{ label: `Decided plan of ${decided.author}`, text: decided.title }];
  }
}

function proposalLines(p: Proposal, what: string): readonly QuotedLine[] {
  return [{ label: `${what} of ${p.author}`, text: `${p.title}. ${p.text}` }];
}

/** A change and the incident behind it are facts of the motion, in words its author cannot choose but for values. */
function motionLines(view: MissionView, p: Proposal, whole: boolean): readonly QuotedLine[] {
  const lines: QuotedLine[] = [];
  if (p.change !== null) lines.push({ label: "What it changes", text: changeInWords(p.change, view.parameters) });
  if (!whole) return [...lines, { label: `Motion of ${p.author}`, text: p.title }];
  if (p.motive !== "") lines.push({ label: "The incident behind it", text: p.motive });
  return [...lines, ...proposalLines(p, "Motion")];
}

function reasons(p: Proposal): readonly QuotedLine[] {
  return p.ballots
    .filter((b) => b.choice === "no" && b.reason !== "")
    .map((b) => ({ label: `${b.voter} voted no`, text: b.reason }));
}

function taskLines(view: MissionView): readonly QuotedLine[] {
  const task = currentTask(view);
  if (task === undefined) return [];
  const lines: QuotedLine[] = [];
  if (task.dueAt !== null && view.kind === "errand") lines.push({ label: "Due", text: task.dueAt });
  if (task.scope.length > 0) lines.push({ label: "Only these paths", text: task.scope.join(", ") });
  const { submission } = task;
  const sentBack = submission?.state === "rejected" ? submission.reason : null;
  const what = task.instructions === "" && view.kind === "errand" ? task.title : task.instructions;
  if (what !== "") lines.push({ label: "Task", text: what });
  if (sentBack !== null)
    lines.push({ label: `${submission?.reviewer ?? "The reviewer"} sent the last result back`, text: sentBack });
  return lines;
}

function resultLines(view: MissionView): readonly QuotedLine[] {
  const submission = currentTask(view)?.submission;
  if (submission === null || submission === undefined) return [];
  const lines: QuotedLine[] = [
    { label: `Result of ${submission.author}`, text: submission.summary },
    ...submission.files.map((f) => ({ label: `File ${f.path}`, text: f.content })),
  ];
  if (submission.reviewer !== null && submission.reason !== null)
    lines.push({ label: `${submission.reviewer}, ${submission.state}`, text: submission.reason });
  return lines;
}
