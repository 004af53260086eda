import { randomUUID } from "node:crypto";
import type { Operation } from "@federation/core";
import { COMMANDER, DEVELOPER, type Federation } from "./federation-fixture.ts";
import { driveMission, type MissionDriver } from "./mission-driver.ts";

export interface ErrandDriver extends MissionDriver {
  readonly task: string;
}

export type TaskOrder = Partial<Omit<Extract<Operation, { readonly op: "open_task" }>, "op" | "id" | "task">>;

export const openTask = (order: TaskOrder = {}): Extract<Operation, { readonly op: "open_task" }> => ({
  op: "open_task",
  id: randomUUID(),
  task: randomUUID(),
  taskKind: "chore",
  title: "Sweep the queue",
  instructions: "Delete what nobody waits for, and say what it was.",
  assignee: DEVELOPER,
  scope: [],
  needs: [],
  priority: 0,
  dueInMs: null,
  proposal: null,
  ...order,
});

/** Opens an errand for the developer, as the commander, unless told otherwise. */
export async function openErrand(
  federation: Federation,
  order: TaskOrder = {},
  creator: string = COMMANDER,
): Promise<ErrandDriver> {
  const operation = openTask(order);
  await federation.apply(creator, operation);
  return { ...driveMission(federation, operation.id), task: operation.task };
}

/** Each line of a task's history: who, from, to, and why. */
export async function historyOf(federation: Federation, task: string): Promise<readonly string[]> {
  const rows = await federation.owner<{ line: string }>(
    "select concat_ws(' ', actor, coalesce(from_state, '-'), to_state, reason) as line from federation.task_history where task = $1 order by id",
    [task],
  );
  return rows.map((row) => row.line);
}
