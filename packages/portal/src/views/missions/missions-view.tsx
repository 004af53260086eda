import type { ViewProps } from "../../app/view-props.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, Empty, Tabs } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { Countdown, Since } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import { OneMission } from "./one-mission.tsx";
import { outcomeTone } from "./outcome-tone.ts";

const samples = [
  "Choose a retry policy for the outbox relay and write it down",
  "Write a checklist for adding a node to the mesh",
];

export function MissionsView({ id, params }: ViewProps) {
  return id === undefined ? (
    <MissionList open={params["show"] !== "all"} />
  ) : (
    <OneMission id={id} tab={params["tab"]} />
  );
}

function MissionList({ open }: { readonly open: boolean }) {
  return (
    <div class="stack-wide">
      <div class="spread">
        <h1>Missions</h1>
        <CommandButton name="StartMission" icon="plus" tone="primary">
          New mission
        </CommandButton>
      </div>
      <Tabs
        label="Which missions"
        now={open ? "open" : "all"}
        tabs={[
          { name: "open", title: "Under way", href: hrefOf("missions") },
          { name: "all", title: "All", href: hrefOf("missions", undefined, { show: "all" }) },
        ]}
      />
      <QueryView
        name="ListMissions"
        request={{ open, limit: 200 }}
        empty={({ missions }) =>
          missions.length === 0 ? (
            <Empty icon="mission" title={open ? "No mission is under way" : "There was no mission yet"}>
              <p>Give the team an objective: it proposes, criticises, votes, works, reviews and reports.</p>
              <div class="row center">
                {samples.map((objective) => (
                  <CommandButton key={objective} name="StartMission" given={{ objective }}>
                    {objective}
                  </CommandButton>
                ))}
              </div>
            </Empty>
          ) : null
        }
      >
        {({ missions }) => (
          <ul class="panel list">
            {missions.map((it) => (
              <li key={it.id}>
                <a class="list-row" href={hrefOf("missions", it.id)}>
                  <div class="grow stack-tight">
                    <strong class="clamp-2">
                      <Line of={it.objective} />
                    </strong>
                    <div class="row">
                      <Badge tone={outcomeTone(it.outcome)}>
                        {it.outcome === null ? it.phase : it.outcome.replaceAll("_", " ")}
                      </Badge>
                      {it.round > 1 ? <Badge>round {it.round}</Badge> : null}
                      <ActorName name={it.createdBy} link={false} />
                    </div>
                  </div>
                  <span class="faint number list-when">
                    {it.phaseDeadline === null ? (
                      <Since time={it.closedAt ?? it.createdAt} />
                    ) : (
                      <Countdown to={it.phaseDeadline} />
                    )}
                  </span>
                </a>
              </li>
            ))}
          </ul>
        )}
      </QueryView>
    </div>
  );
}
