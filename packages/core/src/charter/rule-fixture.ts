import { describe, expect, test } from "vitest";
import type { ActionHead } from "../actions.ts";
import type { MissionView } from "../mission/view.ts";
import {
  dutyForTest,
  idOf,
  memberForTest,
  proposalForTest,
  submissionForTest,
  taskForTest,
  teamForTest,
  viewForTest,
} from "../testing/missions.ts";
import { articles } from "./articles.ts";
import { decide, memberOf } from "./decide.ts";
import type { ArticleId } from "./parameters.ts";
import { caseOf, rules } from "./rules.ts";

/** Scenes in which articles are tried, and how a rule is tried by its examples. */

export type Over = Partial<MissionView>;
/** What the case is, who acts, what they do, and where. */
export type Example = readonly [name: string, actor: string, head: ActionHead, over: Over];

export const proposal = idOf(10);
export const task = idOf(20);
export const other = idOf(21);
export const decided = [proposalForTest(10, { state: "accepted" })];
export const voting = proposalForTest(10, { state: "voting", electorate: ["ana", "lea"] });
export const lastTurn = { turnsUsed: 2, maxTurns: 3 };
export const pooled = { ...viewForTest().parameters, "explicit-assignment": { pool: true, claimWithinMs: 60_000 } };

type TaskOver = Parameters<typeof taskForTest>[1];

/** dev holds the task. */
export const mine = (over: TaskOver = {}): Over => ({
  phase: "implement",
  proposals: decided,
  tasks: [taskForTest(20, { state: "claimed", assignee: "dev", holder: "dev", fence: 1, leaseLive: true, ...over })],
});
/** dev was given the task, and has not claimed it. */
export const given = (over: TaskOver = {}): Over =>
  mine({ state: "assigned", holder: null, leaseLive: false, ...over });
/** Nobody was given the task: it is in the pool of an errand. */
export const inPool = (over: TaskOver = {}): Over => ({
  ...given({ state: "approved", assignee: null, pool: true, ...over }),
  kind: "errand",
  proposals: [],
  parameters: pooled,
});
/** rob, a human, has taken the task over from dev. */
export const taken = (): Over => mine({ assignee: "rob", holder: "rob", takenFrom: "dev" });
export const submitted = (over: Over = {}): Over => ({
  phase: "review",
  proposals: decided,
  tasks: [taskForTest(20, { state: "submitted", assignee: "dev", submission: submissionForTest(30) })],
  ...over,
});
export const assigning = (over: TaskOver = {}): Over => ({
  phase: "assign",
  proposals: decided,
  tasks: [taskForTest(20, over)],
});
/** The last round found no majority: dev's proposal of that round may be adopted, lea's own may not. */
export const failed = (over: Over = {}): Over => ({
  phase: "vote",
  round: 2,
  proposals: [
    proposalForTest(10, { state: "rejected", round: 2 }),
    proposalForTest(11, { state: "rejected", round: 1 }),
    proposalForTest(12, { state: "rejected", round: 2, author: "lea" }),
  ],
  obligations: [dutyForTest(50, "lea", "adopt")],
  ...over,
});
/** dev moves an amendment. */
export const motion = (over: Over = {}, state: (typeof voting)["state"] = "open"): Over => ({
  kind: "motion",
  phase: "critique",
  proposals: [{ ...voting, kind: "amendment", state, motive: "Nobody could answer." }],
  ...over,
});
export const errand = (over: Over): Over => ({ ...over, kind: "errand", proposals: [] });
export const assembly = (over: Over = {}): Over => ({ kind: "assembly", ...over });
export const withMember = (actor: string, over: Parameters<typeof memberForTest>[1]): Over => ({
  members: [...teamForTest.filter((m) => m.actor !== actor), memberForTest(actor, over)],
});

export const assign = (assignee: string): ActionHead => ({ kind: "assign", task, assignee });
export const claim: ActionHead = { kind: "claim", task };
export const submit: ActionHead = { kind: "submit", task };
export const handBack: ActionHead = { kind: "hand_back", task };
export const takeOver: ActionHead = { kind: "take_over", task };
export const giveBack: ActionHead = { kind: "give_back", task };
export const critique: ActionHead = { kind: "critique", proposal };
export const vote: ActionHead = { kind: "vote", proposal, choice: "yes" };
export const veto: ActionHead = { kind: "veto", proposal };
export const withdraw: ActionHead = { kind: "withdraw", proposal };
export const adopt: ActionHead = { kind: "adopt", proposal };
export const accept: ActionHead = { kind: "accept", task };
export const say: ActionHead = { kind: "say" };
export const wait: ActionHead = { kind: "wait" };
export const openTask = (
  taskKind: "feature" | "fix",
  from: string | null = null,
): Extract<ActionHead, { kind: "open_task" }> => ({
  kind: "open_task",
  taskKind,
  proposal: from,
});
export const amend = (
  article: string,
  change: Extract<ActionHead, { kind: "amend" }>["change"] = "set_parameter",
): ActionHead => ({ kind: "amend", article, change });

/** Proves one rule by examples: what it refuses is unlawful, what it allows is lawful altogether. */
export function describeRule(
  article: ArticleId,
  examples: { readonly refuses: readonly Example[]; readonly allows: readonly Example[] },
): void {
  describe(article, () => {
    test.each(examples.refuses)("refuses: %s", (_, actor, head, over) => {
      const view = viewForTest(over);
      const refusal = rules[article](caseOf(view, memberOf(view, actor), head));
      expect(refusal).not.toBeNull();
      expect(refusal?.reason).not.toBe("");
      expect(refusal?.lawful).not.toBe("");
      expect(decide(view, actor, head).allowed).toBe(false);
    });

    // What an article allows is lawful altogether: no other article stands in the way.
    test.each(examples.allows)("allows: %s", (_, actor, head, over) => {
      expect(decide(viewForTest(over), actor, head)).toEqual({ allowed: true, charterVersion: 1 });
    });

    if (!articles[article].optional) return;
    test("is not asked while a vote has switched it off", () => {
      expect(examples.refuses.length).toBeGreaterThan(0);
      for (const [, actor, head, over] of examples.refuses) {
        const verdict = decide(viewForTest({ ...over, articlesOff: [article] }), actor, head);
        expect(verdict.allowed ? null : verdict.article).not.toBe(article);
      }
    });
  });
}
