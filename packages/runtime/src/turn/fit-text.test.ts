import fc from "fast-check";
import { expect, test } from "vitest";
import { CHARS_PER_TOKEN, estimator, fitText, utf8Bytes } from "./fit-text.ts";

/** Any code point, lone surrogates too. */
const anyCharacter = fc.nat({ max: 0x10ffff }).map((c) => String.fromCodePoint(c));
const count = estimator(CHARS_PER_TOKEN);

test("a text that fits is left as it is", () => {
  expect(fitText("Short. And sweet.", 20, count)).toBe("Short. And sweet.");
});

test("a text that does not fit keeps its first sentences, and says that something is missing", () => {
  const text = "First we measure. Then we change the pause. Then we write everything down for the others.";
  expect(fitText(text, 14, count)).toBe("First we measure. Then we change the pause. ...");
});

test("a sentence that does not fit by itself is cut at a word", () => {
  expect(fitText("Measure the relay under load before anything else happens to it.", 8, count)).toBe(
    "Measure the relay under ...",
  );
});

test("nothing cut is ever longer than its room, for a text of any kind and length", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, maxLength: 400 }), fc.integer({ min: 4, max: 60 }), (text, room) => {
      expect(count(fitText(text, room, count))).toBeLessThanOrEqual(room);
    }),
  );
});

test("a very long text costs no more work than its head", () => {
  const startedMs = performance.now();
  fitText("word ".repeat(400_000), 50, count);
  expect(performance.now() - startedMs).toBeLessThan(200);
});

test("bytes are counted as UTF-8 has them", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length);
    }),
  );
});

test("what is not ASCII is estimated at its worst", () => {
  expect(count("日本語")).toBe(9);
  expect(count("a".repeat(36))).toBe(10);
});
