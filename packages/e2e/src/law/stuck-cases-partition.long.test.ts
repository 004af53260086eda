import { randomUUID } from "node:crypto";
import { startTcpProxy, type TcpProxy } from "@federation/testkit/tcp-proxy";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { type MeshNode, until } from "../mesh/mesh-fixture.ts";
import { printRecoveries, record } from "./testing/recovery-table.ts";
import { analysing, leading, type Part, playing, working } from "./testing/scripted-node.ts";
import { LEASE_MS, quick, type StuckMesh, startStuckMesh } from "./testing/stuck-mesh.ts";

/** A result handed in while its author is cut off from the database: before the commit, after it, for too long. */
// Deadlines are waited for, one after the other; a busy machine needs more than the usual.
vi.setConfig({ testTimeout: 120_000 });

/** Where the lease is not what the case waits for, a busy machine must not let it run out. */
const patient: typeof quick = (shipped) => ({
  ...quick(shipped),
  "leases-and-hand-back": { leaseMs: 60_000, humanLeaseMs: 600_000, maxReassignments: 2 },
});

let w: StuckMesh;
let proxy: TcpProxy | undefined;
afterEach(async () => {
  await w.mesh.drop();
  await proxy?.close();
  proxy = undefined;
});
afterAll(printRecoveries);

/** A node whose connection to the database goes through the proxy. Without a part the test does its work. */
async function throughProxy(part?: Part): Promise<MeshNode> {
  proxy = await startTcpProxy({ targetPort: Number(new URL(w.mesh.loginUrl("rob")).port) });
  const choice = { databasePort: proxy.port };
  return await w.mesh.add("dev", "developer", part === undefined ? undefined : playing(part), choice);
}

interface Holding {
  readonly dev: MeshNode;
  readonly task: string;
  readonly errand: string;
  /** The result, under a call id of its own, as a turn would hand it in. */
  readonly result: Parameters<MeshNode["store"]["apply"]>[0];
}

async function holding(dev: MeshNode): Promise<Holding> {
  const { task, errand } = await w.openTask("dev");
  expect(await dev.call("ClaimTask", { task })).toMatchObject({ claimed: true, fence: 1 });
  const [duty] = (await w.rob.call("ShowMission", { mission: errand })).mission.obligations;
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
  (await w.mesh.owner("select 1 from federation.submissions where task = $1", [task])).length;

test("a result submitted in a partition, committed and never answered: the repeat finds its outcome", async () => {
  w = await startStuckMesh(patient);
  await w.agent("ana", "analyst", analysing);
  const { dev, task, errand, result } = await holding(await throughProxy());
  proxy?.drop("toClient");
  const answer = dev.store.apply(result);
  await until("it is committed", async () => (await w.stateOf(task)).state === "submitted");
  const healedMs = performance.now();
  proxy?.resume();
  expect(await answer).toMatchObject({ replayed: true });
  const movedAfterMs = performance.now() - healedMs;
  expect(await submissions(task)).toBe(1);
  expect(await w.outcomeOf(errand)).toBe("accepted");
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
  w = await startStuckMesh(patient);
  await w.agent("ana", "analyst", analysing);
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
  expect(await w.outcomeOf(errand)).toBe("accepted");
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
  w = await startStuckMesh();
  await w.agent("lea", "lead", leading("ana"));
  await w.agent("ana", "analyst", analysing);
  let write: (words: Readonly<Record<string, string>>) => void = () => undefined;
  const written = new Promise<Readonly<Record<string, string>>>((resolve) => {
    write = resolve;
  });
  const dev = await throughProxy({ ...working, writes: () => written });
  const { task, errand } = await w.openTask("dev");
  await w.reaches(task, "claimed");
  const leaseEnd = () => w.momentOf("select lease_until from federation.tasks where id = $1", task);
  const claimedUntilMs = await leaseEnd();
  await until("the claim is renewed", async () => (await leaseEnd()) > claimedUntilMs);
  proxy?.blackhole();
  await w.mesh.owner("update federation.presence set lease_until = clock_timestamp() where actor = 'dev'");
  const leaseEndMs = await leaseEnd();
  await until("the claim is dropped by its own clock", () => dev.counters.lease_lost === 1);
  await w.reaches(task, "accepted");
  // The model ends at last, and the network is back: too late for both.
  write({ text: "The queue is swept." });
  proxy?.resume();
  const late = { callId: randomUUID(), command: "SubmitTask", operations: [resultOf(task)] };
  await expect(dev.store.apply(late)).rejects.toMatchObject({ code: "fenced" });
  expect(await w.outcomeOf(errand)).toBe("accepted");
  await until("its turn has ended", async () => {
    const running = await w.mesh.owner("select 1 from federation.turns where actor = 'dev' and state = 'running'");
    return running.length === 0;
  });
  const tried = await w.mesh.owner(
    "select 1 from federation.verdicts where actor = 'dev' and conversation = $1 and action like 'submit%'",
    [errand],
  );
  expect(tried).toEqual([]);
  expect(await submissions(task)).toBe(1);
  const released = (await w.historyOf(task)).find((step) => step.to === "released");
  record({
    stuck: "partition longer than the lease",
    waitsFor: "lease of the claim",
    boundMs: LEASE_MS,
    movedAfterMs: (released?.atMs ?? 0) - leaseEndMs,
    by: "reconciler, then the lead",
    ended: "done by another; the turn was stopped, a late result fenced",
  });
});
