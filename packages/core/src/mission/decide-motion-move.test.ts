import { describe, expect, test } from "vitest";
import { dutyForTest, idOf, proposalForTest, viewForTest } from "../testing/missions.ts";
import { decideMotionMove } from "./decide-motion-move.ts";
import { decideMove } from "./decide-move.ts";
import type { MissionView, Proposal } from "./view.ts";

const motionIn = (
  phase: MissionView["phase"],
  state: Proposal["state"],
  over: Partial<MissionView> = {},
): MissionView =>
  viewForTest({ kind: "motion", phase, proposals: [proposalForTest(10, { kind: "decision", state })], ...over });
const comment = dutyForTest(50, "ana", "critique");
const ballot = dutyForTest(50, "ana", "vote", idOf(10));

describe("what the system does next in a motion", () => {
  test.each<readonly [string, MissionView, object | null]>([
    ["waits for who owes a comment", motionIn("critique", "open", { obligations: [comment] }), null],
    [
      "has it voted on once all have commented, by everyone who votes",
      motionIn("critique", "open", { obligations: [{ ...comment, state: "abstained" }] }),
      {
        phase: "vote",
        reason: "everyone has commented",
        duties: ["ana", "dan", "dev", "lea"].map((actor) => ({ actor, duty: "vote", subject: idOf(10) })),
      },
    ],
    [
      "has it voted on at the deadline, whoever has not commented",
      motionIn("critique", "open", { overdue: true, obligations: [comment] }),
      { phase: "vote", reason: "the deadline passed" },
    ],
    ["waits for who owes a ballot", motionIn("vote", "voting", { obligations: [ballot] }), null],
    [
      "counts when all have voted",
      motionIn("vote", "voting", { obligations: [{ ...ballot, state: "met" }] }),
      { kind: "tally" },
    ],
    ["counts at the deadline", motionIn("vote", "voting", { overdue: true, obligations: [ballot] }), { kind: "tally" }],
    ["ends without a majority", motionIn("vote", "rejected"), { phase: "closed", outcome: "rejected" }],
    [
      "opens the window for a veto once it is accepted",
      motionIn("vote", "accepted"),
      { phase: "veto", outcome: null, duties: [] },
    ],
    ["waits while a human may veto it", motionIn("veto", "accepted"), null],
    [
      "takes effect when the window is over",
      motionIn("veto", "accepted", { overdue: true }),
      { phase: "closed", outcome: "enacted" },
    ],
    ["ends when it is vetoed in its window", motionIn("veto", "vetoed"), { phase: "closed", outcome: "vetoed" }],
    [
      "does not take effect when the veto came before the end of the window was noticed",
      motionIn("veto", "vetoed", { overdue: true }),
      { phase: "closed", outcome: "vetoed" },
    ],
    [
      "ends when it is vetoed, whatever is owed",
      motionIn("critique", "vetoed", { obligations: [comment] }),
      { phase: "closed", outcome: "vetoed" },
    ],
    [
      "ends when it is withdrawn, whatever is owed",
      motionIn("vote", "withdrawn", { obligations: [ballot] }),
      { phase: "closed", outcome: "withdrawn" },
    ],
    ["does nothing more once it is closed", motionIn("closed", "withdrawn", { outcome: "withdrawn" }), null],
  ])("%s", (_, view, expected) => {
    const found = decideMotionMove(view);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatchObject(expected);
    expect(decideMove(view)).toEqual(found);
  });

  test("an assembly is never moved", () => {
    expect(decideMove(viewForTest({ kind: "assembly", overdue: true }))).toBeNull();
  });
});
