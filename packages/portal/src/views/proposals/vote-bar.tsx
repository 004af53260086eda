import type { ProposalRecord } from "../missions/records.ts";

/** How the vote stands, of all who may vote. */
export function VoteBar({ proposal }: { readonly proposal: ProposalRecord }) {
  const size = proposal.electorate.length;
  const count = (choice: string) => proposal.ballots.filter((it) => it.choice === choice).length;
  const [yes, no, abstain] = [count("yes"), count("no"), count("abstain")];
  const share = (n: number) => `${(100 * n) / Math.max(1, size)}%`;
  const open = size - yes - no - abstain;
  return (
    <div class="vote">
      <div class="vote-bar" aria-hidden="true">
        <span class="vote-yes" style={{ width: share(yes) }} />
        <span class="vote-no" style={{ width: share(no) }} />
        <span class="vote-abstain" style={{ width: share(abstain) }} />
      </div>
      <p class="faint number">
        {yes} yes · {no} no · {abstain} abstain
        {open > 0 ? ` · ${open} of ${size} still to vote` : ` · all ${size} have voted`}
      </p>
    </div>
  );
}
