import { showPages } from "../show/show-pages.ts";
import { type Way, way } from "../way.ts";
import { done, limit } from "./parts.ts";

/** Browser pages that were let in. A page renews its session itself: the command line has none. */
export const pagesWays: readonly Way[] = [
  way("ListPageSessions", "page list", {
    options: [["--all", "also those that are over"], limit],
    request: (given) => ({ live: !given.flag("all"), limit: given.whole("limit") }),
    show: showPages,
  }),
  way("EndPageSession", "page end <page>", {
    request: (given) => ({ session: given.text("page") }),
    show: done("Ended: it comes back no more, and within a second what it has open is closed."),
  }),
];
