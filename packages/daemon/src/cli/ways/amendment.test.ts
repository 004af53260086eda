import { MeshError } from "@federation/core";
import { expect, test } from "vitest";
import type { Given } from "../given.ts";
import { amendmentOf, titleOf } from "./amendment.ts";

const given = (values: Readonly<Record<string, string>>): Given => ({
  text: (name) => values[name] ?? "",
  maybe: (name) => values[name],
  flag: () => false,
  whole: () => undefined,
  list: () => [],
});

test.each([
  ["quorum-and-deadline.quorum=0.6", "quorum-and-deadline", "quorum", 0.6],
  ["quorum-and-deadline.phaseDeadlineMs.vote=60000", "quorum-and-deadline", "phaseDeadlineMs.vote", 60_000],
  ["explicit-assignment.pool=true", "explicit-assignment", "pool", true],
  [
    'propose-before-implement.kindsNeedingProposal=["feature","fix"]',
    "propose-before-implement",
    "kindsNeedingProposal",
    ["feature", "fix"],
  ],
  ["propose-before-implement.kindsNeedingProposal=[]", "propose-before-implement", "kindsNeedingProposal", []],
  ["budgets.talkPerPhase=many", "budgets", "talkPerPhase", "many"],
])("%s sets a parameter", (set, article, parameter, value) => {
  expect(amendmentOf(given({ set }))).toEqual({ change: "set_parameter", article, parameter, value });
});

test("an article is switched, and advice added with the motion's title and text, and dropped", () => {
  expect(amendmentOf(given({ switchOn: "last-round" }))).toEqual({ change: "switch_on", article: "last-round" });
  expect(amendmentOf(given({ switchOff: "last-round" }))).toEqual({ change: "switch_off", article: "last-round" });
  expect(amendmentOf(given({ dropAdvice: "be-brief" }))).toEqual({ change: "drop_advisory", article: "be-brief" });
  const advice = amendmentOf(given({ advise: "be-brief", title: "Be brief", text: "Three sentences." }));
  expect(advice).toEqual({ change: "add_advisory", article: "be-brief", title: "Be brief", text: "Three sentences." });
  expect(titleOf(advice)).toBe("Be brief");
});

test.each<readonly [string, Readonly<Record<string, string>>]>([
  ["no change", {}],
  ["two changes", { switchOn: "last-round", set: "budgets.talkPerPhase=5" }],
  ["a setting without a value", { set: "budgets.talkPerPhase" }],
  ["a setting without a parameter", { set: "budgets=5" }],
  ["a record for a value", { set: 'budgets.talkPerPhase={"a":1}' }],
])("%s is refused with what to write instead", (_, values) => {
  expect(() => amendmentOf(given(values))).toThrow(MeshError);
});
