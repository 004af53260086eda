import { articles } from "../articles.ts";
import { type Rule, refuse } from "../case.ts";
import { findProposal } from "../facts.ts";
import { isArticleId } from "../parameters.ts";

/** The charter changes by an accepted amendment, and by nothing else. */
export const amendments: Rule = ({ view, actor, head }) => {
  if (head.kind === "amend") {
    if (head.change === "set_parameter" && !isArticleId(head.article))
      return refuse(`there is no article ${head.article} with parameters`, "see the articles: federation charter show");
    if (head.change === "switch_on" || head.change === "switch_off") {
      if (!isArticleId(head.article) || !articles[head.article].optional)
        return refuse(
          `the article ${head.article} is not optional`,
          "switch an optional article, or propose other parameters",
        );
      if (view.articlesOff.includes(head.article) === (head.change === "switch_off"))
        return refuse(
          `the article ${head.article} is ${head.change === "switch_off" ? "off" : "in force"} already`,
          "see the articles: federation charter show",
        );
    }
  }
  if (head.kind === "withdraw") {
    const proposal = findProposal(view, head.proposal);
    if (proposal?.author !== actor.actor) return refuse("only its author withdraws a proposal", "vote no on it");
    if (proposal.state !== "open" && proposal.state !== "voting")
      return refuse(`a proposal that is ${proposal.state} cannot be withdrawn`, "propose a change of what was decided");
  }
  if (head.kind === "ratify") {
    if (actor.kind !== "human") return refuse("only the commander adopts the charter without a vote", "vote on it");
  }
  return null;
};
