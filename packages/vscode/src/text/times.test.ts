import { expect, test } from "vitest";
import { atText, spanText } from "./times.ts";

const nowMs = Date.parse("2026-11-28T12:00:00.000Z");

test("a time carries its date when it is more than half a day away", () => {
  expect(atText("2026-11-28T13:00:00.000Z", nowMs)).toMatch(/^\d\d:\d\d$/);
  expect(atText("2026-11-30T13:00:00.000Z", nowMs)).toMatch(/Nov/);
});

test("what is no time does not become one", () => {
  expect(atText("soon", nowMs)).toBe("unknown time");
});

test.each([
  [-5, "0 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [3_600_000, "1 h"],
  [7_500_000, "2 h 5 min"],
  [49 * 3_600_000, "2 d"],
])("a span of %i ms is %s", (ms, text) => {
  expect(spanText(ms)).toBe(text);
});
