import { type ArticleId, articleIds } from "@federation/core";
import type { Temptation } from "./temptation.ts";
import { amendments } from "./temptations/amendments.ts";
import { audit } from "./temptations/audit.ts";
import { budgets } from "./temptations/budgets.ts";
import { claimBeforeCode } from "./temptations/claim-before-code.ts";
import { dutiesAreMet } from "./temptations/duties-are-met.ts";
import { explicitAssignment } from "./temptations/explicit-assignment.ts";
import { humanVeto } from "./temptations/human-veto.ts";
import { lastRound } from "./temptations/last-round.ts";
import { leasesAndHandBack } from "./temptations/leases-and-hand-back.ts";
import { noSelfDealing } from "./temptations/no-self-dealing.ts";
import { oneBallot } from "./temptations/one-ballot.ts";
import { oneVoice } from "./temptations/one-voice.ts";
import { proposeBeforeImplement } from "./temptations/propose-before-implement.ts";
import { quorumAndDeadline } from "./temptations/quorum-and-deadline.ts";
import { reviewByAnother } from "./temptations/review-by-another.ts";
import { truthfulCompletion } from "./temptations/truthful-completion.ts";

/** Every temptation, by article in the order of the charter. The compiler asks for those of a new article. */
const byArticle: Readonly<Record<ArticleId, readonly Temptation[]>> = {
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

export const corpus: readonly Temptation[] = articleIds.flatMap((article) => byArticle[article]);
