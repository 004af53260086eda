/** Open tasks, most urgent first: who has each, and what the person may do with it. */
import { hrefOf } from "@federation/portal/route";
import { oneLine, revealed } from "../text/one-line.ts";
import { atText } from "../text/times.ts";
import { colours, type Item, type TaskRecord } from "./item.ts";

const icons: Readonly<Record<TaskRecord["state"], readonly [icon: string, colour: string | undefined]>> = {
  proposed: ["circle-outline", colours.quiet],
  approved: ["circle-outline", undefined],
  assigned: ["circle-large-outline", undefined],
  claimed: ["circle-large-filled", colours.busy],
  submitted: ["arrow-circle-up", colours.warn],
  accepted: ["pass", colours.good],
  rejected: ["error", colours.bad],
  released: ["circle-outline", colours.warn],
  expired: ["watch", colours.bad],
  cancelled: ["circle-slash", colours.quiet],
};

const over: readonly TaskRecord["state"][] = ["accepted", "rejected", "cancelled"];
const claimable: readonly TaskRecord["state"][] = ["approved", "assigned", "released", "expired"];

/** What may be lawful for `me`; the node says what is. */
export function taskContext(task: TaskRecord, me: string): string {
  const held = task.state === "claimed" && task.holder === me;
  const words = [
    "task",
    held ? "held" : "",
    held && task.takenFrom !== null ? "taken" : "",
    claimable.includes(task.state) && (task.assignee === me || task.pool) ? "claimable" : "",
    !held && !over.includes(task.state) && task.state !== "submitted" ? "takeable" : "",
    task.state === "submitted" && task.submission?.author !== me ? "reviewable" : "",
    (task.submission?.commit ?? null) === null ? "" : "commit",
  ];
  return words.filter((it) => it !== "").join(" ");
}

export function taskItem(task: TaskRecord, me: string, nowMs: number = Date.now()): Item {
  const [icon, colour] = icons[task.state];
  const whose = task.holder ?? task.assignee;
  const who =
    whose === null ? (task.pool ? "for whoever claims it" : "nobody's") : whose === me ? "yours" : `${whose}'s`;
  const due = task.dueAt === null ? [] : [`due ${atText(task.dueAt, nowMs)}`];
  return {
    id: `task ${task.id}`,
    label: oneLine(task.title),
    description: [task.state, who, ...(task.overdue ? ["overdue"] : due)].join(" · "),
    tooltip: [
      `${task.kind}, ${task.state}${task.fence > 0 ? `, fence ${task.fence}` : ""}`,
      revealed(task.title),
      `Assignee: ${task.assignee ?? "nobody"}; holder: ${task.holder ?? "nobody"}`,
      ...(task.takenFrom === null ? [] : [`Taken over from ${task.takenFrom}`]),
      ...(task.leaseUntil === null ? [] : [`The claim lasts until ${atText(task.leaseUntil, nowMs)}`]),
      ...due,
      ...(task.scope.length === 0 ? [] : [`May write: ${task.scope.join(", ")}`]),
    ],
    icon,
    colour: task.overdue ? colours.bad : colour,
    context: taskContext(task, me),
    route: hrefOf("tasks", task.id),
    subject: { kind: "task", task },
    children: "none",
  };
}

export function taskItems(tasks: readonly TaskRecord[], me: string, nowMs?: number): readonly Item[] {
  return tasks.map((task) => taskItem(task, me, nowMs));
}
