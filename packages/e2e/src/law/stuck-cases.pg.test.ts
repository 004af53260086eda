import { randomUUID } from "node:crypto";
import type { CharterParameters } from "@federation/core";
import { startTcpProxy, type TcpProxy } from "@federation/testkit/tcp-proxy";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { type Mesh, type MeshNode, startMesh, until } from "../mesh/mesh-fixture.ts";
import { printRecoveries, record } from "./testing/recovery-table.ts";
import { analysing, hanging, leading, type Part, playing, working } from "./testing/scripted-node.ts";

/**
 * The ways in which work is known to get stuck, each on real nodes with scripted models: what it waits for, and how
 * long after that it goes on. Every mesh is asked at its end what is overdue.
 */
const LEASE_MS = 3_000;
const CLAIM_WITHIN_MS = 3_000;
const PHASE_MS = 6_000;

const quick = (shipped: CharterParameters): CharterParameters => ({
  ...shipped,
  "explicit-assignment": { pool: false, claimWithinMs: CLAIM_WITHIN_MS },
  "leases-and-hand-back": { leaseMs: LEASE_MS, humanLeaseMs: 600_000, maxReassignments: 2 },
  "quorum-and-deadline": {
    ...shipped["quorum-and-deadline"],
    phaseDeadlineMs: {
      propose: PHASE_MS,
      critique: PHASE_MS,
      vote: PHASE_MS,
      assign: PHASE_MS,
      implement: 60_000,
      review: PHASE_MS,
      synthesise: PHASE_MS,
    },
  },
  budgets: { ...shipped.budgets, wallMsPerTask: 60_000 },
});

let mesh: Mesh;
let rob: MeshNode;
let proxy: TcpProxy | undefined;

beforeEach(async () => {
  mesh = await startMesh({ parameters: quick, settleMs: 200 });
  rob = await mesh.add("rob", "commander");
});
afterEach(async () => {
  await mesh.drop();
  await proxy?.close();
  proxy = undefined;
});
afterAll(printRecoveries);

const agent = (actor: string, role: "lead" | "developer" | "analyst", part: Part) =>
  mesh.add(actor, role, playing(part));

/** Its process is gone, and with it the lease of its presence, which is shorter than that of a claim. */
async function die(node: MeshNode): Promise<void> {
  await node.stop();
  await mesh.owner("update federation.presence set lease_until = clock_timestamp() where actor = $1", [node.actor]);
}

const openTask = async (assignee: string) =>
  await rob.call("OpenTask", { title: "Sweep the queue", instructions: "Delete what nobody waits for.", assignee });

interface Step {
  readonly actor: string;
  readonly to: string;
  readonly reason: string;
  readonly atMs: number;
}

async function historyOf(task: string): Promise<readonly Step[]> {
  return await mesh.owner<Step & Record<string, unknown>>(
    `select actor, to_state as to, reason, extract(epoch from at)::float8 * 1000 as "atMs" from federation.task_history where task = $1 order by id`,
    [task],
  );
}

async function stateOf(
  task: string,
): Promise<{ readonly state: string; readonly assignee: string | null; readonly fence: number }> {
  return (await rob.call("ShowTask", { task })).task;
}

const reaches = (task: string, state: string, deadlineMs = 40_000) =>
  until(`the task is ${state}`, async () => (await stateOf(task)).state === state, deadlineMs);

const outcomeOf = async (mission: string): Promise<string> => {
  await until(
    "it is closed",
    async () => (await rob.call("ShowMission", { mission })).mission.phase === "closed",
    60_000,
  );
  return (await rob.call("ShowMission", { mission })).mission.outcome ?? "";
};

/** When a lease, or the deadline of a phase, ends or ended, on the database's clock. */
async function momentOf(sql: string, id: string): Promise<number> {
  const [row] = await mesh.owner<{ ms: number }>(`select extract(epoch from (${sql}))::float8 * 1000 as ms`, [id]);
  if (row === undefined) throw new Error(`no moment: ${sql}`);
  return row.ms;
}

/** Why and when a phase was left. */
async function leaving(mission: string, phase: string): Promise<{ readonly leftMs: number; readonly reason: string }> {
  const [row] = await mesh.owner<{ leftMs: number; reason: string }>(
    `select extract(epoch from p.left_at)::float8 * 1000 as "leftMs", n.reason from federation.mission_phases p
     join federation.mission_phases n on n.conversation = p.conversation and n.phase_no = p.phase_no + 1
     where p.conversation = $1 and p.phase = $2 order by p.phase_no limit 1`,
    [mission, phase],
  );
  if (row === undefined) throw new Error(`${phase} was not left`);
  return row;
}

test("the owner died mid-task: at the end of the lease the task is released, and another does it", async () => {
  await agent("lea", "lead", leading("ana"));
  await agent("ana", "analyst", analysing);
  const dev = await agent("dev", "developer", hanging);
  const { task, errand } = await openTask("dev");
  await reaches(task, "claimed");
  await die(dev);
  const leaseEndMs = await momentOf("select lease_until from federation.tasks where id = $1", task);
  expect(await outcomeOf(errand)).toBe("accepted");
  const history = await historyOf(task);
  const released = history.find((step) => step.to === "released");
  expect(released).toMatchObject({ actor: "federation", reason: "the lease of dev ran out, who is offline" });
  expect(history.map((step) => step.to)).toEqual([
    "assigned",
    "claimed",
    "released",
    "assigned",
    "claimed",
    "submitted",
    "accepted",
  ]);
  expect((await stateOf(task)).assignee).toBe("ana");
  record({
    stuck: "owner died mid-task",
    waitsFor: "lease of the claim",
    boundMs: LEASE_MS,
    movedAfterMs: (released?.atMs ?? 0) - leaseEndMs,
    by: "reconciler, then the lead",
    ended: "done by another",
  });
});

test("a daemon restarted with a claim: it is renewed under its fence, and the same work goes on", async () => {
  await agent("ana", "analyst", analysing);
  const dev = await agent("dev", "developer", hanging);
  const { task, errand } = await openTask("dev");
  await reaches(task, "claimed");
  await dev.stop();
  const stoppedMs = performance.now();
  await mesh.restart("dev", playing(working));
  await reaches(task, "submitted");
  const movedAfterMs = performance.now() - stoppedMs;
  expect(await outcomeOf(errand)).toBe("accepted");
  expect((await historyOf(task)).map((step) => step.to)).toEqual(["assigned", "claimed", "submitted", "accepted"]);
  expect((await stateOf(task)).fence).toBe(1);
  record({
    stuck: "daemon restarted with a claim",
    waitsFor: "nothing: the claim is its own",
    boundMs: null,
    movedAfterMs,
    by: "the same actor, same fence",
    ended: "done by its owner",
  });
});

test("the assignee is offline: what is not claimed in time is released, and another does it", async () => {
  await agent("lea", "lead", leading("ana"));
  await agent("ana", "analyst", analysing);
  await die(await agent("dev", "developer", working));
  const { task, errand } = await openTask("dev");
  const claimByMs = (await momentOf("select assigned_at from federation.tasks where id = $1", task)) + CLAIM_WITHIN_MS;
  expect(await outcomeOf(errand)).toBe("accepted");
  const released = (await historyOf(task)).find((step) => step.to === "released");
  expect(released).toMatchObject({ actor: "federation", reason: "dev did not claim it in time, and is offline" });
  record({
    stuck: "assignee offline",
    waitsFor: "time to claim",
    boundMs: CLAIM_WITHIN_MS,
    movedAfterMs: (released?.atMs ?? 0) - claimByMs,
    by: "reconciler, then the lead",
    ended: "done by another",
  });
});

/** A node whose connection to the database goes through the proxy. Without a part the test does its work. */
async function throughProxy(part?: Part): Promise<MeshNode> {
  proxy = await startTcpProxy({ targetPort: Number(new URL(mesh.loginUrl("rob")).port) });
  const choice = { databasePort: proxy.port };
  return await mesh.add("dev", "developer", part === undefined ? undefined : playing(part), choice);
}

interface Holding {
  readonly dev: MeshNode;
  readonly task: string;
  readonly errand: string;
  /** The result, under a call id of its own, as a turn would hand it in. */
  readonly result: Parameters<MeshNode["store"]["apply"]>[0];
}

async function holding(dev: MeshNode): Promise<Holding> {
  const { task, errand } = await openTask("dev");
  expect(await dev.call("ClaimTask", { task })).toMatchObject({ claimed: true, fence: 1 });
  const [duty] = (await rob.call("ShowMission", { mission: errand })).mission.obligations;
  const result = {
    callId: randomUUID(),
    command: "SubmitTask",
    operations: [resultOf(task), { op: "close_obligation", obligation: duty?.id ?? "", as: "met" }],
  } as const;
  return { dev, task, errand, result };
}

const resultOf = (task: string) =>
  ({
    op: "submit_task",
    id: randomUUID(),
    task,
    fence: 1,
    summary: "The queue is swept.",
    evidence: ["file:swept.md"],
    files: [{ path: "swept.md", content: "Nine." }],
  }) as const;

const submissions = async (task: string): Promise<number> =>
  (await mesh.owner("select 1 from federation.submissions where task = $1", [task])).length;

test("a result submitted in a partition, committed and never answered: the repeat finds its outcome", async () => {
  await agent("ana", "analyst", analysing);
  const { dev, task, errand, result } = await holding(await throughProxy());
  proxy?.drop("toClient");
  const answer = dev.store.apply(result);
  await until("it is committed", async () => (await stateOf(task)).state === "submitted");
  const healedMs = performance.now();
  proxy?.resume();
  expect(await answer).toMatchObject({ replayed: true });
  const movedAfterMs = performance.now() - healedMs;
  expect(await submissions(task)).toBe(1);
  expect(await outcomeOf(errand)).toBe("accepted");
  record({
    stuck: "partition after the commit, before the answer",
    waitsFor: "the connection",
    boundMs: null,
    movedAfterMs,
    by: "repeat under the same call id",
    ended: "one result, accepted",
  });
});

test("a result submitted in a partition and lost on its way there: the repeat commits it", async () => {
  await agent("ana", "analyst", analysing);
  const { dev, task, errand, result } = await holding(await throughProxy());
  proxy?.drop("toTarget");
  const answer = dev.store.apply(result);
  await until("it was sent", async () => (proxy?.connections() ?? 0) > 0);
  expect(await submissions(task)).toBe(0);
  const healedMs = performance.now();
  proxy?.resume();
  expect(await answer).toMatchObject({ replayed: false });
  const movedAfterMs = performance.now() - healedMs;
  expect(await submissions(task)).toBe(1);
  expect(await outcomeOf(errand)).toBe("accepted");
  record({
    stuck: "partition before the commit",
    waitsFor: "the connection",
    boundMs: null,
    movedAfterMs,
    by: "repeat under the same call id",
    ended: "one result, accepted",
  });
});

test("a partition longer than the lease: the turn is stopped before it hands anything in, and another does it", async () => {
  await agent("lea", "lead", leading("ana"));
  await agent("ana", "analyst", analysing);
  let write: (words: Readonly<Record<string, string>>) => void = () => undefined;
  const written = new Promise<Readonly<Record<string, string>>>((resolve) => {
    write = resolve;
  });
  const dev = await throughProxy({ ...working, writes: () => written });
  const { task, errand } = await openTask("dev");
  await reaches(task, "claimed");
  const leaseEnd = () => momentOf("select lease_until from federation.tasks where id = $1", task);
  const claimedUntilMs = await leaseEnd();
  await until("the claim is renewed", async () => (await leaseEnd()) > claimedUntilMs);
  proxy?.blackhole();
  await mesh.owner("update federation.presence set lease_until = clock_timestamp() where actor = 'dev'");
  const leaseEndMs = await leaseEnd();
  await until("the claim is dropped by its own clock", () => dev.counters.lease_lost === 1);
  await reaches(task, "accepted");
  // The model ends at last, and the network is back: too late for both.
  write({ text: "The queue is swept." });
  proxy?.resume();
  const late = { callId: randomUUID(), command: "SubmitTask", operations: [resultOf(task)] };
  await expect(dev.store.apply(late)).rejects.toMatchObject({ code: "fenced" });
  expect(await outcomeOf(errand)).toBe("accepted");
  await until("its turn has ended", async () => {
    const running = await mesh.owner("select 1 from federation.turns where actor = 'dev' and state = 'running'");
    return running.length === 0;
  });
  const tried = await mesh.owner(
    "select 1 from federation.verdicts where actor = 'dev' and conversation = $1 and action like 'submit%'",
    [errand],
  );
  expect(tried).toEqual([]);
  expect(await submissions(task)).toBe(1);
  const released = (await historyOf(task)).find((step) => step.to === "released");
  record({
    stuck: "partition longer than the lease",
    waitsFor: "lease of the claim",
    boundMs: LEASE_MS,
    movedAfterMs: (released?.atMs ?? 0) - leaseEndMs,
    by: "reconciler, then the lead",
    ended: "done by another; the turn was stopped, a late result fenced",
  });
});

const startMission = async (): Promise<string> =>
  (await rob.call("StartMission", { objective: "Choose a retry policy and write it down", seed: 7 })).mission;

const inPhase = (mission: string, phase: string) =>
  until(`the phase ${phase}`, async () => (await rob.call("ShowMission", { mission })).mission.phase === phase, 40_000);

test("a voter is offline at the deadline: who is missing abstains on record, and the vote is counted", async () => {
  await agent("lea", "lead", leading("dev"));
  await agent("ana", "analyst", analysing);
  await agent("dev", "developer", working);
  await die(await agent("dan", "developer", working));
  const mission = await startMission();
  await inPhase(mission, "vote");
  const deadlineMs = await momentOf("select phase_deadline from federation.missions where conversation = $1", mission);
  expect(await outcomeOf(mission)).toBe("accepted");
  const [proposal] = (await rob.call("ListProposals", { mission })).proposals;
  expect(proposal?.ballots.filter((b) => b.byDeadline)).toMatchObject([{ voter: "dan", choice: "abstain" }]);
  const { leftMs } = await leaving(mission, "vote");
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
  const lea = await agent("lea", "lead", { wants: ["propose", "vote*:yes", "advance"] });
  await agent("ana", "analyst", analysing);
  await agent("dev", "developer", { wants: ["abstain", ...working.wants] });
  const mission = await startMission();
  await inPhase(mission, "vote");
  // The lead votes, and is gone before it assigns.
  await until("the lead has voted", async () =>
    (await rob.call("ListProposals", { mission })).proposals.every((p) => p.ballots.some((b) => b.voter === "lea")),
  );
  await die(lea);
  await inPhase(mission, "assign");
  const deadlineMs = await momentOf("select phase_deadline from federation.missions where conversation = $1", mission);
  expect(await outcomeOf(mission)).toBe("unassigned");
  const { leftMs, reason } = await leaving(mission, "assign");
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
  await die(await agent("ana", "analyst", analysing));
  await agent("dev", "developer", working);
  const { task, errand } = await openTask("dev");
  await reaches(task, "submitted");
  await inPhase(errand, "review");
  const deadlineMs = await momentOf("select phase_deadline from federation.missions where conversation = $1", errand);
  expect(await outcomeOf(errand)).toBe("not_accepted");
  const { leftMs } = await leaving(errand, "review");
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
  await mesh.drop();
  const maxHops = 4;
  // Talk would end them earlier; here the chain alone does.
  const long = (shipped: CharterParameters): CharterParameters => ({
    ...quick(shipped),
    budgets: { ...shipped.budgets, talkPerPhase: 100, maxHops },
  });
  mesh = await startMesh({ parameters: long, settleMs: 200 });
  rob = await mesh.add("rob", "commander");
  const nodes = [await agent("dev", "developer", asking("ana")), await agent("ana", "analyst", asking("dev"))];
  // Nobody but the commander has anything to do there.
  const { errand } = await openTask("rob");
  const asked = () =>
    mesh.owner<{ hops: number; sender: string; ms: number }>(
      "select hops, sender, extract(epoch from created_at)::float8 * 1000 as ms from federation.messages where conversation = $1 and kind = 'ask' order by seq",
      [errand],
    );
  await until("the chain is at its bound", async () => (await asked()).some((m) => m.hops === maxHops));
  const nothingToDo = async (): Promise<boolean> => {
    const running = await mesh.owner("select 1 from federation.turns where state = 'running'");
    const waiting = await Promise.all(nodes.map(async ({ store }) => (await store.work()).conversations.length));
    return running.length === 0 && waiting.every((n) => n === 0);
  };
  await until("nobody has anything to do any more", nothingToDo);
  const chain = await asked();
  expect(Math.max(...chain.map((m) => m.hops))).toBe(maxHops);
  expect(new Set(chain.map((m) => m.sender))).toEqual(new Set(["ana", "dev"]));
  // Two chains began, one with each of them: none is longer than the bound.
  expect(chain.length).toBeLessThanOrEqual(2 * maxHops);
  const begun = await momentOf("select created_at from federation.missions where conversation = $1", errand);
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
  await agent("lea", "lead", asking("dev"));
  await agent("dev", "developer", asking("lea"));
  const mission = await startMission();
  await until("the phase is left", async () => (await rob.call("ShowMission", { mission })).mission.phaseNo > 1);
  const { leftMs } = await leaving(mission, "propose");
  const [started] = [await momentOf("select created_at from federation.missions where conversation = $1", mission)];
  expect(leftMs - started).toBeLessThan(PHASE_MS);
  expect((await rob.call("ListProposals", { mission })).proposals.length).toBeGreaterThan(0);
  record({
    stuck: "two asking each other and waiting",
    waitsFor: "turns they may take for a duty",
    boundMs: null,
    movedAfterMs: leftMs - started,
    by: "what ends the duty is all that is offered",
    ended: "both did it, before the deadline",
  });
  await outcomeOf(mission);
});
