import { randomUUID } from "node:crypto";
import type { Operation } from "@federation/core";
import type { Store } from "@federation/runtime/ports";
import { afterAll, beforeAll, expect, test } from "vitest";
import { overrideCharter } from "./adopt-charter.ts";
import { ANALYST, DEVELOPER, type Federation, first, LEAD, startFederation } from "./testing/federation-fixture.ts";
import { type MissionDriver, startMission, toImplement } from "./testing/mission-driver.ts";

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.drop());

const claim = (task: string): Operation => ({ op: "claim_task", task });
const renew = (task: string, fence: number): Operation => ({ op: "renew_claim", task, fence });
const handBack = (task: string, fence: number): Operation => ({
  op: "hand_back_task",
  task,
  fence,
  reason: "Too hard.",
});
const submit = (task: string, fence: number): Operation => ({
  op: "submit_task",
  id: randomUUID(),
  task,
  fence,
  summary: "Done.",
  evidence: ["file:done.md"],
  files: [{ path: "done.md", content: "Done." }],
});

async function assigned(): Promise<{ readonly mission: MissionDriver; readonly task: string }> {
  const mission = await startMission(federation);
  return { mission, task: await toImplement(mission) };
}

/** Lets the lease of a claim run out. */
const expire = (task: string) =>
  federation.owner("update federation.tasks set lease_until = clock_timestamp() - interval '1 ms' where id = $1", [
    task,
  ]);

/** Puts another length of leases in force. */
async function leasesOf(leaseMs: number): Promise<void> {
  const { parameters } = await federation.store(LEAD).me();
  const leases = { ...parameters["leases-and-hand-back"], leaseMs };
  await overrideCharter(federation.adminUrl, { ...parameters, "leases-and-hand-back": leases }, "test");
}

const apply = (store: Store, operation: Operation) =>
  store.apply({ callId: randomUUID(), command: "Test", operations: [operation] });

test("of fifty claims at once over several connections one wins, and the others learn who", async () => {
  const { task } = await assigned();
  const [node] = await federation.owner<{ instance: string }>(
    "select instance from federation.nodes where actor = $1",
    [DEVELOPER],
  );
  const store = federation.connect(DEVELOPER, { maxConnections: 12 });
  await store.open({ instance: node?.instance ?? "", takeOver: false, version: "0.1.0" });
  const claims = await Promise.all(Array.from({ length: 50 }, async () => first(await apply(store, claim(task)))));
  expect(claims.filter((c) => c.claimed)).toEqual([{ claimed: true, holder: DEVELOPER, fence: 1 }]);
  expect(claims.filter((c) => !c.claimed)).toEqual(
    Array.from({ length: 49 }, () => ({ claimed: false, holder: DEVELOPER, fence: 1 })),
  );
  await federation.store(DEVELOPER).open({ instance: node?.instance ?? "", takeOver: false, version: "0.1.0" });
});

test("only the assignee claims, and only in its phase", async () => {
  const { mission, task } = await assigned();
  for (const actor of [LEAD, ANALYST])
    await expect(federation.apply(actor, claim(task))).rejects.toMatchObject({
      code: "refused",
      details: { article: "explicit-assignment" },
    });
  expect((await mission.view()).tasks[0]).toMatchObject({ state: "assigned", holder: null, fence: 0 });
  await federation.owner("update federation.missions set phase = 'review' where conversation = $1", [mission.id]);
  await expect(federation.apply(DEVELOPER, claim(task))).rejects.toMatchObject({
    code: "refused",
    details: { article: "propose-before-implement" },
  });
});

test("writes under another fence, and another's under the right one, are fenced", async () => {
  const { mission, task } = await assigned();
  await federation.apply(DEVELOPER, claim(task));
  for (const write of [renew, submit, handBack])
    for (const [actor, fence] of [
      [DEVELOPER, 0],
      [DEVELOPER, 2],
      [LEAD, 1],
    ] as const)
      await expect(federation.apply(actor, write(task, fence)), `${write(task, fence).op}`).rejects.toMatchObject({
        code: "fenced",
        details: { holder: DEVELOPER, fence: 1 },
      });
  expect((await mission.view()).tasks[0]).toMatchObject({ state: "claimed", fence: 1, submission: null });
});

test("a renewal moves the end of the lease, by what the charter in force says", async () => {
  const { task } = await assigned();
  const leftMs = async (): Promise<number> => {
    const [row] = await federation.owner<{ ms: number }>(
      "select extract(epoch from lease_until - clock_timestamp())::float8 * 1000 as ms from federation.tasks where id = $1",
      [task],
    );
    return row?.ms ?? 0;
  };
  await federation.apply(DEVELOPER, claim(task));
  expect(await leftMs()).toBeLessThanOrEqual(60_000);
  await leasesOf(600_000);
  expect(first(await federation.apply(DEVELOPER, renew(task, 1)))).toEqual({ fence: 1 });
  expect(await leftMs()).toBeGreaterThan(500_000);
  await leasesOf(60_000);
});

test("a claim that is not renewed is over on the database's clock, and its holder's writes are fenced", async () => {
  const { task } = await assigned();
  await leasesOf(100);
  await federation.apply(DEVELOPER, claim(task));
  await leasesOf(60_000);
  await expect
    .poll(
      () =>
        federation.owner("select 1 from federation.tasks where id = $1 and lease_until > clock_timestamp()", [task]),
      { timeout: 5_000 },
    )
    .toEqual([]);
  for (const write of [renew, submit, handBack])
    await expect(federation.apply(DEVELOPER, write(task, 1))).rejects.toMatchObject({ code: "fenced" });
});

test("a claim whose lease ran out is released by any node, and claimed again under a higher fence", async () => {
  const { mission, task } = await assigned();
  await federation.apply(DEVELOPER, claim(task));
  // While it lasts nobody releases it.
  expect(await federation.store(ANALYST).reconcile()).not.toContain(mission.id);
  await expire(task);
  expect(await federation.store(ANALYST).reconcile()).toContain(mission.id);
  expect((await mission.view()).tasks[0]).toMatchObject({ state: "assigned", holder: null, fence: 1 });
  expect(first(await federation.apply(DEVELOPER, claim(task)))).toEqual({ claimed: true, holder: DEVELOPER, fence: 2 });
  for (const write of [renew, submit, handBack])
    await expect(federation.apply(DEVELOPER, write(task, 1))).rejects.toMatchObject({ code: "fenced" });
  expect(first(await federation.apply(DEVELOPER, submit(task, 2)))).toMatchObject({ id: expect.any(String) });
});

test("a claim whose lease ran out can be claimed again before anybody released it", async () => {
  const { task } = await assigned();
  await federation.apply(DEVELOPER, claim(task));
  await expire(task);
  expect(first(await federation.apply(DEVELOPER, claim(task)))).toEqual({ claimed: true, holder: DEVELOPER, fence: 2 });
});

test("a result that is sent back goes on under a new fence, and waits for its author if the lease runs out meanwhile", async () => {
  const { mission, task } = await assigned();
  await mission.act(DEVELOPER, { kind: "claim", task });
  await mission.act(DEVELOPER, { kind: "submit", task }, { text: "Done." });
  await mission.move();
  await mission.act(ANALYST, { kind: "reject", task }, { text: "There is no bound." });
  await expire(task);
  await federation.store(LEAD).reconcile();
  expect(await mission.move()).toEqual(["implement"]);
  await expect(federation.apply(DEVELOPER, submit(task, 1))).rejects.toMatchObject({ code: "fenced" });
  const view = await mission.view();
  expect(view.tasks[0]).toMatchObject({ assignee: DEVELOPER, fence: 2, reworks: 1 });
  expect(first(await federation.apply(DEVELOPER, claim(task)))).toMatchObject({ claimed: true, fence: 3 });
  await mission.act(DEVELOPER, { kind: "submit", task }, { text: "Now with a bound." });
  expect(await mission.move()).toEqual(["review"]);
});

test("a task's history tells every move, who made it and under which fence", async () => {
  const { mission, task } = await assigned();
  await mission.act(DEVELOPER, { kind: "claim", task });
  await mission.act(DEVELOPER, { kind: "hand_back", task }, { text: "It is beyond me." });
  expect(await mission.move()).toEqual(["assign"]);
  await mission.act(LEAD, { kind: "assign", task, assignee: ANALYST }, { text: "Then you." });
  await mission.move();
  const history = await federation.owner<{ line: string }>(
    "select concat_ws(' ', actor, from_state, to_state, fence) as line from federation.task_history where task = $1 order by id",
    [task],
  );
  expect(history.map((row) => row.line)).toEqual([
    "federation approved 0",
    `${LEAD} approved assigned 0`,
    `${DEVELOPER} assigned claimed 1`,
    `${DEVELOPER} claimed released 1`,
    `${LEAD} released assigned 1`,
  ]);
  expect((await mission.view()).tasks[0]).toMatchObject({
    assignee: ANALYST,
    instructions: "Then you.",
    reassignments: 1,
  });
});

test("nobody reviews their own result, and nobody from whom no review is due", async () => {
  const { mission, task } = await assigned();
  await mission.act(DEVELOPER, { kind: "claim", task });
  await mission.act(DEVELOPER, { kind: "submit", task }, { text: "Done." });
  await mission.move();
  const submission = (await mission.view()).tasks[0]?.submission?.id ?? "";
  const accept = (id: string): Operation => ({
    op: "review_task",
    task,
    submission: id,
    accept: true,
    reason: "Good.",
  });
  for (const actor of [DEVELOPER, LEAD])
    await expect(federation.apply(actor, accept(submission))).rejects.toMatchObject({
      code: "refused",
      details: { article: "review-by-another" },
    });
  await expect(federation.apply(ANALYST, accept(randomUUID()))).rejects.toMatchObject({ code: "conflict" });
  await federation.apply(ANALYST, accept(submission));
  await expect(federation.apply(ANALYST, accept(submission))).rejects.toMatchObject({ code: "conflict" });
});
