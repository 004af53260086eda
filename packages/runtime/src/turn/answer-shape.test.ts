import { actionHeadSchema, wordsOf } from "@federation/core";
import { describe, expect, test } from "vitest";
import { answerShape, wordsFrom } from "./answer-shape.ts";
import { exampleFor } from "./examples.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { hasWords } from "./model-heads.ts";

const kinds = actionHeadSchema.options.map((o) => o.shape.kind.value).filter(hasWords);
const styles = ["sentences", "prose"] as const;

describe("the shape of an answer", () => {
  test("asks for exactly the words an action needs", () => {
    for (const kind of kinds)
      for (const style of styles) {
        const names = answerShape(kind, style).fields.map((f) => f.name);
        expect(names).toEqual(["title", "text", "files"].filter((n) => n in wordsOf[kind]));
      }
  });

  test("leaves a small model room for two short fields, and little more", () => {
    for (const kind of kinds) {
      const tokens = answerShape(kind, "sentences").maxTokens;
      expect(tokens).toBeLessThanOrEqual(kind === "submit" ? 320 : kind === "report" ? 160 : 120);
    }
  });
});

describe("fields as words", () => {
  test("a title is one line without its full stop, cut at a word to what the mesh takes", () => {
    expect(wordsFrom("propose", { title: " Back off\nwith jitter. ", text: "Yes. " })).toEqual({
      title: "Back off with jitter",
      text: "Yes.",
    });
    const title = wordsFrom("propose", { title: "word ".repeat(80), text: "x" })?.title ?? "";
    expect(title.length).toBeLessThanOrEqual(200);
    expect(title.endsWith("word")).toBe(true);
  });

  test("what an action does not take is dropped, and what it needs is asked for", () => {
    expect(wordsFrom("say", { title: "no", text: "Hello.", files: [{ path: "a.md", content: "x" }] })).toEqual({
      text: "Hello.",
    });
    expect(wordsFrom("propose", { text: "No title." })).toBeUndefined();
    expect(wordsFrom("say", {})).toBeUndefined();
    expect(wordsFrom("say", { text: " " })).toBeUndefined();
  });

  test.each(["../../etc/passwd", "/etc/passwd", "a/../../b", ".git/hooks/x", "a/.GIT/x", "-rf", "a\0b", "x."])(
    "a file that leaves its folder spoils the answer: %j",
    (path) => {
      expect(wordsFrom("submit", { text: "Done.", files: [{ path, content: "x" }] })).toBeUndefined();
    },
  );

  test("text that PostgreSQL could not hold spoils the answer", () => {
    expect(wordsFrom("say", { text: "a\0b" })).toBeUndefined();
    expect(wordsFrom("say", { text: "a\ud800b" })).toBeUndefined();
  });
});

describe("examples", () => {
  test("each rotation has at least three, and none would be thrown away for its form", () => {
    for (const [about, kind] of (["mission", "motion", "errand"] as const).flatMap((a) =>
      kinds.map((k) => [a, k] as const),
    )) {
      const fields = answerShape(kind, "sentences").fields.map((f) => f.name);
      const shown = [0, 1, 2].map((turn) => exampleFor({ about, kind, fields, json: false }, turn));
      expect(new Set(shown.map((s) => s.words)).size).toBe(3);
      for (const { messages, words } of shown) {
        const objective = /"([^"]+)"/.exec(messages[0].text)?.[1] ?? "";
        const text = {
          words: { text: words },
          objective: words,
          quoted: [objective],
          mayRepeat: [],
          example: "",
          meaningful: true,
        };
        expect(judgeAnswer(text)).toBeNull();
      }
    }
  });

  test("an example has the form of the answer that is asked for", () => {
    const { messages } = exampleFor({ about: "errand", kind: "submit", fields: ["text", "files"], json: true }, 4);
    const parsed: unknown = JSON.parse(messages[1].text);
    expect(parsed).toEqual({
      text: expect.any(String),
      files: [{ path: expect.any(String), content: expect.any(String) }],
    });
    expect(messages[0].text).toContain("Objective:");
  });

  test("a motion has examples of its own, about rules that bind others", () => {
    for (const kind of ["critique", "vote"] as const)
      for (const turn of [0, 1, 2]) {
        const [asked] = exampleFor({ about: "motion", kind, fields: ["text"], json: false }, turn).messages;
        expect(asked.text).toContain('Objective: "Decide on the motion: ');
        expect(asked.text).not.toMatch(/\bplan\b/);
      }
  });
});
