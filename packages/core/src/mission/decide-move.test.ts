import { describe, expect, test } from "vitest";
import {
  dutyForTest,
  idOf,
  proposalForTest,
  submissionForTest,
  taskForTest,
  viewForTest,
} from "../testing/missions.ts";
import { decideMove } from "./decide-move.ts";
import type { MissionView } from "./view.ts";

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
