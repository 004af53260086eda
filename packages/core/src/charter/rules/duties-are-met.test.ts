import { expect, test } from "vitest";
import { lawfulSet } from "../../mission/lawful.ts";
import { dutyForTest, idOf, proposalForTest, viewForTest } from "../../testing/missions.ts";
import { decide } from "../decide.ts";
import {
  assigning,
  claim,
  critique,
  describeRule,
  errand,
  given,
  lastTurn,
  mine,
  motion,
  other,
  proposal,
  say,
  submitted,
  task,
  vote,
  voting,
  wait,
} from "../rule-fixture.ts";

const abstain = { kind: "abstain", obligation: idOf(50) } as const;
const pressed = dutyForTest(50, "dev", "propose", null, lastTurn);

describeRule("duties-are-met", {
  refuses: [
    ["the last turn of a duty is not for talk", "dev", say, { obligations: [pressed] }],
    ["nor for waiting", "dev", wait, { obligations: [pressed] }],
    [
      "a ballot on a motion is not talked away either",
      "ana",
      say,
      motion({ phase: "vote", obligations: [dutyForTest(50, "ana", "vote", proposal, lastTurn)] }, "voting"),
    ],
    ["nobody abstains from another's duty", "dev", abstain, { obligations: [dutyForTest(50, "dan", "propose")] }],
    [
      "nobody abstains from what is closed",
      "dev",
      abstain,
      { obligations: [dutyForTest(50, "dev", "propose", null, { state: "met" }), dutyForTest(51, "dan", "propose")] },
    ],
    [
      "nobody abstains where nobody else can do it",
      "lea",
      abstain,
      { ...assigning(), obligations: [dutyForTest(50, "lea", "assign", task)] },
    ],
    [
      "a voter abstains by a ballot",
      "ana",
      abstain,
      { phase: "vote", proposals: [voting], obligations: [dutyForTest(50, "ana", "vote", proposal)] },
    ],
    ["the last proposer does not abstain", "dev", abstain, { obligations: [dutyForTest(50, "dev", "propose")] }],
    [
      "nor where the only proposal was withdrawn",
      "dev",
      abstain,
      {
        proposals: [proposalForTest(10, { state: "withdrawn", author: "dan" })],
        obligations: [dutyForTest(50, "dev", "propose")],
      },
    ],
    [
      "the last reviewer does not abstain",
      "ana",
      abstain,
      submitted({
        obligations: ["ana", "lea", "dan"].map((who, i) =>
          dutyForTest(50 + i, who, "review", task, i === 0 ? {} : { state: "abstained" }),
        ),
      }),
    ],
  ],
  allows: [
    ["the last turn is for the duty", "dev", { kind: "propose" }, { obligations: [pressed] }],
    ["talk is lawful before the last turn", "dev", say, { obligations: [dutyForTest(50, "dev", "propose")] }],
    [
      "one abstains where another proposes",
      "dev",
      abstain,
      { obligations: [dutyForTest(50, "dev", "propose"), dutyForTest(51, "dan", "propose")] },
    ],
    [
      "one abstains from a comment on a motion",
      "ana",
      abstain,
      motion({ obligations: [dutyForTest(50, "ana", "critique")] }),
    ],
    [
      "one comments on a motion in the last turn",
      "ana",
      critique,
      motion({ obligations: [dutyForTest(50, "ana", "critique", null, lastTurn)] }),
    ],
    [
      "one votes on a motion in the last turn",
      "ana",
      vote,
      motion({ phase: "vote", obligations: [dutyForTest(50, "ana", "vote", proposal, lastTurn)] }, "voting"),
    ],
    [
      "the last turn to implement is for the claim too",
      "dev",
      claim,
      { ...given(), obligations: [dutyForTest(50, "dev", "implement", task, lastTurn)] },
    ],
    ["waiting is lawful in the last turn when nothing else is", "dev", wait, { overdue: true, obligations: [pressed] }],
    [
      "a human is pressed by nothing",
      "rob",
      say,
      { obligations: [dutyForTest(50, "rob", "vote", proposal, lastTurn)] },
    ],
    [
      "a duty whose task waits for another one presses nobody",
      "dev",
      say,
      errand({ ...given({ needs: [other] }), obligations: [dutyForTest(50, "dev", "implement", task, lastTurn)] }),
    ],
  ],
});

test("a duty whose task waits for others is no reason for a turn, until they are done", () => {
  const obligations = [dutyForTest(50, "dev", "implement", task)];
  const waiting = viewForTest(errand({ ...given({ needs: [other] }), obligations }));
  expect(lawfulSet(waiting, "dev").focus).toBeUndefined();
  expect(lawfulSet(waiting, "dev").heads.map((h) => h.kind)).not.toContain("claim");
  expect(lawfulSet(viewForTest(errand({ ...given(), obligations })), "dev").focus?.id).toBe(idOf(50));
});

test("what is held already waits for nobody: its holder goes on", () => {
  const obligations = [dutyForTest(50, "dev", "implement", task)];
  const view = viewForTest(errand({ ...mine({ needs: [other] }), obligations }));
  expect(lawfulSet(view, "dev").focus?.id).toBe(idOf(50));
});

test("a critic of whom nothing is left to criticise can leave the duty in its last turn", () => {
  const obligations = [dutyForTest(50, "ana", "critique", null, lastTurn)];
  const view = viewForTest({
    phase: "critique",
    proposals: [proposalForTest(10, { state: "withdrawn" })],
    obligations,
  });
  expect(lawfulSet(view, "ana").heads).toEqual([abstain]);
  expect(decide(view, "ana", wait).allowed).toBe(false);
});
