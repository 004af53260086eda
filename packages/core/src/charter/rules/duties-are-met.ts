import type { MissionView, Obligation } from "../../mission/view.ts";
import { type Rule, refuse } from "../case.ts";
import { dutyHeads } from "../duty-heads.ts";
import { endsDuty, mustWait, openObligations, reviewersLeft } from "../facts.ts";

/** True while somebody else can still do what this obligation asks for. */
function anotherCan(view: MissionView, obligation: Obligation): boolean {
  switch (obligation.duty) {
    case "propose":
      return (
        view.proposals.some((p) => p.round === view.round && p.state === "open") ||
        view.obligations.some((o) => o.duty === "propose" && o.state === "open" && o.id !== obligation.id)
      );
    case "critique":
    case "adopt":
      return true;
    case "report":
      return false;
    case "vote":
    case "assign":
    case "implement":
    case "advance":
      return false;
    case "review":
      return reviewersLeft(view, obligation).length > 0;
  }
}

export const dutiesAreMet: Rule = ({ view, actor, head, mayInstead }) => {
  if (head.kind === "abstain") {
    const obligation = view.obligations.find((o) => o.id === head.obligation && o.state === "open");
    if (obligation?.actor !== actor.actor)
      return refuse("that duty is not yours, or no longer open", "abstain from a duty of your own");
    if (obligation.duty === "vote") return refuse("a voter abstains by a ballot", "vote abstain");
    if (!anotherCan(view, obligation))
      return refuse(`nobody else can ${obligation.duty} here`, `${obligation.duty}, in your own words`);
    return null;
  }
  if (actor.kind !== "agent" || head.kind === "remember") return null;
  const mine = openObligations(view, actor.actor).filter((o) => !mustWait(view, o));
  const { turnsPerDuty } = view.parameters["duties-are-met"];
  const pressing = mine.find((o) => o.turnsUsed + 1 >= turnsPerDuty);
  if (pressing === undefined || mine.some((o) => endsDuty(head, o))) return null;
  // A claim is the one step that a duty needs before it can be ended.
  if (pressing.duty === "implement" && head.kind === "claim") return null;
  // Where nothing that would end the duty is lawful any more, waiting is.
  if (head.kind === "wait" && !dutyHeads(view, actor.actor, pressing).some(mayInstead)) return null;
  return refuse(
    `your free turns for the duty "${pressing.duty}" are used up`,
    "do it, hand it back, or abstain where that is lawful",
  );
};
