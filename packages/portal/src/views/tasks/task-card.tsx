import type { TaskState } from "@federation/core";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, type Tone } from "../../ui/parts.tsx";
import { Countdown } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import type { TaskRecord } from "../missions/records.ts";

export const taskTones: Readonly<Record<TaskState, Tone>> = {
  proposed: "soft",
  approved: "soft",
  assigned: "warn",
  claimed: "accent",
  submitted: "accent",
  accepted: "good",
  rejected: "bad",
  released: "warn",
  expired: "bad",
  cancelled: "soft",
};

/** A task in short: who has it under which fence, and for how long. */
export function TaskCard({ task, showState = true }: { readonly task: TaskRecord; readonly showState?: boolean }) {
  const who = task.holder ?? task.assignee;
  return (
    <article class={task.overdue ? "card overdue" : "card"} data-task={task.id}>
      <div class="spread">
        <a class="card-title clamp-2" href={hrefOf("tasks", task.id)}>
          <Line of={task.title} />
        </a>
        {showState ? <Badge tone={taskTones[task.state]}>{task.state}</Badge> : null}
      </div>
      <div class="row">
        {who === null ? <span class="faint">{task.pool ? "in the pool" : "nobody's"}</span> : <ActorName name={who} />}
        <Badge>{task.kind}</Badge>
        {task.priority === 0 ? null : (
          <Badge tone={task.priority > 0 ? "warn" : "soft"}>priority {task.priority}</Badge>
        )}
        {task.fence > 0 ? <span class="faint number">fence {task.fence}</span> : null}
        {task.takenFrom === null ? null : <Badge tone="warn">taken over</Badge>}
        {task.needs.length === 0 ? null : <Badge tone="warn">waits for {task.needs.length}</Badge>}
      </div>
      {task.state === "claimed" && task.leaseUntil !== null ? (
        <p class="row-tight faint">
          lease <Countdown to={task.leaseUntil} />
        </p>
      ) : null}
      {task.dueAt !== null && !["accepted", "rejected", "cancelled"].includes(task.state) ? (
        <p class="row-tight faint">
          due <Countdown to={task.dueAt} />
        </p>
      ) : null}
    </article>
  );
}
