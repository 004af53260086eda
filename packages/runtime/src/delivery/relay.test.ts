import { decodeWakeUp, MeshError } from "@federation/core";
import { describe, expect, test } from "vitest";
import { createCounters } from "../metrics/counters.ts";
import { createDurations } from "../metrics/durations.ts";
import type { BrokerStatus, OutboxRow, OutgoingFrame, PublishOutcome } from "../ports/index.ts";
import { createVirtualClock } from "../timing/clock-fixture.ts";
import { silentLog } from "../timing/log-fixture.ts";
import { createStop } from "../timing/stop.ts";
import { startRelay } from "./relay.ts";

const conversation = "00000000-0000-4000-8000-0000000000aa";
const row = (n: number, queue: string | null = "dev"): OutboxRow => ({
  id: String(n),
  message: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  conversation,
  seq: n,
  queue,
});

function rig(given: {
  readonly leases: readonly OutboxRow[][];
  readonly answer?: (frames: readonly OutgoingFrame[]) => PublishOutcome;
  readonly complete?: () => void;
}) {
  const clock = createVirtualClock();
  const stop = createStop();
  const counters = createCounters();
  const leases = [...given.leases];
  const sent: (readonly OutgoingFrame[])[] = [];
  const completed: string[] = [];
  const leasedAtMs: number[] = [];
  let status: BrokerStatus = { state: "connected", epoch: 1, url: "", server: "" };
  let watcher: (status: BrokerStatus) => void = () => {};
  let notify = (): void => {};
  const relay = startRelay({
    store: {
      leaseOutbox: async () => {
        leasedAtMs.push(clock.nowMs());
        return leases.shift() ?? [];
      },
      completeOutbox: async (ids) => {
        given.complete?.();
        completed.push(...ids);
      },
      onOutbox: async (listener) => {
        notify = listener;
      },
    },
    link: {
      publish: async (frames) => {
        sent.push(frames);
        return given.answer?.(frames) ?? { outcome: "receipted" };
      },
      status: () => status,
      watch: (listener) => {
        watcher = listener;
        return () => {};
      },
    },
    destinationOf: (queue) => (queue === null ? "topic" : `queue.${queue}`),
    clock,
    random: { uuid: () => "", fraction: () => 0 },
    log: silentLog,
    counters,
    receiptTimes: createDurations(),
    signal: stop.signal,
  });
  return {
    clock,
    stop,
    counters,
    sent,
    completed,
    leasedAtMs,
    relay,
    notify: () => notify(),
    setStatus(next: BrokerStatus) {
      status = next;
      watcher(next);
    },
    feed: (rows: OutboxRow[]) => leases.push(rows),
  };
}

const unconfirmed: PublishOutcome = { outcome: "unconfirmed", reason: "timeout", detail: "" };

test("a row becomes a frame for its queue that names the message and nothing else, and is deleted on receipt", async () => {
  const r = rig({ leases: [[row(1), row(2, null)]] });
  await r.clock.advance(0);
  expect(r.sent.flat().map((f) => f.destination)).toEqual(["queue.dev", "topic"]);
  expect(decodeWakeUp(r.sent[0]?.[0]?.body ?? "")).toEqual({ v: 1, id: row(1).message, conv: conversation, seq: 1 });
  expect(r.completed).toEqual(["1", "2"]);
  expect(r.counters.published).toBe(2);
});

test("at most 64 frames are one transaction", async () => {
  const r = rig({ leases: [Array.from({ length: 150 }, (_, i) => row(i + 1))] });
  await r.clock.advance(0);
  expect(r.sent.map((frames) => frames.length)).toEqual([64, 64, 22]);
  expect(r.completed).toHaveLength(150);
});

test("only what was receipted is deleted", async () => {
  const r = rig({
    leases: [Array.from({ length: 128 }, (_, i) => row(i + 1))],
    answer: (frames) => (frames.some((f) => f.body.includes('"seq":1}')) ? unconfirmed : { outcome: "receipted" }),
  });
  await r.clock.advance(0);
  expect(r.completed).toEqual(Array.from({ length: 64 }, (_, i) => String(i + 65)));
  expect(r.counters.publish_unconfirmed).toBe(1);
});

test("a row that the broker refuses holds up no other, and is no reason to pause", async () => {
  const r = rig({
    leases: [Array.from({ length: 64 }, (_, i) => row(i + 1, i === 20 ? "stranger" : "dev"))],
    answer: (frames) =>
      frames.some((f) => f.destination === "queue.stranger")
        ? { outcome: "unconfirmed", reason: "refused", detail: "no such account" }
        : { outcome: "receipted" },
  });
  await r.clock.advance(0);
  expect(r.completed).toHaveLength(63);
  expect(r.completed).not.toContain("21");
  expect(r.counters.publish_unconfirmed).toBe(1);
  expect(r.counters.publish_circuit_opened).toBe(0);
});

test("what was receipted is not published again when its deletion fails at first", async () => {
  let failures = 2;
  const r = rig({
    leases: [[row(1)], [row(2)]],
    complete: () => {
      if (failures-- > 0) throw new MeshError("unavailable", "The database is away.");
    },
  });
  await r.clock.advance(10_000);
  r.notify();
  await r.clock.advance(0);
  expect(r.completed).toEqual(["1", "2"]);
  expect(r.sent).toHaveLength(2);
});

test("while a deletion fails nothing more is leased", async () => {
  const r = rig({
    leases: [[row(1)], [row(2)]],
    complete: () => {
      throw new MeshError("unavailable", "The database is away.");
    },
  });
  await r.clock.advance(60_000);
  expect(r.leasedAtMs).toHaveLength(1);
});

test("without a broker nothing is leased, and its return is enough to begin", async () => {
  const r = rig({ leases: [] });
  r.setStatus({ state: "connecting", attempt: 1, lastError: undefined });
  await r.clock.advance(100);
  const before = r.leasedAtMs.length;
  r.feed([row(1)]);
  r.notify();
  await r.clock.advance(20_000);
  expect(r.leasedAtMs).toHaveLength(before);
  r.setStatus({ state: "connected", epoch: 2, url: "", server: "" });
  await r.clock.advance(0);
  expect(r.completed).toEqual(["1"]);
});

test("after three unconfirmed transactions in a row publishing pauses, at most 5 s, and goes on by itself", async () => {
  let away = true;
  const r = rig({
    leases: [[row(1)], [row(2)], [row(3)]],
    answer: () => (away ? unconfirmed : { outcome: "receipted" }),
  });
  await r.clock.advance(0);
  for (let i = 0; i < 2; i++) {
    r.notify();
    await r.clock.advance(0);
  }
  expect(r.counters.publish_circuit_opened).toBe(1);
  const tries = r.sent.length;
  r.notify();
  await r.clock.advance(100);
  expect(r.sent).toHaveLength(tries);
  for (let i = 0; i < 50; i++) r.feed([row(4)]);
  await r.clock.advance(60_000);
  // Pauses of 0.5, 1, 2, 4, 5, 5 … seconds.
  expect(r.sent.length - tries).toBeLessThan(20);
  expect(r.sent.length - tries).toBeGreaterThan(10);
  away = false;
  await r.clock.advance(5_000);
  expect(r.completed.length).toBeGreaterThan(0);
});

describe("how often the relay looks for rows", () => {
  test("with nothing to do it looks twice a minute: the standing poll of the work loop tells it of rows", async () => {
    const r = rig({ leases: [] });
    await r.clock.advance(60_000);
    expect(r.leasedAtMs.length).toBeLessThanOrEqual(3);
  });

  test("once rows were found that no notification told of, it looks four times a second for a while", async () => {
    const r = rig({ leases: [] });
    await r.clock.advance(1_000);
    r.feed([row(1)]);
    r.relay.rowsSeen();
    await r.clock.advance(0);
    const before = r.leasedAtMs.length;
    await r.clock.advance(4_000);
    expect(r.leasedAtMs.length - before).toBe(16);
    r.notify();
    await r.clock.advance(0);
    const listening = r.leasedAtMs.length;
    await r.clock.advance(4_000);
    expect(r.leasedAtMs.length - listening).toBe(0);
  });

  test("while something is unconfirmed it looks once a second, because a lease will run out", async () => {
    const r = rig({ leases: [[row(1)]], answer: () => unconfirmed });
    await r.clock.advance(0);
    const before = r.leasedAtMs.length;
    await r.clock.advance(5_000);
    expect(r.leasedAtMs.length - before).toBe(5);
  });
});

test("it ends when it is told to, after what was in flight is answered", async () => {
  const r = rig({ leases: [[row(1)]] });
  await r.clock.advance(0);
  r.stop.stop();
  await r.relay.ended;
  expect(r.completed).toEqual(["1"]);
});
