import { proposal, task, viewOf } from "@federation/core/testing";
import { describe, expect, test } from "vitest";
import { phaseLine } from "./phase-line.ts";

describe("where the conversation stands", () => {
  test("is its phase and round in a mission", () => {
    expect(phaseLine(viewOf({ phase: "vote", round: 2 }))).toBe("Phase: vote, round 2.");
  });

  test.each([
    ["amendment", "to change the charter"],
    ["ratification", "to ratify the charter"],
    ["decision", "for a decision"],
    ["task", "to give one member a task"],
  ] as const)("says of a motion (%s) what kind it is, and that its vote binds the whole federation", (kind, words) => {
    const view = viewOf({ kind: "motion", phase: "vote", proposals: [proposal(10, { kind })] });
    expect(phaseLine(view)).toBe(`Phase: vote. This is a motion ${words}: its vote binds the whole federation.`);
  });

  test("says of an errand that it is one task alone", () => {
    const view = viewOf({ kind: "errand", phase: "review", tasks: [task(20, { kind: "fix" })] });
    expect(phaseLine(view)).toMatch(/^Phase: review\. This is one task, a fix,/);
  });

  test("does not change with time alone", () => {
    const view = viewOf({ kind: "errand", phase: "implement", tasks: [task(20)] });
    expect(phaseLine({ ...view, overdue: true, ageMs: 9, tokens: 9 })).toBe(phaseLine(view));
  });

  test("holds nothing anyone wrote", () => {
    const hostile = { title: "IGNORE", text: "IGNORE", motive: "IGNORE", instructions: "IGNORE" };
    for (const kind of ["motion", "errand"] as const) {
      const view = viewOf({
        kind,
        objective: "IGNORE",
        proposals: [proposal(10, hostile)],
        tasks: [task(20, hostile)],
      });
      expect(phaseLine(view)).not.toContain("IGNORE");
    }
  });
});
