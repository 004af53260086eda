import { showEvents } from "../show/show-events.ts";
import { showOverdue, showRoster, showStatus } from "../show/show-mesh.ts";
import { type Way, way } from "../way.ts";
import { done, limit, reason } from "./parts.ts";

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
];
