import type { ActionHead } from "../actions.ts";
import { decide } from "../charter/decide.ts";
import { dutyHeads } from "../charter/duty-heads.ts";
import { isPooled, mustWait, openObligations } from "../charter/facts.ts";
import type { MissionView, Obligation } from "./view.ts";

/**
 * Everything an agent may do now: the grammar of its next turn. What the gate would refuse is not in it, so it cannot
 * be sampled.
 */
export interface LawfulSet {
  /** The duty this turn is about, if any: the oldest open one that does not have to wait for other tasks. */
  readonly focus: Obligation | undefined;
  readonly heads: readonly ActionHead[];
}

/**
 * The lawful heads of `actor` in this state. `wait` is among them unless a duty is in its last turn and could be ended;
 * for an agent of the mission the set is never empty.
 */
export function lawfulSet(view: MissionView, actor: string): LawfulSet {
  const focus = openObligations(view, actor).find((o) => !mustWait(view, o));
  const free: readonly ActionHead[] =
    view.phase === "closed"
      ? [{ kind: "remember" }, { kind: "wait" }]
      : [
          { kind: "say" },
          ...view.members
            .filter((m) => m.kind === "agent" && m.actor !== actor)
            .map((m): ActionHead => ({ kind: "ask", to: m.actor })),
          ...view.tasks.filter((t) => isPooled(view, t)).map((t): ActionHead => ({ kind: "claim", task: t.id })),
          // With a duty open there is something to do first.
          ...(focus === undefined ? [{ kind: "remember" } as const] : []),
          { kind: "wait" },
        ];
  const own: readonly ActionHead[] = focus === undefined ? [] : dutyHeads(view, actor, focus);
  const heads = [...own, ...free].filter((head) => decide(view, actor, head).allowed);
  return { focus, heads };
}
