import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { printRecoveries, record } from "./testing/recovery-table.ts";
import { analysing, hanging, leading, playing, working } from "./testing/scripted-node.ts";
import { CLAIM_WITHIN_MS, LEASE_MS, type StuckMesh, startStuckMesh } from "./testing/stuck-mesh.ts";

/**
 * The ways in which work is known to get stuck, each on real nodes with scripted models: what it waits for, and how
 * long after that it goes on. Every mesh is asked at its end what is overdue.
 */
// Deadlines are waited for, one after the other; a busy machine needs more than the usual.
vi.setConfig({ testTimeout: 120_000 });

let w: StuckMesh;
beforeEach(async () => {
  w = await startStuckMesh();
});
afterEach(() => w.mesh.drop());
afterAll(printRecoveries);

test("the owner died mid-task: at the end of the lease the task is released, and another does it", async () => {
  await w.agent("lea", "lead", leading("ana"));
  await w.agent("ana", "analyst", analysing);
  const dev = await w.agent("dev", "developer", hanging);
  const { task, errand } = await w.openTask("dev");
  await w.reaches(task, "claimed");
  await w.die(dev);
  const leaseEndMs = await w.momentOf("select lease_until from federation.tasks where id = $1", task);
  expect(await w.outcomeOf(errand)).toBe("accepted");
  const history = await w.historyOf(task);
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
  expect((await w.stateOf(task)).assignee).toBe("ana");
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
  await w.agent("ana", "analyst", analysing);
  const dev = await w.agent("dev", "developer", hanging);
  const { task, errand } = await w.openTask("dev");
  await w.reaches(task, "claimed");
  await dev.stop();
  const stoppedMs = performance.now();
  await w.mesh.restart("dev", playing(working));
  await w.reaches(task, "submitted");
  const movedAfterMs = performance.now() - stoppedMs;
  expect(await w.outcomeOf(errand)).toBe("accepted");
  expect((await w.historyOf(task)).map((step) => step.to)).toEqual(["assigned", "claimed", "submitted", "accepted"]);
  expect((await w.stateOf(task)).fence).toBe(1);
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
  await w.agent("lea", "lead", leading("ana"));
  await w.agent("ana", "analyst", analysing);
  await w.die(await w.agent("dev", "developer", working));
  const { task, errand } = await w.openTask("dev");
  const claimByMs =
    (await w.momentOf("select assigned_at from federation.tasks where id = $1", task)) + CLAIM_WITHIN_MS;
  expect(await w.outcomeOf(errand)).toBe("accepted");
  const released = (await w.historyOf(task)).find((step) => step.to === "released");
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
