import { amend, assembly, describeRule, motion, say, vote, wait, withMember } from "../rule-fixture.ts";

const observer = withMember("obs", { role: "observer" });

describeRule("one-voice", {
  refuses: [
    ["an observer does not speak", "obs", say, observer],
    ["an observer does not vote on a motion", "obs", vote, { ...motion({ phase: "vote" }, "voting"), ...observer }],
    ["an observer proposes no amendment", "obs", amend("budgets"), assembly(observer)],
    ["a stranger does not speak", "eve", say, {}],
    ["a stranger opens no motion", "eve", { kind: "propose" }, assembly()],
    ["a stranger is not asked", "dev", { kind: "ask", to: "eve" }, {}],
    ["nobody asks themselves", "dev", { kind: "ask", to: "dev" }, {}],
  ],
  allows: [
    ["a member speaks", "dev", say, {}],
    ["a member asks another", "dev", { kind: "ask", to: "ana" }, {}],
    ["an observer waits", "obs", wait, observer],
    ["an external client speaks as itself", "ext", say, withMember("ext", { kind: "external" })],
  ],
});
