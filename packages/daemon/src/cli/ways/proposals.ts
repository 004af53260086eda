import { MeshError } from "@federation/core";
import { showProposal, showProposals } from "../show/show-work.ts";
import { type Way, way } from "../way.ts";
import { done, inMission, limit, reason } from "./parts.ts";

/** Proposals and votes. */
export const proposalsWays: readonly Way[] = [
  way("Propose", "proposal make <mission> <title> <text...>", {
    request: (given) => ({ mission: given.text("mission"), title: given.text("title"), text: given.text("text") }),
    show: (_, answer) => `Proposed ${answer.proposal}.`,
  }),
  way("Critique", "proposal criticise <proposal> <text...>", {
    request: (given) => ({ proposal: given.text("proposal"), text: given.text("text") }),
    show: done("Your critique is on record."),
  }),
  way("ListProposals", "proposal list", {
    options: [inMission, limit],
    request: (given) => ({ mission: given.maybe("mission"), limit: given.whole("limit") }),
    show: showProposals,
  }),
  way("ShowProposal", "proposal show <proposal>", {
    request: (given) => ({ proposal: given.text("proposal") }),
    show: showProposal,
  }),
  way("CastBallot", "vote <proposal> <choice>", {
    options: [reason],
    request: (given) => ({
      proposal: given.text("proposal"),
      choice: choiceOf(given.text("choice")),
      reason: given.text("reason"),
    }),
    show: done("Your ballot is cast."),
  }),
  way("VetoProposal", "veto <proposal>", {
    options: [reason],
    request: (given) => ({ proposal: given.text("proposal"), reason: given.text("reason") }),
    show: done("Vetoed."),
  }),
];

function choiceOf(text: string): "yes" | "no" | "abstain" {
  if (text === "yes" || text === "no" || text === "abstain") return text;
  throw new MeshError("invalid_input", `Vote yes, no or abstain, not "${text}".`);
}
