import type { ActionHead } from "../actions.ts";
import type { Member, MissionView } from "../mission/view.ts";
import { articles } from "./articles.ts";
import type { Case, Rule } from "./case.ts";
import { type ArticleId, articleIds } from "./parameters.ts";
import { amendments } from "./rules/amendments.ts";
import { audit } from "./rules/audit.ts";
import { budgets } from "./rules/budgets.ts";
import { claimBeforeCode } from "./rules/claim-before-code.ts";
import { dutiesAreMet } from "./rules/duties-are-met.ts";
import { explicitAssignment } from "./rules/explicit-assignment.ts";
import { humanVeto } from "./rules/human-veto.ts";
import { lastRound } from "./rules/last-round.ts";
import { leasesAndHandBack } from "./rules/leases-and-hand-back.ts";
import { noSelfDealing } from "./rules/no-self-dealing.ts";
import { oneBallot } from "./rules/one-ballot.ts";
import { oneVoice } from "./rules/one-voice.ts";
import { proposeBeforeImplement } from "./rules/propose-before-implement.ts";
import { quorumAndDeadline } from "./rules/quorum-and-deadline.ts";
import { reviewByAnother } from "./rules/review-by-another.ts";
import { truthfulCompletion } from "./rules/truthful-completion.ts";

/**
 * The law as code: one pure rule per article, in a file of its own.
 *
 * 1. A rule sees the head of an action, never its words: words cannot argue with the law.
 * 2. A rule answers only for its own article; an action is lawful when every article in force lets it pass.
 * 3. Every refusal says why and what would be lawful instead.
 */
export const rules: Readonly<Record<ArticleId, Rule>> = {
  "explicit-assignment": explicitAssignment,
  "propose-before-implement": proposeBeforeImplement,
  "claim-before-code": claimBeforeCode,
  "one-voice": oneVoice,
  "one-ballot": oneBallot,
  "quorum-and-deadline": quorumAndDeadline,
  "human-veto": humanVeto,
  "review-by-another": reviewByAnother,
  "leases-and-hand-back": leasesAndHandBack,
  "duties-are-met": dutiesAreMet,
  "last-round": lastRound,
  budgets,
  "no-self-dealing": noSelfDealing,
  "truthful-completion": truthfulCompletion,
  audit,
  amendments,
};

/** The articles in the order in which they are asked; an optional one that was voted off is not asked. */
export function articlesInForce(view: MissionView): readonly ArticleId[] {
  return articleIds.filter((article) => !(articles[article].optional && view.articlesOff.includes(article)));
}

export function caseOf(view: MissionView, actor: Member, head: ActionHead): Case {
  return {
    view,
    actor,
    head,
    mayInstead: (other) =>
      articlesInForce(view).every((article) => rules[article](caseOf(view, actor, other)) === null),
  };
}
