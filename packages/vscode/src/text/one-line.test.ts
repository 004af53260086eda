import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
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

/** As the editor finds links in notices and prompts. */
const link = /\[[^\]]+\]\((?:https?:\/\/|command:|file:)[^)\s]+/i;

test.each([
  "[Read it](command:workbench.action.terminal.new)",
  "[a]\n(command:x)",
  "\u200B(command:x)",
  "[a](https://evil.example) [b](file:///etc/passwd)",
])("%j is no link that runs a command", (text) => {
  expect(oneLine(text)).not.toMatch(link);
});

test("a notice is shown in one place only, where its text is made one line", () => {
  const folder = path.join(import.meta.dirname, "..");
  const showing = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((it) => it.endsWith(".ts"))
    .filter((it) => /\.show(Information|Warning|Error)Message/.test(readFileSync(path.join(folder, it), "utf8")));
  expect(showing).toEqual([path.join("app", "tell.ts")]);
});
