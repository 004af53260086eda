import { describe, expect, test } from "vitest";
import { rowKey, rowsInView } from "./virtual-rows.ts";

describe("rows that are drawn", () => {
  const of = (count: number, top: number | "last") => rowsInView({ count, rowHeight: 30, height: 300, top });

  test("are those in view, and a few above and below", () => {
    expect(of(1_000, 500)).toEqual({ first: 488, end: 523 });
  });

  test("are the last for whoever follows, however many have come", () => {
    expect(of(1_000, "last")).toEqual({ first: 977, end: 1_000 });
    expect(of(1_000_000, "last")).toEqual({ first: 999_977, end: 1_000_000 });
  });

  test("are all of a short list, and none of an empty one", () => {
    expect(of(5, 0)).toEqual({ first: 0, end: 5 });
    expect(of(5, "last")).toEqual({ first: 0, end: 5 });
    expect(of(0, "last")).toEqual({ first: 0, end: 0 });
  });

  test("lie within the list, wherever it was scrolled before rows were taken from it", () => {
    expect(of(100, 5_000)).toEqual({ first: 77, end: 100 });
    expect(of(100, -40)).toEqual({ first: 0, end: 23 });
  });
});

test("rows that are drawn together have keys of their own, and the next ones those of rows that are gone", () => {
  const place = { rowHeight: 30, height: 300 };
  const { first, end } = rowsInView({ ...place, count: 10_000, top: 5_000 });
  const keys = Array.from({ length: end - first }, (_, index) => rowKey(place, first + index));
  expect(new Set(keys).size).toBe(keys.length);
  expect(rowKey(place, end)).toBe(rowKey(place, first));
  expect(rowKey(place, -1)).toBe(rowKey(place, end - first - 1));
});
