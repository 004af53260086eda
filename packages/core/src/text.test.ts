import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonDepth } from "./text.ts";

describe("the depth of JSON text", () => {
  test.each([
    ["1", 0],
    ["[]", 1],
    ['{"a":[{"b":1}],"c":{}}', 3],
    ['"[[[["', 0],
    ['["\\"[[", {"\\\\": [1]}]', 3],
    ['["\\\\\\"]]]", [2]]', 2],
  ])("of %s is %i", (json, depth) => {
    expect(jsonDepth(json)).toBe(depth);
  });

  test("is that of the value, whatever stands in its strings", () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 6 }),
        fc.string({ unit: fc.constantFrom('"', "\\\\", "[", "{", "}", "x") }),
        (json, text) => {
          const value: unknown = [JSON.parse(json), { [text]: text }];
          expect(jsonDepth(JSON.stringify(value))).toBe(depthOf(value));
          expect(jsonDepth(JSON.stringify(value, null, 2))).toBe(depthOf(value));
        },
      ),
    );
  });

  test("is told of text that is no JSON, or ends too early, without an end to it", () => {
    expect(jsonDepth('{"a":["')).toBe(2);
    expect(jsonDepth('["\\')).toBe(1);
    expect(jsonDepth("]]]][[")).toBe(0);
    expect(jsonDepth("[".repeat(100_000))).toBe(100_000);
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
