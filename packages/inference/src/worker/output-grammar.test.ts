import type { OutputField } from "@federation/runtime/ports";
import { describe, expect, test } from "vitest";
import { compileOutput, parseOutput } from "./output-grammar.ts";

const budget = (maxTokens: number) => ({
  maxTokens,
  tokensPerWord: 1.2,
  count: (text: string) => Math.ceil(text.length / 3),
});
const say: OutputField = { name: "say", kind: "sentences", min: 1, max: 2 };
const files: OutputField = { name: "files", kind: "files", maxFiles: 3, maxSentences: 4 };

describe("fitting the grammar to the token limit", () => {
  test("leaves the full length where there is room", () => {
    const compiled = compileOutput([say], "sentences", budget(200));
    expect(compiled).toMatchObject({ ok: true, output: { wordsPerSentence: { min: 5, max: 18 } } });
  });

  test("shortens sentences, then drops optional ones and files, and never the least that was asked", () => {
    const shorter = compileOutput([{ ...say, min: 2 }], "sentences", budget(60));
    if (!shorter.ok) throw new Error("refused");
    expect(shorter.output.wordsPerSentence.max).toBeLessThan(18);
    const fewer = compileOutput([say, files], "sentences", budget(70));
    if (!fewer.ok) throw new Error("refused");
    expect(fewer.output.grammar).toContain('"[]"');
    expect(fewer.output.grammar).not.toContain("path");
  });

  test("refuses what does not fit at its smallest, and says how much it takes", () => {
    const compiled = compileOutput([{ ...say, min: 4, max: 4 }], "sentences", budget(30));
    expect(compiled.ok).toBe(false);
    if (!compiled.ok)
      expect(compileOutput([{ ...say, min: 4, max: 4 }], "sentences", budget(compiled.neededTokens + 1)).ok).toBe(true);
  });

  test("bounds every repetition, in both styles", () => {
    for (const style of ["sentences", "prose"] as const) {
      const compiled = compileOutput([say, files], style, budget(2_000));
      if (!compiled.ok) throw new Error("refused");
      expect(compiled.output.grammar).not.toMatch(/[\])a-z}][*+]/);
      expect(compiled.output.grammar).not.toMatch(/\{\d+,\}/);
    }
  });
});

describe("checking the finished text", () => {
  test("gives each field's value", () => {
    const text = '{"say": "We do it.", "files": [{"path": "plan.md", "content": "# We do it."}]}';
    expect(parseOutput(text, [say, files])).toEqual({
      ok: true,
      fields: { say: "We do it.", files: [{ path: "plan.md", content: "# We do it." }] },
    });
  });

  test.each([
    ["cut off", '{"say": "We do'],
    ["another type", '{"say": 3}'],
    ["missing", "{}"],
    ["an empty text", '{"say": " "}'],
    ["a list", "[]"],
  ])("refuses a field that is %s", (_, text) => {
    expect(parseOutput(text, [say]).ok).toBe(false);
  });

  test.each(["../a.md", "/a.md", "a/../b.md", "A.md", ".md", "a.exe", "a.md\n", "con trol.md", "-rf.md"])(
    "refuses the path %j",
    (path) => {
      expect(parseOutput(JSON.stringify({ files: [{ path, content: "x" }] }), [files]).ok).toBe(false);
    },
  );

  test("refuses a value outside an enum and more files than asked, and keeps the first of two files of one name", () => {
    const choice: OutputField = { name: "choice", kind: "enum", values: ["yes", "no"] };
    expect(parseOutput('{"choice": "maybe"}', [choice]).ok).toBe(false);
    const file = (content: string) => ({ path: "a-a.md", content });
    expect(parseOutput(JSON.stringify({ files: [1, 2, 3, 4].map(() => file("x")) }), [files]).ok).toBe(false);
    expect(parseOutput(JSON.stringify({ files: [file("first"), file("second")] }), [files])).toEqual({
      ok: true,
      fields: { files: [file("first")] },
    });
  });

  test("takes a field called __proto__ as data", () => {
    const field: OutputField = { name: "__proto__", kind: "enum", values: ["x"] };
    const parsed = parseOutput('{"__proto__": "x"}', [field]);
    expect(parsed.ok && Object.keys(parsed.fields)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
