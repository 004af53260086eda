import type { ViewProps } from "../../app/view-props.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { hrefOf } from "../../routing/route.ts";
import { Empty, Tabs } from "../../ui/parts.tsx";
import { QueryView } from "../../ui/query-view.tsx";
import { OneProposal } from "./one-proposal.tsx";
import { ProposalCard } from "./proposal-card.tsx";

const kinds = { all: "All", motions: "Motions", plans: "Of missions", open: "Not decided" } as const;
type Kind = keyof typeof kinds;
const names: readonly Kind[] = ["all", "open", "motions", "plans"];

export function ProposalsView({ id, params }: ViewProps) {
  if (id !== undefined) return <OneProposal id={id} />;
  const now = names.find((it) => it === params["show"]) ?? "all";
  return (
    <div class="stack-wide">
      <div class="spread">
        <h1>Proposals</h1>
        <div class="row">
          <CommandButton name="ProposeDecision" icon="gavel">
            New motion: a decision
          </CommandButton>
          <CommandButton name="ProposeTask" icon="tasks">
            New motion: a task
          </CommandButton>
        </div>
      </div>
      <Tabs
        label="Which proposals"
        now={now}
        tabs={names.map((name) => ({
          name,
          title: kinds[name],
          href: hrefOf("proposals", undefined, { show: name === "all" ? undefined : name }),
        }))}
      />
      <QueryView name="ListProposals" request={{ limit: 200 }}>
        {({ proposals }) => {
          const shown = proposals.filter(
            (it) =>
              now === "all" ||
              (now === "motions" && it.kind !== "plan") ||
              (now === "plans" && it.kind === "plan") ||
              (now === "open" && (it.state === "open" || it.state === "voting")),
          );
          return shown.length === 0 ? (
            <Empty icon="vote" title="There is no such proposal">
              In a mission the team proposes plans. A motion binds the whole federation: propose a decision, a task, or
              an <a href={hrefOf("charter")}>amendment</a>.
            </Empty>
          ) : (
            <ul class="cards">
              {shown.map((it) => (
                <li key={it.id}>
                  <ProposalCard proposal={it} />
                </li>
              ))}
            </ul>
          );
        }}
      </QueryView>
    </div>
  );
}
