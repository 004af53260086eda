import { type Rule, refuse } from "../case.ts";
import { openObligations } from "../facts.ts";

/** What is decided is decided by a vote with a quorum, in its time. */
export const quorumAndDeadline: Rule = ({ view, actor, head }) => {
  const timed = ["vote", "propose", "critique", "advance", "hold"];
  if (view.overdue && timed.includes(head.kind))
    return refuse("the deadline of this phase has passed", "wait for the next phase");
  if (head.kind === "adopt" && view.articlesOff.includes("last-round"))
    return refuse("nothing is adopted without a majority: the article last-round is off", "vote on the open proposals");
  // Nobody is excepted: a phase is left when its duties are closed, and this only closes one's own.
  if (head.kind === "advance" || head.kind === "hold") {
    if (!openObligations(view, actor.actor).some((o) => o.duty === "advance"))
      return refuse("it is not yours to move this phase now", "do your own part; the owner of the phase moves it on");
  }
  return null;
};
