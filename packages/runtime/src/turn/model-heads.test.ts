import { type ActionKind, actionHeadSchema, wordsOf } from "@federation/core";
import { expect, test } from "vitest";
import { hasWords, isForModels } from "./model-heads.ts";

const kinds: readonly ActionKind[] = actionHeadSchema.options.map((o) => o.shape.kind.value);

test("a model writes words for exactly those of its actions that take words", () => {
  const p = "00000000-0000-4000-8000-000000000010";
  expect(isForModels({ kind: "vote", proposal: p, choice: "yes" })).toBe(true);
  expect(isForModels({ kind: "wait" })).toBe(true);
  expect(kinds.filter(hasWords).every((kind) => wordsOf[kind].text === true)).toBe(true);
  for (const kind of ["claim", "advance", "abstain", "wait"] as const) {
    expect(hasWords(kind)).toBe(false);
    expect(wordsOf[kind]).toEqual({});
  }
});

test("what stops, binds or takes over is never a model's to choose", () => {
  const id = "00000000-0000-4000-8000-000000000010";
  for (const head of [
    { kind: "veto", proposal: id },
    { kind: "withdraw", proposal: id },
    { kind: "amend", article: "budgets", change: "set_parameter" },
    { kind: "open_task", taskKind: "fix", proposal: null },
    { kind: "take_over", task: id },
    { kind: "give_back", task: id },
    { kind: "ratify" },
  ] as const) {
    expect(isForModels(head)).toBe(false);
    expect(hasWords(head.kind)).toBe(false);
  }
});
