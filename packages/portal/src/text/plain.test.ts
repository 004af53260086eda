import { expect, it } from "vitest";
import { plainly } from "./plain.ts";

it("names in brackets what one would not see, and leaves the rest as it is", () => {
  expect(plainly("Zażółć the roof")).toBe("Zażółć the roof");
  expect(plainly("pay \u202Eecila")).toBe("pay [U+202E]ecila");
});

it("makes one mark of a run of them", () => {
  expect(plainly(`a${"\u200B".repeat(100)}b`)).toBe("a[U+200B][U+200B][U+200B][U+200B][+96 more]b");
});

it("is bounded, and says that there is more", () => {
  expect(plainly("a".repeat(65_536))).toBe(`${"a".repeat(300)}…`);
  expect(plainly("a\u200B".repeat(30_000)).length).toBeLessThan(1_000);
});
