/**
 * Every entry of the control list and its ways on the command line. An entry without a row here fails a test; what a
 * row cannot say, `federation call NAME JSON` can.
 */
import { MeshError } from "@federation/core";
import type { ControlClient } from "@federation/mcp/client";
import type { Given } from "./given.ts";
import { readSubmittedFile } from "./read-files.ts";
import { showEvents } from "./show/show-events.ts";
import { showCharter, showEpisodes, showRoster, showStatus } from "./show/show-mesh.ts";
import { showConversation, showDeadLetters, showInbox, showMessage, showSent } from "./show/show-messages.ts";
import { showMission, showMissions, showReport } from "./show/show-missions.ts";
import { showClaim, showProposal, showProposals, showTask, showTasks } from "./show/show-work.ts";
import { type Way, type WayOption, way } from "./way.ts";

const limit: WayOption = ["--limit <n>", "at most this many rows, 1 to 500 (50)"];
const inMission: WayOption = ["--mission <id>", "only of this mission"];
const reason: WayOption = ["--reason <text>", "why, for the record"];
const fence: WayOption = ["--fence <n>", "the fence your claim gave you"];
const details: WayOption = ["--details", "also duties, decisions and notices"];
const done = (what: string) => (): string => what;

export const ways: readonly Way[] = [
  way("GetStatus", "status", { request: () => ({}), show: showStatus }),
  way("ListRoster", "roster", { request: () => ({}), show: showRoster }),

  way("SendMessage", "send <to> <text...>", {
    options: [
      ["--conversation <id>", "in this conversation; without it a new one is opened"],
      ["--answers <id>", "the message this one answers"],
    ],
    request: (given) => ({
      to: given.text("to"),
      text: given.text("text"),
      conversation: given.maybe("conversation"),
      causation: given.maybe("answers"),
    }),
    show: showSent,
  }),
  way("ListInbox", "inbox", {
    options: [["--all", "also what you have dealt with"], ["--mark-read", "mark what is listed as read"], limit],
    request: (given) => ({ due: !given.flag("all"), markRead: given.flag("markRead"), limit: given.whole("limit") }),
    show: showInbox,
  }),
  way("ShowMessage", "message show <message>", {
    request: (given) => ({ message: given.text("message") }),
    show: showMessage,
  }),
  way("AcknowledgeMessage", "message done <message>", {
    request: (given) => ({ message: given.text("message") }),
    show: done("Marked as dealt with."),
  }),
  way("ListConversation", "conversation show <conversation>", {
    options: [["--after <seq>", "only messages after this number"], limit],
    request: (given) => ({
      conversation: given.text("conversation"),
      afterSeq: given.whole("after"),
      limit: given.whole("limit"),
    }),
    show: showConversation,
  }),
  way("ListDeadLetters", "dead-letter list", {
    options: [limit],
    request: (given) => ({ limit: given.whole("limit") }),
    show: showDeadLetters,
  }),
  way("RedriveDelivery", "dead-letter redrive <message> <recipient>", {
    request: (given) => ({ message: given.text("message"), recipient: given.text("recipient") }),
    show: done("It is due again."),
  }),

  way("StartMission", "mission start <objective...>", {
    options: [
      ["--member <actor>", "an agent who takes part; every agent when none is named", "many"],
      ["--vote", "take part in the votes yourself"],
      ["--seed <n>", "seed of the models' choices"],
      ["--watch", "stay and show what happens, until the mission is closed"],
      details,
    ],
    request: (given) => ({
      objective: given.text("objective"),
      members: given.list("member").length === 0 ? undefined : [...given.list("member")],
      vote: given.flag("vote"),
      seed: given.whole("seed"),
    }),
    show: (_, answer) => `Started mission ${answer.mission}.`,
    followAfter: (given, { mission }) =>
      given.flag("watch") ? { conversation: mission, untilClosed: true, details: given.flag("details") } : undefined,
  }),
  way("ListMissions", "mission list", {
    options: [["--open", "only those not yet closed"], limit],
    request: (given) => ({ open: given.flag("open"), limit: given.whole("limit") }),
    show: showMissions,
  }),
  way("ShowMission", "mission show [mission]", {
    request: async (given, client) => ({ mission: await missionOf(given, client) }),
    show: showMission,
  }),
  way("ReportMission", "mission report [mission]", {
    request: async (given, client) => ({ mission: await missionOf(given, client) }),
    show: showReport,
  }),
  way("AdvancePhase", "mission advance [mission]", {
    request: async (given, client) => ({ mission: await missionOf(given, client) }),
    show: done("Your duty to move the phase on is closed."),
  }),

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

  way("ListTasks", "task list", {
    options: [inMission, limit],
    request: (given) => ({ mission: given.maybe("mission"), limit: given.whole("limit") }),
    show: showTasks,
  }),
  way("ShowTask", "task show <task>", { request: (given) => ({ task: given.text("task") }), show: showTask }),
  way("AssignTask", "task assign <task> <assignee> <instructions...>", {
    request: (given) => ({
      task: given.text("task"),
      assignee: given.text("assignee"),
      instructions: given.text("instructions"),
    }),
    show: done("Assigned."),
  }),
  way("ClaimTask", "task claim <task>", {
    request: (given) => ({ task: given.text("task") }),
    show: showClaim,
    failed: (answer) => !answer.claimed,
  }),
  way("SubmitTask", "task submit <task> <summary...>", {
    options: [fence, ["--file <path>", "a file to hand in, named by its path from here", "many"]],
    request: async (given) => ({
      task: given.text("task"),
      fence: fenceOf(given),
      summary: given.text("summary"),
      files: await Promise.all(given.list("file").map(readSubmittedFile)),
    }),
    show: (_, answer) => `Submitted ${answer.submission}.`,
  }),
  way("ReviewTask", "task review <task> <verdict>", {
    options: [reason],
    request: (given) => ({
      task: given.text("task"),
      accept: verdictOf(given.text("verdict")),
      reason: given.text("reason"),
    }),
    show: done("Your review is on record."),
  }),
  way("HandBackTask", "task hand-back <task>", {
    options: [fence, reason],
    request: (given) => ({ task: given.text("task"), fence: fenceOf(given), reason: given.text("reason") }),
    show: done("Handed back."),
  }),

  way("Remember", "remember <text...>", {
    options: [["--conversation <id>", "that it belongs to"]],
    request: (given) => ({ text: given.text("text"), conversation: given.maybe("conversation") }),
    show: (_, answer) => `Remembered as ${answer.episode}.`,
  }),
  way("RecallMemory", "recall <query...>", {
    options: [limit],
    request: (given) => ({ query: given.text("query"), limit: given.whole("limit") }),
    show: showEpisodes,
  }),
  way("ShowCharter", "charter show", { request: () => ({}), show: showCharter }),
  way("ListEvents", "events", {
    options: [
      ["--after <cursor>", "only events after this cursor; from the beginning when not given"],
      ["--conversation <id>", "only of this conversation or mission"],
      ["--follow", "stay and show what happens"],
      ["--details", "with --follow: also duties, decisions and notices, which are shown anyway without"],
      limit,
    ],
    request: (given) => ({
      after: given.maybe("after"),
      conversation: given.maybe("conversation"),
      limit: given.whole("limit"),
    }),
    show: (paper, answer) => showEvents(paper, answer, true),
    follow: (given) => {
      if (!given.flag("follow")) return undefined;
      const [after, conversation] = [given.maybe("after"), given.maybe("conversation")];
      return Promise.resolve({ after, conversation, untilClosed: false, details: given.flag("details") });
    },
  }),
  way("ListEvents", "mission watch [mission]", {
    doc: "Shows what happens in a mission, from its beginning until it is closed; without an id, in the newest.",
    options: [details],
    request: async (given, client) => ({ conversation: await missionOf(given, client) }),
    show: (paper, answer, given) => showEvents(paper, answer, given.flag("details")),
    follow: async (given, client) => ({
      conversation: await missionOf(given, client),
      untilClosed: true,
      details: given.flag("details"),
    }),
  }),
];

/** The mission named, or else the newest. @throws MeshError `not_found` when there is none. */
async function missionOf(given: Given, client: ControlClient): Promise<string> {
  const named = given.maybe("mission");
  if (named !== undefined) return named;
  const { missions } = await client.call("ListMissions", { limit: 1 });
  const newest = missions[0];
  if (newest === undefined) throw new MeshError("not_found", "There is no mission yet; start one with: mission start.");
  return newest.id;
}

function choiceOf(text: string): "yes" | "no" | "abstain" {
  if (text === "yes" || text === "no" || text === "abstain") return text;
  throw new MeshError("invalid_input", `Vote yes, no or abstain, not "${text}".`);
}

function verdictOf(text: string): boolean {
  if (text === "accept" || text === "reject") return text === "accept";
  throw new MeshError("invalid_input", `Review with accept or reject, not "${text}".`);
}

function fenceOf(given: Given): number {
  const fence = given.whole("fence");
  if (fence === undefined) {
    throw new MeshError("invalid_input", 'Give the fence of your claim with --fence; "task show" tells it.');
  }
  return fence;
}
