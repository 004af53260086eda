import { expect, test } from "vitest";
import { lawfulSet } from "../../mission/lawful.ts";
import { dutyForTest, idOf, proposalForTest, viewForTest } from "../../testing/missions.ts";
import { decide } from "../decide.ts";
import { adopt, describeRule, failed, lastTurn } from "../rule-fixture.ts";

const own = { kind: "adopt", proposal: idOf(12) } as const;
const onlyOwn = failed({
  proposals: [proposalForTest(12, { state: "rejected", round: 2, author: "lea" })],
  obligations: [dutyForTest(50, "lea", "adopt", null, lastTurn)],
});

describeRule("no-self-dealing", {
  refuses: [["the lead does not adopt their own proposal", "lea", own, failed()]],
  allows: [
    ["the lead adopts another's", "lea", adopt, failed()],
    ["the lead leaves it, where the only one is their own", "lea", { kind: "abstain", obligation: idOf(50) }, onlyOwn],
    ["the lead adopts their own once a vote has allowed it", "lea", own, failed({ articlesOff: ["no-self-dealing"] })],
  ],
});

test("whose own proposal is the only one to adopt can still end the duty, in its last turn too", () => {
  const view = viewForTest(onlyOwn);
  expect(lawfulSet(view, "lea").heads).toEqual([{ kind: "abstain", obligation: idOf(50) }]);
  expect(decide(view, "lea", { kind: "wait" })).toMatchObject({ allowed: false, article: "duties-are-met" });
});
