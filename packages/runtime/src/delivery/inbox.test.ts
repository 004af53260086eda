import { encodeWakeUp, MeshError } from "@federation/core";
import { describe, expect, test } from "vitest";
import { createCounters } from "../metrics/counters.ts";
import type { IncomingFrame } from "../ports/index.ts";
import { createVirtualClock } from "../timing/clock-fixture.ts";
import { silentLog } from "../timing/log-fixture.ts";
import { createStop } from "../timing/stop.ts";
import { startInbox } from "./inbox.ts";

const conv = "00000000-0000-4000-8000-0000000000aa";
const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** A database in which the messages 1 to 99 are due to me. */
function rig(markReceived?: () => void) {
  const clock = createVirtualClock();
  const stop = createStop();
  const counters = createCounters();
  const due = new Set(Array.from({ length: 99 }, (_, i) => idOf(i + 1)));
  const calls: (readonly [readonly string[] | "all_due", string])[] = [];
  const conversations: string[] = [];
  const acknowledged: string[] = [];
  const listeners = new Map<string, (frame: IncomingFrame) => void>();
  const closed: string[] = [];
  const inbox = startInbox({
    store: {
      markReceived: async (messages, via) => {
        calls.push([messages, via]);
        markReceived?.();
        return (messages === "all_due" ? [...due] : messages)
          .filter((id) => due.delete(id))
          .map((message) => ({ message, conversation: conv }));
      },
    },
    link: {
      subscribe: (destination, onFrame) => {
        listeners.set(destination, onFrame);
        return { close: () => closed.push(destination) };
      },
    },
    queue: "mine",
    broadcast: "all",
    onConversation: (conversation, what) => conversations.push(`${what} ${conversation}`),
    clock,
    random: { uuid: () => "", fraction: () => 0 },
    log: silentLog,
    counters,
    signal: stop.signal,
  });
  return {
    clock,
    stop,
    counters,
    calls,
    conversations,
    acknowledged,
    closed,
    inbox,
    /** The next sweep finds these and no others. */
    setDue: (ids: readonly string[]) => {
      due.clear();
      for (const id of ids) due.add(id);
    },
    frame(body: string, destination = "mine", live = true) {
      listeners.get(destination)?.({
        destination,
        body,
        redelivered: false,
        assertedSender: undefined,
        acknowledge: () => {
          acknowledged.push(body);
          return live;
        },
      });
    },
  };
}
const body = (n: number): string => encodeWakeUp({ id: idOf(n), conv, seq: n });

test("frames that come together are marked in one go, and acknowledged after the commit", async () => {
  const r = rig();
  for (let n = 1; n <= 5; n++) r.frame(body(n));
  await r.clock.advance(9);
  expect(r.acknowledged).toEqual([]);
  await r.clock.advance(1);
  expect(r.calls).toEqual([[[1, 2, 3, 4, 5].map(idOf), "frame"]]);
  expect(r.acknowledged).toHaveLength(5);
  expect(r.counters.delivered).toBe(5);
  expect(r.conversations).toEqual([`message ${conv}`]);
});

test("no batch is longer than 32, and a full one does not wait", async () => {
  const r = rig();
  for (let n = 1; n <= 70; n++) r.frame(body(n));
  await r.clock.advance(0);
  expect(r.calls.map(([ids]) => ids.length)).toEqual([32, 32]);
  await r.clock.advance(10);
  expect(r.calls.map(([ids]) => ids.length)).toEqual([32, 32, 6]);
});

test("nothing is acknowledged before its commit: when that fails, the same frames are tried again", async () => {
  let failures = 3;
  const r = rig(() => {
    if (failures-- > 0) throw new MeshError("unavailable", "The database is away.");
  });
  r.frame(body(1));
  await r.clock.advance(300);
  expect(r.acknowledged).toEqual([]);
  await r.clock.advance(5_000);
  expect(r.acknowledged).toEqual([body(1)]);
  expect(r.counters.delivered).toBe(1);
});

describe("what is no news changes a counter and nothing else", () => {
  test.each([
    ["garbage", "FOO", "bad_frames"],
    ["a wake-up of another version", '{"v":2}', "bad_frames"],
    ["a message that the database does not know", body(500), "duplicate_frames"],
  ] as const)("%s", async (_, text, counter) => {
    const r = rig();
    r.frame(text);
    await r.clock.advance(10);
    expect(r.counters[counter]).toBe(1);
    expect(r.acknowledged).toEqual([text]);
    expect(r.conversations).toEqual([]);
  });

  test("a doubled frame", async () => {
    const r = rig();
    r.frame(body(1));
    r.frame(body(1));
    await r.clock.advance(10);
    r.frame(body(1));
    await r.clock.advance(10);
    expect(r.counters.duplicate_frames).toBe(2);
    expect(r.counters.delivered).toBe(1);
    expect(r.acknowledged).toHaveLength(3);
  });

  test("an acknowledgement that comes too late", async () => {
    const r = rig();
    r.frame(body(1), "mine", false);
    await r.clock.advance(10);
    expect(r.counters.stale_acks).toBe(1);
  });
});

test("a frame for a duty names its conversation and needs no mark", async () => {
  const r = rig();
  r.frame(encodeWakeUp({ id: conv, conv, seq: 0 }));
  await r.clock.advance(10);
  expect(r.calls).toEqual([]);
  expect(r.conversations).toEqual([`duty ${conv}`]);
  expect(r.acknowledged).toHaveLength(1);
});

test("a broadcast frame is a hint: all that is due is looked for, and the message's own frame is no double then", async () => {
  const r = rig();
  r.setDue([idOf(1)]);
  r.frame(body(1), "all");
  await r.clock.advance(10);
  expect(r.calls).toEqual([["all_due", "frame"]]);
  r.frame(body(1));
  await r.clock.advance(10);
  expect(r.counters).toMatchObject({ broadcast_hints: 1, duplicate_frames: 0, delivered: 1, poll_rescues: 0 });
});

describe("the poll's find is a rescue only if its frame never comes", () => {
  test("it came late", async () => {
    const r = rig();
    r.setDue([idOf(1)]);
    await r.inbox.sweep();
    r.frame(body(1));
    await r.clock.advance(60_000);
    await r.inbox.sweep();
    expect(r.counters).toMatchObject({ late_frames: 1, poll_rescues: 0, duplicate_frames: 0, delivered: 1 });
  });

  test("it was lost", async () => {
    const r = rig();
    r.setDue([idOf(1)]);
    await r.inbox.sweep();
    await r.clock.advance(5_000);
    await r.inbox.sweep();
    expect(r.counters.poll_rescues).toBe(0);
    await r.clock.advance(16_000);
    expect(r.counters).toMatchObject({ poll_rescues: 1, delivered: 1 });
  });
});

test("a flood is dropped, acknowledged and counted, and all that is due is looked for once", async () => {
  const r = rig();
  for (let n = 1; n <= 1_100; n++) r.frame("flood", "all");
  expect(r.counters.overflown_frames).toBe(76);
  await r.clock.advance(1_000);
  expect(r.acknowledged).toHaveLength(1_100);
  expect(r.calls).toEqual([["all_due", "frame"]]);
});

test("when it ends it takes nothing more, and what it has not marked stays the broker's", async () => {
  const r = rig();
  r.frame(body(1));
  r.stop.stop();
  await r.inbox.ended;
  expect(r.closed).toEqual(["mine", "all"]);
  expect(r.acknowledged).toEqual([]);
});
