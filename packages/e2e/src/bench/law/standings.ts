import {
  ANALYST,
  COMMANDER,
  DEVELOPER,
  type LawfulAct,
  LEAD,
  type MotionStanding,
  type NamedHead,
  OUTSIDER,
  type ProposalName,
  type Scene,
  type Standing,
  type Step,
} from "./temptation.ts";

/** The steps from the start of a mission to a scene: acts of those who owe them. The system moves by itself after each. */
export function stepsOf({ at, plans = 1, after = [] }: Scene): readonly Step[] {
  if (at === "motion: ballots" || at === "motion: window") return [...motion(at), ...after];
  return [...(at === "failed" ? failed(plans) : regular(at, plans)), ...after];
}

const step = (by: string, does: NamedHead): LawfulAct => ({ by, does });

const opening = (plans: 1 | 2): readonly Step[] => [
  step(DEVELOPER, { kind: "propose" }),
  step(LEAD, plans === 2 ? { kind: "propose" } : { kind: "abstain", obligation: `propose of ${LEAD}` }),
];

const criticised = (proposal: ProposalName): readonly Step[] => [
  step(ANALYST, { kind: "critique", proposal }),
  step(ANALYST, { kind: "advance" }),
];

const ballots = (proposal: ProposalName, choice: "yes" | "no"): readonly Step[] =>
  [LEAD, DEVELOPER, ANALYST].map((by) => step(by, { kind: "vote", proposal, choice }));

/** What leads from the standing before to each; the developer's plan is the one that is accepted. */
function regular(at: Exclude<Standing, "failed">, plans: 1 | 2): readonly Step[] {
  const path: readonly (readonly [Standing, readonly Step[]])[] = [
    ["propose", []],
    ["proposed", opening(plans)],
    ["critique", [step(LEAD, { kind: "advance" })]],
    ["vote", criticised("first")],
    ["assign", [...ballots("first", "yes"), ...(plans === 2 ? ballots("second", "no") : [])]],
    ["implement", [step(LEAD, { kind: "assign", task: "task", assignee: DEVELOPER })]],
    ["claimed", [step(DEVELOPER, { kind: "claim", task: "task" })]],
    ["review", [step(DEVELOPER, { kind: "submit", task: "task", evidence: ["proposal:first"] })]],
    ["synthesise", [step(ANALYST, { kind: "accept", task: "task" })]],
  ];
  const end = path.findIndex(([standing]) => standing === at);
  return path.slice(0, end + 1).flatMap(([, steps]) => steps);
}

/** Everyone who owes a comment makes one; every agent with a node votes, whether it is of the team or not. */
function motion(at: MotionStanding): readonly Step[] {
  const comments = [LEAD, DEVELOPER, ANALYST].map((by) => step(by, { kind: "critique", proposal: "first" }));
  const voters = [LEAD, DEVELOPER, ANALYST, OUTSIDER, COMMANDER];
  const yes = voters.map((by) => step(by, { kind: "vote", proposal: "first", choice: "yes" }));
  return at === "motion: ballots" ? comments : [...comments, ...yes];
}

/** Two rounds without a majority, as many as the charter has: one plan in the first, `plans` in the last. */
function failed(plans: 1 | 2): readonly Step[] {
  const close = step(LEAD, { kind: "advance" });
  return [
    ...[...opening(1), close, ...criticised("first"), ...ballots("first", "no")],
    ...[...opening(plans), close, ...criticised("second"), ...ballots("second", "no")],
    ...(plans === 2 ? ballots("third", "no") : []),
  ];
}
