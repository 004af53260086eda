import type { CharterParameters } from "../charter/parameters.ts";
import type { Duty } from "../mission/phases.ts";
import type { Member, MissionView, Obligation, Proposal, Task } from "../mission/view.ts";

/** Hand-made missions for tests: a valid default, with what matters to the case laid over it. */

export const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

export const parametersForTest: CharterParameters = {
  "explicit-assignment": { pool: false, claimWithinMs: 60_000 },
  "propose-before-implement": { maxRounds: 2, kindsNeedingProposal: ["feature"] },
  "claim-before-code": { maxScopePatterns: 16 },
  "one-voice": {},
  "one-ballot": {},
  "quorum-and-deadline": {
    quorum: 0.5,
    threshold: 0.5,
    phaseDeadlineMs: {
      propose: 60_000,
      critique: 60_000,
      vote: 60_000,
      assign: 60_000,
      implement: 60_000,
      review: 60_000,
      synthesise: 60_000,
    },
  },
  "human-veto": { windowMs: 1_000 },
  "review-by-another": { maxReworks: 1 },
  "leases-and-hand-back": { leaseMs: 30_000, humanLeaseMs: 60_000, maxReassignments: 1 },
  "duties-are-met": { turnsPerDuty: 3 },
  "last-round": {},
  budgets: {
    talkPerPhase: 2,
    turnsPerConversation: 100,
    tokensPerConversation: 100_000,
    maxHops: 8,
    wallMsPerConversation: 3_600_000,
    wallMsPerTask: 3_600_000,
  },
  "no-self-dealing": {},
  "truthful-completion": { minEvidence: 1 },
  audit: { sealWithinMs: 5_000 },
  amendments: { quorum: 0.5, threshold: 0.5 },
};

export function memberForTest(actor: string, over: Partial<Member> = {}): Member {
  return { actor, kind: "agent", role: "developer", votes: true, online: true, talked: 0, turns: 0, ...over };
}

/** lea leads, dev and dan develop, ana analyses; rob is the human commander, without a vote. */
export const teamForTest: readonly Member[] = [
  memberForTest("ana", { role: "analyst" }),
  memberForTest("dan"),
  memberForTest("dev"),
  memberForTest("lea", { role: "lead" }),
  memberForTest("rob", { role: "commander", kind: "human", votes: false }),
];

export function viewForTest(over: Partial<MissionView> = {}): MissionView {
  return {
    id: idOf(1),
    kind: "mission",
    repository: null,
    objective: "Choose a retry policy and write it down",
    createdBy: "rob",
    seed: 7,
    phase: "propose",
    phaseNo: 1,
    round: 1,
    phaseEnteredAt: "2026-01-01T00:00:00.000Z",
    phaseDeadline: "2026-01-01T00:01:00.000Z",
    overdue: false,
    outcome: null,
    report: null,
    charterVersion: 1,
    parameters: parametersForTest,
    articlesOff: [],
    tokens: 0,
    ageMs: 0,
    members: [...teamForTest],
    obligations: [],
    proposals: [],
    tasks: [],
    heldScopes: [],
    ...over,
  };
}

export function proposalForTest(n: number, over: Partial<Proposal> = {}): Proposal {
  return {
    id: idOf(n),
    kind: "plan",
    author: "dev",
    round: 1,
    title: "Back off with jitter",
    text: "Retry with doubling pauses and jitter.",
    change: null,
    motive: "",
    textSha256: `sha-of-${n}`,
    state: "open",
    electorate: [],
    ballots: [],
    ...over,
  };
}

export function taskForTest(n: number, over: Partial<Task> = {}): Task {
  return {
    id: idOf(n),
    proposal: null,
    title: "Write it",
    instructions: "",
    kind: "feature",
    priority: 0,
    dueAt: null,
    overdue: false,
    scope: [],
    needs: [],
    pool: false,
    state: "approved",
    assignee: null,
    holder: null,
    takenFrom: null,
    fence: 0,
    leaseLive: false,
    reworks: 0,
    reassignments: 0,
    submission: null,
    ...over,
  };
}

export function submissionForTest(n: number, over: Partial<NonNullable<Task["submission"]>> = {}) {
  return {
    id: idOf(n),
    author: "dev",
    summary: "Done.",
    evidence: [],
    commit: null,
    files: [],
    state: "open" as const,
    reviewer: null,
    reason: null,
    ...over,
  };
}

export function dutyForTest(
  n: number,
  actor: string,
  duty: Duty,
  subject: string | null = null,
  over: Partial<Obligation> = {},
): Obligation {
  return { id: idOf(n), actor, duty, subject, state: "open", turnsUsed: 0, maxTurns: 3, ...over };
}
