import { describe, expect, test } from "vitest";
import { framesOf, isWhole, runsOf, seenTimes, spreadOf } from "./figures.ts";

test("a spread is of the values that are there, and not between them", () => {
  const values = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect(spreadOf(values)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99, most: 100 });
  expect(runsOf([3, 1, 2])).toEqual({ least: 1, median: 2, most: 3 });
});

test("a frame that took the time of three has dropped two", () => {
  expect(framesOf([16.6, 16.8, 50, 15])).toEqual({ count: 4, dropped: 2, longestMs: 50 });
});

describe("when events were seen", () => {
  const at = (ms: number) => new Date(ms).toISOString();
  const events = [
    { cursor: "a", at: at(1_000) },
    { cursor: "b", at: at(1_010) },
    { cursor: "c", at: at(1_020) },
    { cursor: "d", at: at(1_030) },
  ];

  test("one that was never in view counts from when a later one was", () => {
    const seen = new Map([
      ["a", 1_050],
      ["c", 1_080],
    ]);
    expect(seenTimes(events, seen)).toEqual({ ms: [50, 70, 60], passedBy: 1, missing: 1 });
  });
});

describe("a log that was walked through", () => {
  const log = ["a", "b", "c", "d"];

  test("is whole when the pieces hold all of it, in order", () => {
    expect(
      isWhole(log, [
        ["c", "d"],
        ["b", "c"],
        ["before", "a", "b"],
      ]),
    ).toBe(true);
  });

  test.each([
    ["a gap between pieces", [["c", "d"], ["a"]]],
    ["a gap in a piece", [["a", "b", "d"], ["c"]]],
    ["one twice", [["a", "b", "b", "c", "d"]]],
    ["two in the wrong order", [["a", "c", "b", "d"]]],
    ["one that is not of the log", [["a", "b", "strange", "c", "d"]]],
  ])("is not with %s", (_, runs) => {
    expect(isWhole(log, runs)).toBe(false);
  });
});
