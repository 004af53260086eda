import { dutyForTest } from "../../testing/missions.ts";
import { adopt, critique, describeRule, failed, motion, say, vote, voting } from "../rule-fixture.ts";

const asked = { obligations: [dutyForTest(50, "lea", "advance")] };

describeRule("quorum-and-deadline", {
  refuses: [
    ["no ballot after the deadline", "ana", vote, { phase: "vote", overdue: true, proposals: [voting] }],
    ["no proposal after the deadline", "dev", { kind: "propose" }, { overdue: true }],
    ["no critique of a motion after the deadline", "ana", critique, motion({ overdue: true })],
    ["nobody advances a phase that is not theirs", "dev", { kind: "advance" }, asked],
    ["nor does a human, who would only close a duty of their own", "rob", { kind: "advance" }, {}],
    [
      "nothing is adopted without a majority while the article that would permit it is off",
      "lea",
      adopt,
      failed({ articlesOff: ["last-round"] }),
    ],
  ],
  allows: [
    ["who is asked to advance does", "lea", { kind: "advance" }, asked],
    ["who is asked to advance may hold", "lea", { kind: "hold" }, asked],
    ["talk has no deadline", "dev", say, { overdue: true }],
    ["a motion is criticised in time", "ana", critique, motion()],
  ],
});
