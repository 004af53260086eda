import { type Rule, refuse } from "../case.ts";

/**
 * A submission names its evidence. While an action is only being offered (`evidence` undefined) nothing has been named
 * yet; whether what is named exists, the database checks.
 */
export const truthfulCompletion: Rule = ({ view, head }) => {
  if (head.kind !== "submit" || head.evidence === undefined) return null;
  if (new Set(head.evidence).size < view.parameters["truthful-completion"].minEvidence)
    return refuse(
      "a result names what it rests on",
      "name a proposal, message, episode, file or commit as evidence, as in proposal:ID",
    );
  // An errand may rest on the motion it comes from, which is no proposal of its own conversation.
  const known = new Set([...view.proposals.map((p) => p.id), ...view.tasks.map((t) => t.proposal)]);
  const strange = head.evidence.find((e) => e.startsWith("proposal:") && !known.has(e.slice("proposal:".length)));
  if (strange !== undefined) return refuse(`${strange} is not of this ${view.kind}`, "name evidence that is there");
  return null;
};
