import { showCharter } from "../show/show-mesh.ts";
import { type Way, way } from "../way.ts";

/** The charter. */
export const charterWays: readonly Way[] = [
  way("ShowCharter", "charter show", { request: () => ({}), show: showCharter }),
];
