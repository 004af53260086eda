import { type ActionHead, type Words, wordsOf } from "../actions.ts";
import { decide } from "../charter/decide.ts";
import {
  dutyForTest,
  idOf,
  memberForTest,
  parametersForTest,
  proposalForTest,
  taskForTest,
  teamForTest,
  viewForTest,
} from "../testing/missions.ts";
import { actionOperations } from "./action-operations.ts";
import { decideMove } from "./decide-move.ts";
import { lawfulSet } from "./lawful.ts";
import { createMissionModel, type MissionModel } from "./mission-model-fixture.ts";
import { openingDuties } from "./phase-duties.ts";
import type { Member, MissionView, Proposal, Task } from "./view.ts";

/** What may happen in a mission, a motion and an errand: where a walk starts, and its steps. */

export const teams: readonly (readonly Member[])[] = [
  teamForTest,
  teamForTest.map((m) => (m.kind === "human" ? { ...m, votes: true } : m)),
  teamForTest.filter((m) => m.actor !== "dan"),
  teamForTest.filter((m) => m.role !== "lead"),
  teamForTest.filter((m) => m.role !== "analyst"),
  teamForTest.filter((m) => m.kind === "human" || m.actor === "dev"),
  [memberForTest("ana", { role: "analyst" })],
  [...teamForTest, memberForTest("obs", { role: "observer", votes: false })],
  [memberForTest("ana", { role: "analyst" }), memberForTest("obs", { role: "observer", votes: false })],
];

export type Choice = readonly [team: number, variant: number, off: readonly MissionView["articlesOff"][number][]];

/** Where a walk starts: whose it is, and under which law. */
interface Start {
  readonly members: readonly Member[];
  readonly over: Partial<MissionView>;
}

const pool = { ...parametersForTest, "explicit-assignment": { pool: true, claimWithinMs: 60_000 } };
const author = (members: readonly Member[]): string => members[0]?.actor ?? "";
const other = idOf(90);

/** Errands as they are opened: given, in the pool, waiting for another task, or for its paths. */
const errands: readonly (readonly [task: Partial<Task>, over: Partial<MissionView>])[] = [
  [{ state: "assigned" }, {}],
  [{ state: "approved", assignee: null, pool: true }, { parameters: pool }],
  // The pool was closed while the task lay in it.
  [{ state: "approved", assignee: null, pool: true }, {}],
  [{ state: "assigned", needs: [other] }, {}],
  [{ state: "assigned", scope: ["src/**"] }, { heldScopes: [{ task: other, holder: "eve", scope: ["src/a.ts"] }] }],
];

/** Missions at their beginning, and later: much of what can happen late is reached from the beginning by few walks. */
const missions: readonly ((members: readonly Member[]) => Partial<MissionView>)[] = [
  (members) => ({ obligations: openingDuties(members).map((d, i) => dutyForTest(500 + i, d.actor, d.duty)) }),
  (members) => ({
    phase: "vote",
    round: 2,
    proposals: members
      .slice(0, 2)
      .map((m, i) => proposalForTest(10 + i, { author: m.actor, round: 2, state: "rejected" })),
  }),
  (members) => ({
    phase: "implement",
    proposals: [proposalForTest(10, { author: author(members), state: "accepted" })],
    tasks: [taskForTest(20, { proposal: idOf(10), state: "assigned", assignee: author(members) })],
  }),
];

const motions: readonly Partial<Proposal>[] = [
  { kind: "decision" },
  { kind: "ratification", change: { change: "ratify", version: 0 } },
  {
    kind: "amendment",
    change: { change: "set_parameter", article: "budgets", parameter: "talkPerPhase", value: 3 },
    motive: "Nobody could answer a question.",
  },
];

const kinds: Readonly<Record<"mission" | "motion" | "errand", (members: readonly Member[], variant: number) => Start>> =
  {
    mission: (members, variant) => ({ members, over: missions[variant % missions.length]?.(members) ?? {} }),
    motion: (members, variant) => {
      const moved = motions[variant % motions.length] ?? {};
      const made = proposalForTest(10, { author: author(members), ...moved });
      const voters = members.filter((m) => m.votes).map((m) => m.actor);
      // The founding vote begins with the vote: everybody knows the text.
      if (made.kind === "ratification") {
        const proposals = [{ ...made, state: "voting" as const, electorate: voters }];
        const obligations = voters.map((who, i) => dutyForTest(500 + i, who, "vote", made.id));
        return { members, over: { kind: "motion", phase: "vote", proposals, obligations } };
      }
      const asked = members.filter((m) => m.kind === "agent" && m.votes && m.actor !== made.author);
      const obligations = asked.map((m, i) => dutyForTest(500 + i, m.actor, "critique"));
      return { members, over: { kind: "motion", phase: "critique", proposals: [made], obligations } };
    },
    errand: (members, variant) => {
      const [task, over] = errands[variant % errands.length] ?? [{}, {}];
      const made = taskForTest(20, { assignee: author(members), ...task });
      const duties = made.assignee === null ? [] : [dutyForTest(500, made.assignee, "implement", made.id)];
      return { members, over: { ...over, kind: "errand", phase: "implement", tasks: [made], obligations: duties } };
    },
  };

export function begin(kind: keyof typeof kinds, [team, variant, off]: Choice): MissionModel {
  const { members, over } = kinds[kind](teams[team] ?? teamForTest, variant);
  return createMissionModel(viewForTest({ ...over, members: [...members], articlesOff: [...off] }));
}

export function move(model: MissionModel): boolean {
  const { view } = model;
  const next = decideMove(view);
  if (next === null) return false;
  const { id: conversation, phaseNo } = view;
  if (next.kind === "enter") {
    const { phase, round, reason, outcome, duties } = next;
    model.apply("lea", [
      { op: "enter_phase", conversation, fromPhaseNo: phaseNo, phase, round, reason, outcome, duties },
    ]);
  } else if (next.kind === "open_duties")
    model.apply("lea", [{ op: "open_duties", conversation, phaseNo, duties: next.duties }]);
  else model.apply("lea", [{ op: "tally", conversation, phaseNo }]);
  return true;
}

/** What a person may try, and what an agent's client may try besides what its model is offered. */
function freeHeads(view: MissionView, actor: string): readonly ActionHead[] {
  const heads: readonly ActionHead[] = [
    { kind: "say" },
    { kind: "propose" },
    { kind: "advance" },
    ...view.proposals.flatMap((p): readonly ActionHead[] => [
      { kind: "veto", proposal: p.id },
      { kind: "vote", proposal: p.id, choice: "yes" },
      { kind: "withdraw", proposal: p.id },
    ]),
    ...view.tasks.flatMap((t): readonly ActionHead[] => [
      { kind: "assign", task: t.id, assignee: author(view.members) },
      { kind: "claim", task: t.id },
      { kind: "submit", task: t.id, evidence: ["file:a.md"] },
      { kind: "hand_back", task: t.id },
      { kind: "accept", task: t.id },
      { kind: "reject", task: t.id },
      { kind: "take_over", task: t.id },
      { kind: "give_back", task: t.id },
    ]),
  ];
  return heads.filter((head) => decide(view, actor, head).allowed);
}

function wordsFor(head: ActionHead): Words {
  const wanted = wordsOf[head.kind];
  return {
    ...(wanted.title ? { title: "A title" } : {}),
    ...(wanted.text ? { text: "Some words." } : {}),
    ...(wanted.files ? { files: [{ path: "a.md", content: "x" }] } : {}),
  };
}

/** One thing that may happen, picked by `roll`. */
export function happen(model: MissionModel, roll: number, ids: () => string): void {
  const { members } = model.view;
  const kind = roll % 100;
  const member = members[Math.floor(roll / 100) % members.length];
  const pick = Math.floor(roll / 10_000);
  if (kind < 4) model.passDeadline();
  else if (kind < 7) model.loseLeases();
  else if (kind < 9) model.releaseUnclaimed();
  else if (kind < 12) model.finishElsewhere(pick % 4 > 0);
  else if (kind < 13) model.passDueTime();
  else if (kind < 48) move(model);
  else if (member === undefined) return;
  else if (kind < 56) act(model, member, "nothing", ids);
  else if (kind < 60 || member.kind === "human") free(model, member, pick, ids);
  else act(model, member, pick, ids);
}

function carryOut(model: MissionModel, actor: string, head: ActionHead, ids: () => string): readonly string[] {
  const named: ActionHead = head.kind === "submit" ? { ...head, evidence: ["file:a.md"] } : head;
  const operations = actionOperations(model.view, actor, { head: named, words: wordsFor(head) }, { newId: ids });
  model.apply(actor, operations);
  return operations.map((o) => o.op);
}

function free(model: MissionModel, { actor }: Member, pick: number, ids: () => string): void {
  const heads = freeHeads(model.view, actor);
  const head = heads[pick % Math.max(1, heads.length)];
  if (head !== undefined) carryOut(model, actor, head, ids);
}

/** An agent's turn: nothing comes of it, or one of the lawful actions. */
export function act(model: MissionModel, member: Member, pick: number | "nothing", ids: () => string): void {
  if (member.kind !== "agent") return;
  const { focus, heads } = lawfulSet(model.view, member.actor);
  const head = pick === "nothing" ? undefined : heads[pick % Math.max(1, heads.length)];
  const done = head === undefined ? [] : carryOut(model, member.actor, head, ids);
  if (focus !== undefined && !done.includes("close_obligation")) model.spendTurn(focus.id);
}

export const idsOf = (): (() => string) => {
  let next = 100_000;
  return () => idOf(next++);
};
