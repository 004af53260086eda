/** A proposal with its electorate, the ballots as they come, and what I may do about it. */
import { changeInWords } from "@federation/core";
import { useApp } from "../../app/app.ts";
import { CommandButton } from "../../command/command-button.tsx";
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { Badge, Facts, Id, Panel } from "../../ui/parts.tsx";
import { QueryView, useQuery } from "../../ui/query-view.tsx";
import { At, Countdown } from "../../ui/time.tsx";
import { Line, Words } from "../../ui/words.tsx";
import { ballotChoices, Choices } from "../inbox/item-answer.tsx";
import type { ProposalRecord } from "../missions/records.ts";
import { proposalTones } from "./proposal-card.tsx";
import { VoteBar } from "./vote-bar.tsx";

export function OneProposal({ id }: { readonly id: string }) {
  return (
    <QueryView name="ShowProposal" request={{ proposal: id }}>
      {({ proposal }) => <Proposal proposal={proposal} />}
    </QueryView>
  );
}

function Proposal({ proposal }: { readonly proposal: ProposalRecord }) {
  const { status } = useApp();
  const me = status.value?.you.actor ?? "";
  const mine = proposal.author === me;
  const over = ["rejected", "vetoed", "withdrawn"].includes(proposal.state);
  const voted = proposal.ballots.some((it) => it.voter === me);
  const mayVote = proposal.state === "voting" && proposal.electorate.includes(me) && !voted;
  return (
    <div class="stack-wide">
      <header class="stack-tight">
        <p class="faint row">
          <a href={hrefOf("proposals")}>Proposals</a>
          <Badge tone="accent">{proposal.kind}</Badge>
          <Id of={proposal.id} what="proposal" />
        </p>
        <div class="spread">
          <h1 class="grow">
            <Line of={proposal.title} />
          </h1>
          <div class="row">
            {proposal.state === "open" ? (
              <CommandButton name="Critique" given={{ proposal: proposal.id }} icon="messages">
                Criticise
              </CommandButton>
            ) : null}
            {mine && (proposal.state === "open" || proposal.state === "voting") ? (
              <CommandButton name="WithdrawProposal" given={{ proposal: proposal.id }} icon="back">
                Withdraw
              </CommandButton>
            ) : null}
            {over || proposal.phase === "closed" ? null : (
              <CommandButton name="VetoProposal" given={{ proposal: proposal.id }} icon="ban" tone="danger">
                Veto
              </CommandButton>
            )}
          </div>
        </div>
        <div class="row">
          <Badge tone={proposalTones[proposal.state]}>{proposal.state}</Badge>
          <ActorName name={proposal.author} />
          <a href={hrefOf("missions", proposal.conversation)}>in its {proposal.conversationKind}</a>
          {proposal.phase === "veto" && proposal.phaseDeadline !== null ? (
            <span class="row-tight">
              <span class="faint">may be vetoed:</span> <Countdown to={proposal.phaseDeadline} />
            </span>
          ) : null}
        </div>
      </header>
      <div class="two-columns">
        <div class="stack-wide">
          <Panel title="What is proposed">
            <div class="stack">
              <Markdown of={proposal.text} />
              {proposal.change === null ? null : (
                <div class="change">
                  <h3>What changes</h3>
                  <Words of={changeInWords(proposal.change)} first={2_000} />
                </div>
              )}
              {proposal.motive === "" ? null : (
                <div>
                  <h3>What it answers to</h3>
                  <Markdown of={proposal.motive} />
                </div>
              )}
            </div>
          </Panel>
          {mayVote ? (
            <Panel title="Your ballot">
              <p class="soft">It is final, and bound to this text.</p>
              <Choices choices={ballotChoices(proposal.id)} label="Reason" />
            </Panel>
          ) : null}
          <Ballots proposal={proposal} />
        </div>
        <div class="stack-wide">
          <Rule proposal={proposal} />
          <Panel title="Times">
            <Facts
              of={[
                ["proposed", <At key="created" time={proposal.createdAt} />],
                [
                  "vote opened",
                  proposal.votingOpenedAt === null ? null : <At key="opened" time={proposal.votingOpenedAt} />,
                ],
                ["decided", proposal.decidedAt === null ? null : <At key="decided" time={proposal.decidedAt} />],
                ["round", proposal.round],
                ["text", <Id key="text" of={proposal.textSha256} what="text" />],
              ]}
            />
          </Panel>
        </div>
      </div>
    </div>
  );
}

function Ballots({ proposal }: { readonly proposal: ProposalRecord }) {
  if (proposal.electorate.length === 0) return null;
  const waiting = proposal.electorate.filter((voter) => !proposal.ballots.some((it) => it.voter === voter));
  return (
    <Panel title="Ballots">
      <div class="stack">
        <VoteBar proposal={proposal} />
        <ul class="stack">
          {proposal.ballots.map((it) => (
            <li key={it.voter} class="ballot" data-ballot={it.voter}>
              <div class="row">
                <ActorName name={it.voter} />
                <Badge tone={it.choice === "yes" ? "good" : it.choice === "no" ? "bad" : "soft"}>{it.choice}</Badge>
                {it.byDeadline ? <Badge tone="warn">by the deadline</Badge> : null}
                <span class="faint">
                  <At time={it.castAt} />
                </span>
              </div>
              {it.reason === "" ? null : <Markdown of={it.reason} />}
            </li>
          ))}
          {waiting.map((voter) => (
            <li key={voter} class="row">
              <ActorName name={voter} />
              <Badge tone="warn">has not voted</Badge>
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
}

/** What the charter asks of this vote. */
function Rule({ proposal }: { readonly proposal: ProposalRecord }) {
  const { data } = useQuery("ShowCharter", {});
  const article = proposal.kind === "plan" ? "quorum-and-deadline" : "amendments";
  const parameters = data?.parameters[article];
  const share = (name: string) => {
    const value = parameters?.[name];
    return typeof value === "number" ? `${Math.round(value * 100)} %` : "–";
  };
  const cast = proposal.ballots.filter((it) => it.choice !== "abstain").length;
  const quorum = parameters?.["quorum"];
  const needed = typeof quorum === "number" ? Math.ceil(quorum * proposal.electorate.length) : undefined;
  return (
    <Panel title="The rule">
      <Facts
        of={[
          [
            "article",
            <a key="article" href={hrefOf("charter", article)}>
              {article}
            </a>,
          ],
          ["quorum", `${share("quorum")} must say yes or no`],
          ["majority", `more than ${share("threshold")} of these must say yes`],
          [
            "so far",
            proposal.electorate.length === 0
              ? "the vote is not open"
              : `${cast} of ${needed ?? "–"} needed have said yes or no`,
          ],
          [
            "ends",
            proposal.state === "voting" && proposal.phaseDeadline !== null ? (
              <Countdown key="ends" to={proposal.phaseDeadline} />
            ) : null,
          ],
        ]}
      />
    </Panel>
  );
}
