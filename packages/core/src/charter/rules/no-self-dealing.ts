import { type Rule, refuse } from "../case.ts";
import { findProposal } from "../facts.ts";

/** Who proposed cannot alone accept. That an accepted proposal has a yes of another is for the tally, which counts. */
export const noSelfDealing: Rule = ({ view, actor, head }) => {
  if (head.kind !== "adopt" || findProposal(view, head.proposal)?.author !== actor.actor) return null;
  return refuse(
    "nobody adopts their own proposal",
    "adopt another member's proposal, or let the round end without one",
  );
};
