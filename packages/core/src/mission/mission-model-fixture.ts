import { isBlocked, isPooled } from "../charter/facts.ts";
import type { Operation } from "../operations.ts";
import { idOf, proposalForTest, taskForTest } from "../testing/missions.ts";
import { gateMet, outcomeOf } from "./mission-gates-fixture.ts";
import { phaseEdges } from "./phases.ts";
import type { MissionView, Obligation, Proposal, Task } from "./view.ts";

/**
 * A mission, a motion or an errand as the database keeps it, in memory and without time: for walks through all that may
 * happen. It refuses what the database refuses, so that a walk also shows where decider and database would disagree.
 */
export interface MissionModel {
  view: MissionView;
  apply(actor: string, operations: readonly Operation[]): void;
  /** A turn that ended without what its duty asks for. */
  spendTurn(obligation: string): void;
  passDeadline(): void;
  loseLeases(): void;
  /** What the task waits for elsewhere is over: the claim that overlaps, and the tasks it needs, accepted or not. */
  finishElsewhere(accepted: boolean): void;
  /** What was assigned and not claimed in time is released. */
  releaseUnclaimed(): void;
  passDueTime(): void;
}

export function createMissionModel(start: MissionView): MissionModel {
  let nextId = 1_000;
  const newId = (): string => idOf(nextId++);
  const model: MissionModel = {
    view: start,
    apply,
    spendTurn,
    passDeadline,
    loseLeases,
    finishElsewhere,
    releaseUnclaimed,
    passDueTime,
  };

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
  const cancelDuties = (subjects: readonly string[]): MissionView =>
    setDuties(
      (o) => o.state === "open" && o.subject !== null && subjects.includes(o.subject),
      () => ({ state: "cancelled" }),
    );
  /** The duty to implement goes with the task; null: nobody has it. */
  function passDuty(task: string, to: string | null): MissionView {
    const isIt = (o: Obligation): boolean => o.duty === "implement" && o.subject === task;
    setDuties(
      (o) => isIt(o) && o.state === "open" && o.actor !== to,
      () => ({ state: "cancelled" }),
    );
    if (to === null) return model.view;
    setDuties(
      (o) => isIt(o) && o.actor === to,
      (o) => (o.state === "open" ? {} : { state: "open", turnsUsed: 0 }),
    );
    if (model.view.obligations.some((o) => isIt(o) && o.actor === to)) return model.view;
    return set({
      obligations: [...model.view.obligations, openDuty({ actor: to, duty: "implement", subject: task })],
    });
  }
  const returnTask = (t: Task): MissionView => {
    setTask(t.id, () => ({
      state: "assigned",
      assignee: t.takenFrom,
      holder: null,
      takenFrom: null,
      leaseLive: false,
    }));
    return passDuty(t.id, t.takenFrom);
  };
  const inForce = (article: MissionView["articlesOff"][number]): boolean => !model.view.articlesOff.includes(article);
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(`the database would refuse: ${what}`);
  };
  const isHuman = (actor: string): boolean => model.view.members.some((m) => m.actor === actor && m.kind === "human");

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
        check(view.kind === "mission" && view.phase === "propose" && !view.overdue, "a proposal out of its phase");
        const { id, title, text } = op;
        const made = proposalForTest(0, { id, title, text, author: actor, round: view.round, textSha256: text });
        return set({ proposals: [...view.proposals, made] });
      }
      case "cast_ballot":
        return setProposal(op.proposal, (p) => {
          check(p.state === "voting" && !view.overdue, "a ballot out of its time");
          check(p.electorate.includes(actor), "a stranger's ballot");
          check(!p.ballots.some((b) => b.voter === actor), "a second ballot");
          return { ballots: [...p.ballots, { voter: actor, choice: op.choice, reason: op.reason, byDeadline: false }] };
        });
      case "veto":
        check(isHuman(actor), "a veto of a machine");
        return veto(op.proposal);
      case "withdraw_proposal":
        setProposal(op.proposal, (p) => {
          check(p.author === actor && (p.state === "open" || p.state === "voting"), "withdrawing what is decided");
          return { state: "withdrawn" };
        });
        return cancelDuties([op.proposal]);
      case "adopt": {
        const proposal = view.proposals.find((p) => p.id === op.proposal);
        check(proposal?.state === "rejected" && proposal.round === view.round, "adopting what did not just fail");
        check(!inForce("no-self-dealing") || proposal?.author !== actor, "adopting one's own");
        check(
          inForce("last-round") &&
            view.obligations.some((o) => o.actor === actor && o.duty === "adopt" && o.state === "open"),
          "adopting unasked",
        );
        return decideProposal(op.proposal, "adopted");
      }
      case "assign_task":
        setTask(op.task, (t) => {
          check(["approved", "released", "expired"].includes(t.state), `assigning what is ${t.state}`);
          return { state: "assigned", assignee: op.assignee, holder: null, takenFrom: null, pool: false };
        });
        return setDuties(
          (o) => o.state === "open" && o.duty === "assign" && o.actor !== actor,
          () => ({ state: "cancelled" }),
        );
      case "claim_task": {
        const pooled = view.tasks.some((t) => t.id === op.task && isPooled(view, t));
        setTask(op.task, (t) => {
          check(t.needs.length === 0, "a claim before what it needs is accepted");
          check(
            pooled || (t.assignee === actor && (t.state === "assigned" || (t.state === "claimed" && !t.leaseLive))),
            "a claim that is not free",
          );
          check(!isBlocked(view, t), "a claim of blocked paths");
          return { state: "claimed", assignee: actor, holder: actor, fence: t.fence + 1, leaseLive: true };
        });
        return pooled ? passDuty(op.task, actor) : model.view;
      }
      case "take_over_task":
        check(isHuman(actor), "a machine that takes over");
        setTask(op.task, (t) => {
          check((t.state === "assigned" || t.state === "claimed") && t.assignee !== actor, "taking what nobody has");
          const takenFrom = t.takenFrom ?? t.assignee;
          return { state: "claimed", assignee: actor, holder: actor, takenFrom, fence: t.fence + 1, leaseLive: true };
        });
        return passDuty(op.task, actor);
      case "give_back_task": {
        const task = view.tasks.find((t) => t.id === op.task);
        check(task?.holder === actor && task.takenFrom !== null, "giving back what was not taken");
        return task === undefined ? view : returnTask(task);
      }
      case "submit_task":
        return setTask(op.task, (t) => {
          const live = t.state === "claimed" && t.holder === actor && t.fence === op.fence && t.leaseLive;
          check(live, "a zombie's result");
          const least = inForce("truthful-completion") ? view.parameters["truthful-completion"].minEvidence : 0;
          check(op.evidence.length >= least, "a result that rests on nothing");
          const submission = {
            id: op.id,
            author: actor,
            summary: op.summary,
            evidence: [...op.evidence],
            commit: null,
            files: [],
            reviewer: null,
            reason: null,
          };
          return { state: "submitted", leaseLive: false, submission: { ...submission, state: "open" } };
        });
      case "review_task":
        setTask(op.task, (t) => {
          check(t.state === "submitted" && t.submission?.state === "open", "a review of nothing");
          check(t.submission?.author !== actor, "a review of one's own");
          if (t.submission === null) return {};
          const submission = { ...t.submission, state: op.accept ? ("accepted" as const) : ("rejected" as const) };
          if (op.accept) return { state: "accepted", submission };
          if (t.reworks >= view.parameters["review-by-another"].maxReworks) return { state: "rejected", submission };
          return { state: "claimed", submission, reworks: t.reworks + 1, fence: t.fence + 1, leaseLive: true };
        });
        return setDuties(
          (o) => o.state === "open" && o.duty === "review" && o.actor !== actor,
          () => ({ state: "cancelled" }),
        );
      case "hand_back_task":
        return setTask(op.task, (t) => ({ state: "released", assignee: t.pool ? null : t.assignee, ...nobody }));
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
    // What a motion decided takes effect when it is closed, not now.
    if (model.view.kind === "motion") return model.view;
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
    return cancelDuties([id, ...tasks.map((t) => t.id)]);
  }

  function tally(): MissionView {
    const { view } = model;
    const { quorum, threshold } = view.parameters[view.kind === "motion" ? "amendments" : "quorum-and-deadline"];
    check(view.phase === "vote" && view.proposals.some((p) => p.state === "voting"), "a tally of nothing");
    check(view.overdue || !view.obligations.some((o) => o.state === "open" && o.duty === "vote"), "an early tally");
    setDuties(
      (o) => o.duty === "vote" && o.state === "open",
      () => ({ state: "expired" }),
    );
    const counted = view.proposals
      .filter((p) => p.state === "voting")
      .map((p) => {
        const yes = p.ballots.filter((b) => b.choice === "yes");
        const another = yes.some((b) => b.voter !== p.author) || p.electorate.every((voter) => voter === p.author);
        const cast = p.ballots.filter((b) => b.choice !== "abstain").length;
        return { id: p.id, yes: yes.length, cast, electorate: p.electorate.length, another };
      });
    const [winner] = counted
      .filter((c) => c.cast >= Math.ceil(quorum * c.electorate) && c.yes > 0 && c.yes > threshold * c.cast)
      .filter((c) => c.another || !inForce("no-self-dealing"))
      .sort((a, b) => b.yes - a.yes);
    for (const { id } of counted) setProposal(id, () => ({ state: "rejected" }));
    return winner === undefined ? model.view : decideProposal(winner.id, "accepted");
  }

  function enterPhase(op: Extract<Operation, { op: "enter_phase" }>): MissionView {
    const { view } = model;
    check(op.fromPhaseNo === view.phaseNo, "a move from another phase entry");
    check(phaseEdges[view.phase].includes(op.phase), `the step from ${view.phase} to ${op.phase}`);
    const outcome = outcomeOf(view);
    const stopped = op.phase === "closed" && (outcome === "vetoed" || outcome === "withdrawn");
    check(
      view.overdue || stopped || !view.obligations.some((o) => o.state === "open"),
      `leaving ${view.phase} with open duties`,
    );
    check(gateMet(view, op.phase, op.round), `the gate from ${view.phase} to ${op.phase}`);
    check(op.phase !== "closed" || op.outcome === outcome, `the outcome ${op.outcome} instead of ${outcome}`);
    const last = view.tasks.at(-1);
    if (view.phase === "implement" && op.phase === "assign" && last !== undefined)
      setTask(last.id, (t) => ({
        state: "released",
        ...nobody,
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
    for (const task of model.view.tasks.filter((t) => t.state === "claimed")) {
      if (task.takenFrom !== null) returnTask(task);
      else if (task.pool) letGo(task, "released");
      else setTask(task.id, () => ({ state: "assigned", holder: null, leaseLive: false }));
    }
  }

  function letGo(task: Task, state: "released" | "expired" | "cancelled"): void {
    setTask(task.id, (t) => ({ state, assignee: t.pool ? null : t.assignee, ...nobody }));
    passDuty(task.id, null);
  }

  const worked = (): readonly Task[] => (model.view.phase === "implement" ? model.view.tasks : []);

  function finishElsewhere(accepted: boolean): void {
    for (const task of worked().filter((t) => !accepted && t.needs.length > 0)) letGo(task, "cancelled");
    set({ heldScopes: [], tasks: model.view.tasks.map((t) => ({ ...t, needs: [] })) });
  }

  function releaseUnclaimed(): void {
    for (const task of worked()) if (task.state === "assigned" && !isBlocked(model.view, task)) letGo(task, "released");
  }

  function passDueTime(): void {
    for (const task of worked())
      if (["approved", "assigned", "claimed", "released"].includes(task.state)) letGo(task, "expired");
  }

  return model;
}

/** Of a task that nobody holds any more. */
const nobody = { holder: null, takenFrom: null, leaseLive: false } as const;
