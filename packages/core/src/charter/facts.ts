import type { ActionHead } from "../actions.ts";
import type { Phase } from "../mission/phases.ts";
import { phaseOwnerRole } from "../mission/phases.ts";
import type { Member, MissionView, Obligation, Proposal, Task } from "../mission/view.ts";
import { scopesOverlap } from "../tasks/path-scope.ts";

/** What rules and deciders look up in a view. */
export const findProposal = (view: MissionView, id: string): Proposal | undefined =>
  view.proposals.find((p) => p.id === id);
export const findTask = (view: MissionView, id: string): Task | undefined => view.tasks.find((t) => t.id === id);

export function openObligations(view: MissionView, actor: string): readonly Obligation[] {
  return view.obligations.filter((o) => o.actor === actor && o.state === "open");
}

/** The proposal the mission builds on, once there is one. */
export function decidedProposal(view: MissionView): Proposal | undefined {
  return view.proposals.find((p) => p.state === "accepted" || p.state === "adopted");
}

/** Members of a role that act by themselves in this mission, in name order. */
export function membersOfRole(view: MissionView, role: Member["role"]): readonly Member[] {
  return view.members.filter((m) => m.role === role && m.kind !== "system");
}

/** Who owns a phase: the first of the owning role, else the first lead, else the first agent. */
export function phaseOwner(view: MissionView, phase: Exclude<Phase, "closed">): Member | undefined {
  return (
    membersOfRole(view, phaseOwnerRole[phase])[0] ??
    membersOfRole(view, "lead")[0] ??
    view.members.find((m) => m.kind === "agent" && m.role !== "observer")
  );
}

/** A live claim of another task whose paths overlap with those of this one. */
export function overlappingClaim(view: MissionView, task: Task): MissionView["heldScopes"][number] | undefined {
  return view.heldScopes.find((held) => held.task !== task.id && scopesOverlap(held.scope, task.scope));
}

/** Whether nobody may claim this task now, because of tasks elsewhere: those it needs, or one that holds its paths. */
export function isBlocked(view: MissionView, task: Task): boolean {
  const underWay = task.state === "claimed" && task.leaseLive;
  return !underWay && (task.needs.length > 0 || overlappingClaim(view, task) !== undefined);
}

/** Whether this task lies in the open pool, for whoever claims it first. */
export function isPooled(view: MissionView, task: Task): boolean {
  return (
    task.pool &&
    task.assignee === null &&
    ["approved", "released", "expired"].includes(task.state) &&
    view.parameters["explicit-assignment"].pool
  );
}

/** A duty nobody could do anything about now: its task waits for others. It costs no turn until that is over. */
export function mustWait(view: MissionView, obligation: Obligation): boolean {
  if (obligation.duty !== "implement" || obligation.subject === null) return false;
  const task = findTask(view, obligation.subject);
  return task !== undefined && isBlocked(view, task);
}

/** Which actions end which duty. */
export function endsDuty(head: ActionHead, obligation: Obligation): boolean {
  switch (obligation.duty) {
    case "propose":
      return head.kind === "propose";
    case "critique":
      return head.kind === "critique";
    case "vote":
      return head.kind === "vote" && head.proposal === obligation.subject;
    case "adopt":
      return head.kind === "adopt";
    case "assign":
      return head.kind === "assign" && head.task === obligation.subject;
    case "implement":
      return (head.kind === "submit" || head.kind === "hand_back") && head.task === obligation.subject;
    case "review":
      return (head.kind === "accept" || head.kind === "reject") && head.task === obligation.subject;
    case "report":
      return head.kind === "report";
    case "advance":
      return head.kind === "advance";
  }
}

/** Agents who could still be asked to review the subject of this obligation. */
export function reviewersLeft(view: MissionView, obligation: { readonly subject: string | null }): readonly Member[] {
  const task = obligation.subject === null ? undefined : findTask(view, obligation.subject);
  const asked = new Set(
    view.obligations.filter((o) => o.duty === "review" && o.subject === obligation.subject).map((o) => o.actor),
  );
  const order: readonly Member["role"][] = ["analyst", "lead", "developer"];
  return order
    .flatMap((role) => membersOfRole(view, role))
    .filter((m) => m.kind === "agent" && m.actor !== task?.submission?.author && !asked.has(m.actor));
}
