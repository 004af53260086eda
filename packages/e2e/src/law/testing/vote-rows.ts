import type { Federation } from "@federation/store/testing";

/** Everything that a vote, its outcome or the charter consists of. */
export async function voteRows(federation: Federation): Promise<object> {
  const tables = {
    proposals: "select id, author, title, body, text_sha256, state, change from federation.proposals order by id",
    ballots: "select * from federation.ballots order by proposal, voter",
    electorates: "select * from federation.electorates order by proposal, voter",
    members: "select conversation, actor, votes from federation.members order by conversation, actor",
    missions:
      "select conversation, phase, phase_no, round, phase_deadline, outcome, report from federation.missions order by conversation",
    duties: "select id, state, turns_used from federation.obligations order by id",
    tasks: "select id, state, assignee from federation.tasks order by id",
    charter: "select version, sha256, off from federation.charter_versions order by version",
    seals: "select n, sha256 from federation.verdict_seals order by n",
    lawful: "select count(*) from federation.verdicts where allowed",
    hosting: "select * from federation.hosting order by actor",
  };
  const found: Record<string, unknown> = {};
  for (const [name, sql] of Object.entries(tables)) found[name] = await federation.owner(sql);
  return found;
}
