import type { Operation } from "@federation/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openErrand } from "./testing/errand-driver.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, first, LEAD } from "./testing/federation-fixture.ts";
import { startTaskWorld, type TaskWorld } from "./testing/task-world.ts";

/** Which turns wait for an agent: none while its node is paused, and the most urgent task first. */
let world: TaskWorld;
let federation: Federation;
beforeAll(async () => {
  world = await startTaskWorld();
  federation = world.federation;
});
afterEach(async () => {
  await world.law({});
  expect(await federation.overdue()).toEqual([]);
});
afterAll(() => federation.drop());

describe("a node", () => {
  const pause = (node: string): Operation => ({ op: "pause_node", node, reason: "It talks too much." });
  const resume = (node: string): Operation => ({ op: "resume_node", node });

  test("is paused and resumed by the commander alone", async () => {
    for (const actor of [LEAD, DEVELOPER])
      for (const operation of [pause(ANALYST), resume(ANALYST)])
        await expect(federation.apply(actor, operation)).rejects.toMatchObject({ code: "forbidden" });
    await expect(federation.apply(COMMANDER, pause("nobody"))).rejects.toMatchObject({ code: "not_found" });
  });

  test("that is paused takes no turn and is shown as paused; its claims and deliveries go on", async () => {
    const errand = await openErrand(federation);
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await federation.apply(COMMANDER, pause(DEVELOPER), pause(DEVELOPER));
    const store = federation.store(DEVELOPER);
    expect(await store.work()).toMatchObject({
      conversations: [],
      claims: expect.arrayContaining([expect.anything()]),
    });
    await expect(store.beginTurn(errand.id)).rejects.toMatchObject({ code: "conflict" });
    const { actors } = await store.query("ListRoster", {}, DEVELOPER);
    expect(actors.filter((a) => a.paused)).toMatchObject([{ actor: DEVELOPER, pauseReason: "It talks too much." }]);
    expect((await store.counts()).paused).toEqual([DEVELOPER]);
    await store.markReceived("all_due", "poll");
    expect(first(await federation.apply(DEVELOPER, { op: "renew_claim", task: errand.task, fence: 1 }))).toEqual({
      fence: 1,
    });
    await federation.apply(COMMANDER, resume(DEVELOPER));
    expect((await store.work()).conversations.some((c) => c.conversation === errand.id && c.duty)).toBe(true);
    await store.beginTurn(errand.id);
    expect((await store.counts()).paused).toEqual([]);
    const turn = await store.beginTurn(errand.id);
    await federation.apply(DEVELOPER, {
      op: "finish_turn",
      turn: turn.turn,
      deliveries: [],
      read: true,
      obligation: null,
      model: null,
      tokensIn: 0,
      tokensOut: 0,
      failure: null,
    });
  });
});

test("of an agent's duties that of the most urgent task comes first, and so do open tasks in a list", async () => {
  const node = await federation.addNode("busy", "developer");
  const errands = [];
  for (const priority of [0, 9, -3, 4])
    errands.push(await openErrand(federation, { assignee: "busy", priority, title: `Task ${priority}` }));
  const { conversations } = await node.work();
  expect(conversations.filter((c) => c.duty).map((c) => c.priority)).toEqual([9, 4, 0, -3]);
  const { tasks } = await node.query("ListTasks", { assignee: "busy", open: true, pool: false, limit: 50 }, "busy");
  expect(tasks.map((t) => t.title)).toEqual(["Task 9", "Task 4", "Task 0", "Task -3"]);
});
