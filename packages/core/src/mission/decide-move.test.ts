import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ActionHead, type Words, wordsOf } from "../actions.ts";
import { decide } from "../charter/decide.ts";
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
import { actionOperations } from "./action-operations.ts";
import { decideMove, openingDuties } from "./decide-move.ts";
import { lawfulSet } from "./lawful.ts";
import { createMissionModel, type MissionModel } from "./mission-model-fixture.ts";
import type { Member, MissionView } from "./view.ts";

const teams: readonly (readonly Member[])[] = [
  teamForTest,
  teamForTest.map((m) => (m.kind === "human" ? { ...m, votes: true } : m)),
  teamForTest.filter((m) => m.actor !== "dan"),
  teamForTest.filter((m) => m.role !== "lead"),
  teamForTest.filter((m) => m.role !== "analyst"),
  teamForTest.filter((m) => m.kind === "human" || m.actor === "dev"),
  [memberForTest("ana", { role: "analyst" })],
  [...teamForTest, memberForTest("obs", { role: "observer", votes: false })],
  [memberForTest("ana", { role: "analyst" }), memberForTest("obs", { role: "observer", votes: false })],
];

function begin(members: readonly Member[]): MissionModel {
  const duties = openingDuties(members).map((d, i) => dutyForTest(500 + i, d.actor, d.duty));
  return createMissionModel(viewForTest({ members: [...members], obligations: duties }));
}

function move(model: MissionModel): boolean {
  const { view } = model;
  const next = decideMove(view);
  if (next === null) return false;
  if (next.kind === "enter")
    model.apply("lea", [
      {
        op: "enter_phase",
        conversation: view.id,
        fromPhaseNo: view.phaseNo,
        phase: next.phase,
        round: next.round,
        reason: next.reason,
        outcome: next.outcome,
        duties: next.duties,
      },
    ]);
  else if (next.kind === "open_duties")
    model.apply("lea", [{ op: "open_duties", conversation: view.id, phaseNo: view.phaseNo, duties: next.duties }]);
  else model.apply("lea", [{ op: "tally", conversation: view.id, phaseNo: view.phaseNo }]);
  return true;
}

function humanHeads(view: MissionView, actor: string): readonly ActionHead[] {
  const heads: readonly ActionHead[] = [
    { kind: "say" },
    { kind: "advance" },
    ...view.proposals.flatMap((p): readonly ActionHead[] => [
      { kind: "veto", proposal: p.id },
      { kind: "vote", proposal: p.id, choice: "yes" },
    ]),
    ...view.tasks.flatMap((t): readonly ActionHead[] => [
      { kind: "assign", task: t.id, assignee: "dev" },
      { kind: "accept", task: t.id },
      { kind: "reject", task: t.id },
    ]),
  ];
  return heads.filter((head) => decide(view, actor, head).allowed);
}

const wordsFor = (head: ActionHead): Words => {
  const wanted = wordsOf[head.kind];
  return { ...(wanted.title ? { title: "A title" } : {}), ...(wanted.text ? { text: "Some words." } : {}) };
};

/** One thing that may happen, picked by `roll`. */
function happen(model: MissionModel, roll: number, ids: () => string): void {
  const { members } = model.view;
  const kind = roll % 100;
  const member = members[Math.floor(roll / 100) % members.length];
  if (kind < 4) model.passDeadline();
  else if (kind < 8) model.loseLeases();
  else if (kind < 45) move(model);
  else if (member !== undefined) act(model, member, kind < 55 ? "nothing" : Math.floor(roll / 10_000), ids);
}

/** A member's turn: nothing comes of it, or one of the lawful actions. */
function act(model: MissionModel, member: Member, pick: number | "nothing", ids: () => string): void {
  const { view } = model;
  const { actor } = member;
  const { focus, heads } = lawfulSet(view, actor);
  const choices = member.kind === "human" ? humanHeads(view, actor) : heads;
  const head = pick === "nothing" ? undefined : choices[pick % Math.max(1, choices.length)];
  const operations =
    head === undefined ? [] : actionOperations(view, actor, { head, words: wordsFor(head) }, { newId: ids });
  model.apply(actor, operations);
  if (member.kind === "agent" && focus !== undefined && !operations.some((o) => o.op === "close_obligation"))
    model.spendTurn(focus.id);
}

describe("a mission, whatever happens in it", () => {
  const walks = fc.tuple(fc.nat({ max: teams.length - 1 }), fc.array(fc.nat({ max: 100_000_000 }), { maxLength: 250 }));
  const idsOf = (): (() => string) => {
    let next = 100_000;
    return () => idOf(next++);
  };

  test("makes only moves that the database lets through, and can always go on", () => {
    fc.assert(
      fc.property(walks, ([team, rolls]) => {
        const model = begin(teams[team] ?? teamForTest);
        const ids = idsOf();
        for (const roll of rolls) {
          happen(model, roll, ids);
          const { view } = model;
          const open = view.obligations.some((o) => o.state === "open");
          if (view.phase !== "closed" && (view.overdue || !open)) expect(decideMove(view)).not.toBeNull();
        }
      }),
      { numRuns: 400 },
    );
  });

  test("ends, with an outcome, by the passing of time alone", () => {
    fc.assert(
      fc.property(walks, ([team, rolls]) => {
        const model = begin(teams[team] ?? teamForTest);
        const ids = idsOf();
        for (const roll of rolls) happen(model, roll, ids);
        for (let i = 0; i < 60 && model.view.phase !== "closed"; i++) {
          while (move(model));
          model.passDeadline();
        }
        expect(model.view.phase).toBe("closed");
        expect(model.view.outcome).not.toBeNull();
        expect(decideMove(model.view)).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  test("ends by the acts of its members too, with no deadline ever passing", () => {
    const outcomes = new Set<string | null>();
    fc.assert(
      fc.property(walks, ([team, rolls]) => {
        const model = begin(teams[team] ?? teamForTest);
        const ids = idsOf();
        const agents = model.view.members.filter((m) => m.kind === "agent");
        for (let round = 0; round < 500 && model.view.phase !== "closed"; round++) {
          while (move(model));
          for (const [i, agent] of agents.entries()) act(model, agent, (rolls[i + round] ?? 0) + i + round, ids);
          // A human who votes and never comes is what the deadline is for.
          if (model.view.obligations.filter((o) => o.state === "open").every((o) => o.actor === "rob"))
            model.passDeadline();
        }
        expect(model.view.phase).toBe("closed");
        outcomes.add(model.view.outcome);
      }),
      { numRuns: 200 },
    );
    // The walks must not all be the same failure.
    expect(outcomes.size).toBeGreaterThan(2);
    expect(outcomes).toContain("accepted");
  });

  test("leaves every agent something lawful to do, and offers nothing that the gate would refuse", () => {
    fc.assert(
      fc.property(walks, fc.nat({ max: 200_000 }), ([team, rolls], tokens) => {
        const model = begin(teams[team] ?? teamForTest);
        model.view = { ...model.view, tokens };
        const ids = idsOf();
        for (const roll of rolls) {
          happen(model, roll, ids);
          for (const { actor, kind, role } of model.view.members) {
            if (kind !== "agent" || role === "observer") continue;
            const { heads } = lawfulSet(model.view, actor);
            expect(heads).not.toEqual([]);
            for (const head of heads) expect(decide(model.view, actor, head).allowed).toBe(true);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("what the system does next", () => {
  const voted = (state: "rejected" | "accepted" | "vetoed" | "voting") =>
    proposalForTest(10, { state, electorate: ["ana", "dan", "dev", "lea"] });
  const accepted = { proposals: [voted("accepted")] };

  test.each<readonly [string, Partial<MissionView>, object | null]>([
    ["waits while a duty is open", { obligations: [dutyForTest(50, "dev", "propose")] }, null],
    ["proposes again when nobody proposed", {}, { kind: "enter", phase: "propose", round: 2 }],
    ["closes when nobody proposed in the last round", { round: 2 }, { phase: "closed", outcome: "no_proposal" }],
    [
      "asks the lead to advance before it goes on to critique",
      { proposals: [proposalForTest(10)] },
      { kind: "open_duties", duties: [{ actor: "lea", duty: "advance" }] },
    ],
    [
      "goes on to critique once the lead has been asked",
      { proposals: [proposalForTest(10)], obligations: [dutyForTest(50, "lea", "advance", null, { state: "met" })] },
      { kind: "enter", phase: "critique" },
    ],
    [
      "goes on without asking when time is up",
      { proposals: [proposalForTest(10)], overdue: true },
      { phase: "critique" },
    ],
    ["tallies when all have voted", { phase: "vote", proposals: [voted("voting")] }, { kind: "tally" }],
    [
      "tallies at the deadline, whoever is missing",
      { phase: "vote", proposals: [voted("voting")], overdue: true, obligations: [dutyForTest(50, "dev", "vote")] },
      { kind: "tally" },
    ],
    [
      "goes on to a second round without a majority",
      { phase: "vote", proposals: [voted("rejected")] },
      { phase: "propose", round: 2 },
    ],
    [
      "asks the lead to adopt after the last round",
      { phase: "vote", round: 2, proposals: [{ ...voted("rejected"), round: 2 }] },
      { kind: "open_duties", duties: [{ actor: "lea", duty: "adopt" }] },
    ],
    [
      "closes without a decision when the lead adopts nothing",
      {
        phase: "vote",
        round: 2,
        proposals: [{ ...voted("rejected"), round: 2 }],
        obligations: [dutyForTest(50, "lea", "adopt", null, { state: "abstained" })],
      },
      { phase: "closed", outcome: "no_decision" },
    ],
    [
      "closes when everything was vetoed",
      { phase: "vote", proposals: [voted("vetoed")] },
      { phase: "closed", outcome: "vetoed" },
    ],
    [
      "has the decided proposal assigned",
      { phase: "vote", ...accepted, tasks: [taskForTest(20)] },
      { phase: "assign", duties: [{ actor: "lea", duty: "assign", subject: idOf(20) }] },
    ],
    [
      "closes when nobody was assigned",
      { phase: "assign", ...accepted, tasks: [taskForTest(20)] },
      { phase: "closed", outcome: "unassigned" },
    ],
    [
      "lets the assignee implement",
      { phase: "assign", ...accepted, tasks: [taskForTest(20, { state: "assigned", assignee: "dan" })] },
      { phase: "implement", duties: [{ actor: "dan", duty: "implement", subject: idOf(20) }] },
    ],
    [
      "assigns again what was handed back",
      { phase: "implement", ...accepted, tasks: [taskForTest(20, { state: "released", assignee: "dan" })] },
      { phase: "assign" },
    ],
    [
      "closes when the task has changed hands too often",
      { phase: "implement", ...accepted, tasks: [taskForTest(20, { state: "released", reassignments: 1 })] },
      { phase: "closed", outcome: "not_done" },
    ],
    [
      "has a result reviewed by someone else, an analyst first",
      {
        phase: "implement",
        ...accepted,
        tasks: [taskForTest(20, { state: "submitted", submission: submissionForTest(30) })],
      },
      { phase: "review", duties: [{ actor: "ana", duty: "review", subject: idOf(20) }] },
    ],
    [
      "asks the next when the reviewer abstained",
      {
        phase: "review",
        ...accepted,
        tasks: [taskForTest(20, { state: "submitted", submission: submissionForTest(30) })],
        obligations: [dutyForTest(50, "ana", "review", idOf(20), { state: "abstained" })],
      },
      { kind: "open_duties", duties: [{ actor: "lea", duty: "review", subject: idOf(20) }] },
    ],
    [
      "lets the author rework what was sent back",
      {
        phase: "review",
        ...accepted,
        tasks: [
          taskForTest(20, {
            state: "claimed",
            assignee: "dev",
            submission: submissionForTest(30, { state: "rejected" }),
          }),
        ],
      },
      { phase: "implement", duties: [{ actor: "dev", duty: "implement" }] },
    ],
    [
      "has an accepted result reported",
      { phase: "review", ...accepted, tasks: [taskForTest(20, { state: "accepted" })] },
      { phase: "synthesise", duties: [{ actor: "lea", duty: "report" }] },
    ],
    [
      "closes as accepted after the report",
      { phase: "synthesise", ...accepted, tasks: [taskForTest(20, { state: "accepted" })] },
      { phase: "closed", outcome: "accepted" },
    ],
    [
      "closes as not accepted without an accepted result",
      { phase: "synthesise", ...accepted, tasks: [taskForTest(20, { state: "rejected" })] },
      { phase: "closed", outcome: "not_accepted" },
    ],
    [
      "closes at once when the decided proposal is vetoed, whatever duties are open",
      {
        phase: "implement",
        proposals: [voted("vetoed")],
        tasks: [taskForTest(20, { state: "cancelled" })],
        obligations: [dutyForTest(50, "lea", "report")],
      },
      { phase: "closed", outcome: "vetoed" },
    ],
    ["does nothing more once it is closed", { phase: "closed", outcome: "accepted" }, null],
  ])("%s", (_, over, expected) => {
    const found = decideMove(viewForTest(over));
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatchObject(expected);
  });
});
