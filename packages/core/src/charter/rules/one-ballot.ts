import { type Rule, refuse } from "../case.ts";
import { findProposal } from "../facts.ts";

export const oneBallot: Rule = ({ view, actor, head }) => {
  if (head.kind !== "vote") return null;
  const proposal = findProposal(view, head.proposal);
  if (proposal === undefined || proposal.state !== "voting")
    return refuse("no vote is open on this proposal", "vote while the ballots are open");
  if (!proposal.electorate.includes(actor.actor))
    return refuse("you are not in this proposal's electorate", "say what you think instead");
  if (proposal.ballots.some((b) => b.voter === actor.actor))
    return refuse("your ballot is cast, and a ballot is final", "say what you think instead");
  return null;
};
