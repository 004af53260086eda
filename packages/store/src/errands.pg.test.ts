import { randomUUID } from "node:crypto";
import type { CharterParameters, Operation } from "@federation/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { overrideCharter } from "./adopt-charter.ts";
import { historyOf, openErrand, openTask } from "./testing/errand-driver.ts";
import {
  ANALYST,
  COMMANDER,
  DEVELOPER,
  type Federation,
  first,
  LEAD,
  startFederation,
} from "./testing/federation-fixture.ts";
import { startMission, toImplement } from "./testing/mission-driver.ts";

let federation: Federation;
let shipped: CharterParameters;
beforeAll(async () => {
  federation = await startFederation();
  shipped = (await federation.store(LEAD).me()).parameters;
});
afterEach(async () => {
  await law({});
  expect(await federation.overdue()).toEqual([]);
});
afterAll(() => federation.drop());

/** Puts other parameters in force, laid over the shipped ones by article. */
async function law(over: { readonly [A in keyof CharterParameters]?: Partial<CharterParameters[A]> }): Promise<void> {
  const articles = Object.entries(over).map(([id, change]) => [
    id,
    { ...shipped[id as keyof CharterParameters], ...change },
  ]);
  await overrideCharter(federation.adminUrl, { ...shipped, ...Object.fromEntries(articles) }, "test");
}

const claim = (task: string): Operation => ({ op: "claim_task", task });
const refused = (article: string) => ({ code: "refused", details: { article } });
const result = { text: "Done.", files: [{ path: "a.md", content: "x" }] };
const evidence = ["file:a.md"];
const expireLease = (task: string) =>
  federation.owner("update federation.tasks set lease_until = clock_timestamp() - interval '1 ms' where id = $1", [
    task,
  ]);
const goAway = (actor: string) =>
  federation.owner("update federation.presence set lease_until = clock_timestamp() where actor = $1", [actor]);
const comeBack = (actor: string) =>
  federation.owner("update federation.presence set lease_until = 'infinity' where actor = $1", [actor]);
const reconcile = () => federation.store(ANALYST).reconcile();

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
  expect(await federation.store(COMMANDER).report(errand.id)).toMatchObject({
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
    await law({ "explicit-assignment": { pool: true } });
    const errand = await openErrand(federation, pooled);
    await law({});
    await expect(federation.apply(DEVELOPER, claim(errand.task))).rejects.toMatchObject(refused("explicit-assignment"));
  });

  test("of all who claim at once one wins and owes the result; the others learn who", async () => {
    await law({ "explicit-assignment": { pool: true } });
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
    await law({ "explicit-assignment": { pool: true } });
    const errand = await openErrand(federation, pooled);
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await expireLease(errand.task);
    expect(await reconcile()).toContain(errand.id);
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
    expect(await reconcile()).toContain(after.id);
    expect(await after.move()).toEqual(["closed"]);
    expect(await after.view()).toMatchObject({ outcome: "not_done", tasks: [{ state: "cancelled" }] });
    expect((await historyOf(federation, after.task)).at(-1)).toBe(
      "federation assigned cancelled a task that it needs was not accepted",
    );
    await expect(openErrand(federation, { needs: [after.task] })).rejects.toMatchObject({ code: "not_found" });
  });

  test("is waited for however long, and only then the time to claim begins", async () => {
    await law({ "explicit-assignment": { claimWithinMs: 100 } });
    const before = await openErrand(federation, { assignee: COMMANDER });
    const after = await openErrand(federation, { needs: [before.task], assignee: ANALYST });
    await federation.owner("update federation.tasks set assigned_at = assigned_at - interval '1 hour' where id = $1", [
      after.task,
    ]);
    await federation.owner(
      "update federation.missions set phase_entered_at = phase_entered_at - interval '1 hour' where conversation = $1",
      [after.id],
    );
    await reconcile();
    expect((await after.view()).tasks[0]).toMatchObject({ state: "assigned", assignee: ANALYST });
  });
});

describe("paths", () => {
  test("are of a closed language and no more than the charter allows", async () => {
    for (const scope of [["../x"], ["/etc"], ["a//b"], ["a/"], ["a/[b]"], ["a**"], [""], ["!x"], ["a\\b"]])
      await expect(openErrand(federation, { scope }), scope[0]).rejects.toMatchObject({ code: "invalid_input" });
    await law({ "claim-before-code": { maxScopePatterns: 2 } });
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
    expect(await reconcile()).toContain(errand.id);
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
    await reconcile();
    expect(await errand.move()).toEqual(["closed"]);
    expect(await errand.view()).toMatchObject({ outcome: "not_done" });
  });

  test("without a due time it has the time that the charter gives a task, from its first claim", async () => {
    await law({ budgets: { wallMsPerTask: 3_600_000 } });
    const errand = await openErrand(federation);
    expect((await errand.view()).tasks[0]?.dueAt).toBeNull();
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    const dueAt = (await errand.view()).tasks[0]?.dueAt;
    await expireLease(errand.task);
    await reconcile();
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    expect((await errand.view()).tasks[0]).toMatchObject({ fence: 2, dueAt });
    expect(new Date(dueAt ?? 0).getTime() - Date.now()).toBeGreaterThan(3_500_000);
  });

  test("what is assigned and not claimed in time is released, with the reason", async () => {
    await law({ "explicit-assignment": { claimWithinMs: 100 } });
    const errand = await openErrand(federation);
    await goAway(DEVELOPER);
    await expect.poll(async () => await reconcile(), { timeout: 5_000 }).toContain(errand.id);
    await comeBack(DEVELOPER);
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
    await law({ "explicit-assignment": { claimWithinMs: 100 }, "leases-and-hand-back": { humanLeaseMs: 3_600_000 } });
    const errand = await openErrand(federation, { assignee: COMMANDER });
    await federation.owner(
      "update federation.tasks set assigned_at = assigned_at - interval '1 minute' where id = $1",
      [errand.task],
    );
    await reconcile();
    await errand.act(COMMANDER, { kind: "claim", task: errand.task });
    const [row] = await federation.owner<{ ms: number }>(
      "select extract(epoch from lease_until - clock_timestamp())::float8 * 1000 as ms from federation.tasks where id = $1",
      [errand.task],
    );
    expect(row?.ms).toBeGreaterThan(3_500_000);
    expect((await federation.store(COMMANDER).work()).claims).toEqual([]);
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
    await expireLease(errand.task);
    await reconcile();
    expect((await errand.view()).tasks[0]).toMatchObject({ state: "assigned", assignee: DEVELOPER });
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await expireLease(errand.task);
    await goAway(DEVELOPER);
    await reconcile();
    await comeBack(DEVELOPER);
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
    await law({ "leases-and-hand-back": { humanLeaseMs: 7_200_000 } });
    const errand = await openErrand(federation, { dueInMs: 30 * 60_000 });
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await errand.act(COMMANDER, { kind: "take_over", task: errand.task }, { text: "I will do it." });
    const deadline = new Date((await errand.view()).phaseDeadline ?? 0).getTime();
    expect(deadline - Date.now()).toBeGreaterThan(7_000_000);
    await expireLease(errand.task);
    await reconcile();
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

describe("evidence", () => {
  test("is named, enough of it, and exists, as long as the article is in force", async () => {
    const errand = await openErrand(federation);
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    const submit = (named: readonly string[]) =>
      federation.apply(DEVELOPER, {
        op: "submit_task",
        id: randomUUID(),
        task: errand.task,
        fence: 1,
        summary: "Done.",
        evidence: named,
        files: [{ path: "a.md", content: "x" }],
      });
    const strangers = ["proposal", "message", "episode"].map((kind) => `${kind}:${randomUUID()}`);
    for (const named of [[], ...strangers.map((e) => [e]), ["file:b.md"], ["file:a.md", "file:b.md"]])
      await expect(submit(named), named.join()).rejects.toMatchObject(refused("truthful-completion"));
    for (const named of [["tests passed"], ["file:a b"], ["commit:zz"], ["proposal:1"]])
      await expect(submit(named), named.join()).rejects.toMatchObject({ code: "invalid_input" });
    await law({ "truthful-completion": { minEvidence: 2 } });
    await expect(submit(["file:a.md", "file:a.md"])).rejects.toMatchObject(refused("truthful-completion"));
    const [message] = await federation.store(DEVELOPER).tail(errand.id, 1);
    await errand.act(DEVELOPER, { kind: "remember" }, { text: "The queue had nine." });
    const [episode] = await federation.owner<{ id: string }>(
      "select id from federation.episodes where conversation = $1",
      [errand.id],
    );
    const named = ["file:a.md", `message:${message?.id}`, `episode:${episode?.id}`, `commit:${"a".repeat(40)}`];
    await submit(named);
    expect((await errand.view()).tasks[0]?.submission?.evidence).toEqual([...named].sort());
  });

  test("of another conversation is none, but the proposal a task comes from is", async () => {
    const mission = await startMission(federation);
    await toImplement(mission);
    const proposal = (await mission.view()).proposals[0]?.id ?? "";
    const message = (await federation.store(LEAD).tail(mission.id, 1))[0]?.id;
    const errand = await openErrand(federation, { proposal });
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    const submit = (evidenceOf: string): Operation => ({
      op: "submit_task",
      id: randomUUID(),
      task: errand.task,
      fence: 1,
      summary: "Done.",
      evidence: [evidenceOf],
      files: [],
    });
    await expect(federation.apply(DEVELOPER, submit(`message:${message}`))).rejects.toMatchObject(
      refused("truthful-completion"),
    );
    await federation.apply(DEVELOPER, submit(`proposal:${proposal}`));
  });

  test("is not asked for when the article was voted off", async () => {
    const errand = await openErrand(federation);
    await errand.act(DEVELOPER, { kind: "claim", task: errand.task });
    await federation.owner(
      "update federation.charter_versions set off = '{truthful-completion}' where version = (select max(version) from federation.charter_versions)",
    );
    await errand.act(DEVELOPER, { kind: "submit", task: errand.task, evidence: [] }, { text: "Done." });
    expect((await errand.view()).tasks[0]?.state).toBe("submitted");
  });
});

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
