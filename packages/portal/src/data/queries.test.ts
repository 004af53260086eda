import { expect, test } from "vitest";
import { restAfter } from "./queries.ts";

test("a query rests a while, and longer when its answer took long, but is never forgotten", () => {
  expect(restAfter(0)).toBe(300);
  expect(restAfter(20)).toBe(300);
  expect(restAfter(100)).toBe(500);
  expect(restAfter(1_500)).toBe(2_000);
  expect(restAfter(29_000)).toBe(29_000);
});
