import { type Rule, refuse } from "../case.ts";
import { findProposal } from "../facts.ts";

export const humanVeto: Rule = ({ view, actor, head }) => {
  if (head.kind !== "veto") return null;
  if (actor.kind !== "human") return refuse("only a human has a veto", "vote no, or criticise the proposal");
  const proposal = findProposal(view, head.proposal);
  if (proposal === undefined || ["rejected", "vetoed", "withdrawn"].includes(proposal.state))
    return refuse("this proposal is already out", "veto a proposal that could still take effect");
  return null;
};
