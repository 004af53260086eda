import { MeshError } from "@federation/core";
import type { Given } from "../given.ts";
import { showCosts, showDecisions, showTurn, showTurns, showUsage } from "../show/show-turns.ts";
import { type Way, type WayOption, way } from "../way.ts";
import { limit } from "./parts.ts";

const ofActor: WayOption = ["--actor <actor>", "only of this actor"];
const inConversation: WayOption = ["--conversation <id>", "only in this conversation"];

/** What models did, and what it cost. */
export const turnsWays: readonly Way[] = [
  way("ListTurns", "turn list", {
    options: [ofActor, inConversation, ["--subject <id>", "only about this task or proposal"], limit],
    request: (given) => ({
      actor: given.maybe("actor"),
      conversation: given.maybe("conversation"),
      subject: given.maybe("subject"),
      limit: given.whole("limit"),
    }),
    show: showTurns,
  }),
  way("ShowTurn", "turn show <turn>", { request: (given) => ({ turn: given.text("turn") }), show: showTurn }),
  way("ListDecisions", "decision list", {
    options: [ofActor, inConversation, limit],
    request: (given) => ({
      actor: given.maybe("actor"),
      conversation: given.maybe("conversation"),
      limit: given.whole("limit"),
    }),
    show: showDecisions,
  }),
  way("ListCosts", "cost list", {
    options: [
      ["--by <what>", "actor, conversation or task (actor)"],
      ["--within <minutes>", "only turns that began within so many minutes before now"],
      limit,
    ],
    request: (given) => {
      const minutes = given.whole("within");
      return {
        by: byOf(given),
        withinMs: minutes === undefined ? undefined : minutes * 60_000,
        limit: given.whole("limit"),
      };
    },
    show: showCosts,
  }),
  way("GetUsage", "usage", {
    options: [
      ["--step <seconds>", "how long a step is (60)"],
      ["--steps <n>", "how many steps up to now (60)"],
    ],
    request: (given) => {
      const seconds = given.whole("step");
      return { stepMs: seconds === undefined ? undefined : seconds * 1_000, steps: given.whole("steps") };
    },
    show: showUsage,
  }),
];

function byOf(given: Given): "actor" | "conversation" | "task" | undefined {
  const by = given.maybe("by");
  if (by === undefined || by === "actor" || by === "conversation" || by === "task") return by;
  throw new MeshError("invalid_input", `Costs are by actor, conversation or task, not by "${by}".`);
}
