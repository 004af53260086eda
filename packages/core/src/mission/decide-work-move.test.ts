import { describe, expect, test } from "vitest";
import {
  dutyForTest,
  idOf,
  parametersForTest,
  proposalForTest,
  submissionForTest,
  taskForTest,
  teamForTest,
  viewForTest,
} from "../testing/missions.ts";
import { decideMove } from "./decide-move.ts";
import type { MissionView } from "./view.ts";

type TaskOver = Parameters<typeof taskForTest>[1];

const errand = (phase: MissionView["phase"], task: TaskOver, over: Partial<MissionView> = {}): MissionView =>
  viewForTest({ kind: "errand", phase, tasks: [taskForTest(20, task)], ...over });
const pool = { parameters: { ...parametersForTest, "explicit-assignment": { pool: true, claimWithinMs: 60_000 } } };
const dev = { state: "assigned", assignee: "dev" } as const;
const owed = dutyForTest(50, "dev", "implement", idOf(20));
const rob = { state: "claimed", assignee: "rob", holder: "rob", leaseLive: true, takenFrom: "dev" } as const;
const result = { state: "submitted", assignee: "dev", submission: submissionForTest(30) } as const;
const asked = ["ana", "lea", "dan"].map((who, i) => dutyForTest(50 + i, who, "review", idOf(20), { state: "expired" }));
const machines = teamForTest.filter((m) => m.kind === "agent");
const people = teamForTest.filter((m) => m.kind === "human");
const elsewhere = { heldScopes: [{ task: idOf(21), holder: "dan", scope: ["src/**"] }] };

describe("what the system does next with an errand", () => {
  test.each<readonly [string, MissionView, object | null]>([
    ["waits for who owes it", errand("implement", dev, { obligations: [owed] }), null],
    [
      "has it assigned to another when its agent let the duty expire",
      errand("implement", dev, { obligations: [{ ...owed, state: "expired" }] }),
      { phase: "assign", duties: [{ actor: "lea", duty: "assign", subject: idOf(20) }] },
    ],
    [
      "has it assigned when it was released",
      errand("implement", { ...dev, state: "released" }),
      { phase: "assign", reason: "the task was released" },
    ],
    ["has it assigned when its time was over", errand("implement", { ...dev, state: "expired" }), { phase: "assign" }],
    [
      "ends when it has changed hands often enough",
      errand("implement", { ...dev, state: "released", reassignments: 1 }),
      { phase: "closed", outcome: "not_done" },
    ],
    [
      "ends when what it needs will never be accepted",
      errand("implement", { ...dev, state: "cancelled" }),
      { phase: "closed", outcome: "not_done" },
    ],
    ["waits for whoever takes it from the pool", errand("implement", { pool: true }, pool), null],
    [
      "has it assigned when nobody took it in time",
      errand("implement", { pool: true }, { ...pool, overdue: true }),
      { phase: "assign" },
    ],
    ["has it assigned when the pool was closed", errand("implement", { pool: true }), { phase: "assign" }],
    ["waits while another task has to be done first", errand("implement", { ...dev, needs: [idOf(21)] }), null],
    ["waits while another has its paths", errand("implement", { ...dev, scope: ["src/a.ts"] }, elsewhere), null],
    [
      "does not wait for other tasks beyond its deadline",
      errand("implement", { ...dev, needs: [idOf(21)] }, { overdue: true, obligations: [owed] }),
      { phase: "assign" },
    ],
    [
      "does not wait for other tasks when nobody has it",
      errand("implement", { ...dev, state: "released", needs: [idOf(21)] }),
      { phase: "assign" },
    ],
    [
      "waits for the person who took it over",
      errand("implement", rob, { obligations: [{ ...owed, state: "cancelled" }] }),
      null,
    ],
    [
      "does not wait for a person beyond the deadline",
      errand("implement", rob, { overdue: true }),
      { phase: "assign" },
    ],
    [
      "has a result reviewed",
      errand("implement", result),
      { phase: "review", duties: [{ actor: "ana", duty: "review", subject: idOf(20) }] },
    ],
    [
      "closes as accepted with the review, without a report",
      errand("review", { ...result, state: "accepted" }),
      { phase: "closed", outcome: "accepted", duties: [] },
    ],
    [
      "lets the author rework what was sent back",
      errand("review", { ...dev, state: "claimed", submission: submissionForTest(30, { state: "rejected" }) }),
      { phase: "implement", duties: [{ actor: "dev", duty: "implement", subject: idOf(20) }] },
    ],
    [
      "ends when the result was rejected for the last time",
      errand("review", { ...result, state: "rejected" }),
      { phase: "closed", outcome: "not_accepted" },
    ],
    [
      "asks the next reviewer",
      errand("review", result, { obligations: asked.slice(0, 1) }),
      { kind: "open_duties", duties: [{ actor: "lea", duty: "review" }] },
    ],
    ["waits for a person when no agent is left to review it", errand("review", result, { obligations: asked }), null],
    [
      "ends when nobody is left to review it",
      errand("review", result, { obligations: asked, members: [...machines] }),
      { phase: "closed", outcome: "not_accepted" },
    ],
    [
      "ends when nobody reviewed it in time",
      errand("review", result, { obligations: asked, overdue: true }),
      { phase: "closed", outcome: "not_accepted" },
    ],
    [
      "lets who was assigned implement",
      errand("assign", dev),
      { phase: "implement", duties: [{ actor: "dev", duty: "implement" }] },
    ],
    [
      "ends when who had to assign it did not",
      errand("assign", {}, { obligations: [dutyForTest(50, "lea", "assign", idOf(20), { state: "expired" })] }),
      { phase: "closed", outcome: "unassigned" },
    ],
    ["waits for a person to assign it where there is no agent", errand("assign", {}, { members: [...people] }), null],
    [
      "and not beyond the deadline",
      errand("assign", {}, { members: [...people], overdue: true }),
      { phase: "closed", outcome: "unassigned" },
    ],
    ["does nothing more once it is closed", errand("closed", { ...result, state: "accepted" }), null],
  ])("%s", (_, view, expected) => {
    const found = decideMove(view);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatchObject(expected);
  });
});

describe("what is different in a mission", () => {
  const mission = (phase: MissionView["phase"], task: TaskOver, over: Partial<MissionView> = {}): MissionView => ({
    ...errand(phase, task, over),
    kind: "mission",
    proposals: [proposalForTest(10, { state: "accepted" })],
  });

  test("the end of a review is reported before it closes, whatever it was", () => {
    expect(decideMove(mission("review", { ...result, state: "accepted" }))).toMatchObject({ phase: "synthesise" });
    expect(decideMove(mission("review", result, { obligations: asked }))).toMatchObject({ phase: "synthesise" });
  });

  test("nobody waits for a person to assign it", () => {
    expect(decideMove(mission("assign", {}, { members: [...people] }))).toMatchObject({ outcome: "unassigned" });
  });

  test("a person who took the task over is waited for all the same", () => {
    expect(decideMove(mission("implement", rob, { obligations: [{ ...owed, state: "cancelled" }] }))).toBeNull();
  });
});

describe("what a withdrawal leaves behind in a mission", () => {
  const left = [proposalForTest(10, { state: "withdrawn" })];

  test.each<readonly [string, Partial<MissionView>, object]>([
    [
      "goes on without asking anybody to close a phase that has nothing to talk about",
      { proposals: left },
      { phase: "critique", duties: [] },
    ],
    ["has nothing criticised", { phase: "critique", proposals: left }, { phase: "vote", duties: [] }],
    ["begins another round", { phase: "vote", proposals: left }, { phase: "propose", round: 2 }],
    [
      "ends after the last round",
      {
        phase: "vote",
        round: 2,
        proposals: [proposalForTest(10, { state: "withdrawn", round: 2 })],
        members: [...people],
      },
      { phase: "closed", outcome: "no_decision" },
    ],
    [
      "goes on with what is left",
      { proposals: [...left, proposalForTest(11)], overdue: true },
      { phase: "critique", duties: [{ actor: "ana", duty: "critique" }] },
    ],
  ])("%s", (_, over, expected) => {
    expect(decideMove(viewForTest(over))).toMatchObject(expected);
  });

  test("nobody is asked to adopt while the article that permits it is off", () => {
    const view = viewForTest({
      phase: "vote",
      round: 2,
      proposals: [proposalForTest(10, { state: "rejected", round: 2 })],
      articlesOff: ["last-round"],
    });
    expect(decideMove(view)).toMatchObject({ phase: "closed", outcome: "no_decision" });
  });
});
