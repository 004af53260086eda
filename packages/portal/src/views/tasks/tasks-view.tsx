import type { ControlResponse } from "@federation/core";
import type { ViewProps } from "../../app/view-props.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, Empty, Panel, Tabs } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { Table } from "../../ui/table.tsx";
import { Countdown, Since, spanText } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import type { TaskRecord } from "../missions/records.ts";
import { OneTask } from "./one-task.tsx";
import { TaskCard, taskTones } from "./task-card.tsx";

/** Columns of the board, in the order of a task's life. */
const columns: readonly { readonly title: string; readonly states: readonly TaskRecord["state"][] }[] = [
  { title: "To be taken", states: ["proposed", "approved", "assigned", "released", "expired"] },
  { title: "At work", states: ["claimed"] },
  { title: "To be reviewed", states: ["submitted"] },
  { title: "Done", states: ["accepted"] },
  { title: "Not done", states: ["rejected", "cancelled"] },
];

export function TasksView({ id, params }: ViewProps) {
  if (id !== undefined) return <OneTask id={id} />;
  const now = params["as"] === "table" ? "table" : "board";
  return (
    <div class="stack-wide">
      <div class="spread">
        <h1>Tasks</h1>
        <CommandButton name="OpenTask" icon="plus" tone="primary">
          New task
        </CommandButton>
      </div>
      <Tabs
        label="How to show them"
        now={now}
        tabs={[
          { name: "board", title: "Board", href: hrefOf("tasks") },
          { name: "table", title: "Table", href: hrefOf("tasks", undefined, { as: "table" }) },
        ]}
      />
      <Overdue />
      <QueryView
        name="ListTasks"
        request={{ limit: 300 }}
        everyMs={15_000}
        empty={({ tasks }) =>
          tasks.length === 0 ? (
            <Empty icon="tasks" title="There is no task yet">
              A mission makes its own. For one piece of work open a task; for one that binds the federation,{" "}
              <a href={hrefOf("proposals")}>propose</a> it.
            </Empty>
          ) : null
        }
      >
        {({ tasks }) => (now === "board" ? <Board tasks={tasks} /> : <TaskTable tasks={tasks} />)}
      </QueryView>
    </div>
  );
}

function Board({ tasks }: { readonly tasks: readonly TaskRecord[] }) {
  return (
    <div class="board">
      {columns.map(({ title, states }) => {
        const inColumn = tasks.filter((it) => states.includes(it.state));
        return (
          <section key={title} class="board-column" aria-label={title}>
            <h2 class="board-title">
              {title} <span class="count number">{inColumn.length}</span>
            </h2>
            <ul class="stack">
              {inColumn.slice(0, 60).map((it) => (
                <li key={it.id}>
                  <TaskCard task={it} showState={states.length > 1} />
                </li>
              ))}
            </ul>
            {inColumn.length > 60 ? <p class="faint">and {inColumn.length - 60} more, in the table</p> : null}
          </section>
        );
      })}
    </div>
  );
}

function TaskTable({ tasks }: { readonly tasks: readonly TaskRecord[] }) {
  return (
    <Table panel heads={["Task", "State", "Assignee", "Holder", { right: "Fence" }, "Lease", "Due", "Opened"]}>
      {tasks.map((it) => (
        <tr key={it.id}>
          <td>
            <a href={hrefOf("tasks", it.id)}>
              <Line of={it.title} max={90} />
            </a>
            <div class="faint">{it.kind}</div>
          </td>
          <td>
            <Badge tone={taskTones[it.state]}>{it.state}</Badge>
          </td>
          <td>
            {it.assignee === null ? (
              <span class="faint">{it.pool ? "pool" : "–"}</span>
            ) : (
              <ActorName name={it.assignee} />
            )}
          </td>
          <td>{it.holder === null ? "–" : <ActorName name={it.holder} />}</td>
          <td class="right number">{it.fence}</td>
          <td>{it.leaseUntil === null ? "–" : <Countdown to={it.leaseUntil} />}</td>
          <td>{it.dueAt === null ? "–" : <Countdown to={it.dueAt} />}</td>
          <td>
            <Since time={it.createdAt} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** What waits beyond its deadline, and for whom. */
function Overdue() {
  return (
    <QueryView
      name="GetOverdue"
      request={{}}
      everyMs={10_000}
      empty={({ items }) => (items.length === 0 ? <span /> : null)}
    >
      {({ items }) => (
        <Panel title={`Overdue: ${items.length}${items.length === mostListed ? " or more" : ""}`}>
          <OverdueItems of={items.slice(0, mostLate)} />
          {items.length > mostLate ? (
            <details class="more">
              <summary>and {items.length - mostLate} more</summary>
              <OverdueItems of={items.slice(mostLate)} />
            </details>
          ) : null}
        </Panel>
      )}
    </QueryView>
  );
}

/** In view, those that are late the longest; the others do not push the tasks off the page. */
const mostLate = 5;
/** So many GetOverdue lists. */
const mostListed = 500;

function OverdueItems({ of }: { readonly of: ControlResponse<"GetOverdue">["items"] }) {
  return (
    <ul class="stack-tight">
      {of.map((it) => (
        <li key={`${it.kind} ${it.subject} ${it.owner}`} class="row">
          <Badge tone="bad">{spanText(it.lateMs)} late</Badge>
          {it.kind} <span class="faint">waits for</span> <ActorName name={it.owner} />
          {it.conversation === null ? null : <a href={hrefOf("conversations", it.conversation)}>open</a>}
        </li>
      ))}
    </ul>
  );
}
