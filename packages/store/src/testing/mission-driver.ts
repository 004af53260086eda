import { randomUUID } from "node:crypto";
import {
  type ActionHead,
  actionOperations,
  currentTask,
  decide,
  decideMove,
  type MissionView,
  type Operation,
  type Words,
} from "@federation/core";
import type { ApplyOutcome } from "@federation/runtime/ports";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD } from "./federation-fixture.ts";
import { moveOperation } from "./overdue.ts";

/** Takes a mission through its phases with actions chosen by the test, in the way turns and reconcilers do it. */
export interface MissionDriver {
  readonly id: string;
  view(): Promise<MissionView>;
  /** Judges the action as the gate does, then applies it. @throws when the gate refuses. */
  act(actor: string, head: ActionHead, words?: Words): Promise<ApplyOutcome>;
  /** The operations `act` would apply. */
  operations(actor: string, head: ActionHead, words?: Words): Promise<readonly Operation[]>;
  /** Makes the system's moves until there is none; answers their kinds. */
  move(actor?: string): Promise<readonly string[]>;
}

export const objective = "Choose a retry policy for the outbox relay and write it down";

export async function startMission(
  federation: Federation,
  members: readonly { readonly actor: string; readonly votes: boolean }[] = [LEAD, DEVELOPER, ANALYST, COMMANDER].map(
    (actor) => ({ actor, votes: actor !== COMMANDER }),
  ),
): Promise<MissionDriver> {
  const id = randomUUID();
  const roster = await federation.store(COMMANDER).query("ListRoster", {}, COMMANDER);
  const builders = roster.actors.filter(
    (a) => members.some((m) => m.actor === a.actor) && a.kind === "agent" && ["lead", "developer"].includes(a.role),
  );
  await federation.apply(COMMANDER, {
    op: "start_mission",
    id,
    objective,
    seed: 7,
    members,
    duties: builders.map(({ actor }) => ({ actor, duty: "propose", subject: null })),
  });
  return driveMission(federation, id);
}

export function driveMission(federation: Federation, id: string): MissionDriver {
  const viewOf = async (actor: string): Promise<MissionView> => {
    const view = await federation.store(actor).missionView(id);
    if (view === undefined) throw new Error("the mission is not there");
    return view;
  };
  const operations = async (actor: string, given: ActionHead, words: Words = {}): Promise<readonly Operation[]> => {
    const view = await viewOf(actor);
    const head = withEvidence(view, given);
    const verdict = decide(view, actor, head);
    if (!verdict.allowed) throw new Error(`${verdict.article}: ${verdict.reason}`);
    return actionOperations(view, actor, { head, words }, { newId: () => randomUUID() });
  };
  return {
    id,
    view: () => viewOf(COMMANDER),
    operations,
    act: async (actor, head, words) => federation.apply(actor, ...(await operations(actor, head, words))),
    move: async (actor = LEAD) => {
      const made: string[] = [];
      for (;;) {
        const view = await viewOf(actor);
        const move = decideMove(view);
        if (move === null) return made;
        await federation.apply(actor, moveOperation(view, move));
        made.push(move.kind === "enter" ? move.phase : move.kind);
        if (made.length > 20) throw new Error(`the mission moves in circles: ${made.join(", ")}`);
      }
    },
  };
}

/** A result that names nothing rests on the proposal that was decided. */
function withEvidence(view: MissionView, head: ActionHead): ActionHead {
  if (head.kind !== "submit" || head.evidence !== undefined) return head;
  return { ...head, evidence: view.proposals.filter((p) => p.state === "accepted").map((p) => `proposal:${p.id}`) };
}

/** The one proposal and the one task of a mission that has them. */
export async function only(mission: MissionDriver): Promise<{ readonly proposal: string; readonly task: string }> {
  const view = await mission.view();
  return { proposal: view.proposals[0]?.id ?? "", task: currentTask(view)?.id ?? "" };
}

const text = "Double the pause after each failure, with jitter, up to a bound.";

/** Takes a mission from its start to an open vote on one proposal of the lead. */
export async function toVote(mission: MissionDriver): Promise<string> {
  await mission.act(LEAD, { kind: "propose" }, { title: "Back off with jitter", text });
  const duty = (await mission.view()).obligations.find((o) => o.actor === DEVELOPER);
  if (duty !== undefined) await mission.act(DEVELOPER, { kind: "abstain", obligation: duty.id });
  await mission.move();
  await mission.act(LEAD, { kind: "advance" });
  await mission.move();
  const proposal = (await mission.view()).proposals.find((p) => p.state === "open")?.id ?? "";
  await mission.act(ANALYST, { kind: "critique", proposal }, { text: "What bounds the pause?" });
  await mission.move();
  await mission.act(ANALYST, { kind: "advance" });
  await mission.move();
  return proposal;
}

/** Takes a mission from its start to the phase implement, its task assigned to the developer. */
export async function toImplement(mission: MissionDriver): Promise<string> {
  const proposal = await toVote(mission);
  for (const voter of [LEAD, DEVELOPER, ANALYST])
    await mission.act(voter, { kind: "vote", proposal, choice: "yes" }, { text: "It is bounded." });
  await mission.move();
  const { task } = await only(mission);
  await mission.act(LEAD, { kind: "assign", task, assignee: DEVELOPER }, { text: "Write it down." });
  await mission.move();
  return task;
}

/** Lets one deadline after the other pass, until the mission is closed. */
export async function runOut(federation: Federation, mission: MissionDriver): Promise<void> {
  while ((await mission.view()).phase !== "closed") {
    await federation.owner(
      "update federation.missions set phase_deadline = clock_timestamp() where conversation = $1",
      [mission.id],
    );
    await federation.store(LEAD).reconcile();
    await mission.move();
  }
}

export { moveOperation };
