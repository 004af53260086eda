import { MeshError } from "@federation/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Mesh, type MeshNode, startMesh, until } from "../mesh/mesh-fixture.ts";
import { analysing, playing, working } from "./testing/scripted-node.ts";

/** Tasks outside of missions, and nodes, through the control API of real nodes. */
let mesh: Mesh;
let rob: MeshNode;
beforeEach(async () => {
  mesh = await startMesh({
    parameters: (shipped) => ({
      ...shipped,
      "explicit-assignment": { ...shipped["explicit-assignment"], pool: true },
    }),
    settleMs: 200,
  });
  rob = await mesh.add("rob", "commander");
});
afterEach(() => mesh.drop());

const order = { title: "Sweep the queue", instructions: "Delete what nobody waits for." };

async function errorOf(promise: Promise<unknown>): Promise<MeshError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof MeshError) return error;
    throw error;
  }
  throw new Error("it went through");
}

const taskOf = async (task: string) => (await rob.call("ShowTask", { task })).task;
const closed = (mission: string) =>
  until("it is closed", async () => (await rob.call("ShowMission", { mission })).mission.phase === "closed", 30_000);

test("a task is opened, claimed, handed in and accepted by control calls alone", async () => {
  const dev = await mesh.add("dev", "developer");
  const ana = await mesh.add("ana", "analyst");
  const { task, errand } = await rob.call("OpenTask", {
    ...order,
    assignee: "dev",
    kind: "fix",
    scope: ["docs/**"],
    priority: 3,
  });
  expect(await taskOf(task)).toMatchObject({
    kind: "fix",
    scope: ["docs/**"],
    priority: 3,
    state: "assigned",
    conversation: errand,
  });
  const { fence } = await dev.call("ClaimTask", { task });
  const files = [{ path: "docs/swept.md", content: "Nine." }];
  await dev.call("SubmitTask", { task, fence, summary: "Swept.", evidence: ["file:docs/swept.md"], files });
  await until(
    "the review",
    async () => (await rob.call("ShowMission", { mission: errand })).mission.phase === "review",
  );
  await ana.call("ReviewTask", { task, accept: true, reason: "It is clean." });
  await closed(errand);
  expect(await taskOf(task)).toMatchObject({
    state: "accepted",
    submission: { evidence: ["file:docs/swept.md"], reviewer: "ana" },
  });
  expect((await rob.call("ReportMission", { mission: errand })).overdue).toEqual([]);
});

test("opening is judged: a refusal names its article and is on record, a repeat opens no second task", async () => {
  const dev = await mesh.add("dev", "developer");
  for (const [request, article] of [
    [{ ...order, kind: "feature", assignee: "dev" }, "propose-before-implement"],
    [{ ...order, assignee: "dev", scope: Array.from({ length: 17 }, (_, i) => `f${i}`) }, "claim-before-code"],
  ] as const)
    expect((await errorOf(rob.call("OpenTask", request))).details["article"]).toBe(article);
  expect((await errorOf(dev.call("OpenTask", { ...order, assignee: "dev" }))).details["article"]).toBe(
    "explicit-assignment",
  );
  expect((await errorOf(rob.call("OpenTask", { ...order, assignee: "nobody" }))).details["article"]).toBe(
    "explicit-assignment",
  );
  expect((await errorOf(rob.call("OpenTask", { ...order, scope: ["../x"] }))).code).toBe("invalid_input");
  const verdicts = await mesh.owner(
    "select actor, article from federation.verdicts where action like 'open_task%' and conversation is null order by id",
  );
  expect(verdicts).toHaveLength(4);
  const opened = await rob.call("OpenTask", { ...order, assignee: "dev" }, "open-once");
  expect(await rob.call("OpenTask", { ...order, assignee: "dev" }, "open-once")).toEqual(opened);
  expect((await rob.call("ListTasks", { open: true })).tasks.map((t) => t.id)).toEqual([opened.task]);
});

test("the commander takes a task over and gives it back; whoever had it is fenced meanwhile", async () => {
  const dev = await mesh.add("dev", "developer");
  const { task } = await rob.call("OpenTask", { ...order, assignee: "dev" });
  const { fence } = await dev.call("ClaimTask", { task });
  expect((await errorOf(dev.call("TakeOverTask", { task, reason: "Mine." }))).details["article"]).toBe(
    "explicit-assignment",
  );
  const taken = await rob.call("TakeOverTask", { task, reason: "It is urgent." });
  expect(taken.fence).toBe(fence + 1);
  const submit = { task, fence, summary: "Swept.", evidence: ["file:a"], files: [{ path: "a", content: "x" }] };
  expect((await errorOf(dev.call("SubmitTask", submit))).details["article"]).toBe("claim-before-code");
  expect((await errorOf(rob.call("GiveBackTask", { task, fence, reason: "Go on." }))).code).toBe("fenced");
  await rob.call("GiveBackTask", { task, fence: taken.fence, reason: "Go on." });
  expect((await dev.call("ClaimTask", { task })).fence).toBe(taken.fence + 2);
});

test("who plays its part claims what is in the pool: one of two does the task, and the other reviews it", async () => {
  await mesh.add("dev", "developer", playing(working));
  await mesh.add("ana", "analyst", playing(analysing));
  const { task, errand } = await rob.call("OpenTask", order);
  await closed(errand);
  const { state, assignee, submission } = await taskOf(task);
  expect(state).toBe("accepted");
  expect([assignee, submission?.reviewer].sort()).toEqual(["ana", "dev"]);
});

describe("a paused node", () => {
  test("takes no turn until it is resumed, and the roster and the status say so", async () => {
    const dev = await mesh.add("dev", "developer", playing(working));
    await rob.call("PauseNode", { node: "dev", reason: "It talks too much." });
    const { task } = await rob.call("OpenTask", { ...order, assignee: "dev" });
    await until("it has the wake-up", async () => {
      const { deliveries } = await rob.call("ReportMission", { mission: (await taskOf(task)).conversation });
      return deliveries.received > 0;
    });
    expect((await rob.call("GetStatus")).paused).toEqual(["dev"]);
    expect((await rob.call("ListRoster")).actors.find((a) => a.actor === "dev")).toMatchObject({
      paused: true,
      pauseReason: "It talks too much.",
      online: true,
    });
    expect(await mesh.owner("select 1 from federation.turns where actor = 'dev'")).toEqual([]);
    expect((await dev.store.work()).conversations).toEqual([]);
    await rob.call("ResumeNode", { node: "dev" });
    await until("it works", async () => (await taskOf(task)).state === "submitted");
  });

  test("is the commander's to pause", async () => {
    const dev = await mesh.add("dev", "developer");
    expect((await errorOf(dev.call("PauseNode", { node: "rob", reason: "Rest." }))).code).toBe("forbidden");
    expect((await errorOf(rob.call("PauseNode", { node: "nobody", reason: "Rest." }))).code).toBe("not_found");
  });
});

test("what is overdue names whom it waits for, and is gone when the node that could move it is back", async () => {
  const dev = await mesh.add("dev", "developer");
  const { task } = await rob.call("OpenTask", { ...order, assignee: "dev" });
  await dev.call("ClaimTask", { task });
  expect((await rob.call("GetOverdue", { graceMs: 0 })).items).toEqual([]);
  await Promise.all([dev.stop(), rob.stop()]);
  await mesh.owner("update federation.tasks set lease_until = clock_timestamp() - interval '1 minute' where id = $1", [
    task,
  ]);
  rob = await mesh.restart("rob");
  const seen = await mesh.owner<{ kind: string; owner: string }>("select kind, owner from federation.overdue");
  expect([[], [{ kind: "claim", owner: "dev" }]]).toContainEqual(seen);
  await until("nothing is overdue", async () => (await rob.call("GetOverdue", { graceMs: 0 })).items.length === 0);
  expect((await taskOf(task)).holder).toBeNull();
});
