import { parametersForTest } from "../../testing/missions.ts";
import { claim, describeRule, given, motion, say, vote, wait, withMember } from "../rule-fixture.ts";

const limits = parametersForTest.budgets;
const broke = { tokens: limits.tokensPerConversation };
const late = { ageMs: limits.wallMsPerConversation };

describeRule("budgets", {
  refuses: [
    ["talk ends with its budget", "dev", say, withMember("dev", { talked: limits.talkPerPhase })],
    ["everything but waiting ends with the tokens", "dev", { kind: "propose" }, broke],
    ["everything but waiting ends with the time", "dev", claim, { ...given(), ...late }],
    ["a motion has the same budgets", "ana", vote, motion({ phase: "vote", ...late }, "voting")],
  ],
  allows: [
    ["talk within its budget", "dev", say, withMember("dev", { talked: limits.talkPerPhase - 1 })],
    ["an act within the time", "dev", claim, { ...given(), ageMs: limits.wallMsPerConversation - 1 }],
    ["a human is not counted", "rob", say, { ...broke, ...late }],
    ["waiting costs nothing", "dev", wait, { ...broke, ...late }],
  ],
});
