import { decidedProposal, membersOfRole, phaseOwner, reviewersLeft } from "../charter/facts.ts";
import { decideMotionMove } from "./decide-motion-move.ts";
import type { Duty, Outcome, Phase } from "./phases.ts";
import type { Member, MissionView, Proposal, Task } from "./view.ts";

/**
 * What the system itself does next in a mission: enter a phase, open a duty, close a vote, or nothing.
 *
 * 1. Pure: every node that looks at the same rows comes to the same move; the database lets one of them make it.
 * 2. A phase is left when its duties are closed or its deadline has passed, never by a model alone.
 * 3. Every path ends in `closed`: rounds, reworks and reassignments are bounded by the charter.
 */
export type Move =
  | {
      readonly kind: "enter";
      readonly phase: Phase;
      readonly round: number;
      readonly reason: string;
      readonly outcome: Outcome | null;
      readonly duties: readonly NewDuty[];
    }
  | { readonly kind: "open_duties"; readonly duties: readonly NewDuty[] }
  /** Close the vote: count what is there, abstain for who is missing. */
  | { readonly kind: "tally" };

export interface NewDuty {
  readonly actor: string;
  readonly duty: Duty;
  readonly subject: string | null;
}

/** Duties are for agents who may act: an observing agent owes nothing. */
function isActing(member: Pick<Member, "kind" | "role">): boolean {
  return member.kind === "agent" && member.role !== "observer";
}

/** Duties of the phase `propose`, with which a mission begins: of those who build, else of every agent. */
export function openingDuties(members: readonly Pick<Member, "actor" | "kind" | "role">[]): readonly NewDuty[] {
  const agents = members.filter(isActing);
  const builders = agents.filter((m) => m.role === "lead" || m.role === "developer");
  return (builders.length > 0 ? builders : agents).map((m) => ({ actor: m.actor, duty: "propose", subject: null }));
}

/** Duties that open when a phase is entered. */
export function phaseDuties(view: MissionView, phase: Phase): readonly NewDuty[] {
  const agents = view.members.filter(isActing);
  const duty = (
    actors: readonly { readonly actor: string }[],
    name: Duty,
    subject: string | null = null,
  ): readonly NewDuty[] => actors.map((m) => ({ actor: m.actor, duty: name, subject }));
  switch (phase) {
    case "propose":
      return openingDuties(view.members);
    case "critique": {
      const open = view.proposals.filter((p) => p.state === "open");
      const able = agents.filter((m) => open.some((p) => p.author !== m.actor));
      const analysts = able.filter((m) => m.role === "analyst");
      return duty(analysts.length > 0 ? analysts : able, "critique");
    }
    case "vote": {
      const voters = view.members.filter((m) => m.votes);
      return view.proposals.filter((p) => p.state === "open").flatMap((p) => duty(voters, "vote", p.id));
    }
    case "assign":
    case "implement":
    case "review": {
      const task = currentTask(view);
      if (task === undefined) return [];
      if (phase === "assign")
        return duty(
          [phaseOwner(view, "assign")].filter((m) => m !== undefined),
          "assign",
          task.id,
        );
      if (phase === "implement")
        return task.assignee === null ? [] : duty([{ actor: task.assignee }], "implement", task.id);
      return duty(reviewersLeft({ ...view, obligations: [] }, { subject: task.id }).slice(0, 1), "review", task.id);
    }
    case "synthesise":
      return duty(
        [phaseOwner(view, "synthesise")].filter((m) => m !== undefined),
        "report",
      );
    case "veto":
    case "closed":
      return [];
  }
}

/** The task the mission is working on: the last one. */
export function currentTask(view: MissionView): Task | undefined {
  return view.tasks.at(-1);
}

/** Yes ballots decide among several accepted proposals, the earlier proposal on a tie. The database's tally does the same. */
export function proposalsOfRound(view: MissionView): readonly Proposal[] {
  return view.proposals.filter((p) => p.round === view.round);
}

export function decideMove(view: MissionView): Move | null {
  if (view.phase === "closed" || view.kind === "assembly") return null;
  if (view.kind === "motion") return decideMotionMove(view);
  const open = view.obligations.some((o) => o.state === "open");
  if (view.phase === "vote" && proposalsOfRound(view).some((p) => p.state === "voting"))
    return view.overdue || !open ? { kind: "tally" } : null;
  const undone =
    view.kind === "mission" &&
    ["assign", "implement", "review", "synthesise"].includes(view.phase) &&
    decidedProposal(view) === undefined;
  if (open && !view.overdue && !undone) return null;

  const enter = (phase: Phase, reason: string, outcome: Outcome | null = null, round = view.round): Move => ({
    kind: "enter",
    phase,
    round,
    reason,
    outcome,
    duties: phaseDuties(view, phase),
  });
  const because = view.overdue ? "the deadline passed" : "every duty of the phase is closed";
  const task = currentTask(view);
  if (undone) return enter("closed", "the decided proposal was vetoed", "vetoed");
  const before = view.phase === "propose" || view.phase === "critique" || view.phase === "vote";
  const ofRound = proposalsOfRound(view);
  if (before && ofRound.length > 0 && ofRound.every((p) => p.state === "vetoed"))
    return enter("closed", "every proposal was vetoed", "vetoed");

  switch (view.phase) {
    case "propose":
      if (ofRound.length === 0)
        return view.round < view.parameters["propose-before-implement"].maxRounds
          ? enter("propose", "nobody proposed anything", null, view.round + 1)
          : enter("closed", "nobody proposed anything in the last round", "no_proposal");
      return askOwner(view, "propose") ?? enter("critique", because);
    case "critique":
      return askOwner(view, "critique") ?? enter("vote", because);
    case "vote": {
      if (decidedProposal(view) !== undefined) return enter("assign", "a proposal was decided");
      if (view.round < view.parameters["propose-before-implement"].maxRounds)
        return enter("propose", "no proposal found a majority", null, view.round + 1);
      const lead = membersOfRole(view, "lead")[0];
      const asked = view.obligations.some((o) => o.duty === "adopt");
      if (lead !== undefined && !asked && !view.overdue)
        return { kind: "open_duties", duties: [{ actor: lead.actor, duty: "adopt", subject: null }] };
      return enter("closed", "no proposal found a majority and none was adopted", "no_decision");
    }
    case "assign":
      return task?.state === "assigned"
        ? enter("implement", `assigned to ${task.assignee}`)
        : enter("closed", "the task was assigned to nobody", "unassigned");
    case "implement":
      if (task?.pool === true && task.state === "approved" && !view.overdue) return null;
      if (task?.state === "submitted") return enter("review", "a result was submitted");
      if (task !== undefined && view.parameters["leases-and-hand-back"].maxReassignments > task.reassignments)
        return enter("assign", task.state === "released" ? "the task was handed back" : "no result came in time");
      return enter("closed", "no result was submitted", "not_done");
    case "review": {
      if (view.kind === "errand" && task?.state === "accepted")
        return enter("closed", "the result was accepted", "accepted");
      if (task?.state === "accepted") return enter("synthesise", "the result was accepted");
      // `assigned`: the lease ran out between the rejection and this move; its assignee claims it again.
      if (task?.submission?.state === "rejected" && (task.state === "claimed" || task.state === "assigned"))
        return enter("implement", "the result was sent back");
      const next = view.overdue || task === undefined ? undefined : reviewersLeft(view, { subject: task.id })[0];
      if (task?.state === "submitted" && next !== undefined)
        return { kind: "open_duties", duties: [{ actor: next.actor, duty: "review", subject: task.id }] };
      if (view.kind === "errand") {
        // A person may review it, and has until the deadline.
        const person = view.members.some((m) => m.kind === "human" && m.actor !== task?.submission?.author);
        if (task?.state === "submitted" && !view.overdue && person) return null;
        return enter("closed", "the result was not accepted", "not_accepted");
      }
      return enter(
        "synthesise",
        task?.state === "rejected" ? "the result was rejected for the last time" : "the result was not reviewed",
      );
    }
    case "veto":
      return null;
    case "synthesise":
      return enter("closed", because, task?.state === "accepted" ? "accepted" : "not_accepted");
  }
}

/** Before a talking phase is left its owner is asked once, as a duty, to advance or hold it. */
function askOwner(view: MissionView, phase: "propose" | "critique"): Move | null {
  const owner = phaseOwner(view, phase);
  if (view.overdue || owner === undefined || view.obligations.some((o) => o.duty === "advance")) return null;
  if (owner.kind !== "agent") return null;
  return { kind: "open_duties", duties: [{ actor: owner.actor, duty: "advance", subject: null }] };
}
