import { type Rule, refuse } from "../case.ts";
import { openObligations } from "../facts.ts";

export const quorumAndDeadline: Rule = ({ view, actor, head }) => {
  const timed = ["vote", "propose", "critique", "advance", "hold"];
  if (view.overdue && timed.includes(head.kind))
    return refuse("the deadline of this phase has passed", "wait for the next phase");
  // Nobody is excepted: a phase is left when its duties are closed, and this only closes one's own.
  if (head.kind === "advance" || head.kind === "hold") {
    if (!openObligations(view, actor.actor).some((o) => o.duty === "advance"))
      return refuse("it is not yours to move this phase now", "do your own part; the owner of the phase moves it on");
  }
  return null;
};
