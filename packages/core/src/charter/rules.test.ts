import { describe, expect, test } from "vitest";
import type { ActionHead } from "../actions.ts";
import type { MissionView } from "../mission/view.ts";
import {
  dutyForTest,
  idOf,
  memberForTest,
  parametersForTest,
  proposalForTest,
  submissionForTest,
  taskForTest,
  teamForTest,
  viewForTest,
} from "../testing/missions.ts";
import { decide, memberOf } from "./decide.ts";
import { type ArticleId, articleIds } from "./parameters.ts";
import { rules } from "./rules.ts";

type Over = Partial<MissionView>;
/** What the case is, who acts, what they do, and where. */
type Example = readonly [name: string, actor: string, head: ActionHead, over: Over];

const proposal = idOf(10);
const task = idOf(20);
const decided = [proposalForTest(10, { state: "accepted" })];
const voting = proposalForTest(10, { state: "voting", electorate: ["ana", "lea"] });
const ballot = { voter: "ana", choice: "yes", reason: "Good.", byDeadline: false } as const;
const mine = (over: Parameters<typeof taskForTest>[1] = {}): Over => ({
  phase: "implement",
  proposals: decided,
  tasks: [taskForTest(20, { state: "claimed", assignee: "dev", holder: "dev", fence: 1, leaseLive: true, ...over })],
});
const submitted = (over: Over = {}): Over => ({
  phase: "review",
  proposals: decided,
  tasks: [taskForTest(20, { state: "submitted", assignee: "dev", submission: submissionForTest(30) })],
  ...over,
});
const assigning = (over: Parameters<typeof taskForTest>[1] = {}): Over => ({
  phase: "assign",
  proposals: decided,
  tasks: [taskForTest(20, over)],
});
const lastTurn = { turnsUsed: 2, maxTurns: 3 };
const failed = (over: Over = {}): Over => ({
  phase: "vote",
  round: 2,
  proposals: [
    proposalForTest(10, { state: "rejected", round: 2 }),
    proposalForTest(11, { state: "rejected", round: 1 }),
  ],
  obligations: [dutyForTest(50, "lea", "adopt")],
  ...over,
});

const assign = (assignee: string): ActionHead => ({ kind: "assign", task, assignee });
const claim: ActionHead = { kind: "claim", task };
const submit: ActionHead = { kind: "submit", task };
const handBack: ActionHead = { kind: "hand_back", task };
const vote: ActionHead = { kind: "vote", proposal, choice: "yes" };
const veto: ActionHead = { kind: "veto", proposal };
const accept: ActionHead = { kind: "accept", task };
const say: ActionHead = { kind: "say" };

const examples: Readonly<
  Record<ArticleId, { readonly refuses: readonly Example[]; readonly allows: readonly Example[] }>
> = {
  "explicit-assignment": {
    refuses: [
      ["a developer does not assign", "dev", assign("dan"), assigning()],
      ["a task under way is not assigned", "lea", assign("dan"), assigning({ state: "claimed" })],
      ["the lead is given no task", "lea", assign("lea"), assigning()],
      ["a stranger is given no task", "lea", assign("eve"), assigning()],
      ["another's task is not claimed", "dan", claim, mine({ state: "assigned", holder: null, leaseLive: false })],
      ["what is assigned to nobody is not claimed", "dev", claim, mine({ state: "approved", assignee: null })],
    ],
    allows: [
      ["the lead assigns to a developer", "lea", assign("dev"), assigning()],
      ["the lead assigns again what was released", "lea", assign("dan"), assigning({ state: "released" })],
      ["a human assigns too", "rob", assign("dev"), assigning()],
      ["the assignee claims", "dev", claim, mine({ state: "assigned", holder: null, leaseLive: false })],
    ],
  },
  "propose-before-implement": {
    refuses: [
      ["nobody claims while the team proposes", "dev", claim, { ...mine(), phase: "propose" }],
      [
        "nobody assigns what was not decided",
        "lea",
        assign("dev"),
        { ...assigning(), proposals: [proposalForTest(10)] },
      ],
      ["nobody proposes in the vote", "dev", { kind: "propose" }, { phase: "vote" }],
      [
        "nobody criticises what is being voted on",
        "ana",
        { kind: "critique", proposal },
        { phase: "critique", proposals: [voting] },
      ],
    ],
    allows: [
      ["a developer proposes in its phase", "dev", { kind: "propose" }, {}],
      [
        "an analyst criticises an open proposal",
        "ana",
        { kind: "critique", proposal },
        { phase: "critique", proposals: [proposalForTest(10)] },
      ],
      ["a decided proposal is implemented", "dev", submit, mine()],
    ],
  },
  "claim-before-code": {
    refuses: [
      ["a held task is not claimed", "dev", claim, mine({ holder: "dan" })],
      ["a submitted task is not claimed", "dev", claim, mine({ state: "submitted", leaseLive: false })],
      ["no result without a claim", "dev", submit, mine({ state: "assigned", holder: null, leaseLive: false })],
      ["no result for another's claim", "dan", submit, mine()],
      ["no result after the lease ran out", "dev", submit, mine({ leaseLive: false })],
      ["nobody hands back what they do not hold", "dan", handBack, mine()],
      ["there is no claim on a task of another mission", "dev", claim, { ...mine(), tasks: [] }],
    ],
    allows: [
      ["the assignee claims", "dev", claim, mine({ state: "assigned", holder: null, leaseLive: false })],
      ["the assignee claims again after the lease ran out", "dev", claim, mine({ leaseLive: false })],
      ["the holder submits", "dev", submit, mine()],
    ],
  },
  "one-voice": {
    refuses: [
      [
        "an observer does not speak",
        "obs",
        say,
        { members: [...teamForTest, memberForTest("obs", { role: "observer" })] },
      ],
      ["a stranger does not speak", "eve", say, {}],
      ["a stranger is not asked", "dev", { kind: "ask", to: "eve" }, {}],
      ["nobody asks themselves", "dev", { kind: "ask", to: "dev" }, {}],
    ],
    allows: [
      ["a member speaks", "dev", say, {}],
      ["a member asks another", "dev", { kind: "ask", to: "ana" }, {}],
    ],
  },
  "one-ballot": {
    refuses: [
      ["no second ballot", "ana", vote, { phase: "vote", proposals: [{ ...voting, ballots: [ballot] }] }],
      ["no ballot from outside the electorate", "dev", vote, { phase: "vote", proposals: [voting] }],
      ["no ballot before the vote", "ana", vote, { phase: "vote", proposals: [proposalForTest(10)] }],
      ["no ballot on what does not exist", "ana", vote, { phase: "vote" }],
    ],
    allows: [["a voter casts a ballot", "ana", vote, { phase: "vote", proposals: [voting] }]],
  },
  "quorum-and-deadline": {
    refuses: [
      ["no ballot after the deadline", "ana", vote, { phase: "vote", overdue: true, proposals: [voting] }],
      ["no proposal after the deadline", "dev", { kind: "propose" }, { overdue: true }],
      [
        "nobody advances a phase that is not theirs",
        "dev",
        { kind: "advance" },
        { obligations: [dutyForTest(50, "lea", "advance")] },
      ],
      ["nor does a human, who would only close a duty of their own", "rob", { kind: "advance" }, {}],
    ],
    allows: [
      [
        "who is asked to advance does",
        "lea",
        { kind: "advance" },
        { obligations: [dutyForTest(50, "lea", "advance")] },
      ],
      [
        "who is asked to advance may hold",
        "lea",
        { kind: "hold" },
        { obligations: [dutyForTest(50, "lea", "advance")] },
      ],
      ["talk has no deadline", "dev", say, { overdue: true }],
    ],
  },
  "human-veto": {
    refuses: [
      ["an agent has no veto", "lea", veto, { proposals: [proposalForTest(10)] }],
      [
        "what is out is not vetoed",
        "rob",
        veto,
        { phase: "vote", proposals: [proposalForTest(10, { state: "rejected" })] },
      ],
    ],
    allows: [
      ["a human vetoes a proposal", "rob", veto, { proposals: [proposalForTest(10)] }],
      ["a human vetoes what is being built", "rob", veto, mine()],
    ],
  },
  "review-by-another": {
    refuses: [
      [
        "the author does not accept their own",
        "dev",
        accept,
        submitted({ obligations: [dutyForTest(50, "dev", "review", task)] }),
      ],
      ["who was not asked does not review", "dan", accept, submitted()],
      ["nothing is accepted that was not submitted", "ana", accept, submitted({ tasks: [taskForTest(20)] })],
    ],
    allows: [
      ["the reviewer accepts", "ana", accept, submitted({ obligations: [dutyForTest(50, "ana", "review", task)] })],
      ["a human may review unasked", "rob", { kind: "reject", task }, submitted()],
    ],
  },
  "leases-and-hand-back": {
    refuses: [["a task that changed hands often enough stays", "dev", handBack, mine({ reassignments: 1 })]],
    allows: [["the holder hands back", "dev", handBack, mine()]],
  },
  "duties-are-met": {
    refuses: [
      [
        "the last turn of a duty is not for talk",
        "dev",
        say,
        { obligations: [dutyForTest(50, "dev", "propose", null, lastTurn)] },
      ],
      [
        "nor for waiting",
        "dev",
        { kind: "wait" },
        { obligations: [dutyForTest(50, "dev", "propose", null, lastTurn)] },
      ],
      [
        "nobody abstains from another's duty",
        "dev",
        { kind: "abstain", obligation: idOf(50) },
        { obligations: [dutyForTest(50, "dan", "propose")] },
      ],
      [
        "nobody abstains where nobody else can do it",
        "lea",
        { kind: "abstain", obligation: idOf(50) },
        { ...assigning(), obligations: [dutyForTest(50, "lea", "assign", task)] },
      ],
      [
        "a voter abstains by a ballot",
        "ana",
        { kind: "abstain", obligation: idOf(50) },
        { phase: "vote", proposals: [voting], obligations: [dutyForTest(50, "ana", "vote", proposal)] },
      ],
      [
        "the last proposer does not abstain",
        "dev",
        { kind: "abstain", obligation: idOf(50) },
        { obligations: [dutyForTest(50, "dev", "propose")] },
      ],
    ],
    allows: [
      [
        "the last turn is for the duty",
        "dev",
        { kind: "propose" },
        { obligations: [dutyForTest(50, "dev", "propose", null, lastTurn)] },
      ],
      ["talk is lawful before the last turn", "dev", say, { obligations: [dutyForTest(50, "dev", "propose")] }],
      [
        "one abstains where another proposes",
        "dev",
        { kind: "abstain", obligation: idOf(50) },
        { obligations: [dutyForTest(50, "dev", "propose"), dutyForTest(51, "dan", "propose")] },
      ],
      [
        "the last turn to implement is for the claim too",
        "dev",
        claim,
        {
          ...mine({ state: "assigned", holder: null, leaseLive: false }),
          obligations: [dutyForTest(50, "dev", "implement", task, lastTurn)],
        },
      ],
      [
        "waiting is lawful in the last turn when nothing else is",
        "dev",
        { kind: "wait" },
        { overdue: true, obligations: [dutyForTest(50, "dev", "propose", null, lastTurn)] },
      ],
      [
        "a human is pressed by nothing",
        "rob",
        say,
        { obligations: [dutyForTest(50, "rob", "vote", proposal, lastTurn)] },
      ],
    ],
  },
  "last-round": {
    refuses: [
      ["nobody adopts unasked", "lea", { kind: "adopt", proposal }, failed({ obligations: [] })],
      ["nobody adopts in another's place", "dev", { kind: "adopt", proposal }, failed()],
      ["nothing is adopted from an earlier round", "lea", { kind: "adopt", proposal: idOf(11) }, failed()],
      [
        "what was vetoed is not adopted",
        "lea",
        { kind: "adopt", proposal },
        failed({ proposals: [proposalForTest(10, { state: "vetoed", round: 2 })] }),
      ],
    ],
    allows: [["after the last round the lead adopts one", "lea", { kind: "adopt", proposal }, failed()]],
  },
  budgets: {
    refuses: [
      [
        "talk ends with its budget",
        "dev",
        say,
        { members: [...teamForTest.filter((m) => m.actor !== "dev"), memberForTest("dev", { talked: 2 })] },
      ],
      [
        "everything but waiting ends with the tokens",
        "dev",
        { kind: "propose" },
        { tokens: parametersForTest.budgets.tokensPerConversation },
      ],
    ],
    allows: [
      [
        "talk within its budget",
        "dev",
        say,
        { members: [...teamForTest.filter((m) => m.actor !== "dev"), memberForTest("dev", { talked: 1 })] },
      ],
      ["a human is not counted", "rob", say, { tokens: parametersForTest.budgets.tokensPerConversation }],
      ["waiting costs nothing", "dev", { kind: "wait" }, { tokens: parametersForTest.budgets.tokensPerConversation }],
    ],
  },
};

describe.each(articleIds)("%s", (article) => {
  test.each(examples[article].refuses)("refuses: %s", (_, actor, head, over) => {
    const view = viewForTest(over);
    const refusal = rules[article]({ view, actor: memberOf(view, actor), head });
    expect(refusal).not.toBeNull();
    expect(refusal?.reason).not.toBe("");
    expect(refusal?.lawful).not.toBe("");
    expect(decide(view, actor, head).allowed).toBe(false);
  });

  // What an article allows is lawful altogether: no other article stands in the way.
  test.each(examples[article].allows)("allows: %s", (_, actor, head, over) => {
    expect(decide(viewForTest(over), actor, head)).toEqual({ allowed: true, charterVersion: 1 });
  });
});

test("a refusal names the first article that is broken, and what would be lawful", () => {
  expect(decide(viewForTest({ phase: "vote" }), "dev", { kind: "propose" })).toEqual({
    allowed: false,
    charterVersion: 1,
    article: "propose-before-implement",
    reason: "propose does not belong to the phase vote",
    lawful: "propose is lawful in: propose",
  });
});

test("in a closed mission one may still remember, wait and speak", () => {
  const closed = viewForTest({ phase: "closed", outcome: "accepted" });
  for (const head of [{ kind: "remember" }, { kind: "wait" }, say] as const)
    expect(decide(closed, "dev", head).allowed).toBe(true);
  for (const head of [{ kind: "propose" }, veto, claim] as const)
    expect(decide(closed, "rob", head).allowed).toBe(false);
});
