import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deceives, reveal, type Segment } from "./reveal.ts";

const shown = (text: string): string =>
  reveal(text)
    .map((it) => ("text" in it ? it.text : `[${it.mark}]`))
    .join("");

describe("text of others", () => {
  it("is shown as it is where nothing in it deceives", () => {
    const plain = "Żółć, 漢字, العربية, נכון, emoji 👩‍🚀 👨‍👩‍👧 ❤️‍🔥 👍🏽 ✔︎, می‌خواهم, क्‍ष, tab\tand\nnew line\r\n";
    expect(reveal(plain)).toEqual([{ text: plain }]);
    expect(deceives(plain)).toBe(false);
  });

  it.each([
    ["\u202Egnp.exe", "[U+202E]gnp.exe"],
    ["pass\u200Bword", "pass[U+200B]word"],
    ["a\u200Db", "a[U+200D]b"],
    ["\u001b[31mred", "[ESC][31mred"],
    ["x\u{E0041}y", "x[U+E0041]y"],
    ["bell\u0007", "bell[U+0007]"],
    ["over\rwritten", "over[U+000D]written"],
    ["\uFEFFstart", "[U+FEFF]start"],
    ["\u3164", "[U+3164]"],
    ["\u2066in\u2069", "[U+2066]in[U+2069]"],
    ["yes\uFE01\uFE02\u{E0103}", "yes\uFE01[U+FE02][U+E0103]"],
    ["\uFE0Fno", "[U+FE0F]no"],
    ["a\u200Cb", "a[U+200C]b"],
  ])("has a mark for what one would not see: %j", (text, expected) => {
    expect(shown(text)).toBe(expected);
    expect(deceives(text)).toBe(true);
  });

  it("loses nothing: what is not marked is all there, in order", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const pieces: readonly Segment[] = reveal(text);
        const plain = pieces.filter((it) => "text" in it).map((it) => it.text);
        let from = 0;
        for (const piece of plain) {
          const at = text.indexOf(piece, from);
          expect(at).toBeGreaterThanOrEqual(from);
          from = at + piece.length;
        }
        // What stands at the edge of a piece may need what was beside it.
        const edges = /^[\u200C\u200D\uFE00-\uFE0F\u{E0100}-\u{E01EF}]|[\u200C\u200D]$/v;
        expect(plain.filter((piece) => deceives(piece) && !edges.test(piece))).toEqual([]);
      }),
    );
  });

  it("of the greatest length that may be said takes no time worth speaking of", () => {
    const long = "\u202E\u200D👩\u200D\u001b".repeat(40_000);
    const startedMs = performance.now();
    expect(reveal(long).length).toBeGreaterThan(100_000);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
