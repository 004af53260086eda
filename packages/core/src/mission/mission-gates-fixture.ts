import { isPooled, reviewersLeft } from "../charter/facts.ts";
import type { Outcome, Phase } from "./phases.ts";
import type { MissionView } from "./view.ts";

/** What the database checks of a change of phase, from the rows alone: the gate, and the one outcome they can have. */

export function gateMet(view: MissionView, to: Phase, round: number): boolean {
  if (round !== view.round + (to === "propose" ? 1 : 0)) return false;
  switch (view.kind) {
    case "mission":
      return missionGateMet(view, to);
    case "motion":
      return motionGateMet(view, to);
    case "errand":
      return errandGateMet(view, to);
    case "assembly":
      return false;
  }
}

function missionGateMet(view: MissionView, to: Phase): boolean {
  const { phase, round } = view;
  const lastRound = round >= view.parameters["propose-before-implement"].maxRounds;
  const ofRound = view.proposals.filter((p) => p.round === round);
  const made = ofRound.length > 0;
  const live = ofRound.some((p) => p.state !== "vetoed");
  const voting = view.proposals.some((p) => p.state === "voting");
  const decided = view.proposals.some((p) => p.state === "accepted" || p.state === "adopted");
  const task = view.tasks.at(-1);
  const submitted = task?.state === "submitted";
  const adoptable =
    !view.articlesOff.includes("last-round") &&
    !view.overdue &&
    !view.obligations.some((o) => o.duty === "adopt") &&
    view.members.some((m) => m.role === "lead");
  switch (`${phase} to ${to}`) {
    case "propose to critique":
      return made;
    case "propose to propose":
      return !made && !lastRound;
    case "propose to closed":
      return made ? !live : lastRound;
    case "critique to vote":
      return true;
    case "critique to closed":
      return made && !live;
    case "vote to assign":
      return decided && !voting;
    case "vote to propose":
      return !decided && !voting && live && !lastRound;
    case "vote to closed":
      return !decided && !voting && (!live || (lastRound && !adoptable));
    case "assign to implement":
      return decided && task?.state === "assigned";
    case "assign to closed":
      return !decided || task?.state !== "assigned";
    case "implement to review":
      return decided && submitted;
    case "implement to assign":
      return decided && !submitted && !reassignedOut(view);
    case "implement to closed":
      return !decided || (!submitted && reassignedOut(view));
    case "review to implement":
      return decided && (task?.state === "claimed" || task?.state === "assigned");
    case "review to synthesise":
      return decided;
    case "review to closed":
      return !decided;
    case "synthesise to closed":
      return true;
    default:
      return false;
  }
}

function motionGateMet(view: MissionView, to: Phase): boolean {
  const state = view.proposals[0]?.state;
  const stopped = state === "vetoed" || state === "withdrawn";
  switch (`${view.phase} to ${to}`) {
    case "critique to vote":
      return state === "open";
    case "critique to closed":
      return stopped;
    case "vote to veto":
      return state === "accepted";
    case "vote to closed":
      return stopped || state === "rejected";
    case "veto to closed":
      return stopped || (state === "accepted" && view.overdue);
    default:
      return false;
  }
}

function errandGateMet(view: MissionView, to: Phase): boolean {
  const task = view.tasks.at(-1);
  const submitted = task?.state === "submitted";
  const mayLeave = view.overdue || task === undefined || !isPooled(view, task);
  switch (`${view.phase} to ${to}`) {
    case "assign to implement":
      return task?.state === "assigned";
    case "assign to closed":
      return task?.state !== "assigned";
    case "implement to review":
      return submitted;
    case "implement to assign":
      return !submitted && task?.state !== "cancelled" && !reassignedOut(view) && mayLeave;
    case "implement to closed":
      return task?.state === "cancelled" || (!submitted && reassignedOut(view) && mayLeave);
    case "review to implement":
      return task?.state === "claimed" || task?.state === "assigned";
    case "review to closed":
      return (
        ["accepted", "rejected"].includes(task?.state ?? "") || (submitted && (view.overdue || !isReviewable(view)))
      );
    default:
      return false;
  }
}

function isReviewable(view: MissionView): boolean {
  const task = view.tasks.at(-1);
  return (
    task !== undefined &&
    (reviewersLeft(view, { subject: task.id }).length > 0 ||
      view.members.some((m) => m.kind === "human" && m.actor !== task.submission?.author))
  );
}

function reassignedOut(view: MissionView): boolean {
  return (view.tasks.at(-1)?.reassignments ?? 0) >= view.parameters["leases-and-hand-back"].maxReassignments;
}

export function outcomeOf(view: MissionView): Outcome {
  const accepted = view.tasks.at(-1)?.state === "accepted";
  const states = view.proposals.map((p) => p.state);
  const ofRound = view.proposals.filter((p) => p.round === view.round);
  if (view.kind === "motion") {
    const [state] = states;
    if (state === "withdrawn" || state === "vetoed") return state;
    return state === "accepted" ? "enacted" : "rejected";
  }
  const working = ["assign", "implement", "review", "synthesise"].includes(view.phase);
  if (view.kind === "mission" && working && !states.some((s) => s === "accepted" || s === "adopted")) return "vetoed";
  if (!working) {
    if (ofRound.length === 0) return "no_proposal";
    return ofRound.some((p) => p.state !== "vetoed") ? "no_decision" : "vetoed";
  }
  if (view.phase === "assign") return "unassigned";
  if (view.phase === "implement") return "not_done";
  return accepted ? "accepted" : "not_accepted";
}
