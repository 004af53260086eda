import { type Rule, refuse } from "../case.ts";
import { findTask, isPooled, phaseOwner } from "../facts.ts";

export const explicitAssignment: Rule = ({ view, actor, head }) => {
  if (head.kind === "open_task" && actor.role !== "lead" && actor.kind !== "human")
    return refuse("only the lead and the commander open tasks", "propose the task as a motion");
  if (head.kind === "open_task" && head.assignee === null && !view.parameters["explicit-assignment"].pool)
    return refuse("there is no open pool", "open the task for somebody");
  if (head.kind === "open_task" && typeof head.assignee === "string") {
    const assignee = view.members.find((m) => m.actor === head.assignee);
    if (assignee === undefined || assignee.role === "observer")
      return refuse(`${head.assignee} cannot be given a task`, "open it for an actor who may act");
  }
  if (head.kind === "take_over") {
    if (actor.kind !== "human")
      return refuse("only a human takes a task over", "ask the lead to assign the task to you");
    const task = findTask(view, head.task);
    if (task === undefined || !["assigned", "claimed"].includes(task.state) || task.assignee === actor.actor)
      return refuse("this task is with nobody it could be taken from", "take over a task that is assigned or claimed");
  }
  if (head.kind === "give_back") {
    const task = findTask(view, head.task);
    if (task?.holder !== actor.actor || task.takenFrom === null)
      return refuse("you have not taken this task over", "give back a task that you took over and still hold");
  }
  if (head.kind === "assign") {
    if (phaseOwner(view, "assign")?.actor !== actor.actor && actor.kind !== "human")
      return refuse("only the lead assigns tasks", "ask the lead to assign the task");
    const task = findTask(view, head.task);
    if (task === undefined || !["approved", "released", "expired"].includes(task.state))
      return refuse("this task is not waiting for an assignment", "assign a task that is approved or released");
    const assignee = view.members.find((m) => m.actor === head.assignee);
    const able =
      view.kind === "errand" ? assignee?.role !== "observer" : ["developer", "analyst"].includes(assignee?.role ?? "");
    if (assignee === undefined || !able)
      return refuse(
        `${head.assignee} cannot be given this task`,
        view.kind === "errand"
          ? "assign it to a member who may act"
          : "assign it to a developer or an analyst of this mission",
      );
  }
  if (head.kind === "claim") {
    const task = findTask(view, head.task);
    if (task !== undefined && task.assignee !== actor.actor && !isPooled(view, task))
      return refuse(
        task.assignee === null ? "this task is assigned to nobody" : `this task is assigned to ${task.assignee}`,
        "claim a task that is assigned to you, or ask the lead to assign this one",
      );
  }
  return null;
};
