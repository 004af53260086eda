import type { ActionHead } from "../actions.ts";
import type { Phase } from "../mission/phases.ts";
import { phaseOwnerRole } from "../mission/phases.ts";
import type { Member, MissionView, Obligation, Proposal, Task } from "../mission/view.ts";
import { dutyHeads } from "./duty-heads.ts";
import { type ArticleId, articleIds } from "./parameters.ts";

/**
 * The law as code: one pure rule per article.
 *
 * 1. A rule sees the head of an action, never its words: words cannot argue with the law.
 * 2. A rule answers only for its own article; `decide` asks them all.
 * 3. Every refusal says why and what would be lawful instead.
 */
export interface Case {
  readonly view: MissionView;
  readonly actor: Member;
  readonly head: ActionHead;
}

export interface Refusal {
  readonly reason: string;
  /** What would be lawful instead, for a person or a model to read. */
  readonly lawful: string;
}

export type Rule = (c: Case) => Refusal | null;

const refuse = (reason: string, lawful: string): Refusal => ({ reason, lawful });

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

/** In which phase each kind of action belongs; kinds not named belong to every open phase. */
const phaseOf: Partial<Record<ActionHead["kind"], readonly Phase[]>> = {
  propose: ["propose"],
  critique: ["critique"],
  vote: ["vote"],
  veto: ["propose", "critique", "vote", "assign", "implement", "review", "synthesise"],
  adopt: ["vote"],
  assign: ["assign"],
  claim: ["implement"],
  submit: ["implement"],
  hand_back: ["implement"],
  accept: ["review"],
  reject: ["review"],
  report: ["synthesise"],
  advance: ["propose", "critique"],
  hold: ["propose", "critique"],
};

const explicitAssignment: Rule = ({ view, actor, head }) => {
  if (head.kind === "assign") {
    if (phaseOwner(view, "assign")?.actor !== actor.actor && actor.kind !== "human")
      return refuse("only the lead assigns tasks", "ask the lead to assign the task");
    const task = findTask(view, head.task);
    if (task === undefined || !["approved", "released", "expired"].includes(task.state))
      return refuse("this task is not waiting for an assignment", "assign a task that is approved or released");
    const assignee = view.members.find((m) => m.actor === head.assignee);
    if (assignee === undefined || !["developer", "analyst"].includes(assignee.role))
      return refuse(
        `${head.assignee} cannot be given a task in this mission`,
        "assign it to a developer or an analyst of this mission",
      );
  }
  if (head.kind === "claim") {
    const task = findTask(view, head.task);
    if (task !== undefined && task.assignee !== actor.actor)
      return refuse(
        task.assignee === null ? "this task is assigned to nobody" : `this task is assigned to ${task.assignee}`,
        "claim a task that is assigned to you, or ask the lead to assign this one",
      );
  }
  return null;
};

const proposeBeforeImplement: Rule = ({ view, head }) => {
  const allowed = phaseOf[head.kind];
  if (allowed !== undefined && !allowed.includes(view.phase))
    return refuse(
      `${head.kind} does not belong to the phase ${view.phase}`,
      `${head.kind} is lawful in: ${allowed.join(", ")}`,
    );
  if (["assign", "claim", "submit"].includes(head.kind) && decidedProposal(view) === undefined)
    return refuse("nothing has been decided yet", "propose, and let the team vote, before anything is implemented");
  if (head.kind === "critique" && findProposal(view, head.proposal)?.state !== "open")
    return refuse("this proposal is not open for critique", "criticise a proposal that is open");
  return null;
};

const claimBeforeCode: Rule = ({ view, actor, head }) => {
  if (head.kind === "claim") {
    const task = findTask(view, head.task);
    if (task === undefined) return refuse("there is no such task in this mission", "claim a task of this mission");
    if (task.state === "claimed" && task.leaseLive)
      return refuse(`the task is held by ${task.holder} under fence ${task.fence}`, "wait until it is released");
    if (!["assigned", "claimed"].includes(task.state))
      return refuse(`a task that is ${task.state} cannot be claimed`, "claim a task that is assigned to you");
  }
  if (head.kind === "submit" || head.kind === "hand_back") {
    const task = findTask(view, head.task);
    if (task === undefined || task.state !== "claimed" || task.holder !== actor.actor)
      return refuse("you do not hold this task", "claim the task first, then work on it");
    if (!task.leaseLive) return refuse("your claim on this task has run out", "claim it again before you go on");
  }
  return null;
};

const oneVoice: Rule = ({ view, actor, head }) => {
  if (actor.role === "observer" && head.kind !== "wait")
    return refuse("observers do not act", "ask the commander for a role");
  if (!view.members.some((m) => m.actor === actor.actor))
    return refuse(`${actor.actor} is no member of this mission`, "ask the commander to be made a member");
  if (head.kind === "ask" && (head.to === actor.actor || !view.members.some((m) => m.actor === head.to)))
    return refuse(`${head.to} cannot be asked here`, "ask another member of this mission");
  return null;
};

const oneBallot: Rule = ({ view, actor, head }) => {
  if (head.kind !== "vote") return null;
  const proposal = findProposal(view, head.proposal);
  if (proposal === undefined || proposal.state !== "voting")
    return refuse("no vote is open on this proposal", "vote while the ballots are open");
  if (!proposal.electorate.includes(actor.actor))
    return refuse("you are not in this proposal's electorate", "say what you think instead");
  if (proposal.ballots.some((b) => b.voter === actor.actor))
    return refuse("your ballot is cast, and a ballot is final", "say what you think instead");
  return null;
};

const quorumAndDeadline: Rule = ({ view, actor, head }) => {
  const timed = ["vote", "propose", "critique", "advance", "hold"];
  if (view.overdue && timed.includes(head.kind))
    return refuse("the deadline of this phase has passed", "wait for the next phase");
  // Nobody is excepted: a phase is left when its duties are closed, and this only closes one's own.
  if (head.kind === "advance" || head.kind === "hold") {
    if (!openObligations(view, actor.actor).some((o) => o.duty === "advance"))
      return refuse("it is not yours to move this phase now", "do your own part; the owner of the phase moves it on");
  }
  return null;
};

const humanVeto: Rule = ({ view, actor, head }) => {
  if (head.kind !== "veto") return null;
  if (actor.kind !== "human") return refuse("only a human has a veto", "vote no, or criticise the proposal");
  const proposal = findProposal(view, head.proposal);
  if (proposal === undefined || proposal.state === "rejected" || proposal.state === "vetoed")
    return refuse("this proposal is already out", "veto a proposal that could still take effect");
  return null;
};

const reviewByAnother: Rule = ({ view, actor, head }) => {
  if (head.kind !== "accept" && head.kind !== "reject") return null;
  const task = findTask(view, head.task);
  if (task?.submission?.state !== "open")
    return refuse("there is no result to review", "wait until a result is submitted");
  if (task.submission.author === actor.actor)
    return refuse("nobody reviews their own result", "leave the review to another member");
  if (
    actor.kind !== "human" &&
    !openObligations(view, actor.actor).some((o) => o.duty === "review" && o.subject === task.id)
  )
    return refuse("the review of this result is not yours", "tell the reviewer what you think");
  return null;
};

const leasesAndHandBack: Rule = ({ view, head }) => {
  if (head.kind !== "hand_back") return null;
  const task = findTask(view, head.task);
  const max = view.parameters["leases-and-hand-back"].maxReassignments;
  if (task !== undefined && task.reassignments >= max)
    return refuse("this task has changed hands as often as the charter allows", "submit what you have");
  return null;
};

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

/** True while somebody else can still do what this obligation asks for. */
function anotherCan(view: MissionView, obligation: Obligation): boolean {
  switch (obligation.duty) {
    case "propose":
      return (
        view.proposals.some((p) => p.round === view.round) ||
        view.obligations.some((o) => o.duty === "propose" && o.state === "open" && o.id !== obligation.id)
      );
    case "critique":
    case "adopt":
      return true;
    case "report":
      return false;
    case "vote":
    case "assign":
    case "implement":
    case "advance":
      return false;
    case "review":
      return reviewersLeft(view, obligation).length > 0;
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

const dutiesAreMet: Rule = ({ view, actor, head }) => {
  if (head.kind === "abstain") {
    const obligation = view.obligations.find((o) => o.id === head.obligation && o.state === "open");
    if (obligation?.actor !== actor.actor)
      return refuse("that duty is not yours, or no longer open", "abstain from a duty of your own");
    if (obligation.duty === "vote") return refuse("a voter abstains by a ballot", "vote abstain");
    if (!anotherCan(view, obligation))
      return refuse(`nobody else can ${obligation.duty} here`, `${obligation.duty}, in your own words`);
    return null;
  }
  if (actor.kind !== "agent" || head.kind === "remember") return null;
  const mine = openObligations(view, actor.actor);
  const { turnsPerDuty } = view.parameters["duties-are-met"];
  const pressing = mine.find((o) => o.turnsUsed + 1 >= turnsPerDuty);
  if (pressing === undefined || mine.some((o) => endsDuty(head, o))) return null;
  // A claim is the one step that a duty needs before it can be ended.
  if (pressing.duty === "implement" && head.kind === "claim") return null;
  // Where nothing that would end the duty is lawful any more, waiting is.
  if (head.kind === "wait" && !dutyHeads(view, actor.actor, pressing).some((h) => lawful({ view, actor, head: h })))
    return null;
  return refuse(
    `your free turns for the duty "${pressing.duty}" are used up`,
    "do it, hand it back, or abstain where that is lawful",
  );
};

const lastRound: Rule = ({ view, actor, head }) => {
  if (head.kind !== "adopt") return null;
  if (!openObligations(view, actor.actor).some((o) => o.duty === "adopt"))
    return refuse(
      "one proposal may be adopted by the lead only after the last round failed",
      "vote on the open proposals",
    );
  const proposal = findProposal(view, head.proposal);
  if (proposal?.state !== "rejected" || proposal.round !== view.round)
    return refuse("only a proposal of the last round can be adopted", "adopt one of the last round");
  return null;
};

const budgets: Rule = ({ view, actor, head }) => {
  if (actor.kind !== "agent") return null;
  const limits = view.parameters.budgets;
  if (["say", "ask", "hold"].includes(head.kind) && actor.talked >= limits.talkPerPhase)
    return refuse("your free messages for this phase are used up", "do your part of the phase, or wait");
  if (head.kind !== "wait" && view.tokens >= limits.tokensPerConversation)
    return refuse("the token budget of this conversation is used up", "wait for the deadline to close the phase");
  return null;
};

function lawful(c: Case): boolean {
  return articleIds.every((article) => rules[article](c) === null);
}

export const rules: Readonly<Record<ArticleId, Rule>> = {
  "explicit-assignment": explicitAssignment,
  "propose-before-implement": proposeBeforeImplement,
  "claim-before-code": claimBeforeCode,
  "one-voice": oneVoice,
  "one-ballot": oneBallot,
  "quorum-and-deadline": quorumAndDeadline,
  "human-veto": humanVeto,
  "review-by-another": reviewByAnother,
  "leases-and-hand-back": leasesAndHandBack,
  "duties-are-met": dutiesAreMet,
  "last-round": lastRound,
  budgets,
};
