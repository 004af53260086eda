import { type EventFilter, MeshError } from "@federation/core";
import type { Given } from "../given.ts";
import { showEvents } from "../show/show-events.ts";
import { showEventCount, showOverdue, showRoster, showStatus } from "../show/show-mesh.ts";
import { type Way, type WayOption, way } from "../way.ts";
import { done, limit, reason } from "./parts.ts";

const eventFilter: readonly WayOption[] = [
  ["--conversation <id>", "only of this conversation or mission"],
  ["--actor <actor>", "only what this actor did"],
  ["--kind <kind>", "only of this kind, as in TaskClaimed", "many"],
  ["--subject <id>", "only about this task, proposal or other subject"],
  ["--text <letters>", "only with these letters somewhere in it, in either case"],
];

function choiceOf(given: Given): EventFilter {
  const kinds = given.list("kind");
  return {
    conversation: given.maybe("conversation"),
    actor: given.maybe("actor"),
    kinds: kinds.length === 0 ? undefined : [...kinds],
    subject: given.maybe("subject"),
    text: given.maybe("text"),
  };
}

/** The mesh itself. */
export const meshWays: readonly Way[] = [
  way("GetStatus", "status", { request: () => ({}), show: showStatus }),
  way("ListRoster", "roster", { request: () => ({}), show: showRoster }),
  way("GetOverdue", "overdue", {
    options: [["--grace <ms>", "leave out what is not late by more than this (10000)"]],
    request: (given) => ({ graceMs: given.whole("grace") }),
    show: showOverdue,
    failed: (answer) => answer.items.length > 0,
  }),
  way("PauseNode", "node pause <node>", {
    options: [reason],
    request: (given) => ({ node: given.text("node"), reason: given.text("reason") }),
    show: done("Paused: it takes no more turns."),
  }),
  way("ResumeNode", "node resume <node>", {
    request: (given) => ({ node: given.text("node") }),
    show: done("It takes turns again."),
  }),
  way("ListEvents", "events", {
    options: [
      ["--after <cursor>", "only events after this cursor; from the beginning when not given"],
      ["--before <cursor>", "the events before this cursor instead; end: the latest"],
      ...eventFilter,
      ["--follow", "stay and show what happens"],
      ["--details", "with --follow: also duties, decisions and notices, which are shown anyway without"],
      limit,
    ],
    request: (given) => ({
      after: given.maybe("after"),
      before: given.maybe("before"),
      ...choiceOf(given),
      limit: given.whole("limit"),
    }),
    show: (paper, answer) => showEvents(paper, answer, true),
    follow: (given) => {
      if (!given.flag("follow")) return undefined;
      if (given.maybe("before") !== undefined)
        throw new MeshError("invalid_input", "Follow what happens, or read backwards: not both at once.");
      const details = given.flag("details");
      return Promise.resolve({ after: given.maybe("after"), ...choiceOf(given), untilClosed: false, details });
    },
  }),
  way("CountEvents", "events count", {
    options: [
      ["--after <cursor>", "only events after this cursor; from the beginning when not given"],
      ["--up-to <cursor>", "only events up to this cursor; to the end when not given"],
      ...eventFilter,
    ],
    request: (given) => ({ after: given.maybe("after"), upTo: given.maybe("upTo"), ...choiceOf(given) }),
    show: showEventCount,
  }),
];
