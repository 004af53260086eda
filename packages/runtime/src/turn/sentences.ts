import type { MissionView } from "@federation/core";
import type { ModelHead } from "./model-heads.ts";

/**
 * Each lawful head as one whole first-person sentence: what a model's choice is scored on.
 *
 * 1. A sentence holds names of the roster and nothing anyone wrote: words of others cannot become an option, and a
 *    sentence's bias in a model is measured once per team, not once per mission.
 * 2. Two different heads of one lawful set have different sentences.
 */
export function sentenceOf(view: MissionView, head: ModelHead): string {
  switch (head.kind) {
    case "say":
      return "I tell the whole team what I think.";
    case "ask":
      return `I ask ${head.to} a question.`;
    case "propose":
      return "I propose a plan of my own now.";
    case "critique":
      return `I criticise ${proposalName(view, head.proposal)}.`;
    case "vote":
      return `${voteWords[head.choice]} on this ${nounFor(view)}.`;
    case "adopt":
      return `I adopt ${proposalName(view, head.proposal)} for the team.`;
    case "assign":
      return `I assign this task to ${head.assignee}.`;
    case "claim":
      return "I claim this task and start to work on it.";
    case "submit":
      return "I hand in my result for this task.";
    case "accept":
      return "I accept this result.";
    case "reject":
      return "I reject this result and send it back.";
    case "hand_back":
      return "I hand this task back to the lead.";
    case "advance":
      return "I close this phase and move the team on.";
    case "hold":
      return "I hold this phase open and say why.";
    case "report":
      return "I write the final report of this mission.";
    case "remember":
      return "I keep a lesson in mind for later missions.";
    case "abstain":
      return "I leave this duty to the others.";
    case "wait":
      return "I wait and say nothing now.";
  }
}

const voteWords = { yes: "I vote yes", no: "I vote no", abstain: "I abstain" } as const;

/** A motion binds the whole federation, and is called by its name. */
const nounFor = (view: MissionView): string => (view.kind === "motion" ? "motion" : "proposal");

/** `the proposal of dev`, or `the motion of dev`, numbered where an author has several. */
export function proposalName(view: MissionView, id: string): string {
  const proposal = view.proposals.find((p) => p.id === id);
  if (proposal === undefined) return `that ${nounFor(view)}`;
  const siblings = view.proposals.filter((p) => p.author === proposal.author);
  const number = siblings.length > 1 ? ` number ${siblings.indexOf(proposal) + 1}` : "";
  return `the ${nounFor(view)}${number} of ${proposal.author}`;
}
