import { type Rule, refuse } from "../case.ts";
import { findTask, openObligations } from "../facts.ts";

export const reviewByAnother: Rule = ({ view, actor, head }) => {
  if (head.kind !== "accept" && head.kind !== "reject") return null;
  const task = findTask(view, head.task);
  if (task?.submission?.state !== "open")
    return refuse("there is no result to review", "wait until a result is submitted");
  if (task.submission.author === actor.actor)
    return refuse("nobody reviews their own result", "leave the review to another member");
  if (
    actor.kind !== "human" &&
    !openObligations(view, actor.actor).some((o) => o.duty === "review" && o.subject === task.id)
  )
    return refuse("the review of this result is not yours", "tell the reviewer what you think");
  return null;
};
