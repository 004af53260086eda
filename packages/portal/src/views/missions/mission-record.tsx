import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, Panel } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { At, spanText } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import { VerdictTable } from "../charter/verdict-table.tsx";
import { DecisionTable } from "../turns/decision-table.tsx";

/** How it went: phases with their reasons, decisions with who made them, verdicts with their articles. */
export function MissionRecord({ mission }: { readonly mission: string }) {
  return (
    <div class="stack-wide">
      <Panel
        title="Phases"
        flush
        actions={<a href={hrefOf("timeline", undefined, { conversation: mission })}>Every event of it</a>}
      >
        <QueryView name="ReportMission" request={{ mission }}>
          {({ phases, overdue }) => (
            <div class="table-scroll">
              <table class="table">
                <thead>
                  <tr>
                    <th scope="col">Entered</th>
                    <th scope="col">Phase</th>
                    <th scope="col">Why</th>
                    <th scope="col" class="right">
                      Took
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {phases.map((it) => (
                    <tr key={it.enteredAt}>
                      <td>
                        <At time={it.enteredAt} />
                      </td>
                      <td>
                        {it.name}
                        {it.round > 1 ? <span class="faint"> round {it.round}</span> : null}
                      </td>
                      <td>
                        <Line of={it.reason} />
                      </td>
                      <td class="right number">
                        {it.leftAt === null ? "–" : spanText(Date.parse(it.leftAt) - Date.parse(it.enteredAt))}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {overdue.length === 0 ? null : (
                <ul class="panel-body stack-tight">
                  {overdue.map((it) => (
                    <li key={`${it.kind} ${it.subject}`} class="row">
                      <Badge tone="bad">overdue</Badge> {it.kind}, waits for <ActorName name={it.owner} />
                    </li>
                  ))}
                </ul>
              )}
            </div>
          )}
        </QueryView>
      </Panel>
      <Panel title="Decisions" flush>
        <DecisionTable request={{ conversation: mission, limit: 200 }} />
      </Panel>
      <Panel title="Verdicts" flush>
        <VerdictTable request={{ conversation: mission, limit: 200 }} />
      </Panel>
    </div>
  );
}
