import type { ActionHead } from "../../actions.ts";
import type { Phase } from "../../mission/phases.ts";
import { type Rule, refuse } from "../case.ts";
import { decidedProposal, findProposal } from "../facts.ts";

/** In which phase each kind of action belongs; kinds not named belong to every open phase. */
const phaseOf: Partial<Record<ActionHead["kind"], readonly Phase[]>> = {
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

export const proposeBeforeImplement: Rule = ({ view, head }) => {
  const allowed = phaseOf[head.kind];
  if (allowed !== undefined && !allowed.includes(view.phase))
    return refuse(
      `${head.kind} does not belong to the phase ${view.phase}`,
      `${head.kind} is lawful in: ${allowed.join(", ")}`,
    );
  const opening = head.kind === "open_task" || head.kind === "amend" || head.kind === "ratify";
  if (opening && view.kind !== "assembly")
    return refuse(`${head.kind} is no step of a mission`, "do it outside of any mission");
  if (
    head.kind === "open_task" &&
    view.parameters["propose-before-implement"].kindsNeedingProposal.includes(head.taskKind)
  ) {
    const proposal = head.proposal === null ? undefined : findProposal(view, head.proposal);
    if (proposal?.state !== "accepted" && proposal?.state !== "adopted")
      return refuse(
        `a task of the kind ${head.taskKind} is opened only for an accepted proposal`,
        "name the accepted proposal, or propose the task as a motion",
      );
  }
  if (
    view.kind === "mission" &&
    ["assign", "claim", "submit"].includes(head.kind) &&
    decidedProposal(view) === undefined
  )
    return refuse("nothing has been decided yet", "propose, and let the team vote, before anything is implemented");
  if (head.kind === "critique" && findProposal(view, head.proposal)?.state !== "open")
    return refuse("this proposal is not open for critique", "criticise a proposal that is open");
  return null;
};
