import { duty, idOf, proposal, submission, task, viewOf } from "@federation/core/testing";
import { describe, expect, test } from "vitest";
import { materialFor } from "./material.ts";
import { subjectOf } from "./subject.ts";

const amendment = proposal(10, {
  kind: "amendment",
  state: "voting",
  title: "Let questions be answered",
  text: "One free message is too few.",
  change: { change: "set_parameter", article: "budgets", parameter: "talkPerPhase", value: 5 },
  motive: "Nobody could answer what ana asked.",
});
const motion = viewOf({ kind: "motion", phase: "vote", proposals: [amendment] });

describe("the texts at hand in a motion", () => {
  test("are what it changes, from what to what, the incident behind it, and the motion itself", () => {
    expect(materialFor(motion, "ana", duty("ana", "vote", idOf(10)))).toEqual([
      { label: "What it changes", text: "It sets talkPerPhase of the article budgets from 2 to 5." },
      { label: "The incident behind it", text: "Nobody could answer what ana asked." },
      { label: "Motion of dev", text: "Let questions be answered. One free message is too few." },
    ]);
  });

  test("are the same for who comments on it", () => {
    const open = { ...motion, phase: "critique" as const, proposals: [{ ...amendment, state: "open" as const }] };
    expect(materialFor(open, "ana", duty("ana", "critique"))).toEqual(
      materialFor(motion, "ana", duty("ana", "vote", idOf(10))),
    );
  });

  test("are its change and its title for who owes nothing", () => {
    expect(materialFor(motion, "lea", undefined).map((l) => l.label)).toEqual(["What it changes", "Motion of dev"]);
  });

  test("are the text alone where nothing is changed", () => {
    const decision = { ...motion, proposals: [{ ...amendment, kind: "decision" as const, change: null, motive: "" }] };
    expect(materialFor(decision, "ana", duty("ana", "vote", idOf(10))).map((l) => l.label)).toEqual(["Motion of dev"]);
  });
});

describe("the texts at hand in an errand", () => {
  const made = task(20, {
    kind: "fix",
    proposal: null,
    title: "Close the socket",
    instructions: "Close it when the relay stops.",
    scope: ["src/relay/**", "docs/*.md"],
    dueAt: "2026-01-02T00:00:00.000Z",
  });
  const errand = viewOf({ kind: "errand", phase: "implement", tasks: [made] });

  test("are its due time, its paths and its instructions", () => {
    const expected = [
      { label: "Due", text: "2026-01-02T00:00:00.000Z" },
      { label: "Only these paths", text: "src/relay/**, docs/*.md" },
      { label: "Task", text: "Close it when the relay stops." },
    ];
    expect(materialFor(errand, "dev", duty("dev", "implement", idOf(20)))).toEqual(expected);
    // Who may take it from the pool is shown the same.
    expect(materialFor(errand, "dev", undefined)).toEqual(expected);
  });

  test("are its title where it has no instructions", () => {
    const bare = { ...errand, tasks: [{ ...made, instructions: "", scope: [], dueAt: null }] };
    expect(materialFor(bare, "dev", duty("dev", "implement", idOf(20)))).toEqual([
      { label: "Task", text: "Close the socket" },
    ]);
  });

  test("are the task and the result for its reviewer", () => {
    const submitted = { ...errand, phase: "review" as const, tasks: [{ ...made, submission: submission() }] };
    expect(materialFor(submitted, "ana", duty("ana", "review", idOf(20))).map((l) => l.label)).toEqual([
      "Due",
      "Only these paths",
      "Task",
      "Result of dev",
    ]);
  });
});

test("what a lead may adopt is what the vote rejected", () => {
  const view = viewOf({
    phase: "vote",
    proposals: [proposal(10, { state: "rejected" }), proposal(11, { state: "withdrawn", author: "ana" })],
  });
  expect(materialFor(view, "lea", duty("lea", "adopt")).map((l) => l.label)).toEqual(["Plan of dev"]);
});

test("an answer may have to do with all that a motion or an errand says", () => {
  expect(subjectOf(motion)).toContain("what ana asked");
  expect(subjectOf(motion)).toContain("talkPerPhase");
  const errand = viewOf({ kind: "errand", tasks: [task(20, { instructions: "Close the socket." })] });
  expect(subjectOf(errand)).toContain("Close the socket.");
  expect(subjectOf(viewOf())).toBe(viewOf().objective);
});
