import { MeshError } from "@federation/core";
import { expect, test } from "vitest";
import { createVirtualClock } from "../timing/clock-fixture.ts";
import { silentLog } from "../timing/log-fixture.ts";
import { createStop } from "../timing/stop.ts";
import { startReconciler } from "./reconciler.ts";

function rig(touched: () => readonly string[] = () => []) {
  const clock = createVirtualClock();
  const stop = createStop();
  const atMs: number[] = [];
  const moved: string[] = [];
  const reconciler = startReconciler({
    store: {
      reconcile: async () => {
        atMs.push(clock.nowMs());
        return touched();
      },
    },
    move: async (conversation) => void moved.push(conversation),
    clock,
    random: { uuid: () => "", fraction: () => 0.5 },
    log: silentLog,
    signal: stop.signal,
  });
  return { clock, stop, atMs, moved, reconciler };
}

test("missions that were touched are moved, each once", async () => {
  const r = rig(() => ["a", "b", "a"]);
  await r.clock.advance(2_000);
  expect(r.moved).toEqual(["a", "b"]);
});

test("it looks every 2 s while there is work here, every 5 s otherwise, and at once when work comes", async () => {
  const r = rig();
  await r.clock.advance(40_000);
  const quick = r.atMs.filter((t) => t <= 30_000).length;
  expect(quick).toBe(15);
  await r.clock.advance(60_000);
  const resting = r.atMs.filter((t) => t > 40_000).length;
  expect(resting).toBe(12);
  const before = r.atMs.length;
  r.reconciler.stir();
  await r.clock.advance(10_000);
  expect(r.atMs.length - before).toBe(6);
});

test("a database that is away is asked again", async () => {
  const r = rig(() => {
    throw new MeshError("unavailable", "Away.");
  });
  await r.clock.advance(10_000);
  expect(r.atMs).toHaveLength(5);
});

test("it ends when it is told to", async () => {
  const r = rig();
  await r.clock.advance(1_000);
  r.stop.stop();
  await r.reconciler.ended;
});
