import type { Operation } from "@federation/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { historyOf, openErrand } from "./testing/errand-driver.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, first, LEAD } from "./testing/federation-fixture.ts";
import { startMission, toImplement } from "./testing/mission-driver.ts";
import { claim, evidence, refused, result, startTaskWorld, type TaskWorld } from "./testing/task-world.ts";

/** How long a task waits for whom, and how it changes hands. */
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

describe("time", () => {
  test("a task past its due time has expired, and its holder's writes are fenced", async () => {
    const errand = await openErrand(federation, { dueInMs: 60_000 });
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    const [row] = await federation.owner<{ ms: number }>(
      "select extract(epoch from due_at - clock_timestamp())::float8 * 1000 as ms from federation.tasks where id = $1",
      [errand.task],
    );
    expect(row?.ms).toBeGreaterThan(50_000);
    expect(row?.ms).toBeLessThanOrEqual(60_000);
    await federation.owner("update federation.tasks set due_at = clock_timestamp() where id = $1", [errand.task]);
    expect(await world.reconcile()).toContain(errand.id);
    expect((await errand.view()).tasks[0]).toMatchObject({ state: "expired", holder: null, fence: 2 });
    for (const fence of [1, 2])
      await expect(federation.apply(DEVELOPER, { op: "renew_claim", task: errand.task, fence })).rejects.toMatchObject({
        code: "fenced",
      });
    expect((await historyOf(federation, errand.task)).at(-1)).toMatch(
      new RegExp(`^federation claimed expired it was due at .*Z and was not submitted by ${DEVELOPER}$`),
    );
    // It is assigned anew, with a new time, as often as a task may change hands.
    expect(await errand.move()).toEqual(["assign"]);
    await errand.act(LEAD, { kind: "assign", task: errand.task, assignee: ANALYST }, { text: "Quickly now." });
    expect(await errand.move()).toEqual(["implement"]);
    await errand.act(ANALYST, { kind: "claim", task: errand.task });
    expect((await errand.view()).tasks[0]?.overdue).toBe(false);
    await federation.owner("update federation.tasks set due_at = clock_timestamp() where id = $1", [errand.task]);
    await world.reconcile();
    expect(await errand.move()).toEqual(["closed"]);
    expect(await errand.view()).toMatchObject({ outcome: "not_done" });
  });

  test("without a due time it has the time that the charter gives a task, from its first claim", async () => {
    await world.law({ budgets: { wallMsPerTask: 3_600_000 } });
    const errand = await openErrand(federation);
    expect((await errand.view()).tasks[0]?.dueAt).toBeNull();
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    const dueAt = (await errand.view()).tasks[0]?.dueAt;
    await world.expireLease(errand.task);
    await world.reconcile();
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    expect((await errand.view()).tasks[0]).toMatchObject({ fence: 2, dueAt });
    expect(new Date(dueAt ?? 0).getTime() - Date.now()).toBeGreaterThan(3_500_000);
  });

  test("what is assigned and not claimed in time is released, with the reason", async () => {
    await world.law({ "explicit-assignment": { claimWithinMs: 100 } });
    const errand = await openErrand(federation);
    await world.goAway(DEVELOPER);
    await expect.poll(async () => await world.reconcile(), { timeout: 5_000 }).toContain(errand.id);
    await world.comeBack(DEVELOPER);
    expect(await errand.view()).toMatchObject({
      tasks: [{ state: "released" }],
      obligations: [{ actor: DEVELOPER, state: "cancelled" }],
    });
    expect((await historyOf(federation, errand.task)).at(-1)).toBe(
      `federation assigned released ${DEVELOPER} did not claim it in time, and is offline`,
    );
    await expect(federation.apply(DEVELOPER, claim(errand.task))).rejects.toMatchObject(refused("claim-before-code"));
    expect(await errand.move()).toEqual(["assign"]);
  });

  test("a person has as long for it as their claim would last, and their claim has no timer", async () => {
    await world.law({
      "explicit-assignment": { claimWithinMs: 100 },
      "leases-and-hand-back": { humanLeaseMs: 3_600_000 },
    });
    const errand = await openErrand(federation, { assignee: COMMANDER });
    await federation.owner(
      "update federation.tasks set assigned_at = assigned_at - interval '1 minute' where id = $1",
      [errand.task],
    );
    await world.reconcile();
    await errand.act(COMMANDER, { kind: "claim", task: errand.task });
    const [row] = await federation.owner<{ ms: number }>(
      "select extract(epoch from lease_until - clock_timestamp())::float8 * 1000 as ms from federation.tasks where id = $1",
      [errand.task],
    );
    expect(row?.ms).toBeGreaterThan(3_500_000);
    expect((await federation.store(COMMANDER).work()).claims).toEqual([]);
    // Nor has that of an external actor, whose client comes and goes.
    await federation.addNode("guest", "developer", "external");
    const guests = await openErrand(federation, { assignee: "guest" });
    await federation.apply("guest", claim(guests.task));
    const [lease] = await federation.owner<{ long: boolean }>(
      "select lease_until > clock_timestamp() + interval '50 minutes' as long from federation.tasks where id = $1",
      [guests.task],
    );
    expect(lease?.long).toBe(true);
    const other = await openErrand(federation);
    await other.act(DEVELOPER, { kind: "claim", task: other.task });
    expect((await federation.store(DEVELOPER).work()).claims).toContainEqual({
      task: other.task,
      conversation: other.id,
      fence: 1,
      leaseMs: 60_000,
      leftMs: expect.any(Number),
    });
  });

  test("what the dead held is released at the end of its lease, what the living lost is theirs to claim again", async () => {
    const errand = await openErrand(federation);
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await world.expireLease(errand.task);
    await world.reconcile();
    expect((await errand.view()).tasks[0]).toMatchObject({ state: "assigned", assignee: DEVELOPER });
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await world.expireLease(errand.task);
    await world.goAway(DEVELOPER);
    await world.reconcile();
    await world.comeBack(DEVELOPER);
    expect(await errand.view()).toMatchObject({
      tasks: [{ state: "released" }],
      obligations: [{ state: "cancelled" }],
    });
    expect((await historyOf(federation, errand.task)).slice(-2)).toEqual([
      `${DEVELOPER} assigned claimed claimed by its assignee`,
      `federation claimed released the lease of ${DEVELOPER} ran out, who is offline`,
    ]);
    expect(await errand.move()).toEqual(["assign"]);
  });
});

describe("taking over", () => {
  const takeOver = (task: string): Operation => ({ op: "take_over_task", task, reason: "I will do it." });

  test("is for humans, of a task that somebody has, while it is worked on", async () => {
    const errand = await openErrand(federation);
    for (const actor of [LEAD, ANALYST])
      await expect(federation.apply(actor, takeOver(errand.task))).rejects.toMatchObject(
        refused("explicit-assignment"),
      );
    await errand.act(COMMANDER, { kind: "take_over", task: errand.task }, { text: "I will do it." });
    await expect(federation.apply(COMMANDER, takeOver(errand.task))).rejects.toMatchObject(
      refused("explicit-assignment"),
    );
    await errand.act(COMMANDER, { kind: "submit", task: errand.task, evidence }, result);
    await errand.move();
    await expect(federation.apply(COMMANDER, takeOver(errand.task))).rejects.toMatchObject(
      refused("propose-before-implement"),
    );
  });

  test("fences the holder; given back, it is claimed under a new fence", async () => {
    const mission = await startMission(federation);
    const task = await toImplement(mission);
    await mission.act(DEVELOPER, { kind: "claim", task });
    const taken = first(await federation.apply(COMMANDER, takeOver(task)));
    expect(taken).toEqual({ claimed: true, holder: COMMANDER, fence: 2 });
    await expect(federation.apply(DEVELOPER, { op: "renew_claim", task, fence: 1 })).rejects.toMatchObject({
      code: "fenced",
    });
    expect(await mission.view()).toMatchObject({
      tasks: [{ holder: COMMANDER, assignee: COMMANDER, takenFrom: DEVELOPER, fence: 2 }],
      obligations: [
        { actor: DEVELOPER, state: "cancelled" },
        { actor: COMMANDER, duty: "implement", state: "open" },
      ],
    });
    expect(await mission.move()).toEqual([]);
    await mission.act(COMMANDER, { kind: "give_back", task }, { text: "Go on, please." });
    expect(await mission.view()).toMatchObject({
      tasks: [{ state: "assigned", holder: null, assignee: DEVELOPER, takenFrom: null, fence: 3 }],
      obligations: [
        { actor: DEVELOPER, state: "open", turnsUsed: 0 },
        { actor: COMMANDER, state: "cancelled" },
      ],
    });
    await expect(federation.apply(COMMANDER, { op: "renew_claim", task, fence: 2 })).rejects.toMatchObject({
      code: "fenced",
    });
    await mission.act(DEVELOPER, { kind: "claim", task });
    await mission.act(COMMANDER, { kind: "take_over", task }, { text: "Once more." });
    expect((await mission.view()).obligations).toMatchObject([
      { actor: DEVELOPER, state: "cancelled" },
      { actor: COMMANDER, state: "open" },
    ]);
    await mission.act(COMMANDER, { kind: "submit", task }, { text: "Mine now." });
    expect(await mission.move()).toEqual(["review"]);
    await mission.act(ANALYST, { kind: "accept", task }, { text: "Good." });
    expect(await mission.move()).toEqual(["synthesise"]);
  });

  test("the phase waits for the person as long as their claim lasts; then the task goes back by itself", async () => {
    await world.law({ "leases-and-hand-back": { humanLeaseMs: 7_200_000 } });
    const errand = await openErrand(federation, { dueInMs: 30 * 60_000 });
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await errand.act(COMMANDER, { kind: "take_over", task: errand.task }, { text: "I will do it." });
    const deadline = new Date((await errand.view()).phaseDeadline ?? 0).getTime();
    expect(deadline - Date.now()).toBeGreaterThan(7_000_000);
    await world.expireLease(errand.task);
    await world.reconcile();
    expect(await errand.view()).toMatchObject({
      tasks: [{ state: "assigned", assignee: DEVELOPER, takenFrom: null, fence: 3 }],
      obligations: [
        { actor: DEVELOPER, state: "open" },
        { actor: COMMANDER, state: "cancelled" },
      ],
    });
    expect(new Date((await errand.view()).phaseDeadline ?? 0).getTime()).toBeLessThan(deadline);
    expect((await historyOf(federation, errand.task)).at(-1)).toBe(
      `federation claimed assigned the lease of ${COMMANDER} ran out; it goes back to ${DEVELOPER}`,
    );
  });
});
