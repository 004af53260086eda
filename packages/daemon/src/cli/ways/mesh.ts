import { showEvents } from "../show/show-events.ts";
import { showRoster, showStatus } from "../show/show-mesh.ts";
import { type Way, way } from "../way.ts";
import { limit } from "./parts.ts";

/** The mesh itself. */
export const meshWays: readonly Way[] = [
  way("GetStatus", "status", { request: () => ({}), show: showStatus }),
  way("ListRoster", "roster", { request: () => ({}), show: showRoster }),
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
