import {
  showAmendmentMade,
  showAudit,
  showCharter,
  showCharterDiff,
  showCharterVersions,
  showIncident,
  showMotions,
  showVerdicts,
} from "../show/show-charter.ts";
import { showMission } from "../show/show-missions.ts";
import { type Way, type WayOption, way } from "../way.ts";
import { amendmentOf, amendmentOptions, titleOf } from "./amendment.ts";
import { limit } from "./parts.ts";

const fromIncident: WayOption = [
  "--from-incident <id>",
  "number of a refused verdict, or id of a task, that it answers to",
];
const opened = (_: unknown, answer: { readonly motion: string }): string =>
  `Opened motion ${answer.motion}; vote on it under this id.`;

/** The charter, what changes it, and what was decided under it. */
export const charterWays: readonly Way[] = [
  way("ShowCharter", "charter show [version]", {
    request: (given) => ({ version: given.whole("version") }),
    show: showCharter,
  }),
  way("ListCharterVersions", "charter history", {
    options: [limit],
    request: (given) => ({ limit: given.whole("limit") }),
    show: showCharterVersions,
  }),
  way("DiffCharter", "charter diff <from> [to]", {
    request: (given) => ({ from: given.whole("from") ?? 0, to: given.whole("to") }),
    show: showCharterDiff,
  }),
  way("AuditVerdicts", "charter audit", {
    request: () => ({}),
    show: showAudit,
    failed: (answer) => !answer.ok,
  }),
  way("ProposeAmendment", "charter propose-amendment [title] [text...]", {
    options: [
      ...amendmentOptions,
      ["--motive <text>", "what happened that the charter should answer to"],
      fromIncident,
    ],
    request: (given) => {
      const change = amendmentOf(given);
      const title = given.maybe("title") ?? titleOf(change);
      return {
        title,
        text: given.maybe("text") ?? title,
        change,
        motive: given.maybe("motive"),
        incident: given.maybe("fromIncident"),
      };
    },
    show: showAmendmentMade,
  }),
  way("RatifyCharter", "charter ratify [text...]", {
    request: (given) => ({ text: given.maybe("text") }),
    show: opened,
  }),
  way("AdoptCharter", "charter adopt <reason...>", {
    request: (given) => ({ reason: given.text("reason") }),
    show: (_, answer) => `Version ${answer.version} of the charter is in force, by your word.`,
  }),
  way("ListMotions", "motion list", {
    options: [["--open", "only those not yet closed"], limit],
    request: (given) => ({ open: given.flag("open"), limit: given.whole("limit") }),
    show: showMotions,
  }),
  way("ShowMission", "motion show <motion>", {
    doc: "Shows a motion as it stands: phase, deadline, what it changes, ballots.",
    request: (given) => ({ mission: given.text("motion") }),
    show: showMission,
  }),
  way("ProposeDecision", "decision propose <title> <text...>", {
    request: (given) => ({ title: given.text("title"), text: given.text("text") }),
    show: opened,
  }),
  way("ListVerdicts", "verdict list", {
    options: [
      ["--actor <actor>", "only of this actor"],
      ["--conversation <id>", "only in this mission, motion or errand"],
      ["--refused", "only refusals"],
      limit,
    ],
    request: (given) => ({
      actor: given.maybe("actor"),
      conversation: given.maybe("conversation"),
      refused: given.flag("refused"),
      limit: given.whole("limit"),
    }),
    show: showVerdicts,
  }),
  way("ShowIncident", "incident show <incident>", {
    request: (given) => ({ incident: given.text("incident") }),
    show: showIncident,
  }),
  way("Remember", "lesson propose <text...>", {
    doc: "Writes what was learnt from an incident into the shared memory, with the incident as its source.",
    options: [fromIncident],
    request: (given) => ({ text: given.text("text"), incident: given.maybe("fromIncident") }),
    show: (_, answer) => `Remembered as ${answer.episode}.`,
  }),
];
