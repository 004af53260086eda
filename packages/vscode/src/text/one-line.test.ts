import { expect, test } from "vitest";
import { oneLine, revealed } from "./one-line.ts";

test("a text of many lines is one", () => {
  expect(oneLine("  a\n\n b\tc ")).toBe("a b c");
});

test("a text that is too long is cut between characters, and shows that it is", () => {
  expect(oneLine("🚀🚀🚀🚀", 3)).toBe("🚀🚀…");
  expect(oneLine("🚀🚀🚀", 3)).toBe("🚀🚀🚀");
});

test("a text of a megabyte is not looked through", () => {
  const shown = oneLine(`${" ".repeat(1_000_000)}end`, 10);
  expect(shown).not.toContain("end");
  expect(shown).toMatch(/…$/);
});

test("what turns or hides text is shown by its name", () => {
  expect(oneLine("gnp.\u202Etxt")).toBe("gnp.[U+202E]txt");
  expect(revealed("a\nb\u200Bc")).toBe("a\nb[U+200B]c");
  expect(oneLine("\u001b[31mred")).toBe("[ESC][31mred");
});
