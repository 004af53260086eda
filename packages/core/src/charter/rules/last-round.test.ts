import { idOf, proposalForTest } from "../../testing/missions.ts";
import { adopt, describeRule, failed } from "../rule-fixture.ts";

describeRule("last-round", {
  refuses: [
    ["nobody adopts unasked", "lea", adopt, failed({ obligations: [] })],
    ["nobody adopts in another's place", "dev", adopt, failed()],
    ["nothing is adopted from an earlier round", "lea", { kind: "adopt", proposal: idOf(11) }, failed()],
    [
      "what was vetoed is not adopted",
      "lea",
      adopt,
      failed({ proposals: [proposalForTest(10, { state: "vetoed", round: 2 })] }),
    ],
    [
      "what was withdrawn is not adopted",
      "lea",
      adopt,
      failed({ proposals: [proposalForTest(10, { state: "withdrawn", round: 2 })] }),
    ],
  ],
  allows: [["after the last round the lead adopts one", "lea", adopt, failed()]],
});
