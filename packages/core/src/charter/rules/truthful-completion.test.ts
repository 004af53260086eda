import { expect, test } from "vitest";
import { lawfulSet } from "../../mission/lawful.ts";
import { dutyForTest, idOf, parametersForTest, viewForTest } from "../../testing/missions.ts";
import { describeRule, errand, mine, task } from "../rule-fixture.ts";

const resting = (...evidence: string[]) => ({ kind: "submit", task, evidence }) as const;
const twice = { parameters: { ...parametersForTest, "truthful-completion": { minEvidence: 2 } } };

describeRule("truthful-completion", {
  refuses: [
    ["no result rests on nothing", "dev", resting(), mine()],
    ["no result rests on a proposal of another mission", "dev", resting(`proposal:${idOf(9)}`), mine()],
    ["one piece is not two", "dev", resting("file:a.md"), { ...mine(), ...twice }],
    ["the same piece twice is not two", "dev", resting("file:a.md", "file:a.md"), { ...mine(), ...twice }],
    ["nor does an errand's", "dev", resting(), errand(mine())],
  ],
  allows: [
    ["a result rests on the decided proposal", "dev", resting(`proposal:${idOf(10)}`), mine()],
    ["a result rests on a message", "dev", resting(`message:${idOf(70)}`), mine()],
    ["a result rests on a file of its own", "dev", resting("file:policy.md"), mine()],
    ["a result rests on two pieces", "dev", resting("file:a.md", `proposal:${idOf(10)}`), { ...mine(), ...twice }],
    [
      "an errand's result rests on the motion it comes from",
      "dev",
      resting(`proposal:${idOf(9)}`),
      errand(mine({ proposal: idOf(9) })),
    ],
    [
      "where the article is off a result rests on nothing",
      "dev",
      resting(),
      { ...mine(), articlesOff: ["truthful-completion"] },
    ],
  ],
});

test("a result is offered before its evidence is named", () => {
  const view = viewForTest({ ...mine(), obligations: [dutyForTest(50, "dev", "implement", task)] });
  expect(lawfulSet(view, "dev").heads).toContainEqual({ kind: "submit", task });
});
