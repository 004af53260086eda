import type { CharterParameters } from "@federation/core";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { until } from "../mesh/mesh-fixture.ts";
import { printRecoveries, record } from "./testing/recovery-table.ts";
import { analysing, leading, type Part, working } from "./testing/scripted-node.ts";
import { PHASE_MS, quick, type StuckMesh, startStuckMesh } from "./testing/stuck-mesh.ts";

/** Who is missing in a phase, and who talks instead of acting. */
// Deadlines are waited for, one after the other; a busy machine needs more than the usual.
vi.setConfig({ testTimeout: 120_000 });

let w: StuckMesh;
beforeEach(async () => {
  w = await startStuckMesh();
});
afterEach(() => w.mesh.drop());
afterAll(printRecoveries);

test("a voter is offline at the deadline: who is missing abstains on record, and the vote is counted", async () => {
  await w.agent("lea", "lead", leading("dev"));
  await w.agent("ana", "analyst", analysing);
  await w.agent("dev", "developer", working);
  await w.die(await w.agent("dan", "developer", working));
  const mission = await w.startMission();
  await w.inPhase(mission, "vote");
  const deadlineMs = await w.momentOf(
    "select phase_deadline from federation.missions where conversation = $1",
    mission,
  );
  expect(await w.outcomeOf(mission)).toBe("accepted");
  const [proposal] = (await w.rob.call("ListProposals", { mission })).proposals;
  expect(proposal?.ballots.filter((b) => b.byDeadline)).toMatchObject([{ voter: "dan", choice: "abstain" }]);
  const { leftMs } = await w.leaving(mission, "vote");
  record({
    stuck: "voter offline at the deadline",
    waitsFor: "deadline of the vote",
    boundMs: PHASE_MS,
    movedAfterMs: leftMs - deadlineMs,
    by: "tally by any node",
    ended: "accepted by the others",
  });
});

test("the owner of a phase is gone: its deadline moves the mission on, to an honest end", async () => {
  const lea = await w.agent("lea", "lead", { wants: ["propose", "vote*:yes", "advance"] });
  await w.agent("ana", "analyst", analysing);
  await w.agent("dev", "developer", { wants: ["abstain", ...working.wants] });
  const mission = await w.startMission();
  await w.inPhase(mission, "vote");
  // The lead votes, and is gone before it assigns.
  await until("the lead has voted", async () =>
    (await w.rob.call("ListProposals", { mission })).proposals.every((p) => p.ballots.some((b) => b.voter === "lea")),
  );
  await w.die(lea);
  await w.inPhase(mission, "assign");
  const deadlineMs = await w.momentOf(
    "select phase_deadline from federation.missions where conversation = $1",
    mission,
  );
  expect(await w.outcomeOf(mission)).toBe("unassigned");
  const { leftMs, reason } = await w.leaving(mission, "assign");
  expect(reason).toBe("the task was assigned to nobody");
  record({
    stuck: "phase owner gone",
    waitsFor: "deadline of the phase",
    boundMs: PHASE_MS,
    movedAfterMs: leftMs - deadlineMs,
    by: "reconciler and mover of any node",
    ended: "unassigned, on record",
  });
});

test("a reviewer is gone: the next is asked, or the result is not accepted at the deadline", async () => {
  await w.die(await w.agent("ana", "analyst", analysing));
  await w.agent("dev", "developer", working);
  const { task, errand } = await w.openTask("dev");
  await w.reaches(task, "submitted");
  await w.inPhase(errand, "review");
  const deadlineMs = await w.momentOf("select phase_deadline from federation.missions where conversation = $1", errand);
  expect(await w.outcomeOf(errand)).toBe("not_accepted");
  const { leftMs } = await w.leaving(errand, "review");
  record({
    stuck: "reviewer gone",
    waitsFor: "deadline of the phase",
    boundMs: PHASE_MS,
    movedAfterMs: leftMs - deadlineMs,
    by: "reconciler and mover of any node",
    ended: "not accepted, on record",
  });
});

const asking = (whom: string): Part => ({ wants: [`ask:${whom}`] });

test("two who ask each other in a circle, A to B to A, are ended by the length of the chain", async () => {
  await w.mesh.drop();
  const maxHops = 4;
  // Talk would end them earlier; here the chain alone does.
  const long = (shipped: CharterParameters): CharterParameters => ({
    ...quick(shipped),
    budgets: { ...shipped.budgets, talkPerPhase: 100, maxHops },
  });
  w = await startStuckMesh(long);
  const nodes = [await w.agent("dev", "developer", asking("ana")), await w.agent("ana", "analyst", asking("dev"))];
  // Nobody but the commander has anything to do there.
  const { errand } = await w.openTask("rob");
  const asked = () =>
    w.mesh.owner<{ hops: number; sender: string; ms: number }>(
      "select hops, sender, extract(epoch from created_at)::float8 * 1000 as ms from federation.messages where conversation = $1 and kind = 'ask' order by seq",
      [errand],
    );
  await until("the chain is at its bound", async () => (await asked()).some((m) => m.hops === maxHops));
  const nothingToDo = async (): Promise<boolean> => {
    const running = await w.mesh.owner("select 1 from federation.turns where state = 'running'");
    const waiting = await Promise.all(nodes.map(async ({ store }) => (await store.work()).conversations.length));
    return running.length === 0 && waiting.every((n) => n === 0);
  };
  await until("nobody has anything to do any more", nothingToDo);
  const chain = await asked();
  expect(Math.max(...chain.map((m) => m.hops))).toBe(maxHops);
  expect(new Set(chain.map((m) => m.sender))).toEqual(new Set(["ana", "dev"]));
  // Two chains began, one with each of them: none is longer than the bound.
  expect(chain.length).toBeLessThanOrEqual(2 * maxHops);
  const begun = await w.momentOf("select created_at from federation.missions where conversation = $1", errand);
  record({
    stuck: "delegation cycle A to B to A",
    waitsFor: `chain of ${maxHops} hops`,
    boundMs: null,
    movedAfterMs: (chain.at(-1)?.ms ?? 0) - begun,
    by: "asking on is not offered any more",
    ended: `after ${chain.length} questions; no token after`,
  });
});

test("two who ask each other and wait for the answer do their duty when their free turns are used up", async () => {
  await w.agent("lea", "lead", asking("dev"));
  await w.agent("dev", "developer", asking("lea"));
  const mission = await w.startMission();
  await until("the phase is left", async () => (await w.rob.call("ShowMission", { mission })).mission.phaseNo > 1);
  const { leftMs } = await w.leaving(mission, "propose");
  const [started] = [await w.momentOf("select created_at from federation.missions where conversation = $1", mission)];
  expect(leftMs - started).toBeLessThan(PHASE_MS);
  expect((await w.rob.call("ListProposals", { mission })).proposals.length).toBeGreaterThan(0);
  record({
    stuck: "two asking each other and waiting",
    waitsFor: "turns they may take for a duty",
    boundMs: null,
    movedAfterMs: leftMs - started,
    by: "what ends the duty is all that is offered",
    ended: "both did it, before the deadline",
  });
  await w.outcomeOf(mission);
});
