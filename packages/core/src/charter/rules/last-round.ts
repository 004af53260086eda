import { type Rule, refuse } from "../case.ts";
import { findProposal, openObligations } from "../facts.ts";

/** It permits what would otherwise need a majority: while it is off, `quorum-and-deadline` refuses to adopt. */
export const lastRound: Rule = ({ view, actor, head }) => {
  if (head.kind !== "adopt") return null;
  if (!openObligations(view, actor.actor).some((o) => o.duty === "adopt"))
    return refuse(
      "one proposal may be adopted by the lead only after the last round failed",
      "vote on the open proposals",
    );
  const proposal = findProposal(view, head.proposal);
  if (proposal?.state !== "rejected" || proposal.round !== view.round)
    return refuse("only a proposal of the last round can be adopted", "adopt one of the last round");
  return null;
};
