import type { ActionHead } from "../../actions.ts";
import type { Member, MissionView } from "../../mission/view.ts";
import { articles } from "../articles.ts";
import { type Refusal, type Rule, refuse } from "../case.ts";
import { findProposal } from "../facts.ts";
import { isArticleId } from "../parameters.ts";

const seeCharter = "see the articles: federation charter show";

/** The charter changes by an accepted amendment, and by nothing else. */
export const amendments: Rule = ({ view, actor, head }) => {
  switch (head.kind) {
    case "amend":
      return mayAmend(view, head);
    case "withdraw":
      return mayWithdraw(view, actor, head.proposal);
    case "ratify":
      return mayRatify(view, actor);
    default:
      return null;
  }
};

/** Whether the charter has such a thing to change; the values are judged where the change is made. */
function mayAmend(view: MissionView, { article, change }: Extract<ActionHead, { kind: "amend" }>): Refusal | null {
  switch (change) {
    case "set_parameter":
      return isArticleId(article) && Object.keys(view.parameters[article]).length > 0
        ? null
        : refuse(`there is no article ${article} with parameters`, seeCharter);
    case "switch_on":
    case "switch_off":
      if (!isArticleId(article) || !articles[article].optional)
        return refuse(
          `the article ${article} is not optional`,
          "switch an optional article, or propose other parameters",
        );
      if (view.articlesOff.includes(article) === (change === "switch_off"))
        return refuse(`the article ${article} is ${change === "switch_off" ? "off" : "in force"} already`, seeCharter);
      return null;
    case "add_advisory":
    case "drop_advisory":
      return isArticleId(article)
        ? refuse(`${article} is an article that code enforces, and no advice`, "give the advisory article another name")
        : null;
  }
}

function mayWithdraw(view: MissionView, actor: Member, id: string): Refusal | null {
  const proposal = findProposal(view, id);
  if (proposal?.author !== actor.actor) return refuse("only its author withdraws a proposal", "vote no on it");
  if (proposal.state !== "open" && proposal.state !== "voting")
    return refuse(`a proposal that is ${proposal.state} cannot be withdrawn`, "propose a change of what was decided");
  return null;
}

/** Without a vote the charter is adopted by the commander alone, and only after a founding vote that found no majority. */
function mayRatify(view: MissionView, actor: Member): Refusal | null {
  if (actor.kind !== "human" || actor.role !== "commander")
    return refuse("only the commander adopts the charter without a vote", "vote on it");
  const votes = view.proposals.filter((p) => p.kind === "ratification").map((p) => p.state);
  if (votes.includes("accepted")) return refuse("the charter has been ratified", "propose an amendment");
  if (votes.some((state) => state === "open" || state === "voting"))
    return refuse("the founding vote is still open", "vote on it");
  // A vote that was withdrawn or vetoed was not lost.
  if (!votes.includes("rejected"))
    return refuse("the charter is put to the vote first", "propose to ratify it: federation charter ratify");
  return null;
}
