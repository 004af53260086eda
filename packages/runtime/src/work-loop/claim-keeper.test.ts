import { MeshError, type Operation } from "@federation/core";
import { expect, test } from "vitest";
import { createCounters } from "../metrics/counters.ts";
import { createVirtualClock } from "../timing/clock-fixture.ts";
import { silentLog } from "../timing/log-fixture.ts";
import { createStop } from "../timing/stop.ts";
import { startClaimKeeper } from "./claim-keeper.ts";

function rig(refuse?: () => MeshError | undefined) {
  const clock = createVirtualClock();
  const stop = createStop();
  const counters = createCounters();
  const renewed: { readonly atMs: number; readonly operation: Operation | undefined }[] = [];
  const keeper = startClaimKeeper({
    store: {
      apply: async ({ operations }) => {
        renewed.push({ atMs: clock.nowMs(), operation: operations[0] });
        const error = refuse?.();
        if (error !== undefined) throw error;
        return { replayed: false, results: [{}] };
      },
    },
    leaseMs: () => 30_000,
    clock,
    random: { uuid: () => "", fraction: () => 0.5 },
    log: silentLog,
    counters,
    signal: stop.signal,
  });
  return { clock, stop, counters, renewed, keeper };
}

test("a claim is renewed three times per lease, under its fence, for as long as it is held", async () => {
  const r = rig();
  r.keeper.holds([{ task: "t", fence: 4 }]);
  await r.clock.advance(30_000);
  expect(r.renewed.map((x) => x.atMs)).toEqual([10_000, 20_000, 30_000]);
  expect(r.renewed[0]?.operation).toEqual({ op: "renew_claim", task: "t", fence: 4 });
  r.keeper.holds([]);
  await r.clock.advance(60_000);
  expect(r.renewed.length).toBeLessThanOrEqual(4);
});

test("without a claim nothing is asked", async () => {
  const r = rig();
  await r.clock.advance(600_000);
  expect(r.renewed).toEqual([]);
});

test("a claim under an old fence is dropped at the first refusal", async () => {
  const r = rig(() => new MeshError("fenced", "Another holds it."));
  r.keeper.holds([{ task: "t", fence: 4 }]);
  await r.clock.advance(120_000);
  expect(r.renewed).toHaveLength(1);
  expect(r.counters.stale_fence_rejects).toBe(1);
});

test("a database that is away is asked again", async () => {
  const r = rig(() => new MeshError("unavailable", "Away."));
  r.keeper.holds([{ task: "t", fence: 4 }]);
  await r.clock.advance(30_000);
  expect(r.renewed).toHaveLength(3);
});

test("a process that stood still longer than a lease drops its claims before it writes", async () => {
  const clock = createVirtualClock();
  const stop = createStop();
  const counters = createCounters();
  let standstillMs = 0;
  let calls = 0;
  const keeper = startClaimKeeper({
    store: {
      apply: async () => {
        calls++;
        return { replayed: false, results: [{}] };
      },
    },
    leaseMs: () => 30_000,
    clock: { ...clock, nowMs: () => clock.nowMs() + standstillMs },
    random: { uuid: () => "", fraction: () => 0.5 },
    log: silentLog,
    counters,
    signal: stop.signal,
  });
  keeper.holds([{ task: "t", fence: 4 }]);
  await clock.advance(5_000);
  standstillMs = 40_000;
  await clock.advance(60_000);
  expect(calls).toBe(0);
  expect(counters.lease_lost).toBe(1);
});

test("it ends when it is told to", async () => {
  const r = rig();
  r.keeper.holds([{ task: "t", fence: 4 }]);
  await r.clock.advance(1_000);
  r.stop.stop();
  await r.keeper.ended;
});
