import { type Rule, refuse } from "../case.ts";

export const budgets: Rule = ({ view, actor, head }) => {
  if (actor.kind !== "agent") return null;
  const limits = view.parameters.budgets;
  if (["say", "ask", "hold"].includes(head.kind) && actor.talked >= limits.talkPerPhase)
    return refuse("your free messages for this phase are used up", "do your part of the phase, or wait");
  if (head.kind !== "wait" && view.ageMs >= limits.wallMsPerConversation)
    return refuse("the time budget of this conversation is used up", "wait for the deadline to close the phase");
  if (head.kind !== "wait" && view.tokens >= limits.tokensPerConversation)
    return refuse("the token budget of this conversation is used up", "wait for the deadline to close the phase");
  return null;
};
