import { type Rule, refuse } from "../case.ts";

export const oneVoice: Rule = ({ view, actor, head }) => {
  if (actor.role === "observer" && head.kind !== "wait")
    return refuse("observers do not act", "ask the commander for a role");
  if (!view.members.some((m) => m.actor === actor.actor))
    return refuse(`${actor.actor} is no member of this ${view.kind}`, "ask the commander to be made a member");
  if (head.kind === "ask" && (head.to === actor.actor || !view.members.some((m) => m.actor === head.to)))
    return refuse(`${head.to} cannot be asked here`, "ask another member");
  return null;
};
