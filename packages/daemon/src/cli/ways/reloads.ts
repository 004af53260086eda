import { showReloads } from "../show/show-reloads.ts";
import { type Way, way } from "../way.ts";
import { limit } from "./parts.ts";

/** Reloads; `federation reload` itself asks for one and waits for its end. */
export const reloadsWays: readonly Way[] = [
  way("ReloadNode", "reload ask [node]", {
    doc: "Asks for a reload of a node, this one when none is named, and does not wait for its end.",
    request: (given) => ({ node: given.maybe("node") }),
    show: (_, answer) => `Asked ${answer.node} for reload ${answer.reload}.`,
  }),
  way("ListReloads", "reload list", {
    options: [["--node <node>", "only of this node"], ["--reload <id>", "only this one"], limit],
    request: (given) => ({
      node: given.maybe("node"),
      reload: given.maybe("reload"),
      limit: given.whole("limit"),
    }),
    show: showReloads,
  }),
];
