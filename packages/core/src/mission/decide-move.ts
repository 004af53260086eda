import { decidedProposal, membersOfRole, phaseOwner } from "../charter/facts.ts";
import { decideMotionMove } from "./decide-motion-move.ts";
import { decideWorkMove } from "./decide-work-move.ts";
import type { Move, MoveReason } from "./move.ts";
import { phaseDuties } from "./phase-duties.ts";
import type { Outcome, Phase } from "./phases.ts";
import type { MissionView, Proposal } from "./view.ts";

/**
 * What the system itself does next in a mission: enter a phase, open a duty, close a vote, or nothing.
 *
 * 1. Pure: every node that looks at the same rows comes to the same move; the database lets one of them make it.
 * 2. A phase is left when its duties are closed or its deadline has passed, never by a model alone.
 * 3. Every path ends in `closed`: rounds, reworks and reassignments are bounded by the charter.
 */
export function decideMove(view: MissionView): Move | null {
  switch (view.kind) {
    case "assembly":
      return null;
    case "motion":
      return decideMotionMove(view);
    case "errand":
      return decideErrandMove(view);
    case "mission":
      return decideMissionMove(view);
  }
}

/** A task that needs no proposal of its own: it begins where a mission assigns or implements. */
function decideErrandMove(view: MissionView): Move | null {
  if (view.phase === "closed" || isWaiting(view)) return null;
  return decideWorkMove(view);
}

function isWaiting(view: MissionView): boolean {
  return view.obligations.some((o) => o.state === "open") && !view.overdue;
}

function proposalsOfRound(view: MissionView): readonly Proposal[] {
  return view.proposals.filter((p) => p.round === view.round);
}

function decideMissionMove(view: MissionView): Move | null {
  if (view.phase === "closed") return null;
  if (view.phase === "vote" && proposalsOfRound(view).some((p) => p.state === "voting"))
    return isWaiting(view) ? null : { kind: "tally" };
  const enter = (phase: Phase, reason: MoveReason, outcome: Outcome | null = null, round = view.round): Move => ({
    kind: "enter",
    phase,
    round,
    reason,
    outcome,
    duties: phaseDuties(view, phase),
  });
  const undone =
    ["assign", "implement", "review", "synthesise"].includes(view.phase) && decidedProposal(view) === undefined;
  if (undone) return enter("closed", "the decided proposal was vetoed", "vetoed");
  if (isWaiting(view)) return null;

  const ofRound = proposalsOfRound(view);
  const live = ofRound.some((p) => p.state === "open");
  const before = view.phase === "propose" || view.phase === "critique" || view.phase === "vote";
  if (before && ofRound.length > 0 && ofRound.every((p) => p.state === "vetoed"))
    return enter("closed", "every proposal was vetoed", "vetoed");
  const because = view.overdue ? "the deadline passed" : "every duty of the phase is closed";
  const { maxRounds } = view.parameters["propose-before-implement"];

  switch (view.phase) {
    case "propose":
      if (ofRound.length === 0)
        return view.round < maxRounds
          ? enter("propose", "nobody proposed anything", null, view.round + 1)
          : enter("closed", "nobody proposed anything in the last round", "no_proposal");
      if (!live) return enter("critique", "no proposal is left to wait for others");
      return askOwner(view, "propose") ?? enter("critique", because);
    case "critique":
      if (!live) return enter("vote", "no proposal is left to criticise");
      return askOwner(view, "critique") ?? enter("vote", because);
    case "vote": {
      if (decidedProposal(view) !== undefined) return enter("assign", "a proposal was decided");
      if (view.round < maxRounds) return enter("propose", "no proposal found a majority", null, view.round + 1);
      return askToAdopt(view) ?? enter("closed", "no proposal found a majority and none was adopted", "no_decision");
    }
    case "assign":
    case "implement":
    case "review":
      return decideWorkMove(view);
    case "veto":
      return null;
    case "synthesise":
      return enter("closed", because, view.tasks.at(-1)?.state === "accepted" ? "accepted" : "not_accepted");
  }
}

/** Before a talking phase is left its owner is asked once, as a duty, to advance or hold it. */
function askOwner(view: MissionView, phase: "propose" | "critique"): Move | null {
  const owner = phaseOwner(view, phase);
  if (view.overdue || owner === undefined || view.obligations.some((o) => o.duty === "advance")) return null;
  if (owner.kind !== "agent") return null;
  return { kind: "open_duties", duties: [{ actor: owner.actor, duty: "advance", subject: null }] };
}

/** After the last round the lead is asked once, where the charter has the article that lets a lead adopt. */
function askToAdopt(view: MissionView): Move | null {
  const lead = membersOfRole(view, "lead")[0];
  if (view.articlesOff.includes("last-round") || lead === undefined || view.overdue) return null;
  if (view.obligations.some((o) => o.duty === "adopt")) return null;
  return { kind: "open_duties", duties: [{ actor: lead.actor, duty: "adopt", subject: null }] };
}
