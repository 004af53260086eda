import { proposalForTest } from "../../testing/missions.ts";
import { describeRule, mine, motion, submitted, veto, voting } from "../rule-fixture.ts";

describeRule("human-veto", {
  refuses: [
    ["an agent has no veto", "lea", veto, { proposals: [proposalForTest(10)] }],
    ["an agent has no veto in the window of a motion", "lea", veto, motion({ phase: "veto" }, "accepted")],
    [
      "what is rejected is not vetoed",
      "rob",
      veto,
      { phase: "vote", proposals: [proposalForTest(10, { state: "rejected" })] },
    ],
    ["what is withdrawn is not vetoed", "rob", veto, motion({}, "withdrawn")],
    ["nothing is vetoed twice", "rob", veto, motion({}, "vetoed")],
    ["what does not exist is not vetoed", "rob", veto, {}],
  ],
  allows: [
    ["a human vetoes a proposal", "rob", veto, { proposals: [proposalForTest(10)] }],
    ["a human vetoes what is voted on", "rob", veto, { phase: "vote", proposals: [voting] }],
    ["a human vetoes what is being built", "rob", veto, mine()],
    ["a human vetoes what is being reviewed", "rob", veto, submitted()],
    ["a human vetoes a motion that is commented on", "rob", veto, motion()],
    ["a human vetoes a motion that is voted on", "rob", veto, motion({ phase: "vote" }, "voting")],
    ["a human vetoes an accepted motion in its window", "rob", veto, motion({ phase: "veto" }, "accepted")],
    [
      "a veto comes before the end of the window is noticed",
      "rob",
      veto,
      motion({ phase: "veto", overdue: true }, "accepted"),
    ],
  ],
});
