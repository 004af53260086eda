import { isBlocked, isPooled, reviewersLeft } from "../charter/facts.ts";
import type { Move } from "./move.ts";
import { currentTask, phaseDuties } from "./phase-duties.ts";
import type { Outcome, Phase } from "./phases.ts";
import type { MissionView, Task } from "./view.ts";

/**
 * What the system does next with the task of a mission or an errand, once no duty of the phase is open or its deadline
 * has passed: assign, implement, review, and how it goes on or ends.
 *
 * 1. Whoever has the task owes it: a duty is opened for who was given it, took it over, or found it in the pool.
 * 2. Waiting has an end: nothing here waits beyond the phase's deadline.
 */
export function decideWorkMove(view: MissionView): Move | null {
  const task = currentTask(view);
  const enter = (phase: Phase, reason: string, outcome: Outcome | null = null): Move => ({
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
      return orElse(askAssigner(view), () => enter("closed", "the task was assigned to nobody", "unassigned"));
    case "implement":
      if (task?.state === "submitted") return enter("review", "a result was submitted");
      if (task === undefined || task.state === "cancelled")
        return enter("closed", "no result was submitted", "not_done");
      return orElse(askHolder(view, task), () =>
        view.parameters["leases-and-hand-back"].maxReassignments > task.reassignments
          ? enter("assign", task.state === "released" ? "the task was released" : "no result came in time")
          : enter("closed", "no result was submitted", "not_done"),
      );
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

/** What comes before leaving a phase, if anything: to ask somebody, or to wait for somebody who owes nothing. */
type Before = Move | "wait" | undefined;

function orElse(before: Before, leave: () => Move): Move | null {
  if (before === "wait") return null;
  return before ?? leave();
}

/** An errand may begin with a task nobody was asked to assign; where no agent can be asked, a person may do it. */
function askAssigner(view: MissionView): Before {
  if (view.overdue || view.kind !== "errand" || view.obligations.some((o) => o.duty === "assign")) return undefined;
  const duties = phaseDuties(view, "assign");
  if (duties.length > 0) return { kind: "open_duties", duties };
  return hasHuman(view) ? "wait" : undefined;
}

function askHolder(view: MissionView, task: Task): Before {
  if (view.overdue) return undefined;
  if (isBlocked(view, task) || isPooled(view, task)) return "wait";
  if (task.state !== "assigned" && task.state !== "claimed") return undefined;
  const owed = view.obligations.some(
    (o) => o.duty === "implement" && o.actor === task.assignee && o.subject === task.id,
  );
  const duties = phaseDuties(view, "implement");
  if (!owed && duties.length > 0) return { kind: "open_duties", duties };
  // An agent that let its duty expire is not waited for; a person is, until the deadline.
  return view.members.find((m) => m.actor === task.assignee)?.kind === "agent" ? undefined : "wait";
}

function hasHuman(view: MissionView, except?: string): boolean {
  return view.members.some((m) => m.kind === "human" && m.actor !== except);
}
