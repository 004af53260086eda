import { expect, test } from "vitest";
import { type CallRecord, figuresOf, type ReloadRecord, spreadOf } from "./figures.ts";

const call = (startMs: number, endMs: number, more: Partial<CallRecord> = {}): CallRecord => ({
  lane: "ws",
  tool: "send_message",
  startMs,
  endMs,
  end: "right",
  why: "",
  ...more,
});
const reload = (startMs: number, endMs: number, failure = ""): ReloadRecord => ({
  startMs,
  endMs,
  trigger: "SIGHUP",
  failure,
});
const nothing = new Map<string, readonly string[]>();

test("a pause is what a call under way during a reload took longer than the median of its like outside", () => {
  const outside = [call(0, 10), call(20, 32), call(40, 50)];
  const inside = [call(95, 125), call(150, 155), call(199, 260)];
  const { usual, pause } = figuresOf([...outside, ...inside], [reload(100, 200)], nothing);
  expect(usual).toEqual({ count: 3, p50: 10, p99: 12, max: 12 });
  expect(pause).toEqual({ count: 3, p50: 20, p99: 51, max: 51 });
});

test("each lane and tool has its own usual time", () => {
  const outside = [call(0, 10), call(0, 500, { tool: "list_events" }), call(0, 40, { lane: "http" })];
  const inside = [
    call(1_000, 1_011),
    call(1_000, 1_502, { tool: "list_events" }),
    call(1_000, 1_043, { lane: "http" }),
  ];
  const { pause, perLane } = figuresOf([...outside, ...inside], [reload(1_000, 1_100)], nothing);
  expect(pause).toMatchObject({ p50: 2, max: 3 });
  expect(perLane.map(({ lane, pause: of }) => [lane, of.count, of.max])).toEqual([
    ["ws", 2, 2],
    ["http", 1, 3],
  ]);
});

test("a lane without a call of that tool outside is compared with the other lanes, and without any there is no pause", () => {
  const calls = [
    call(0, 10),
    call(1_000, 1_014, { lane: "http" }),
    call(1_000, 1_500, { lane: "http", tool: "list_events" }),
  ];
  expect(figuresOf(calls, [reload(1_000, 1_100)], nothing).pause).toMatchObject({ count: 1, max: 4 });
});

test("a call that is meant to wait is left out of how long calls take, and its pause is what it took longer", () => {
  const wait = { tool: "list_events", waits: true };
  const calls = [call(0, 1_000, wait), call(0, 10), call(2_000, 3_005, wait), call(2_000, 2_012)];
  const { usual, during, pause } = figuresOf(calls, [reload(2_000, 2_100)], nothing);
  expect([usual, during]).toMatchObject([
    { count: 1, max: 10 },
    { count: 1, max: 12 },
  ]);
  expect(pause).toMatchObject({ count: 2, max: 5 });
});

test("a dropped call has no pause, and it is told whether its effect came about", () => {
  const calls = [
    call(100, 9_000, { end: "dropped", why: "closed", effect: "a" }),
    call(100, 101, { end: "dropped", why: "closed", effect: "b" }),
  ];
  const figures = figuresOf(calls, [reload(50, 200)], new Map([["a", ["1"]]]));
  expect(figures).toMatchObject({ dropped: 2, droppedButDone: 1, wrong: 0, doubled: 0, pause: { count: 0 } });
  expect(figures.reasons).toEqual({ "ws: closed": 2 });
});

test("an effect that is there twice is doubled, whoever was answered", () => {
  const effects = new Map([
    ["a", ["1", "2"]],
    ["b", ["3"]],
  ]);
  const calls = [call(0, 1, { effect: "a", answeredId: "2" }), call(0, 1, { effect: "b", end: "dropped" })];
  expect(figuresOf(calls, [], effects)).toMatchObject({ doubled: 1, wrong: 0, dropped: 1 });
});

test("an answer without its effect, or with another's id, is wrong", () => {
  const calls = [call(0, 1, { effect: "a" }), call(0, 1, { effect: "b", answeredId: "7" })];
  const figures = figuresOf(calls, [], new Map([["b", ["3"]]]));
  expect(figures.wrong).toBe(2);
});

test("a failed reload is counted, named, and has no duration", () => {
  const figures = figuresOf([], [reload(0, 10), reload(20, 90, "health: no answer")], nothing);
  expect(figures).toMatchObject({ reloads: 2, failedReloads: 1, reload: { count: 1, max: 10 } });
  expect(figures.reasons).toEqual({ "reload by SIGHUP: health: no answer": 1 });
});

test("percentiles are by nearest rank", () => {
  expect(spreadOf(Array.from({ length: 100 }, (_, i) => i + 1))).toEqual({ count: 100, p50: 50, p99: 99, max: 100 });
  expect(spreadOf([])).toEqual({ count: 0, p50: 0, p99: 0, max: 0 });
});
