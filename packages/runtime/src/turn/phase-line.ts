import { currentTask, type MissionView, type Proposal } from "@federation/core";

const motionKinds: Readonly<Record<Proposal["kind"], string>> = {
  amendment: "to change the charter",
  ratification: "to ratify the charter",
  decision: "for a decision",
  task: "to give one member a task",
  plan: "for a plan",
};

/**
 * Where the conversation stands, in one line of our own words: what kind it is decides what a vote or a result means.
 * Nothing anyone wrote is in it, and nothing that time alone changes.
 */
export function phaseLine(view: MissionView): string {
  const [motion] = view.proposals;
  switch (view.kind) {
    case "motion":
      return `Phase: ${view.phase}. This is a motion ${motionKinds[motion?.kind ?? "decision"]}: its vote binds the whole federation.`;
    case "errand":
      return `Phase: ${view.phase}. This is one task, a ${currentTask(view)?.kind ?? "chore"}, with no plan before it and no report after it.`;
    case "mission":
    case "assembly":
      return `Phase: ${view.phase}, round ${view.round}.`;
  }
}
