import { MeshError, type Operation } from "@federation/core";
import { expect, test } from "vitest";
import { createCounters } from "../metrics/counters.ts";
import { createVirtualClock } from "../timing/clock-fixture.ts";
import { silentLog } from "../timing/log-fixture.ts";
import { createStop } from "../timing/stop.ts";
import { type Claim, startClaimKeeper } from "./claim-keeper.ts";

function rig(answer: () => Promise<void> | MeshError | undefined = () => undefined) {
  const clock = createVirtualClock();
  const stop = createStop();
  const counters = createCounters();
  const renewed: { readonly atMs: number; readonly operation: Operation | undefined }[] = [];
  const lost: { readonly atMs: number; readonly claim: Claim }[] = [];
  let standstillMs = 0;
  const nowMs = (): number => clock.nowMs() + standstillMs;
  const keeper = startClaimKeeper({
    store: {
      apply: async ({ operations }) => {
        renewed.push({ atMs: nowMs(), operation: operations[0] });
        const end = answer();
        if (end instanceof MeshError) throw end;
        await end;
        return { replayed: false, results: [{}] };
      },
    },
    onLost: (claim) => lost.push({ atMs: nowMs(), claim }),
    clock: { ...clock, nowMs },
    random: { uuid: () => "", fraction: () => 0.5 },
    log: silentLog,
    counters,
    signal: stop.signal,
  });
  const claim = (leftMs = 30_000): Claim => ({ task: "t", conversation: "c", fence: 4, leaseMs: 30_000, leftMs });
  return {
    clock,
    stop,
    counters,
    renewed,
    lost,
    keeper,
    claim,
    standStill: (ms: number) => {
      standstillMs += ms;
    },
  };
}

test("a claim is renewed three times per lease, under its fence, for as long as it is held", async () => {
  const r = rig();
  r.keeper.holds([r.claim()], 0);
  await r.clock.advance(30_000);
  expect(r.renewed.map((x) => x.atMs)).toEqual([10_000, 20_000, 30_000]);
  expect(r.renewed[0]?.operation).toEqual({ op: "renew_claim", task: "t", fence: 4 });
  r.keeper.holds([], 30_000);
  await r.clock.advance(60_000);
  expect(r.renewed).toHaveLength(3);
  expect(r.lost).toEqual([]);
});

test("a claim of which little was left when it was found is renewed at once", async () => {
  const r = rig();
  r.keeper.holds([r.claim(4_000)], 0);
  await r.clock.advance(0);
  expect(r.renewed.map((x) => x.atMs)).toEqual([0]);
});

test("without a claim nothing is asked", async () => {
  const r = rig();
  await r.clock.advance(600_000);
  expect(r.renewed).toEqual([]);
});

test("a claim under an old fence is dropped at the first refusal, and what works under it is stopped", async () => {
  const r = rig(() => new MeshError("fenced", "Another holds it."));
  r.keeper.holds([r.claim()], 0);
  await r.clock.advance(120_000);
  expect(r.renewed).toHaveLength(1);
  expect(r.counters.stale_fence_rejects).toBe(1);
  expect(r.lost).toEqual([{ atMs: 10_000, claim: r.claim() }]);
});

test("a database that is away is asked again, until the lease is over: then the claim is dropped", async () => {
  const r = rig(() => new MeshError("unavailable", "Away."));
  r.keeper.holds([r.claim()], 0);
  await r.clock.advance(120_000);
  expect(r.renewed.map((x) => x.atMs)).toEqual([10_000, 15_000, 20_000, 25_000]);
  expect(r.lost.map((x) => x.atMs)).toEqual([30_000]);
  expect(r.counters.lease_lost).toBe(1);
});

test("a renewal that hangs does not hide that the lease is over", async () => {
  const r = rig(() => new Promise(() => undefined));
  r.keeper.holds([r.claim()], 0);
  await r.clock.advance(120_000);
  expect(r.renewed).toHaveLength(1);
  expect(r.lost.map((x) => x.atMs)).toEqual([30_000]);
});

test("a renewal counts from when it was asked for, not from when it was answered", async () => {
  const r = rig(() => r.clock.sleep(8_000));
  r.keeper.holds([r.claim()], 0);
  await r.clock.advance(18_000);
  // Asked for at 10 s and answered at 18 s: it lasts until 40 s. The next two are never answered.
  r.standStill(21_999);
  await r.clock.advance(0);
  expect(r.lost).toEqual([]);
  r.standStill(1);
  await r.clock.advance(10_000);
  expect(r.lost).toHaveLength(1);
});

test("a process that stood still longer than a lease drops its claims before it writes", async () => {
  const r = rig();
  r.keeper.holds([r.claim()], 0);
  await r.clock.advance(5_000);
  r.standStill(40_000);
  await r.clock.advance(60_000);
  expect(r.renewed).toEqual([]);
  expect(r.lost).toHaveLength(1);
  expect(r.counters.lease_lost).toBe(1);
});

test("a claim that the database still tells of is kept anew after it was dropped", async () => {
  const r = rig();
  r.keeper.holds([r.claim()], 0);
  r.standStill(40_000);
  await r.clock.advance(10_000);
  expect(r.lost).toHaveLength(1);
  r.keeper.holds([r.claim(20_000)], 50_000);
  await r.clock.advance(0);
  expect(r.renewed).toHaveLength(1);
});

test("it ends when it is told to", async () => {
  const r = rig();
  r.keeper.holds([r.claim()], 0);
  await r.clock.advance(1_000);
  r.stop.stop();
  await r.keeper.ended;
});
