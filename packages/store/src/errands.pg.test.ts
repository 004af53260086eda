import { randomUUID } from "node:crypto";
import type { Operation } from "@federation/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { historyOf, openErrand, openTask } from "./testing/errand-driver.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, first, LEAD } from "./testing/federation-fixture.ts";
import { startMission, toImplement } from "./testing/mission-driver.ts";
import { claim, evidence, refused, result, startTaskWorld, type TaskWorld } from "./testing/task-world.ts";

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

test("an errand goes from its opening to an accepted result without a proposal", async () => {
  const errand = await openErrand(federation);
  expect(await errand.view()).toMatchObject({
    kind: "errand",
    phase: "implement",
    createdBy: COMMANDER,
    obligations: [{ actor: DEVELOPER, duty: "implement", subject: errand.task, state: "open" }],
    tasks: [{ id: errand.task, state: "assigned", assignee: DEVELOPER, proposal: null, kind: "chore", pool: false }],
  });
  await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
  await errand.act(DEVELOPER, { kind: "submit", task: errand.task, evidence }, result);
  expect(await errand.move()).toEqual(["review"]);
  await errand.act(ANALYST, { kind: "accept", task: errand.task }, { text: "Good." });
  expect(await errand.move()).toEqual(["closed"]);
  expect(await errand.view()).toMatchObject({ outcome: "accepted", tasks: [{ state: "accepted" }] });
  expect(await federation.store(COMMANDER).query("ReportMission", { mission: errand.id }, COMMANDER)).toMatchObject({
    outcome: "accepted",
    files: [{ path: "a.md" }],
  });
});

test("the same id is the same errand, and another's id is taken", async () => {
  const operation = openTask();
  const made = first(await federation.apply(LEAD, operation));
  expect(made).toEqual({ id: operation.id, task: operation.task });
  expect(first(await federation.apply(LEAD, { ...operation, task: randomUUID() }))).toEqual(made);
  await expect(federation.apply(COMMANDER, operation)).rejects.toMatchObject({ code: "conflict" });
});

describe("who opens what for whom", () => {
  test("only the lead and humans open tasks, whatever the gate says", async () => {
    for (const actor of [DEVELOPER, ANALYST])
      await expect(federation.apply(actor, openTask())).rejects.toMatchObject(refused("explicit-assignment"));
    for (const actor of [LEAD, COMMANDER]) await federation.apply(actor, openTask());
  });

  test("a kind that needs a proposal is opened for an accepted one only", async () => {
    await expect(openErrand(federation, { taskKind: "feature" })).rejects.toMatchObject(
      refused("propose-before-implement"),
    );
    const mission = await startMission(federation);
    await mission.act(LEAD, { kind: "propose" }, { title: "Back off", text: "With jitter." });
    const proposal = (await mission.view()).proposals[0]?.id ?? "";
    for (const taskKind of ["feature", "chore"] as const)
      await expect(openErrand(federation, { taskKind, proposal })).rejects.toMatchObject(
        refused("propose-before-implement"),
      );
    await federation.owner("update federation.proposals set state = 'accepted' where id = $1", [proposal]);
    const errand = await openErrand(federation, { taskKind: "feature", proposal });
    expect((await errand.view()).tasks[0]).toMatchObject({ proposal, kind: "feature" });
    await federation.owner("update federation.proposals set kind = 'amendment', change = '{}' where id = $1", [
      proposal,
    ]);
    await expect(openErrand(federation, { taskKind: "feature", proposal })).rejects.toMatchObject(
      refused("propose-before-implement"),
    );
    await federation.owner(
      "update federation.proposals set kind = 'plan', change = null, state = 'open' where id = $1",
      [proposal],
    );
  });

  test("a veto of the proposal stops the errand that was opened for it", async () => {
    const mission = await startMission(federation);
    await toImplement(mission);
    const proposal = (await mission.view()).proposals[0]?.id ?? "";
    const errand = await openErrand(federation, { taskKind: "feature", proposal });
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await mission.act(COMMANDER, { kind: "veto", proposal }, { text: "Not this." });
    expect(await errand.move()).toEqual(["closed"]);
    expect(await errand.view()).toMatchObject({ outcome: "not_done", tasks: [{ state: "cancelled" }] });
    expect(await mission.move()).toEqual(["closed"]);
  });

  test("an observer and somebody who is not there are given nothing", async () => {
    await expect(openErrand(federation, { assignee: "nobody" })).rejects.toMatchObject({ code: "not_found" });
    await expect(openErrand(federation, { assignee: "federation" })).rejects.toMatchObject({ code: "not_found" });
    await federation.addNode("watcher", "observer");
    await expect(openErrand(federation, { assignee: "watcher" })).rejects.toMatchObject(refused("explicit-assignment"));
    expect((await (await openErrand(federation)).view()).members.map((m) => m.actor)).not.toContain("watcher");
  });

  test("duties that carry rights go to nobody else, whoever makes the move", async () => {
    const errand = await openErrand(federation);
    const duties = (actor: string, duty: "assign" | "implement" | "review"): Operation => ({
      op: "open_duties",
      conversation: errand.id,
      phaseNo: 1,
      duties: [{ actor, duty, subject: errand.task }],
    });
    for (const duty of ["assign", "implement", "review"] as const)
      await expect(federation.apply(ANALYST, duties(ANALYST, duty)), duty).rejects.toMatchObject({ code: "conflict" });
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await errand.act(DEVELOPER, { kind: "hand_back", task: errand.task }, { text: "Beyond me." });
    await expect(
      federation.apply(DEVELOPER, {
        op: "enter_phase",
        conversation: errand.id,
        fromPhaseNo: 1,
        phase: "assign",
        round: 1,
        reason: "mine",
        outcome: null,
        duties: [{ actor: DEVELOPER, duty: "assign", subject: errand.task }],
      }),
    ).rejects.toMatchObject({ code: "conflict" });
    expect(await errand.move()).toEqual(["assign"]);
    expect((await errand.view()).obligations).toMatchObject([{ actor: LEAD, duty: "assign" }]);
    await errand.act(LEAD, { kind: "assign", task: errand.task, assignee: ANALYST }, { text: "Then you." });
    expect(await errand.move()).toEqual(["implement"]);
    expect((await errand.view()).tasks[0]).toMatchObject({ assignee: ANALYST, reassignments: 1 });
  });
});

describe("the pool", () => {
  const pooled = { assignee: null, scope: [] };

  test("is not there unless the charter allows it", async () => {
    await expect(openErrand(federation, pooled)).rejects.toMatchObject(refused("explicit-assignment"));
    await world.law({ "explicit-assignment": { pool: true } });
    const errand = await openErrand(federation, pooled);
    await world.law({});
    await expect(federation.apply(DEVELOPER, claim(errand.task))).rejects.toMatchObject(refused("explicit-assignment"));
  });

  test("of all who claim at once one wins and owes the result; the others learn who", async () => {
    await world.law({ "explicit-assignment": { pool: true } });
    const errand = await openErrand(federation, pooled);
    expect(await errand.view()).toMatchObject({
      obligations: [],
      tasks: [{ state: "approved", pool: true, assignee: null }],
    });
    const members = [LEAD, DEVELOPER, ANALYST, COMMANDER];
    const answers = await Promise.all(
      members.map(async (actor) => first(await federation.apply(actor, claim(errand.task)))),
    );
    const [winner] = answers.filter((a) => a.claimed);
    expect(answers.filter((a) => a.claimed)).toHaveLength(1);
    expect(answers.filter((a) => !a.claimed)).toEqual(
      Array.from({ length: 3 }, () => ({ claimed: false, holder: winner?.holder, fence: 1 })),
    );
    const view = await errand.view();
    expect(view.tasks[0]).toMatchObject({ state: "claimed", assignee: winner?.holder, fence: 1 });
    expect(view.obligations).toMatchObject([{ actor: winner?.holder, duty: "implement", state: "open" }]);
    expect(await errand.move()).toEqual([]);
  });

  test("takes a task back whose holder let it go, and gives it to the next", async () => {
    await world.law({ "explicit-assignment": { pool: true } });
    const errand = await openErrand(federation, pooled);
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await world.expireLease(errand.task);
    expect(await world.reconcile()).toContain(errand.id);
    expect(await errand.move()).toEqual([]);
    expect((await errand.view()).tasks[0]).toMatchObject({ state: "released", assignee: null, holder: null });
    await errand.act(ANALYST, { kind: "claim", task: errand.task });
    await errand.act(ANALYST, { kind: "hand_back", task: errand.task }, { text: "Not mine." });
    expect(await errand.move()).toEqual([]);
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    expect((await errand.view()).tasks[0]).toMatchObject({ assignee: DEVELOPER, fence: 3 });
    await errand.act(DEVELOPER, { kind: "submit", task: errand.task, evidence }, result);
    expect(await errand.move()).toEqual(["review"]);
    expect((await historyOf(federation, errand.task))[2]).toBe(
      `federation claimed released the lease of ${DEVELOPER} ran out`,
    );
  });
});
