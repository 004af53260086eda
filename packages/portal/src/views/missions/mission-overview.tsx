import type { MissionView, Obligation } from "@federation/core";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, Empty, Meter, Panel, type Tone } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { Line } from "../../ui/words.tsx";
import { ProposalCard } from "../proposals/proposal-card.tsx";
import { TaskCard } from "../tasks/task-card.tsx";

const dutyTones: Readonly<Record<Obligation["state"], Tone>> = {
  open: "warn",
  met: "good",
  abstained: "soft",
  expired: "bad",
  cancelled: "soft",
};

export function MissionOverview({ mission }: { readonly mission: MissionView }) {
  return (
    <div class="two-columns">
      <div class="stack-wide">
        <Panel title="Proposals">
          {mission.proposals.length === 0 ? (
            <Empty icon="vote" title="Nothing is proposed yet" />
          ) : (
            <QueryView name="ListProposals" request={{ mission: mission.id, limit: 100 }}>
              {({ proposals }) => (
                <ul class="stack">
                  {proposals.map((it) => (
                    <li key={it.id}>
                      <ProposalCard proposal={it} />
                    </li>
                  ))}
                </ul>
              )}
            </QueryView>
          )}
        </Panel>
        {mission.tasks.length === 0 ? null : (
          <Panel title="Tasks">
            <QueryView name="ListTasks" request={{ mission: mission.id, limit: 100 }}>
              {({ tasks }) => (
                <ul class="stack">
                  {tasks.map((it) => (
                    <li key={it.id}>
                      <TaskCard task={it} />
                    </li>
                  ))}
                </ul>
              )}
            </QueryView>
          </Panel>
        )}
        {mission.report === null ? null : (
          <Panel
            title="Report"
            actions={<a href={hrefOf("missions", mission.id, { tab: "result" })}>The whole result</a>}
          >
            <p class="clamp-3">
              <Line of={mission.report} max={600} />
            </p>
          </Panel>
        )}
      </div>
      <div class="stack-wide">
        <Panel title={mission.phase === "closed" ? "Duties of the last phase" : `Duties in ${mission.phase}`}>
          {mission.obligations.length === 0 ? (
            <p class="soft">Nobody owes anything here.</p>
          ) : (
            <ul class="stack">
              {mission.obligations.map((it) => (
                <li key={it.id}>
                  <span class="spread">
                    <span class="row">
                      <ActorName name={it.actor} /> {it.duty}
                    </span>
                    <span class="row-tight">
                      <span class="faint number" title="Turns used for it, of those it may take">
                        {it.turnsUsed}/{it.maxTurns}
                      </span>
                      <Badge tone={dutyTones[it.state]}>{it.state}</Badge>
                    </span>
                  </span>
                  <Subject of={it.subject} mission={mission} />
                </li>
              ))}
            </ul>
          )}
        </Panel>
        <Panel title="Members">
          <ul class="stack">
            {mission.members.map((it) => (
              <li key={it.actor} class="spread">
                <ActorName name={it.actor} />
                <span class="row-tight faint">
                  {it.votes ? "votes" : "no vote"} · {it.turns} turns
                  <Badge tone={it.online ? "good" : "bad"}>{it.online ? "online" : "away"}</Badge>
                </span>
              </li>
            ))}
          </ul>
        </Panel>
        <Budgets mission={mission} />
      </div>
    </div>
  );
}

/** What a duty is about: one of several proposals, or a task. */
function Subject({ of, mission }: { readonly of: string | null; readonly mission: MissionView }) {
  const proposal = mission.proposals.find((it) => it.id === of);
  const found = proposal ?? mission.tasks.find((it) => it.id === of);
  if (found === undefined || of === null) return null;
  return (
    <a class="soft clamp-1" href={hrefOf(proposal === undefined ? "tasks" : "proposals", of)}>
      <Line of={found.title} max={60} />
    </a>
  );
}

function Budgets({ mission }: { readonly mission: MissionView }) {
  const { tokensPerConversation, turnsPerConversation, wallMsPerConversation } = mission.parameters.budgets;
  const turns = Math.max(0, ...mission.members.map((it) => it.turns));
  const rows = [
    ["tokens of all", mission.tokens, tokensPerConversation],
    ["turns of the busiest", turns, turnsPerConversation],
    ["seconds since its start", Math.round(mission.ageMs / 1_000), Math.round(wallMsPerConversation / 1_000)],
  ] as const;
  return (
    <Panel title="Budgets">
      <ul class="stack">
        {rows.map(([name, used, limit]) => (
          <li key={name} class="stack-tight">
            <div class="spread">
              <span>{name}</span>
              <span class="faint number">
                {used.toLocaleString("en")} of {limit.toLocaleString("en")}
              </span>
            </div>
            <Meter used={used} limit={limit} label={name} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
