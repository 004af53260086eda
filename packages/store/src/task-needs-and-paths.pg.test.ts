import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { historyOf, openErrand, openTask } from "./testing/errand-driver.ts";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, first, LEAD } from "./testing/federation-fixture.ts";
import { claim, evidence, refused, result, startTaskWorld, type TaskWorld } from "./testing/task-world.ts";

/** When a task may be claimed because of tasks elsewhere: those it needs, and those that hold its paths. */
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

describe("what a task needs", () => {
  test("is accepted before it is claimed, and then its assignee owes it", async () => {
    const before = await openErrand(federation, { title: "Dig" });
    const after = await openErrand(federation, { needs: [before.task], assignee: ANALYST });
    expect(await after.view()).toMatchObject({ obligations: [{ actor: ANALYST }], tasks: [{ needs: [before.task] }] });
    expect(await after.move()).toEqual([]);
    await expect(federation.apply(ANALYST, claim(after.task))).rejects.toMatchObject({
      ...refused("claim-before-code"),
      message: expect.stringContaining('waits for the task "Dig"'),
    });
    const waiting = async () => {
      const work = await federation.store(ANALYST).work();
      return {
        movable: work.movable.includes(after.id),
        duty: work.conversations.some((c) => c.conversation === after.id && c.duty),
      };
    };
    expect(await waiting()).toEqual({ movable: false, duty: false });
    await before.act(DEVELOPER, { kind: "claim", task: before.task });
    await before.act(DEVELOPER, { kind: "submit", task: before.task, evidence }, result);
    await before.move();
    await before.act(ANALYST, { kind: "accept", task: before.task }, { text: "Good." });
    expect(await waiting()).toEqual({ movable: false, duty: true });
    await after.act(ANALYST, { kind: "claim", task: after.task });
  });

  test("is there before it, and is not itself", async () => {
    const task = randomUUID();
    await expect(federation.apply(LEAD, { ...openTask({ needs: [task] }), task })).rejects.toMatchObject(
      refused("claim-before-code"),
    );
    await expect(openErrand(federation, { needs: [randomUUID()] })).rejects.toMatchObject({ code: "not_found" });
  });

  test("that is never accepted ends what waits for it, with the reason", async () => {
    const before = await openErrand(federation);
    const after = await openErrand(federation, { needs: [before.task], assignee: ANALYST });
    await federation.owner("update federation.tasks set state = 'rejected' where id = $1", [before.task]);
    expect(await world.reconcile()).toContain(after.id);
    expect(await after.move()).toEqual(["closed"]);
    expect(await after.view()).toMatchObject({ outcome: "not_done", tasks: [{ state: "cancelled" }] });
    expect((await historyOf(federation, after.task)).at(-1)).toBe(
      "federation assigned cancelled a task that it needs was not accepted",
    );
    await expect(openErrand(federation, { needs: [after.task] })).rejects.toMatchObject({ code: "not_found" });
  });

  test("is waited for however long, and only then the time to claim begins", async () => {
    await world.law({ "explicit-assignment": { claimWithinMs: 100 } });
    const before = await openErrand(federation, { assignee: COMMANDER });
    const after = await openErrand(federation, { needs: [before.task], assignee: ANALYST });
    await federation.owner("update federation.tasks set assigned_at = assigned_at - interval '1 hour' where id = $1", [
      after.task,
    ]);
    await federation.owner(
      "update federation.missions set phase_entered_at = phase_entered_at - interval '1 hour' where conversation = $1",
      [after.id],
    );
    await world.reconcile();
    expect((await after.view()).tasks[0]).toMatchObject({ state: "assigned", assignee: ANALYST });
  });
});

describe("paths", () => {
  test("are of a closed language and no more than the charter allows", async () => {
    for (const scope of [["../x"], ["/etc"], ["a//b"], ["a/"], ["a/[b]"], ["a**"], [""], ["!x"], ["a\\b"]])
      await expect(openErrand(federation, { scope }), scope[0]).rejects.toMatchObject({ code: "invalid_input" });
    await world.law({ "claim-before-code": { maxScopePatterns: 2 } });
    await openErrand(federation, { scope: ["a", "b"] });
    await expect(openErrand(federation, { scope: ["a", "b", "c"] })).rejects.toMatchObject(
      refused("claim-before-code"),
    );
  });

  test("of two live claims never overlap; a submitted result frees them", async () => {
    const one = await openErrand(federation, { scope: ["src/a/**"] });
    const two = await openErrand(federation, { scope: ["src/*/main.ts"], assignee: ANALYST });
    const three = await openErrand(federation, { scope: ["docs/**"], assignee: LEAD });
    await one.act(DEVELOPER, { kind: "claim", task: one.task });
    await three.act(LEAD, { kind: "claim", task: three.task });
    await expect(federation.apply(ANALYST, claim(two.task))).rejects.toMatchObject({
      ...refused("claim-before-code"),
      message: expect.stringContaining(`${DEVELOPER} holds`),
    });
    await one.act(DEVELOPER, { kind: "submit", task: one.task, evidence }, result);
    await one.move();
    expect(first(await federation.apply(ANALYST, claim(two.task)))).toMatchObject({ claimed: true });
    // Sent back while another has its paths, it is not held: its author claims it when they are free.
    await one.act(ANALYST, { kind: "reject", task: one.task }, { text: "Half of it." });
    expect(await one.move()).toEqual(["implement"]);
    expect((await one.view()).tasks[0]).toMatchObject({ state: "assigned", holder: null, reworks: 1 });
    await expect(federation.apply(DEVELOPER, claim(one.task))).rejects.toMatchObject(refused("claim-before-code"));
    await two.act(ANALYST, { kind: "hand_back", task: two.task }, { text: "Later." });
    await two.move();
    expect(first(await federation.apply(DEVELOPER, claim(one.task)))).toMatchObject({ claimed: true });
  });

  test("that overlap are claimed by one of many at once", async () => {
    for (let round = 0; round < 5; round++) {
      const errands = await Promise.all(
        [DEVELOPER, ANALYST, LEAD, COMMANDER].flatMap((assignee) =>
          [`r${round}/**`, `r${round}/*/x.ts`, `r${round}/a/x.ts`].map((pattern) =>
            openErrand(federation, { assignee, scope: [pattern, `mine/${randomUUID()}`] }),
          ),
        ),
      );
      const actors = [DEVELOPER, ANALYST, LEAD, COMMANDER];
      const clients = await Promise.all(errands.map((_, i) => federation.raw(actors[Math.floor(i / 3)] ?? LEAD)));
      const node = await federation.owner<{ actor: string; generation: string; epoch: string }>(
        "select actor, generation, impl_epoch as epoch from federation.nodes",
      );
      const answers = await Promise.allSettled(
        clients.map((client, i) => {
          const me = node.find((n) => n.actor === actors[Math.floor(i / 3)]);
          const context = {
            generation: Number(me?.generation),
            epoch: Number(me?.epoch),
            callId: randomUUID(),
            command: "Race",
          };
          return client.query("select federation.apply($1, $2)", [
            JSON.stringify(context),
            JSON.stringify([claim(errands[i]?.task ?? "")]),
          ]);
        }),
      );
      expect(answers.filter((a) => a.status === "fulfilled")).toHaveLength(1);
      for (const answer of answers)
        if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "FD004" });
      await Promise.all(clients.map((client) => client.end()));
    }
  });
});
