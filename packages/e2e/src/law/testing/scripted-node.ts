import { createTurnCounters, createTurnRunner } from "@federation/runtime";
import type { GenerateRequest, OutputValue } from "@federation/runtime/ports";
import { createScriptedInference } from "@federation/testkit/scripted-inference";
import { clock, log, random, type TurnsOf } from "../../mesh/mesh-fixture.ts";

/** What a node's model does: in every turn the first of these that is offered; else it waits, or takes what there is. */
export interface Part {
  /** Offered acts, the earlier the more wanted: `claim`, or with what stands between left out, `assign*:baby`. */
  readonly wants: readonly string[];
  /** What it writes; a promise that does not end is a model that hangs. */
  readonly writes?: (request: GenerateRequest) => Promise<Readonly<Record<string, OutputValue>>>;
}

/** Real turns of a model that plays its part. */
export function playing({ wants, writes }: Part): TurnsOf {
  const fits = (want: string, id: string): boolean => {
    const [start = "", end = ""] = want.split("*");
    return id.startsWith(start) && id.endsWith(end);
  };
  return (store, me) =>
    createTurnRunner({
      store,
      me,
      clock,
      random,
      log,
      counters: createTurnCounters(),
      inference: createScriptedInference({
        choose: ({ options }) => {
          const ids = options.map((option) => option.id);
          const wanted = wants.map((want) => ids.find((id) => fits(want, id))).find((id) => id !== undefined);
          return wanted ?? (ids.includes("wait") ? "wait" : (ids[0] ?? ""));
        },
        ...(writes === undefined ? {} : { generate: writes }),
      }),
    });
}

/** Leads, and gives every task to one actor. */
export const leading = (assignee: string): Part => ({
  wants: ["propose", "vote*:yes", "adopt", `assign*:${assignee}`, "accept", "report", "advance"],
});
/** Does what it is given. */
export const working: Part = { wants: ["vote*:yes", "claim", "submit", "accept"] };
/** Does what it is given, up to the words of its result, which never come. */
export const hanging: Part = { ...working, writes: () => new Promise(() => undefined) };
export const analysing: Part = { wants: ["critique", "vote*:yes", "claim", "submit", "accept", "advance"] };
