import { found, type Handlers, list } from "./query-parts.ts";

/** Queries about proposals and tasks, which everybody sees. */
const proposalRecord = `federation.proposal_json(p) || jsonb_build_object('conversation', p.conversation, 'conversationKind', m.kind,
  'phase', m.phase, 'phaseDeadline', federation.iso(m.phase_deadline), 'createdAt', federation.iso(p.created_at),
  'votingOpenedAt', federation.iso(p.voting_opened_at), 'decidedAt', federation.iso(p.decided_at)) as j
  from federation.proposals p join federation.missions m on m.conversation = p.conversation`;

const taskRecord = `federation.task_json(t) || jsonb_build_object('conversation', t.conversation, 'conversationKind', m.kind,
  'createdAt', federation.iso(t.created_at), 'createdBy', t.created_by, 'leaseUntil', federation.iso(t.lease_until)) as j
  from federation.tasks t join federation.missions m on m.conversation = t.conversation`;

const related = (by: string): string =>
  `(select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'title', t.title, 'state', t.state) order by t.created_at, t.id), '[]')
     from federation.task_needs n join federation.tasks t on ${by})`;

export const workQueries: Handlers<"ListProposals" | "ShowProposal" | "ListTasks" | "ShowTask"> = {
  ListProposals: async (db, request) => ({
    proposals: await list(
      db,
      `select ${proposalRecord} where $1::uuid is null or p.conversation = $1 order by p.created_at desc limit $2`,
      [request.mission ?? null, request.limit],
    ),
  }),
  ShowProposal: async (db, request) => ({
    proposal: found(await list(db, `select ${proposalRecord} where p.id = $1`, [request.proposal]), "proposal"),
  }),
  ListTasks: async (db, request) => ({
    tasks: await list(
      db,
      `select ${taskRecord}
       where ($1::uuid is null or t.conversation = $1) and ($2::text is null or t.assignee = $2)
         and (not $3 or t.state not in ('accepted', 'rejected', 'cancelled') and m.phase <> 'closed')
         and (not $4 or t.pool and t.assignee is null and t.state in ('approved', 'released', 'expired'))
       order by case when $3 then t.priority end desc nulls last, case when $3 then t.due_at end nulls last, t.created_at desc, t.id limit $5`,
      [request.mission ?? null, request.assignee ?? null, request.open || request.pool, request.pool, request.limit],
    ),
  }),
  ShowTask: async (db, { task }) =>
    found(
      await list(
        db,
        `select jsonb_build_object('task', shown.j, 'history', (select coalesce(jsonb_agg(jsonb_build_object('at', federation.iso(h.at),
             'actor', h.actor, 'from', h.from_state, 'to', h.to_state, 'fence', h.fence, 'reason', h.reason) order by h.id), '[]')
           from federation.task_history h where h.task = $1),
         'needs', ${related("n.needs = t.id where n.task = $1")}, 'neededBy', ${related("n.task = t.id where n.needs = $1")}) as j
         from (select ${taskRecord} where t.id = $1) shown`,
        [task],
      ),
      "task",
    ),
};
