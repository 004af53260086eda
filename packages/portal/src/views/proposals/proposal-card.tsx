/** A proposal in short: who, what, how the vote stands, how long it lasts. */
import { hrefOf } from "../../routing/route.ts";
import { ActorName } from "../../ui/actor.tsx";
import { Badge, type Tone } from "../../ui/parts.tsx";
import { Countdown } from "../../ui/time.tsx";
import { Line } from "../../ui/words.tsx";
import type { ProposalRecord } from "../missions/records.ts";
import { VoteBar } from "./vote-bar.tsx";

export const proposalTones: Readonly<Record<ProposalRecord["state"], Tone>> = {
  open: "accent",
  voting: "warn",
  accepted: "good",
  adopted: "good",
  rejected: "bad",
  vetoed: "bad",
  withdrawn: "soft",
};

export function ProposalCard({ proposal }: { readonly proposal: ProposalRecord }) {
  const ends = proposal.state === "voting" || (proposal.phase === "veto" && proposal.state === "accepted");
  return (
    <article class="card">
      <div class="spread">
        <a class="card-title clamp-2" href={hrefOf("proposals", proposal.id)}>
          <Line of={proposal.title} />
        </a>
        <Badge tone={proposalTones[proposal.state]}>{proposal.state}</Badge>
      </div>
      <p class="soft clamp-2">
        <Line of={proposal.text} />
      </p>
      <div class="row">
        <ActorName name={proposal.author} />
        {proposal.kind === "plan" ? null : <Badge>{proposal.kind}</Badge>}
        {ends && proposal.phaseDeadline !== null ? (
          <span class="row-tight">
            <span class="faint">{proposal.state === "voting" ? "vote" : "veto"}</span>{" "}
            <Countdown to={proposal.phaseDeadline} />
          </span>
        ) : null}
      </div>
      {proposal.electorate.length === 0 ? null : <VoteBar proposal={proposal} />}
    </article>
  );
}
