import { showEpisodes } from "../show/show-mesh.ts";
import { type Way, way } from "../way.ts";
import { limit } from "./parts.ts";

/** The shared memory. */
export const memoryWays: readonly Way[] = [
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
];
