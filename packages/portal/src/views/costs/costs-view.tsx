import type { ControlResponse } from "@federation/core";
import type { ViewProps } from "../../app/view-props.ts";
import { hrefOf } from "../../routing/route.ts";
import { plainly } from "../../text/plain.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, Empty, Meter, Panel, Tabs } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { spanText } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import { UsageChart } from "./usage-chart.tsx";

type Cost = ControlResponse<"ListCosts">["costs"][number];

const kinds = { actor: "By actor", conversation: "By mission", task: "By task" } as const;
type By = keyof typeof kinds;
const names: readonly By[] = ["actor", "conversation", "task"];
const budgetWords: Readonly<Record<Cost["budgets"][number]["name"], string>> = {
  turnsPerConversation: "turns",
  tokensPerConversation: "tokens",
  wallMsPerConversation: "time",
  wallMsPerTask: "time",
};

export function CostsView({ params }: ViewProps) {
  const by = names.find((it) => it === params["by"]) ?? "actor";
  return (
    <div class="stack-wide">
      <h1>Costs</h1>
      <Panel title="Tokens written per minute, of the last hour">
        <QueryView name="GetUsage" request={{ stepMs: 60_000, steps: 60 }} everyMs={15_000}>
          {(usage) => <UsageChart usage={usage} />}
        </QueryView>
      </Panel>
      <Tabs
        label="Costs of what"
        now={by}
        tabs={names.map((name) => ({
          name,
          title: kinds[name],
          href: hrefOf("costs", undefined, { by: name === "actor" ? undefined : name }),
        }))}
      />
      <QueryView
        name="ListCosts"
        request={{ by, limit: 200 }}
        everyMs={10_000}
        empty={({ costs }) =>
          costs.length === 0 ? (
            <Empty icon="coins" title="Nothing was spent yet">
              With nothing to do, no token is spent. <a href={hrefOf("missions")}>Start a mission</a>.
            </Empty>
          ) : null
        }
      >
        {({ costs, total }) => (
          <div class="panel table-scroll">
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">{by === "actor" ? "Actor" : by === "task" ? "Task" : "Conversation"}</th>
                  <th scope="col" class="right">
                    Turns
                  </th>
                  <th scope="col" class="right">
                    Tokens read
                  </th>
                  <th scope="col" class="right">
                    Tokens written
                  </th>
                  <th scope="col" class="right">
                    Time
                  </th>
                  <th scope="col">Budgets</th>
                </tr>
              </thead>
              <tbody>
                {costs.map((it) => (
                  <CostRow key={it.id} cost={it} />
                ))}
              </tbody>
              <tfoot>
                <tr class="table-total">
                  <th scope="row">All together</th>
                  <td class="right number">{total.turns}</td>
                  <td class="right number">{total.tokensIn.toLocaleString("en")}</td>
                  <td class="right number">{total.tokensOut.toLocaleString("en")}</td>
                  <td class="right number">{spanText(total.ms)}</td>
                  <td />
                </tr>
              </tfoot>
            </table>
          </div>
        )}
      </QueryView>
    </div>
  );
}

function CostRow({ cost }: { readonly cost: Cost }) {
  return (
    <tr>
      <td>
        <CostName cost={cost} />
      </td>
      <td class="right number">
        {cost.turns}
        {cost.failedTurns === 0 ? null : <span class="faint"> · {cost.failedTurns} failed</span>}
      </td>
      <td class="right number">{cost.tokensIn.toLocaleString("en")}</td>
      <td class="right number">{cost.tokensOut.toLocaleString("en")}</td>
      <td class="right number">{spanText(cost.ms)}</td>
      <td class="budgets">
        {cost.budgets.length === 0 ? (
          <span class="faint">none is open</span>
        ) : (
          cost.budgets.map((it) => (
            <div key={it.name} class="budget">
              <span class="faint">{budgetWords[it.name]}</span>
              <Meter used={it.used} limit={it.limit} label={`${budgetWords[it.name]} of ${plainly(cost.title)}`} />
              <span class="faint number">{Math.round((100 * it.used) / Math.max(1, it.limit))} %</span>
            </div>
          ))
        )}
      </td>
    </tr>
  );
}

function CostName({ cost }: { readonly cost: Cost }) {
  if (cost.kind === "actor") return <ActorName name={cost.id} />;
  const href =
    cost.kind === "task"
      ? hrefOf("tasks", cost.id)
      : cost.kind === "thread"
        ? hrefOf("conversations", cost.id)
        : hrefOf("missions", cost.id);
  return (
    <span class="row">
      <a href={href}>
        <Line of={cost.title} max={90} />
      </a>
      {cost.kind === "task" || cost.kind === "mission" ? null : <Badge>{cost.kind}</Badge>}
    </span>
  );
}
