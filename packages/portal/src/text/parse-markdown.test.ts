import { expect, it } from "vitest";
import { parseMarkdown } from "./parse-markdown.ts";

const ordinary = [
  "# A heading",
  "",
  "Words with *emphasis*, **strength**, `code` and [a link](https://example.org/x).",
  "",
  "- one",
  "- two",
  "  1. inner",
  "",
  "> quoted",
  "",
  "| a | b |",
  "|---|---|",
  "| 1 | 2 |",
  "",
].join("\n");

const parts = [
  "**_",
  "*a ",
  "_a_",
  "*a_",
  "[",
  "[a](",
  "](",
  "![",
  "<a",
  "<",
  "`a",
  "``a`",
  "> ",
  "- ",
  "1. ",
  "|a",
  "&amp;",
  "\\*",
  "<!--",
  "[a]: b\n",
  "***a** ",
  "a**b**c",
  "~~",
  "[x][",
  "|-|\n",
  "* a\n",
  "  - a\n",
  "\n\n",
  "# a\n",
  ">- ",
  "\t",
  "\\\n",
];

const msFor = (text: string): number => {
  const startedMs = performance.now();
  parseMarkdown(text);
  return performance.now() - startedMs;
};

it("no text takes much longer than an ordinary one of the greatest length that is parsed", () => {
  const whole = ordinary.repeat(Math.floor(16_000 / ordinary.length));
  // The first pays for compiling.
  msFor(whole);
  const usual = Math.max(10, msFor(whole));
  const slow = parts
    .flatMap((part) => [1_000, 4_000, 16_000].map((length) => part.repeat(length).slice(0, length)))
    .map((text) => ({ text: text.slice(0, 12), length: text.length, times: msFor(text) / usual }))
    .filter((it) => it.times > 20);
  expect(slow).toEqual([]);
});

it.each([
  ["quotes far apart", (n: number) => `${`>${" ".repeat(n)}`.repeat(7)}x`],
  ["quotes and tabs", (n: number) => `${`>${"\t".repeat(n)}`.repeat(7)}x`],
  ["numbers far apart", (n: number) => `${`1.${" ".repeat(n)}`.repeat(7)}x`],
  ["an item and blanks after it", (n: number) => `-\n${" ".repeat(n * 7)}`],
  ["an item and lines of nothing", (n: number) => `-\n${"\n".repeat(n * 7)}x`],
])("%s take no longer for being many", (_, text) => {
  msFor(text(1));
  // The shorter one first: what grows with a power of the blanks is told by it, and would not end with the longer one.
  for (const n of [12, 14, 100, 1_400]) expect(msFor(text(n)), `${n}`).toBeLessThan(2_000);
});

it("an ordinary document is parsed", () => {
  const tree = parseMarkdown(ordinary);
  expect(tree?.children.map((it) => it.type)).toEqual(["heading", "paragraph", "list", "blockquote", "table"]);
});

it("one that is too long, or nests without end, is not", () => {
  expect(parseMarkdown("a ".repeat(8_001))).toBeUndefined();
  expect(parseMarkdown(`${"> ".repeat(20)}deep`)).toBeUndefined();
  expect(parseMarkdown(`text\n${"1. ".repeat(20)}deep`)).toBeUndefined();
  const steps = (step: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${step.repeat(n)}- item`).join("\n");
  expect(parseMarkdown(steps("  ", 20))).toBeUndefined();
  expect(parseMarkdown(steps("\t", 20))).toBeUndefined();
  expect(parseMarkdown(steps("  ", 10))?.children).toHaveLength(1);
});
