import { isBlocked, isPooled, reviewersLeft } from "../charter/facts.ts";
import type { Move, MoveReason } from "./move.ts";
import { currentTask, phaseDuties } from "./phase-duties.ts";
import type { Outcome, Phase } from "./phases.ts";
import type { MissionView, Task } from "./view.ts";

/**
 * What the system does next with the task of a mission or an errand, once no duty of the phase is open or its deadline
 * has passed: assign, implement, review, and how it goes on or ends.
 *
 * Where somebody may still come who owes nothing, it waits; nothing waits beyond the phase's deadline.
 */
export function decideWorkMove(view: MissionView): Move | null {
  const task = currentTask(view);
  const enter = (phase: Phase, reason: MoveReason, outcome: Outcome | null = null): Move => ({
    kind: "enter",
    phase,
    round: view.round,
    reason,
    outcome,
    duties: phaseDuties(view, phase),
  });
  switch (view.phase) {
    case "assign":
      if (task?.state === "assigned") return enter("implement", `assigned to ${task.assignee}`);
      if (!view.overdue && mayBeAssigned(view)) return null;
      return enter("closed", "the task was assigned to nobody", "unassigned");
    case "implement":
      if (task?.state === "submitted") return enter("review", "a result was submitted");
      if (task === undefined || task.state === "cancelled")
        return enter("closed", "no result was submitted", "not_done");
      if (!view.overdue && mayBeDone(view, task)) return null;
      return view.parameters["leases-and-hand-back"].maxReassignments > task.reassignments
        ? enter("assign", task.state === "released" ? "the task was released" : "no result came in time")
        : enter("closed", "no result was submitted", "not_done");
    case "review": {
      if (task?.state === "accepted")
        return view.kind === "errand"
          ? enter("closed", "the result was accepted", "accepted")
          : enter("synthesise", "the result was accepted");
      // `assigned`: the lease ran out between the rejection and this move; its assignee claims it again.
      if (task?.submission?.state === "rejected" && (task.state === "claimed" || task.state === "assigned"))
        return enter("implement", "the result was sent back");
      if (task?.state === "submitted" && !view.overdue) {
        const next = reviewersLeft(view, { subject: task.id })[0];
        if (next !== undefined)
          return { kind: "open_duties", duties: [{ actor: next.actor, duty: "review", subject: task.id }] };
        // A person may review it, and has until the deadline.
        if (view.kind === "errand" && hasHuman(view, task.submission?.author)) return null;
      }
      if (view.kind === "errand") return enter("closed", "the result was not accepted", "not_accepted");
      return enter(
        "synthesise",
        task?.state === "rejected" ? "the result was rejected for the last time" : "the result was not reviewed",
      );
    }
    default:
      return null;
  }
}

/** A person may assign what no agent could be asked to. */
function mayBeAssigned(view: MissionView): boolean {
  return view.kind === "errand" && !view.obligations.some((o) => o.duty === "assign") && hasHuman(view);
}

/** Nobody owes anything, and still somebody may come: to the pool, back from other tasks, or a person to theirs. */
function mayBeDone(view: MissionView, task: Task): boolean {
  if (isPooled(view, task)) return true;
  if (task.state !== "assigned" && task.state !== "claimed") return false;
  // An agent that let its duty expire is not waited for.
  return isBlocked(view, task) || view.members.find((m) => m.actor === task.assignee)?.kind !== "agent";
}

function hasHuman(view: MissionView, except?: string): boolean {
  return view.members.some((m) => m.kind === "human" && m.actor !== except);
}
