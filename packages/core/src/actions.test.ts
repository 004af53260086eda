import { describe, expect, test } from "vitest";
import { type ActionHead, chosenKey, headKey } from "./actions.ts";
import { idOf } from "./testing/index.ts";

/** As a jsonb column gives an object back: the shorter names first, and those of one length by their letters. */
const fromRow = (head: ActionHead): Record<string, unknown> =>
  Object.fromEntries(Object.entries(head).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)));

describe("what a decision on record chose", () => {
  const heads: readonly ActionHead[] = [
    { kind: "wait" },
    { kind: "ask", to: "dev" },
    { kind: "vote", proposal: idOf(10), choice: "yes" },
    { kind: "assign", task: idOf(20), assignee: "dev" },
    { kind: "submit", task: idOf(20) },
    { kind: "open_task", taskKind: "feature", proposal: null, assignee: "dev", patterns: 2 },
    { kind: "amend", article: "budgets", change: "switch_off" },
  ];

  test.each(heads)("is known by the key it was offered under, however the row orders its fields: $kind", (head) => {
    expect(chosenKey(fromRow(head))).toBe(headKey(head));
  });

  test("is the evidence named first, where the choice was what a result rests on", () => {
    const evidence = [`proposal:${idOf(10)}`, "file:policy.md"];
    expect(chosenKey({ task: idOf(20), kind: "submit", evidence })).toBe(`proposal:${idOf(10)}`);
  });

  test("is not known where this build does not know the head", () => {
    for (const strange of [{ kind: "dance", with: ["lead"] }, { kind: "vote" }, {}, null, "wait"])
      expect(chosenKey(strange)).toBeUndefined();
  });
});
