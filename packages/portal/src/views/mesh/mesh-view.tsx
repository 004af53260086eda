import type { ControlResponse } from "@federation/core";
import { type Roster, useApp } from "../../app/app.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { EventLines } from "../../ui/event-line.tsx";
import { Badge, Empty, Facts, Panel } from "../../ui/parts.tsx";
import { QueryView, RosterToCome } from "../../ui/query-view.tsx";
import { Table } from "../../ui/table.tsx";
import { Line } from "../../ui/words.tsx";
import { WaitingList } from "../inbox/waiting-list.tsx";
import { ActivityLine, StateBadge } from "./activity.tsx";
import { MeshPicture } from "./mesh-picture.tsx";

export function MeshView() {
  const { roster, log } = useApp();
  if (roster.value.length === 0) return <RosterToCome />;
  const alone = roster.value.every((it) => it.kind !== "agent");
  return (
    <div class="mesh-view">
      <h1 class="visually-hidden">Mesh</h1>
      <div class="mesh-main">
        <section class="panel mesh-stage" aria-label="Picture of the mesh">
          <MeshPicture />
          {alone ? (
            <Empty icon="bot" title="No agent is here yet">
              Add a node on its machine: <code>npx -y pnpm@12 federation node add NAME --role developer</code>
            </Empty>
          ) : null}
        </section>
        <Panel title="Who does what" flush>
          <RosterTable />
        </Panel>
      </div>
      <div class="mesh-side">
        <Panel title="Waits for you" actions={<a href={hrefOf("inbox")}>Inbox</a>}>
          <WaitingList brief />
        </Panel>
        <Panel title="Health">
          <Health />
        </Panel>
        <Panel title="Now" actions={<a href={hrefOf("timeline")}>Timeline</a>}>
          <EventLines window={log.all} last={14} />
        </Panel>
      </div>
    </div>
  );
}

function Health() {
  return (
    <QueryView name="GetStatus" request={{}}>
      {(status) => <HealthFacts of={status} />}
    </QueryView>
  );
}

function HealthFacts({ of: it }: { readonly of: ControlResponse<"GetStatus"> }) {
  const up = (text: string) => <Badge tone={text.startsWith("connected") ? "good" : "bad"}>{text}</Badge>;
  return (
    <Facts
      of={[
        ["broker, publishing", up(it.broker.publish)],
        ["broker, consuming", up(it.broker.consume)],
        [
          "database",
          <Badge key="database" tone={it.database.startsWith("unavailable") ? "bad" : "good"}>
            {it.database}
          </Badge>,
        ],
        ["online", `${it.online} of ${it.actors}`],
        [
          "open missions",
          <a key="missions" href={hrefOf("missions")}>
            {it.openMissions}
          </a>,
        ],
        [
          "charter",
          <a key="charter" href={hrefOf("charter")}>
            version {it.charterVersion}
          </a>,
        ],
        ["wake-ups to send", it.outbox],
        ["deliveries due", it.due],
        [
          "dead letters",
          it.dead === 0 ? (
            0
          ) : (
            <a key="dead" href={hrefOf("messages")}>
              {it.dead}
            </a>
          ),
        ],
        ["node", `${it.node}, version ${it.version}`],
      ]}
    />
  );
}

function RosterTable() {
  const { roster } = useApp();
  return (
    <Table
      heads={["Actor", "State", "Model", { right: "Tokens/s" }, { right: "Queue" }, "Broker", "Version", "Last reload"]}
    >
      {roster.value.map((it) => (
        <tr key={it.actor} data-row={it.actor}>
          <td>
            <ActorName name={it.actor} />
            <div class="faint">
              {it.role}
              {it.kind === "agent" ? "" : `, ${it.kind}`}
            </div>
          </td>
          <td>
            <div class="row">
              <StateBadge of={it.activity} />
              {it.paused ? (
                <CommandButton name="ResumeNode" given={{ node: it.actor }} tone="quiet" icon="play">
                  Resume
                </CommandButton>
              ) : null}
            </div>
            <ActivityLine of={it.activity} />
          </td>
          <td>
            <Line of={it.model ?? "–"} max={40} />
          </td>
          <td class="right number">{it.tokensPerSecond === null ? "–" : it.tokensPerSecond.toFixed(1)}</td>
          <td class="right number">
            <span title={`${it.due} due, ${it.queued} to be published, ${it.dead} given up`}>
              {it.due}
              {it.dead === 0 ? "" : ` · ${it.dead}✕`}
            </span>
          </td>
          <td>
            <BrokerLinks of={it} />
          </td>
          <td class="number">{it.version ?? "–"}</td>
          <td>
            {it.lastReload === null ? (
              "–"
            ) : (
              <Badge
                tone={it.lastReload.state === "reloaded" ? "good" : it.lastReload.state === "asked" ? "warn" : "bad"}
              >
                {it.lastReload.state}
              </Badge>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** Both links up is worth one word; anything else is worth its own. */
function BrokerLinks({ of }: { readonly of: Roster[number] }) {
  if (of.host !== null) return <span class="faint">at {of.host}</span>;
  if (of.broker === null) return <span class="faint">–</span>;
  const up = of.broker.match(/\bconnected\b/g)?.length === 2;
  return (
    <span title={of.broker}>
      <Badge tone={up ? "good" : "bad"}>{up ? "connected" : of.broker.slice(0, 40)}</Badge>
    </span>
  );
}
