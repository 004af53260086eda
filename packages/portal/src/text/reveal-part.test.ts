import fc from "fast-check";
import { expect, it } from "vitest";
import { revealPart } from "./reveal-part.ts";

it("makes one mark of many that follow one another, and says how many", () => {
  const { pieces, rest } = revealPart(`a${"\u202E".repeat(1_000)}b`, 20_000);
  expect(pieces).toMatchObject([{ text: "a" }, { marks: Array(4).fill("U+202E"), more: 996 }, { text: "b" }]);
  expect(rest).toBe(0);
});

it("never has more pieces than its bound, and says how many characters are left", () => {
  const { pieces, rest } = revealPart("a\u200B".repeat(30_000), 20_000, 100);
  expect(pieces).toHaveLength(100);
  expect(rest).toBe(60_000 - 100);
});

it("accounts for every character: what is shown and what is left are the whole", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 80 }),
      fc.nat(90),
      fc.integer({ min: 1, max: 20 }),
      (text, max, pieces) => {
        const part = revealPart(text, max, pieces);
        const shown = part.pieces.reduce((sum, it) => sum + ("text" in it ? it.text.length : 0), 0);
        expect(part.rest).toBeGreaterThanOrEqual(0);
        expect(shown + part.rest).toBeLessThanOrEqual(text.length);
        expect(
          text.startsWith(part.pieces[0] !== undefined && "text" in part.pieces[0] ? part.pieces[0].text : ""),
        ).toBe(true);
      },
    ),
  );
});
