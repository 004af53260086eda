/** A mission, a motion or an errand: where it is, who owes what, what was said, decided, made and spent. */
import { type MissionView, phaseOwner } from "@federation/core";
import { useApp } from "../../app/app.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, Id, Panel, Tabs } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { Countdown } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import { Thread } from "../conversations/thread.tsx";
import { TurnTable } from "../turns/turn-table.tsx";
import { MissionOverview } from "./mission-overview.tsx";
import { MissionRecord } from "./mission-record.tsx";
import { MissionResult } from "./mission-result.tsx";
import { outcomeTone } from "./outcome-tone.ts";
import { PhaseSteps } from "./phase-steps.tsx";

const tabs = ["overview", "thread", "turns", "result", "record"] as const;

export function OneMission({ id, tab }: { readonly id: string; readonly tab: string | undefined }) {
  const now = tabs.find((it) => it === tab) ?? "overview";
  return (
    <QueryView name="ShowMission" request={{ mission: id }}>
      {({ mission }) => (
        <div class="stack-wide">
          <MissionHead mission={mission} />
          <PhaseSteps mission={mission} />
          <Tabs
            label="Of this mission"
            now={now}
            tabs={tabs.map((name) => ({
              name,
              title: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
              href: hrefOf("missions", id, { tab: name === "overview" ? undefined : name }),
            }))}
          />
          <Tab name={now} mission={mission} />
        </div>
      )}
    </QueryView>
  );
}

function Tab({ name, mission }: { readonly name: (typeof tabs)[number]; readonly mission: MissionView }) {
  switch (name) {
    case "overview":
      return <MissionOverview mission={mission} />;
    case "thread":
      return <Thread conversation={mission.id} members={mission.members.map((it) => it.actor)} />;
    case "turns":
      return (
        <Panel title="Turns" flush>
          <TurnTable request={{ conversation: mission.id, limit: 200 }} />
        </Panel>
      );
    case "result":
      return <MissionResult mission={mission.id} />;
    case "record":
      return <MissionRecord mission={mission.id} />;
  }
}

function MissionHead({ mission }: { readonly mission: MissionView }) {
  const { status } = useApp();
  const me = status.value?.you.actor;
  const myAdvance = mission.obligations.some((it) => it.actor === me && it.duty === "advance" && it.state === "open");
  return (
    <header class="stack-tight">
      <p class="faint row">
        <a href={hrefOf("missions")}>Missions</a>
        <Badge tone="accent">{mission.kind}</Badge>
        <Id of={mission.id} what="mission" />
      </p>
      <div class="spread">
        <h1 class="grow">
          <Line of={mission.objective} max={1_000} />
        </h1>
        <div class="row">
          {mission.kind === "mission" && mission.phase === "propose" ? (
            <CommandButton name="Propose" given={{ mission: mission.id }} icon="plus">
              Propose
            </CommandButton>
          ) : null}
          {myAdvance ? (
            <CommandButton name="AdvancePhase" given={{ mission: mission.id }} icon="chevron-right" tone="primary">
              Advance
            </CommandButton>
          ) : null}
          <CommandButton name="SendMessage" given={{ conversation: mission.id }} icon="send">
            Say something
          </CommandButton>
        </div>
      </div>
      <div class="row">
        <Badge tone={outcomeTone(mission.outcome)}>
          {mission.outcome === null ? `in ${mission.phase}` : mission.outcome.replaceAll("_", " ")}
        </Badge>
        {mission.round > 1 ? <Badge>round {mission.round}</Badge> : null}
        <GateOwner mission={mission} />
        {mission.phaseDeadline === null ? null : <Countdown to={mission.phaseDeadline} />}
        {mission.repository === null ? null : <Badge icon="commit">{mission.repository}</Badge>}
        <span class="faint number">{mission.tokens.toLocaleString("en")} tokens</span>
      </div>
    </header>
  );
}

/** Whose it is to move the phase on. */
function GateOwner({ mission }: { readonly mission: MissionView }) {
  const owner = mission.phase === "closed" ? undefined : phaseOwner(mission, mission.phase);
  return owner === undefined ? null : (
    <span class="row-tight">
      <span class="faint">gate of</span> <ActorName name={owner.actor} />
    </span>
  );
}
