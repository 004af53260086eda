/** A task whole: who has it, what was handed in, what became of it, and what I may do with it. */
import type { ControlResponse } from "@federation/core";
import { useApp } from "../../app/app.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { Badge, Empty, Facts, Id, Panel } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { At, Countdown } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import { Choices, reviewChoices } from "../inbox/item-answer.tsx";
import type { TaskRecord } from "../missions/records.ts";
import { TurnTable } from "../turns/turn-table.tsx";
import { Submission } from "./submission.tsx";
import { taskTones } from "./task-card.tsx";

type Shown = ControlResponse<"ShowTask">;

export function OneTask({ id }: { readonly id: string }) {
  return (
    <QueryView name="ShowTask" request={{ task: id }} everyMs={10_000}>
      {(shown) => (
        <div class="stack-wide">
          <TaskHead task={shown.task} />
          <div class="two-columns">
            <div class="stack-wide">
              <Panel title="What is to be done">
                {shown.task.instructions === "" ? (
                  <p class="soft">There are no instructions yet.</p>
                ) : (
                  <Markdown of={shown.task.instructions} />
                )}
              </Panel>
              {shown.task.submission === null ? null : (
                <Panel title="Result">
                  <Submission of={shown.task.submission} />
                </Panel>
              )}
              <Review task={shown.task} />
              <Panel title="Turns about it" flush>
                <TurnTable request={{ subject: id, limit: 50 }} />
              </Panel>
            </div>
            <div class="stack-wide">
              <TaskFacts task={shown.task} />
              <Related shown={shown} />
              <History shown={shown} />
            </div>
          </div>
        </div>
      )}
    </QueryView>
  );
}

function TaskHead({ task }: { readonly task: TaskRecord }) {
  return (
    <header class="stack-tight">
      <p class="faint row">
        <a href={hrefOf("tasks")}>Tasks</a>
        <Badge tone="accent">{task.kind}</Badge>
        <Id of={task.id} what="task" />
      </p>
      <div class="spread">
        <h1 class="grow">
          <Line of={task.title} />
        </h1>
        <TaskActions task={task} />
      </div>
      <div class="row">
        <Badge tone={taskTones[task.state]}>{task.state}</Badge>
        {task.overdue ? <Badge tone="bad">overdue</Badge> : null}
        {task.takenFrom === null ? null : (
          <span class="row-tight">
            <span class="faint">taken over from</span> <ActorName name={task.takenFrom} />
          </span>
        )}
        <a href={hrefOf("missions", task.conversation)}>in its {task.conversationKind}</a>
      </div>
    </header>
  );
}

/** What may be lawful now. What is not is refused, and says by which article. */
function TaskActions({ task }: { readonly task: TaskRecord }) {
  const { status } = useApp();
  const me = status.value?.you.actor;
  const given = { task: task.id };
  const held = { task: task.id, fence: task.fence };
  const mine = task.state === "claimed" && task.holder === me;
  const over = ["accepted", "rejected", "cancelled"].includes(task.state);
  const claimable =
    ["approved", "assigned", "released", "expired"].includes(task.state) && (task.assignee === me || task.pool);
  return (
    <div class="row">
      {claimable ? (
        <CommandButton name="ClaimTask" given={given} icon="hand" tone="primary">
          Claim
        </CommandButton>
      ) : null}
      {mine ? (
        <>
          <CommandButton name="SubmitTask" given={held} icon="send" tone="primary">
            Submit
          </CommandButton>
          {task.takenFrom === null ? (
            <CommandButton name="HandBackTask" given={held} icon="back">
              Hand back
            </CommandButton>
          ) : (
            <CommandButton name="GiveBackTask" given={held} icon="back">
              Give back
            </CommandButton>
          )}
        </>
      ) : null}
      {!over && ["approved", "released", "expired", "assigned"].includes(task.state) ? (
        <CommandButton name="AssignTask" given={given} icon="user">
          Assign
        </CommandButton>
      ) : null}
      {!over && !mine && task.state !== "submitted" ? (
        <CommandButton name="TakeOverTask" given={given} icon="flag">
          Take over
        </CommandButton>
      ) : null}
    </div>
  );
}

function Review({ task }: { readonly task: TaskRecord }) {
  if (task.state !== "submitted") return null;
  return (
    <Panel title="Review">
      <p class="soft">One does not review one's own result; whose duty it is stands in the mission.</p>
      <Choices choices={reviewChoices(task.id)} label="Reason" />
    </Panel>
  );
}

function TaskFacts({ task }: { readonly task: TaskRecord }) {
  return (
    <Panel title="Ownership">
      <Facts
        of={[
          [
            "assignee",
            task.assignee === null ? (
              task.pool ? (
                "whoever claims it first"
              ) : (
                "nobody"
              )
            ) : (
              <ActorName key="assignee" name={task.assignee} />
            ),
          ],
          ["holder", task.holder === null ? "nobody" : <ActorName key="holder" name={task.holder} />],
          ["fence", task.fence],
          ["lease", task.leaseUntil === null ? null : <Countdown key="lease" to={task.leaseUntil} />],
          ["due", task.dueAt === null ? null : <Countdown key="due" to={task.dueAt} />],
          ["priority", task.priority],
          [
            "paths",
            task.scope.length === 0
              ? "any"
              : task.scope.map((it) => (
                  <code key={it}>
                    <Line of={it} />{" "}
                  </code>
                )),
          ],
          ["reworks", task.reworks],
          ["changed hands", task.reassignments],
          ["opened", <At key="opened" time={task.createdAt} />],
          ["by", task.createdBy === null ? null : <ActorName key="by" name={task.createdBy} />],
          [
            "proposal",
            task.proposal === null ? null : (
              <a key="proposal" href={hrefOf("proposals", task.proposal)}>
                the one it comes from
              </a>
            ),
          ],
        ]}
      />
    </Panel>
  );
}

function Related({ shown: { needs, neededBy } }: { readonly shown: Shown }) {
  if (needs.length + neededBy.length === 0) return null;
  const list = (title: string, tasks: Shown["needs"]) =>
    tasks.length === 0 ? null : (
      <div class="stack-tight">
        <h3>{title}</h3>
        <ul class="stack-tight">
          {tasks.map((it) => (
            <li key={it.id} class="spread">
              <a href={hrefOf("tasks", it.id)} class="clamp-1">
                <Line of={it.title} max={80} />
              </a>
              <Badge tone={taskTones[it.state]}>{it.state}</Badge>
            </li>
          ))}
        </ul>
      </div>
    );
  return (
    <Panel title="Hangs together with">
      <div class="stack">
        {list("Waits for", needs)}
        {list("Is waited for by", neededBy)}
      </div>
    </Panel>
  );
}

function History({ shown: { history } }: { readonly shown: Shown }) {
  return (
    <Panel title="History">
      {history.length === 0 ? (
        <Empty icon="history" title="Nothing yet" />
      ) : (
        <ol class="history">
          {history.map((it) => (
            <li key={`${it.at} ${it.to} ${it.fence}`}>
              <div class="row">
                <Badge tone={taskTones[it.to]}>{it.to}</Badge>
                <ActorName name={it.actor} />
                {it.fence > 0 ? <span class="faint number">fence {it.fence}</span> : null}
                <span class="faint">
                  <At time={it.at} />
                </span>
              </div>
              {it.reason === "" ? null : (
                <p class="soft clamp-3">
                  <Line of={it.reason} max={500} />
                </p>
              )}
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
