import { MeshError } from "@federation/core";
import { expect, test } from "vitest";
import { createCounters } from "../metrics/counters.ts";
import { createVirtualClock } from "../timing/clock-fixture.ts";
import { silentLog } from "../timing/log-fixture.ts";
import { createStop } from "../timing/stop.ts";
import { startPresence } from "./presence.ts";

function rig(answer: () => "renewed" | "fenced") {
  const clock = createVirtualClock();
  const stop = createStop();
  const counters = createCounters();
  const atMs: number[] = [];
  const fenced: MeshError[] = [];
  const keeper = startPresence({
    store: {
      renewPresence: async () => {
        atMs.push(clock.nowMs());
        return answer();
      },
    },
    model: () => "m",
    broker: () => "connected",
    onFenced: (error) => fenced.push(error),
    clock,
    random: { uuid: () => "", fraction: () => 0.5 },
    log: silentLog,
    counters,
    signal: stop.signal,
  });
  return { clock, stop, counters, atMs, fenced, keeper };
}

test("a node says at once that it is there, and then three times per lease", async () => {
  const r = rig(() => "renewed");
  await r.clock.advance(15_000);
  expect(r.atMs).toEqual([0, 5_000, 10_000, 15_000]);
});

test("a fenced node says so once and stops saying that it is there", async () => {
  for (const answer of [
    () => "fenced" as const,
    () => {
      throw new MeshError("fenced", "Another daemon has taken over.");
    },
  ]) {
    const r = rig(answer);
    await r.keeper.ended;
    await r.clock.advance(60_000);
    expect(r.fenced.map((e) => e.code)).toEqual(["fenced"]);
    expect(r.atMs).toHaveLength(1);
  }
});

test("a database that is away is counted and asked again", async () => {
  const r = rig(() => {
    throw new MeshError("unavailable", "Away.");
  });
  await r.clock.advance(10_000);
  expect(r.counters.presence_missed).toBe(3);
  expect(r.fenced).toEqual([]);
});

test("it ends when it is told to", async () => {
  const r = rig(() => "renewed");
  await r.clock.advance(1_000);
  r.stop.stop();
  await r.keeper.ended;
});
