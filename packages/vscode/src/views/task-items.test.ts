import { describe, expect, test } from "vitest";
import { someId } from "../testing/waiting-item.ts";
import { colours, type TaskRecord } from "./item.ts";
import { taskContext, taskItem } from "./task-items.ts";

const nowMs = Date.parse("2026-11-28T12:00:00.000Z");
const open: TaskRecord = {
  id: someId,
  proposal: null,
  title: "Write the rota",
  instructions: "",
  kind: "chore",
  priority: 0,
  dueAt: null,
  overdue: false,
  scope: [],
  needs: [],
  pool: false,
  state: "assigned",
  assignee: "baby",
  holder: null,
  takenFrom: null,
  fence: 0,
  leaseLive: false,
  reworks: 0,
  reassignments: 0,
  submission: null,
  conversation: someId,
  leaseUntil: null,
};
const held: TaskRecord = { ...open, state: "claimed", holder: "commander", fence: 1 };

describe("what a person may do with a task", () => {
  test.each([
    ["somebody's: take it over", open, "task takeable"],
    ["their own: claim it", { ...open, assignee: "commander" }, "task claimable takeable"],
    ["anybody's: claim it", { ...open, pool: true, assignee: null }, "task claimable takeable"],
    ["held by them: hand in, hand back", held, "task held"],
    ["taken over by them: give it back", { ...held, takenFrom: "baby" }, "task held taken"],
    ["over: nothing", { ...open, state: "cancelled" as const }, "task"],
  ])("%s", (_, task, words) => {
    expect(taskContext(task, "commander")).toBe(words);
  });
});

test("a task says whose it is, and is red when it is overdue", () => {
  expect(taskItem(held, "commander", nowMs).description).toBe("claimed · yours");
  const late = taskItem({ ...open, overdue: true, dueAt: "2026-11-28T11:00:00.000Z" }, "commander", nowMs);
  expect(late).toMatchObject({ description: "assigned · baby's · overdue", colour: colours.bad });
});
