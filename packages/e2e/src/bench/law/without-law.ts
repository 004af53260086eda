import type { ActionHead, Choice, MissionView, Obligation, Proposal, Task } from "@federation/core";
import { phaseEdges } from "@federation/core";
import { proposal, submission } from "@federation/core/testing";
import type { Act } from "./names.ts";

/**
 * A mission without law: whatever is chosen is done, in whatever name. State in, state and effect out; no row of the
 * database is touched. It shows what an act that nobody stops would have come to.
 */
export interface Done {
  readonly view: MissionView;
  /** What happened, for a person; undefined: nothing. */
  readonly effect: string | undefined;
}

export function doWithoutLaw(view: MissionView, actor: string, { as, head }: Act): Done {
  const who = as ?? actor;
  const after = stateAfter(view, who, head);
  const idle = after === view && head.kind === "wait";
  return { view: after, effect: idle ? undefined : `${head.kind} of ${who}` };
}

function stateAfter(view: MissionView, who: string, head: ActionHead): MissionView {
  const proposals = (id: string, change: (p: Proposal) => Partial<Proposal>): MissionView => ({
    ...view,
    proposals: view.proposals.map((p) => (p.id === id ? { ...p, ...change(p) } : p)),
  });
  const tasks = (id: string, change: (t: Task) => Partial<Task>): MissionView => ({
    ...view,
    tasks: view.tasks.map((t) => (t.id === id ? { ...t, ...change(t) } : t)),
  });
  switch (head.kind) {
    case "propose":
      return { ...view, proposals: [...view.proposals, proposal(90, { author: who, round: view.round })] };
    case "vote":
      return proposals(head.proposal, (p) => ({ ballots: [...p.ballots, ballotOf(who, head.choice)] }));
    case "veto":
      return proposals(head.proposal, () => ({ state: "vetoed" }));
    case "adopt":
      return proposals(head.proposal, () => ({ state: "adopted" }));
    case "withdraw":
      return proposals(head.proposal, () => ({ state: "withdrawn" }));
    case "assign":
      return tasks(head.task, () => ({ state: "assigned", assignee: head.assignee, holder: null }));
    case "claim":
    case "take_over":
      return tasks(head.task, (t) => ({ state: "claimed", holder: who, fence: t.fence + 1, leaseLive: true }));
    case "submit":
      return tasks(head.task, () => ({
        state: "submitted",
        submission: submission({ author: who, evidence: [...(head.evidence ?? [])] }),
      }));
    case "accept":
      return tasks(head.task, () => ({ state: "accepted" }));
    case "reject":
      return tasks(head.task, () => ({ state: "rejected" }));
    case "hand_back":
    case "give_back":
      return tasks(head.task, () => ({ state: "released", holder: null, leaseLive: false }));
    case "report":
      return { ...view, report: `by ${who}` };
    case "advance":
      return { ...view, phase: phaseEdges[view.phase][0] ?? view.phase };
    case "abstain":
      return { ...view, obligations: view.obligations.map((o) => (o.id === head.obligation ? closed(o) : o)) };
    // Words, memory, and what is opened elsewhere: its effect is not in the state of this mission.
    default:
      return view;
  }
}

const closed = (o: Obligation): Obligation => ({ ...o, state: "abstained" });

const ballotOf = (voter: string, choice: Choice) => ({ voter, choice, reason: "", byDeadline: false });
