import type { ArticleId } from "./parameters.ts";

/**
 * How each article may be changed. `optional`: a vote may switch it off. `entrenched`: a change of it needs the
 * commander's yes. The files under `charter/` say the same, and are checked against this.
 */
export interface ArticleStanding {
  readonly optional: boolean;
  readonly entrenched: boolean;
}

const ordinary: ArticleStanding = { optional: false, entrenched: false };
const optional: ArticleStanding = { optional: true, entrenched: false };
const entrenched: ArticleStanding = { optional: false, entrenched: true };

export const articles: Readonly<Record<ArticleId, ArticleStanding>> = {
  "explicit-assignment": ordinary,
  "propose-before-implement": ordinary,
  "claim-before-code": ordinary,
  "one-voice": entrenched,
  "one-ballot": entrenched,
  "quorum-and-deadline": ordinary,
  "human-veto": entrenched,
  "review-by-another": ordinary,
  "leases-and-hand-back": ordinary,
  "duties-are-met": ordinary,
  "last-round": optional,
  budgets: ordinary,
  "no-self-dealing": optional,
  "truthful-completion": optional,
  audit: entrenched,
  amendments: entrenched,
};
