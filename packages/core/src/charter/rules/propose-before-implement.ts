import type { ActionHead, ActionKind } from "../../actions.ts";
import type { MissionKind, Phase } from "../../mission/phases.ts";
import type { MissionView } from "../../mission/view.ts";
import { type Refusal, type Rule, refuse } from "../case.ts";
import { decidedProposal, findProposal, openObligations } from "../facts.ts";

/** Lawful wherever something can be said at all. */
const talk = ["say", "ask", "remember", "abstain", "wait"] as const;
const work = ["assign", "claim", "submit", "hand_back", "take_over", "give_back", "accept", "reject"] as const;

/** What can be done where; in which phase and by whom is another question. */
const steps: Readonly<Record<MissionKind, readonly ActionKind[]>> = {
  mission: [...talk, ...work, "propose", "critique", "vote", "veto", "adopt", "withdraw", "advance", "hold", "report"],
  motion: [...talk, "critique", "vote", "veto", "withdraw"],
  errand: [...talk, ...work, "veto"],
  assembly: ["propose", "amend", "open_task", "ratify", "remember", "wait"],
};

const beginsIn: Readonly<Record<MissionKind, string>> = {
  mission: "open a motion for what binds the whole federation",
  motion: "comment on the motion, or vote on it",
  errand: "work on its task, or open a motion",
  assembly: "open a motion or a task, or act in a mission",
};

/** In which phase each kind of action belongs; kinds not named belong to every open phase. */
const phaseOf: Partial<Record<ActionKind, readonly Phase[]>> = {
  propose: ["propose"],
  critique: ["critique"],
  vote: ["vote"],
  veto: ["propose", "critique", "vote", "veto", "assign", "implement", "review", "synthesise"],
  withdraw: ["propose", "critique", "vote"],
  adopt: ["vote"],
  assign: ["assign"],
  claim: ["implement"],
  submit: ["implement"],
  hand_back: ["implement"],
  take_over: ["implement"],
  give_back: ["implement"],
  accept: ["review"],
  reject: ["review"],
  report: ["synthesise"],
  advance: ["propose", "critique"],
  hold: ["propose", "critique"],
};

export const proposeBeforeImplement: Rule = ({ view, actor, head }) => {
  if (!steps[view.kind].includes(head.kind))
    return refuse(
      `${head.kind} is no step of ${view.kind === "mission" || view.kind === "motion" ? "a" : "an"} ${view.kind}`,
      beginsIn[view.kind],
    );
  const allowed = phaseOf[head.kind];
  // An assembly has no phases: all of it is a beginning.
  if (view.kind !== "assembly" && allowed !== undefined && !allowed.includes(view.phase))
    return refuse(
      `${head.kind} does not belong to the phase ${view.phase}`,
      `${head.kind} is lawful in: ${allowed.join(", ")}`,
    );
  if (
    view.kind === "mission" &&
    ["assign", "claim", "submit"].includes(head.kind) &&
    decidedProposal(view) === undefined
  )
    return refuse("nothing has been decided yet", "propose, and let the team vote, before anything is implemented");
  if (head.kind === "critique" && findProposal(view, head.proposal)?.state !== "open")
    return refuse("this proposal is not open for critique", "criticise a proposal that is open");
  if (head.kind === "report" && !openObligations(view, actor.actor).some((o) => o.duty === "report"))
    return refuse("the report is not yours to write", "tell its author what should be in it");
  return head.kind === "open_task" ? taskNeedsProposal(view, head) : null;
};

function taskNeedsProposal(view: MissionView, head: Extract<ActionHead, { kind: "open_task" }>): Refusal | null {
  if (!view.parameters["propose-before-implement"].kindsNeedingProposal.includes(head.taskKind)) return null;
  const proposal = head.proposal === null ? undefined : findProposal(view, head.proposal);
  // A change of the charter decides nothing about work.
  const decided = proposal?.state === "accepted" || proposal?.state === "adopted";
  if (decided && proposal.kind !== "amendment" && proposal.kind !== "ratification") return null;
  return refuse(
    `a task of the kind ${head.taskKind} is opened only for an accepted proposal`,
    "name the accepted proposal, or propose the task as a motion",
  );
}
