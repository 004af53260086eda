import { type Rule, refuse } from "../case.ts";
import { findTask } from "../facts.ts";

export const leasesAndHandBack: Rule = ({ view, head }) => {
  if (head.kind !== "hand_back") return null;
  const task = findTask(view, head.task);
  const max = view.parameters["leases-and-hand-back"].maxReassignments;
  if (task !== undefined && task.reassignments >= max)
    return refuse("this task has changed hands as often as the charter allows", "submit what you have");
  return null;
};
