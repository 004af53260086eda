import type { Operation } from "../operations.ts";
import { idOf, proposalForTest, taskForTest } from "../testing/missions.ts";
import { type Phase, phaseEdges } from "./phases.ts";
import type { MissionView, Obligation, Proposal, Task } from "./view.ts";

/**
 * A mission as the database keeps it, in memory and without time: for walks through all that may happen. It refuses
 * what the database refuses, so that a walk also shows where decider and database would disagree.
 */
export interface MissionModel {
  view: MissionView;
  apply(actor: string, operations: readonly Operation[]): void;
  /** A turn that ended without what its duty asks for. */
  spendTurn(obligation: string): void;
  passDeadline(): void;
  loseLeases(): void;
}

export function createMissionModel(start: MissionView): MissionModel {
  let nextId = 1_000;
  const newId = (): string => idOf(nextId++);
  const model: MissionModel = { view: start, apply, spendTurn, passDeadline, loseLeases };

  const set = (over: Partial<MissionView>): MissionView => {
    model.view = { ...model.view, ...over };
    return model.view;
  };
  const setTask = (id: string, change: (t: Task) => Partial<Task>): MissionView =>
    set({ tasks: model.view.tasks.map((t) => (t.id === id ? { ...t, ...change(t) } : t)) });
  const setProposal = (id: string, change: (p: Proposal) => Partial<Proposal>): MissionView =>
    set({ proposals: model.view.proposals.map((p) => (p.id === id ? { ...p, ...change(p) } : p)) });
  const setDuties = (which: (o: Obligation) => boolean, change: (o: Obligation) => Partial<Obligation>): MissionView =>
    set({ obligations: model.view.obligations.map((o) => (which(o) ? { ...o, ...change(o) } : o)) });
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(`the database would refuse: ${what}`);
  };

  function apply(actor: string, operations: readonly Operation[]): void {
    for (const operation of operations) applyOne(actor, operation);
  }

  function applyOne(actor: string, op: Operation): MissionView {
    const { view } = model;
    switch (op.op) {
      case "send_message":
        if (op.about === null && (op.kind === "say" || op.kind === "ask"))
          set({ members: view.members.map((m) => (m.actor === actor ? { ...m, talked: m.talked + 1 } : m)) });
        return model.view;
      case "propose": {
        check(view.phase === "propose" && !view.overdue, "a proposal out of its phase");
        const { id, title, text } = op;
        const made = proposalForTest(0, { id, title, text, author: actor, round: view.round, textSha256: text });
        return set({ proposals: [...view.proposals, made] });
      }
      case "cast_ballot":
        return setProposal(op.proposal, (p) => {
          check(p.state === "voting" && p.electorate.includes(actor), "a stranger's ballot");
          check(!p.ballots.some((b) => b.voter === actor), "a second ballot");
          return { ballots: [...p.ballots, { voter: actor, choice: op.choice, reason: op.reason, byDeadline: false }] };
        });
      case "veto":
        return veto(op.proposal);
      case "adopt":
        return decideProposal(op.proposal, "adopted");
      case "assign_task":
        return setTask(op.task, (t) => {
          check(["approved", "released", "expired"].includes(t.state), `assigning what is ${t.state}`);
          return { state: "assigned", assignee: op.assignee, holder: null };
        });
      case "claim_task":
        return setTask(op.task, (t) => {
          check(t.assignee === actor && (t.state === "assigned" || !t.leaseLive), "a claim that is not free");
          return { state: "claimed", holder: actor, fence: t.fence + 1, leaseLive: true };
        });
      case "submit_task":
        return setTask(op.task, (t) => {
          check(
            t.state === "claimed" && t.holder === actor && t.fence === op.fence && t.leaseLive,
            "a zombie's result",
          );
          const submission = {
            id: op.id,
            author: actor,
            summary: op.summary,
            evidence: [...op.evidence],
            files: [],
            reviewer: null,
            reason: null,
          };
          return { state: "submitted", leaseLive: false, submission: { ...submission, state: "open" } };
        });
      case "review_task":
        return setTask(op.task, (t) => {
          check(t.state === "submitted" && t.submission?.state === "open", "a review of nothing");
          if (t.submission === null) return {};
          const submission = { ...t.submission, state: op.accept ? ("accepted" as const) : ("rejected" as const) };
          if (op.accept) return { state: "accepted", submission };
          if (t.reworks >= view.parameters["review-by-another"].maxReworks) return { state: "rejected", submission };
          return { state: "claimed", submission, reworks: t.reworks + 1, fence: t.fence + 1, leaseLive: true };
        });
      case "hand_back_task":
        return setTask(op.task, () => ({ state: "released", holder: null, leaseLive: false }));
      case "report":
        return set({ report: op.text });
      case "close_obligation":
        check(
          view.obligations.some((o) => o.id === op.obligation && o.actor === actor && o.state === "open"),
          "closing what is not open",
        );
        return setDuties(
          (o) => o.id === op.obligation,
          (o) => ({ state: op.as, turnsUsed: o.turnsUsed + 1 }),
        );
      case "enter_phase":
        return enterPhase(op);
      case "open_duties":
        for (const duty of op.duties)
          check(
            !view.obligations.some((o) => o.actor === duty.actor && o.duty === duty.duty && o.subject === duty.subject),
            `the duty ${duty.duty} a second time in one phase`,
          );
        return set({ obligations: [...view.obligations, ...op.duties.map(openDuty)] });
      case "tally":
        return tally();
      default:
        return view;
    }
  }

  const openDuty = (duty: { actor: string; duty: Obligation["duty"]; subject: string | null }): Obligation => ({
    ...duty,
    id: newId(),
    state: "open",
    turnsUsed: 0,
    maxTurns: model.view.parameters["duties-are-met"].turnsPerDuty + 2,
  });

  function decideProposal(id: string, state: "accepted" | "adopted"): MissionView {
    setProposal(id, () => ({ state }));
    const proposal = model.view.proposals.find((p) => p.id === id);
    const task = taskForTest(0, {
      id: newId(),
      proposal: id,
      title: proposal?.title ?? "",
      instructions: proposal?.text ?? "",
    });
    return set({ tasks: [...model.view.tasks, task] });
  }

  function veto(id: string): MissionView {
    setProposal(id, () => ({ state: "vetoed" }));
    const tasks = model.view.tasks.filter((t) => t.proposal === id);
    for (const task of tasks)
      setTask(task.id, (t) =>
        ["accepted", "rejected", "cancelled"].includes(t.state)
          ? {}
          : { state: "cancelled", holder: null, leaseLive: false },
      );
    return setDuties(
      (o) => o.state === "open" && (o.subject === id || tasks.some((t) => t.id === o.subject)),
      () => ({ state: "cancelled" }),
    );
  }

  function tally(): MissionView {
    const { view } = model;
    const { quorum, threshold } = view.parameters["quorum-and-deadline"];
    check(view.phase === "vote" && view.proposals.some((p) => p.state === "voting"), "a tally of nothing");
    check(view.overdue || !view.obligations.some((o) => o.state === "open" && o.duty === "vote"), "an early tally");
    setDuties(
      (o) => o.duty === "vote" && o.state === "open",
      () => ({ state: "expired" }),
    );
    const counted = view.proposals
      .filter((p) => p.state === "voting")
      .map((p) => ({
        id: p.id,
        yes: p.ballots.filter((b) => b.choice === "yes").length,
        cast: p.ballots.filter((b) => b.choice !== "abstain").length,
        electorate: p.electorate.length,
      }));
    const [winner] = counted
      .filter((c) => c.cast >= Math.ceil(quorum * c.electorate) && c.yes > 0 && c.yes > threshold * c.cast)
      .sort((a, b) => b.yes - a.yes);
    for (const { id } of counted) setProposal(id, () => ({ state: "rejected" }));
    return winner === undefined ? model.view : decideProposal(winner.id, "accepted");
  }

  function gate(from: Phase, to: Phase, round: number): boolean {
    const { view } = model;
    const task = view.tasks.at(-1);
    const states = view.proposals.map((p) => p.state);
    if (to === "closed") return true;
    if (from === "propose" && to === "critique")
      return view.proposals.some((p) => p.round === view.round && p.state === "open");
    if (to === "propose")
      return (
        round === view.round + 1 &&
        round <= view.parameters["propose-before-implement"].maxRounds &&
        !states.some((s) => s === "voting" || s === "accepted" || s === "adopted")
      );
    if (from === "vote") return states.some((s) => s === "accepted" || s === "adopted");
    if (from === "assign") return task?.state === "assigned";
    if (to === "review") return task?.state === "submitted";
    if (to === "assign") return (task?.reassignments ?? 99) < view.parameters["leases-and-hand-back"].maxReassignments;
    if (from === "review" && to === "implement") return task?.state === "claimed";
    return true;
  }

  function enterPhase(op: Extract<Operation, { op: "enter_phase" }>): MissionView {
    const { view } = model;
    check(op.fromPhaseNo === view.phaseNo, "a move from another phase entry");
    check(phaseEdges[view.phase].includes(op.phase), `the step from ${view.phase} to ${op.phase}`);
    const states = view.proposals.map((p) => p.state);
    const vetoed =
      states.includes("vetoed") && states.every((s) => s === "vetoed" || s === "rejected") && op.phase === "closed";
    check(
      view.overdue || vetoed || !view.obligations.some((o) => o.state === "open"),
      `leaving ${view.phase} with open duties`,
    );
    check(gate(view.phase, op.phase, op.round), `the gate from ${view.phase} to ${op.phase}`);
    const last = view.tasks.at(-1);
    if (op.outcome === "accepted") check(last?.state === "accepted", "an accepted mission without accepted result");
    if (view.phase === "implement" && op.phase === "assign" && last !== undefined)
      setTask(last.id, (t) => ({
        state: "released",
        holder: null,
        leaseLive: false,
        reassignments: t.reassignments + 1,
      }));
    set({
      phase: op.phase,
      phaseNo: view.phaseNo + 1,
      round: op.round,
      overdue: false,
      outcome: op.outcome,
      members: view.members.map((m) => ({ ...m, talked: 0 })),
      obligations: op.duties.map(openDuty),
    });
    if (op.phase === "vote") {
      const electorate = view.members.filter((m) => m.votes).map((m) => m.actor);
      for (const p of view.proposals.filter((q) => q.state === "open"))
        setProposal(p.id, () => ({ state: "voting", electorate }));
    }
    return model.view;
  }

  function spendTurn(obligation: string): void {
    setDuties(
      (o) => o.id === obligation && o.state === "open",
      (o) => ({ turnsUsed: o.turnsUsed + 1, state: o.turnsUsed + 1 >= o.maxTurns ? "expired" : "open" }),
    );
  }

  function passDeadline(): void {
    if (model.view.phase !== "closed") set({ overdue: true });
  }

  function loseLeases(): void {
    for (const task of model.view.tasks)
      if (task.state === "claimed") setTask(task.id, () => ({ state: "assigned", holder: null, leaseLive: false }));
  }

  return model;
}
