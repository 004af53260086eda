import { type Roster, useApp } from "../../app/app.ts";
import type { ViewProps } from "../../app/view-props.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { hrefOf } from "../../routing/route.ts";
import { ActorMark, ActorName } from "../../ui/actor.tsx";
import { Badge, Empty, Facts, Panel } from "../../ui/parts.tsx";
import { QueryView, RosterToCome } from "../../ui/query-view.tsx";
import { At, Since, spanText } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import { ActivityLine, StateBadge } from "../mesh/activity.tsx";
import { TurnTable } from "../turns/turn-table.tsx";

type Entry = Roster[number];

export function ActorView({ id }: ViewProps) {
  const { roster } = useApp();
  if (roster.value.length === 0) return <RosterToCome />;
  if (id === undefined) return <ActorList />;
  const entry = roster.value.find((it) => it.actor === id);
  return entry === undefined ? (
    <Empty icon="user" title={`There is no actor ${id}`}>
      <a href={hrefOf("actors")}>All actors</a>
    </Empty>
  ) : (
    <OneActor entry={entry} />
  );
}

function ActorList() {
  const { roster } = useApp();
  return (
    <div class="stack-wide">
      <div class="spread">
        <h1>Actors</h1>
        <CommandButton name="AddActor" icon="plus">
          Add an actor from outside
        </CommandButton>
      </div>
      <ul class="cards">
        {roster.value.map((it) => (
          <li key={it.actor} class="card">
            <div class="spread">
              <ActorName name={it.actor} />
              <StateBadge of={it.activity} />
            </div>
            <p class="soft clamp-3">
              <Line of={it.description} />
            </p>
            <ActivityLine of={it.activity} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function OneActor({ entry }: { readonly entry: Entry }) {
  const { actor } = entry;
  const hasNode = entry.kind !== "external";
  return (
    <div class="stack-wide">
      <header class="stack-tight">
        <p class="faint">
          <a href={hrefOf("actors")}>Actors</a>
        </p>
        <div class="spread">
          <h1 class="row">
            <ActorMark name={actor} size={32} /> {actor}
          </h1>
          <div class="row">
            <CommandButton name="SendMessage" given={{ to: actor }} icon="send">
              Message
            </CommandButton>
            {hasNode && entry.kind === "agent" ? (
              entry.paused ? (
                <CommandButton name="ResumeNode" given={{ node: actor }} icon="play" tone="primary">
                  Resume
                </CommandButton>
              ) : (
                <CommandButton name="PauseNode" given={{ node: actor }} icon="pause">
                  Pause
                </CommandButton>
              )
            ) : null}
            {hasNode ? (
              <CommandButton name="ReloadNode" given={{ node: actor }} icon="refresh">
                Reload
              </CommandButton>
            ) : (
              <CommandButton name="RetireActor" given={{ name: actor }} icon="ban" tone="danger">
                Retire
              </CommandButton>
            )}
          </div>
        </div>
        <div class="row">
          <Badge tone="accent">{entry.role}</Badge>
          <Badge>{entry.kind}</Badge>
          <StateBadge of={entry.activity} />
          <ActivityLine of={entry.activity} />
        </div>
        {entry.paused ? (
          <p class="banner warn">
            Paused: it takes no turns. <Line of={entry.pauseReason ?? ""} />
          </p>
        ) : null}
      </header>
      <div class="two-columns">
        <div class="stack-wide">
          <Panel title="Who it is">
            <p>
              <Line of={entry.description} max={700} />
            </p>
          </Panel>
          <Panel title="Latest turns" flush>
            <TurnTable request={{ actor, limit: 30 }} />
          </Panel>
        </div>
        <div class="stack-wide">
          <Panel title="Node">
            <Facts
              of={[
                ["model", entry.model],
                ["version", entry.version],
                ["running since", entry.startedAt === null ? null : <At key="started" time={entry.startedAt} />],
                ["last seen", entry.lastSeenAt === null ? "never" : <Since key="seen" time={entry.lastSeenAt} />],
                ["broker", entry.broker],
                ["acted for by", entry.host === null ? null : <ActorName key="host" name={entry.host} />],
                ["deliveries due", entry.due],
                ["wake-ups to send", entry.queued],
                ["given up", entry.dead],
                ["tokens read", entry.tokensIn.toLocaleString("en")],
                ["tokens written", entry.tokensOut.toLocaleString("en")],
                ["tokens per second", entry.tokensPerSecond === null ? null : entry.tokensPerSecond.toFixed(1)],
              ]}
            />
          </Panel>
          {hasNode ? <Reloads actor={actor} /> : null}
          <p class="row">
            <a class="button" href={hrefOf("timeline", undefined, { actor })}>
              What it did
            </a>
            <a class="button" href={hrefOf("turns", undefined, { actor })}>
              All its turns
            </a>
          </p>
        </div>
      </div>
    </div>
  );
}

function Reloads({ actor }: { readonly actor: string }) {
  return (
    <Panel title="Reloads">
      <QueryView
        name="ListReloads"
        request={{ node: actor, limit: 10 }}
        everyMs={5_000}
        empty={({ reloads }) => (reloads.length === 0 ? <p class="soft">Its logic was never replaced.</p> : null)}
      >
        {({ reloads }) => (
          <ul class="stack">
            {reloads.map((it) => (
              <li key={it.id} class="stack-tight">
                <div class="row">
                  <Badge tone={it.state === "reloaded" ? "good" : it.state === "asked" ? "warn" : "bad"}>
                    {it.state}
                  </Badge>
                  {it.askedBy === null ? <span class="faint">at the machine</span> : <ActorName name={it.askedBy} />}
                  <span class="faint">
                    <At time={it.askedAt} />
                    {it.tookMs === null ? "" : `, took ${spanText(it.tookMs)}`}
                  </span>
                </div>
                {it.reason === "" ? null : (
                  <p class="soft">
                    {it.stage === null ? "" : `${it.stage}: `}
                    <Line of={it.reason} max={400} />
                  </p>
                )}
              </li>
            ))}
          </ul>
        )}
      </QueryView>
    </Panel>
  );
}
