import { MeshError, type TaskKind, taskKindSchema } from "@federation/core";
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
  way("WithdrawProposal", "proposal withdraw <proposal>", {
    options: [reason],
    request: (given) => ({ proposal: given.text("proposal"), reason: given.text("reason") }),
    show: done("Withdrawn."),
  }),
  way("ProposeTask", "task propose <assignee> <title> <instructions...>", {
    options: [
      ["--why <text>", "why it should be done; the instructions when not given"],
      ["--kind <kind>", "feature, fix, chore or study (feature)"],
      ["--scope <pattern>", "paths its holder may write", "many"],
      ["--priority <n>", "from -10 to 10, higher is more urgent (0)"],
      ["--due-in <seconds>", "when it is due, counted from when it is opened"],
    ],
    request: (given) => {
      const dueIn = given.whole("dueIn");
      return {
        title: given.text("title"),
        text: given.maybe("why") ?? given.text("instructions"),
        taskKind: kindOf(given.maybe("kind")),
        assignee: given.text("assignee"),
        instructions: given.text("instructions"),
        scope: [...given.list("scope")],
        priority: given.whole("priority"),
        dueInMs: dueIn === undefined ? null : dueIn * 1_000,
      };
    },
    show: (_, answer) => `Opened motion ${answer.motion}; vote on it under this id.`,
  }),
  way("VetoProposal", "veto <proposal>", {
    options: [reason],
    request: (given) => ({ proposal: given.text("proposal"), reason: given.text("reason") }),
    show: done("Vetoed."),
  }),
];

function kindOf(text: string | undefined): TaskKind | undefined {
  if (text === undefined) return undefined;
  const kind = taskKindSchema.safeParse(text);
  if (kind.success) return kind.data;
  throw new MeshError("invalid_input", `A task is a ${taskKindSchema.options.join(", ")}, not "${text}".`);
}

function choiceOf(text: string): "yes" | "no" | "abstain" {
  if (text === "yes" || text === "no" || text === "abstain") return text;
  throw new MeshError("invalid_input", `Vote yes, no or abstain, not "${text}".`);
}
