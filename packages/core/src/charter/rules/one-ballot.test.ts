import { proposalForTest } from "../../testing/missions.ts";
import { describeRule, motion, vote, voting } from "../rule-fixture.ts";

const ballot = { voter: "ana", choice: "yes", reason: "Good.", byDeadline: false } as const;

describeRule("one-ballot", {
  refuses: [
    ["no second ballot", "ana", vote, { phase: "vote", proposals: [{ ...voting, ballots: [ballot] }] }],
    [
      "no second ballot on a motion",
      "ana",
      vote,
      { kind: "motion", phase: "vote", proposals: [{ ...voting, ballots: [ballot] }] },
    ],
    ["no ballot from outside the electorate", "dev", vote, { phase: "vote", proposals: [voting] }],
    ["no ballot of a human who was given no vote", "rob", vote, motion({ phase: "vote" }, "voting")],
    ["no ballot before the vote", "ana", vote, { phase: "vote", proposals: [proposalForTest(10)] }],
    ["no ballot after it", "ana", vote, { phase: "vote", proposals: [{ ...voting, state: "accepted" }] }],
    ["no ballot on what was withdrawn", "ana", vote, { phase: "vote", proposals: [{ ...voting, state: "withdrawn" }] }],
    ["no ballot on what does not exist", "ana", vote, { phase: "vote" }],
  ],
  allows: [
    ["a voter casts a ballot", "ana", vote, { phase: "vote", proposals: [voting] }],
    ["a voter casts a ballot on a motion", "ana", vote, motion({ phase: "vote" }, "voting")],
  ],
});
