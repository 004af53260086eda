import type { MissionView, Task } from "../../mission/view.ts";
import { type Refusal, type Rule, refuse } from "../case.ts";
import { findTask, isBlocked, isPooled, overlappingClaim } from "../facts.ts";

/** Why nobody may claim it now because of tasks elsewhere. */
function blockedBy(view: MissionView, task: Task): Refusal | null {
  if (!isBlocked(view, task)) return null;
  if (task.needs.length > 0)
    return refuse(
      `the task waits for ${task.needs.length === 1 ? "another" : `${task.needs.length} others`} that it depends on`,
      "claim it when they are accepted",
    );
  return refuse(
    `its paths overlap with those of a task that ${overlappingClaim(view, task)?.holder} holds`,
    "wait until that task is submitted, or ask for another scope",
  );
}

export const claimBeforeCode: Rule = ({ view, actor, head }) => {
  if (head.kind === "open_task") {
    const most = view.parameters["claim-before-code"].maxScopePatterns;
    return (head.patterns ?? 0) > most
      ? refuse(`a task is bound to at most ${most} path patterns`, "name fewer or wider patterns")
      : null;
  }
  if (head.kind === "claim") {
    const task = findTask(view, head.task);
    if (task === undefined) return refuse("there is no such task here", "claim a task of this conversation");
    if (task.state === "claimed" && task.leaseLive)
      return refuse(`the task is held by ${task.holder} under fence ${task.fence}`, "wait until it is released");
    const blocked = blockedBy(view, task);
    if (blocked !== null) return blocked;
    if (task.state !== "assigned" && task.state !== "claimed" && !isPooled(view, task))
      return refuse(`a task that is ${task.state} cannot be claimed`, "claim a task that is assigned to you");
  }
  if (head.kind === "take_over") {
    const task = findTask(view, head.task);
    return task === undefined ? null : blockedBy(view, task);
  }
  if (head.kind === "submit" || head.kind === "hand_back") {
    const task = findTask(view, head.task);
    if (task === undefined || task.state !== "claimed" || task.holder !== actor.actor)
      return refuse("you do not hold this task", "claim the task first, then work on it");
    if (!task.leaseLive) return refuse("your claim on this task has run out", "claim it again before you go on");
  }
  return null;
};
