import { expect, test } from "vitest";
import { parametersForTest } from "../testing/missions.ts";
import { type Change, changeSchema } from "./amendment.ts";
import { changeInWords } from "./change-words.ts";

const said: readonly (readonly [Change, string])[] = [
  [
    { change: "set_parameter", article: "budgets", parameter: "talkPerPhase", value: 3 },
    "It sets talkPerPhase of the article budgets to 3.",
  ],
  [
    { change: "set_parameter", article: "propose-before-implement", parameter: "kindsNeedingProposal", value: ["fix"] },
    'It sets kindsNeedingProposal of the article propose-before-implement to ["fix"].',
  ],
  [{ change: "switch_on", article: "last-round" }, "It puts the article last-round in force."],
  [{ change: "switch_off", article: "last-round" }, "It switches the article last-round off."],
  [
    { change: "add_advisory", article: "short-meetings", title: "Short meetings", text: "A question is asked once." },
    "It adds the advice short-meetings, which is shown and not enforced: Short meetings. A question is asked once.",
  ],
  [{ change: "drop_advisory", article: "short-meetings" }, "It drops the advice short-meetings."],
  [
    {
      change: "open_task",
      taskKind: "fix",
      assignee: "dev",
      instructions: "Close the socket.",
      scope: ["src/**", "docs/*.md"],
      priority: 0,
      dueInMs: null,
    },
    "It opens a fix for dev within src/**, docs/*.md: Close the socket.",
  ],
  [{ change: "ratify", version: 0 }, "It ratifies the charter as it stands in version 0."],
];

test("what is in force now is said with what is to be", () => {
  const change = { change: "set_parameter", article: "budgets", parameter: "talkPerPhase", value: 3 } as const;
  expect(changeInWords(change, parametersForTest)).toBe("It sets talkPerPhase of the article budgets from 2 to 3.");
  expect(changeInWords({ ...change, parameter: "talk" }, parametersForTest)).toBe(
    "It sets talk of the article budgets to 3.",
  );
});

test.each(said)("%o is said in words", (change, words) => {
  expect(changeSchema.safeParse(change).success).toBe(true);
  expect(changeInWords(change)).toBe(words);
});
