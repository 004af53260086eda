import { proposalForTest } from "../../testing/missions.ts";
import {
  amend,
  assembly,
  describeRule,
  mine,
  motion,
  proposal,
  voting,
  withdraw,
  withMember,
} from "../rule-fixture.ts";

const ratify = { kind: "ratify" } as const;
const founding = (state: "open" | "voting" | "accepted" | "rejected" | "withdrawn" | "vetoed") =>
  assembly({ proposals: [proposalForTest(10, { kind: "ratification", state })] });
const off = assembly({ articlesOff: ["last-round"] });

describeRule("amendments", {
  refuses: [
    ["what is no article has no parameters", "dev", amend("no-meetings"), assembly()],
    ["an article without parameters has none to set", "dev", amend("one-ballot"), assembly()],
    ["a necessary article is not switched off", "dev", amend("budgets", "switch_off"), assembly()],
    ["an entrenched article is not switched off", "rob", amend("human-veto", "switch_off"), assembly()],
    ["what is no article is not switched on", "dev", amend("no-meetings", "switch_on"), assembly()],
    ["what is in force is not switched on", "dev", amend("last-round", "switch_on"), assembly()],
    ["what is off is not switched off", "dev", amend("last-round", "switch_off"), off],
    ["advice does not take the name of an article", "dev", amend("one-voice", "add_advisory"), assembly()],
    ["an article is not dropped as if it were advice", "dev", amend("one-voice", "drop_advisory"), assembly()],
    ["nobody withdraws another's motion", "ana", withdraw, motion()],
    ["nor does a human, who has a veto", "rob", withdraw, motion()],
    ["what was accepted is not withdrawn", "dev", withdraw, motion({ phase: "vote" }, "accepted")],
    ["nothing is withdrawn twice", "dev", withdraw, motion({}, "withdrawn")],
    ["what does not exist is not withdrawn", "dev", withdraw, {}],
    ["an agent does not adopt the charter", "lea", ratify, founding("rejected")],
    [
      "nor does a human who is not the commander",
      "pat",
      ratify,
      { ...founding("rejected"), ...withMember("pat", { kind: "human", role: "lead" }) },
    ],
    ["the charter is not adopted while its vote is open", "rob", ratify, founding("voting")],
    ["nor once it was ratified", "rob", ratify, founding("accepted")],
    ["nor where there never was a vote", "rob", ratify, assembly()],
    ["nor after one that was taken back", "rob", ratify, founding("withdrawn")],
    ["nor after one that was stopped by a veto", "rob", ratify, founding("vetoed")],
  ],
  allows: [
    ["any agent proposes another number", "dev", amend("budgets"), assembly()],
    ["a human proposes to switch an optional article off", "rob", amend("last-round", "switch_off"), assembly()],
    ["what is off is proposed again", "ana", amend("last-round", "switch_on"), off],
    [
      "an external client proposes advice",
      "ext",
      amend("no-meetings", "add_advisory"),
      assembly(withMember("ext", { kind: "external" })),
    ],
    ["advice is proposed to be dropped", "dev", amend("no-meetings", "drop_advisory"), assembly()],
    ["an entrenched article's numbers may be proposed too", "dev", amend("human-veto"), assembly()],
    ["its author withdraws a motion that is commented on", "dev", withdraw, motion()],
    ["its author withdraws a motion that is voted on", "dev", withdraw, motion({ phase: "vote" }, "voting")],
    [
      "its author withdraws a plan",
      "dev",
      { kind: "withdraw", proposal },
      { phase: "critique", proposals: [{ ...voting, state: "open" }] },
    ],
    ["the commander adopts the charter after a vote that failed", "rob", ratify, founding("rejected")],
    ["what is being built is stopped by a veto instead", "rob", { kind: "veto", proposal }, mine()],
  ],
});
