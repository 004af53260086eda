import type { Move, MoveReason } from "./move.ts";
import { phaseDuties } from "./phase-duties.ts";
import type { Outcome, Phase } from "./phases.ts";
import type { MissionView } from "./view.ts";

/**
 * What the system does next in a motion: one proposal that binds the whole federation.
 *
 * 1. Critique, vote, veto window, end; an accepted motion takes effect with the move that closes it.
 * 2. A veto or a withdrawal ends it from any phase.
 * 3. Nobody is asked to advance it: its phases end with their duties or at their deadline.
 */
export function decideMotionMove(view: MissionView): Move | null {
  if (view.phase === "closed") return null;
  const proposal = view.proposals[0];
  const enter = (phase: Phase, reason: MoveReason, outcome: Outcome | null = null): Move => ({
    kind: "enter",
    phase,
    round: view.round,
    reason,
    outcome,
    duties: phaseDuties(view, phase),
  });
  if (proposal?.state === "withdrawn") return enter("closed", "its author withdrew it", "withdrawn");
  if (proposal?.state === "vetoed") return enter("closed", "it was vetoed", "vetoed");
  const waiting = view.obligations.some((o) => o.state === "open") && !view.overdue;
  switch (view.phase) {
    case "critique":
      return waiting ? null : enter("vote", view.overdue ? "the deadline passed" : "everyone has commented");
    case "vote":
      if (proposal?.state === "voting") return waiting ? null : { kind: "tally" };
      return proposal?.state === "accepted"
        ? enter("veto", "it was accepted, and takes effect unless a human vetoes it")
        : enter("closed", "it found no majority", "rejected");
    case "veto":
      return view.overdue ? enter("closed", "nobody vetoed it", "enacted") : null;
    default:
      return null;
  }
}
