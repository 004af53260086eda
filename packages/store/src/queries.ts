import { type ControlName, type ControlRequest, type ControlResponse, control, MeshError } from "@federation/core";
import { charterQueries } from "./charter-queries.ts";
import type { Database } from "./connection.ts";
import { composeResult } from "./mission-result.ts";
import { found, type Handler, list } from "./query-parts.ts";
import { waitingQueries } from "./waiting-queries.ts";

/**
 * Queries of the control API, each one statement. What the caller may not see is as if it were not there: messages and
 * missions are visible to the members of their conversation, and to the commander.
 */
const visible =
  "(exists (select 1 from federation.members v where v.conversation = m.conversation and v.actor = $1) or exists (select 1 from federation.actors v where v.name = $1 and v.role = 'commander'))";

const handlers: { readonly [N in ControlName]?: Handler<N> } = {
  ListRoster: async (db) => ({ actors: (await list(db, "select federation.roster() as j", []))[0] }),
  ListInbox: async (db, request, as) => ({
    items: await list(
      db,
      `select federation.message_json(m) || jsonb_build_object('delivery', federation.delivery_json(d)) as j
       from federation.deliveries d join federation.messages m on m.id = d.message
       where d.recipient = $1 and (not $2 or d.state = 'due') order by m.created_at desc, m.seq desc limit $3`,
      [as, request.due, request.limit],
    ),
  }),
  ShowMessage: async (db, request, as) => ({
    message: found(
      await list(
        db,
        `select federation.message_json(m) as j from federation.messages m where m.id = $2 and ${visible}`,
        [as, request.message],
      ),
      "message",
    ),
    deliveries: await list(
      db,
      "select federation.delivery_json(d) as j from federation.deliveries d where d.message = $1 order by d.recipient",
      [request.message],
    ),
  }),
  ListDeadLetters: async (db, request, as) => ({
    deliveries: await list(
      db,
      `select federation.delivery_json(m) as j from federation.deliveries m where m.state = 'dead' and ${visible} order by m.dead_at desc limit $2`,
      [as, request.limit],
    ),
  }),
  ListMissions: async (db, request) => ({
    missions: await list(
      db,
      `select jsonb_build_object('id', conversation, 'objective', objective, 'phase', phase, 'round', round, 'outcome', outcome,
         'createdAt', federation.iso(created_at), 'closedAt', federation.iso(closed_at)) as j
       from federation.missions where kind = 'mission' and (not $1 or phase <> 'closed') order by created_at desc limit $2`,
      [request.open, request.limit],
    ),
  }),
  ShowMission: async (db, request, as) => ({
    mission: found(await ofMission(db, "mission_view", request.mission, as), "mission"),
  }),
  ReportMission: async (db, request, as) =>
    composeResult(found(await ofMission(db, "mission_report", request.mission, as), "mission")),
  ListConversation: async (db, request, as) => ({
    messages: await list(
      db,
      `select federation.message_json(m) as j from federation.messages m
       where m.conversation = $2 and m.seq > $3 and ${visible} order by m.seq limit $4`,
      [as, request.conversation, request.afterSeq, request.limit],
    ),
  }),
  ListProposals: async (db, request) => ({
    proposals: await list(
      db,
      `select federation.proposal_json(p) || jsonb_build_object('conversation', p.conversation) as j from federation.proposals p
       where $1::uuid is null or p.conversation = $1 order by p.created_at desc limit $2`,
      [request.mission ?? null, request.limit],
    ),
  }),
  ShowProposal: async (db, request) => ({
    proposal: found(
      await list(
        db,
        "select federation.proposal_json(p) || jsonb_build_object('conversation', p.conversation) as j from federation.proposals p where p.id = $1",
        [request.proposal],
      ),
      "proposal",
    ),
  }),
  ListTasks: async (db, request) => ({
    tasks: await list(
      db,
      `select federation.task_json(t) || jsonb_build_object('conversation', t.conversation) as j from federation.tasks t
       where ($1::uuid is null or t.conversation = $1) and ($2::text is null or t.assignee = $2)
         and (not $3 or t.state not in ('accepted', 'rejected', 'cancelled')
           and exists (select 1 from federation.missions m where m.conversation = t.conversation and m.phase <> 'closed'))
         and (not $4 or t.pool and t.assignee is null and t.state in ('approved', 'released', 'expired'))
       order by case when $3 then t.priority end desc nulls last, case when $3 then t.due_at end nulls last, t.created_at desc, t.id limit $5`,
      [request.mission ?? null, request.assignee ?? null, request.open || request.pool, request.pool, request.limit],
    ),
  }),
  GetOverdue: async (db, request) => ({
    items: (
      await list(db, "select federation.overdue(make_interval(secs => $1::numeric / 1000)) as j", [request.graceMs])
    )[0],
  }),
  ShowTask: async (db, request) => ({
    task: found(
      await list(
        db,
        "select federation.task_json(t) || jsonb_build_object('conversation', t.conversation) as j from federation.tasks t where t.id = $1",
        [request.task],
      ),
      "task",
    ),
  }),
  ...charterQueries,
  ShowClaim: async (db, request) => ({
    claim: (await list(db, "select federation.claim_json($1, $2) as j", [request.task, request.fence]))[0] ?? null,
  }),
  ListClaims: async (db, request, as) => ({
    claims: (await list(db, "select federation.live_claims($1) as j", [request.actor ?? as]))[0],
  }),
  ListTokens: async (db, request, as) => ({
    tokens: (
      await list(db, "select federation.list_tokens($1, $2, $3) as j", [
        request.actor === "all" ? null : (request.actor ?? as),
        as,
        request.live,
      ])
    )[0],
  }),
  ListSigningKeys: async (db) => ({ keys: (await list(db, "select federation.signing_keys_json() as j", []))[0] }),
  ...waitingQueries,
  RecallMemory: async (db, request) => ({ episodes: await recallEpisodes(db, request.query ?? null, request.limit) }),
};

/** These doors know the login only: whoever is hosted must not see what its host sees. */
const ofMission = (db: Database, door: "mission_view" | "mission_report", mission: string, as: string) =>
  list(
    db,
    `select j from federation.missions m, federation.${door}(m.conversation) j where m.conversation = $2 and j is not null and ${visible}`,
    [as, mission],
  );

export async function recallEpisodes(db: Database, query: string | null, limit: number): Promise<readonly unknown[]> {
  // Any of the words, best first: a question rarely shares all its words with the answer.
  return await list(
    db,
    `with q as (select replace(plainto_tsquery('english', $1)::text, ' & ', ' | ')::tsquery as words)
     select jsonb_build_object('id', e.id, 'actor', e.actor, 'conversation', e.conversation, 'text', e.body,
       'source', e.source, 'createdAt', federation.iso(e.created_at)) as j
     from federation.episodes e, q where $1::text is null or e.words @@ q.words order by ts_rank(e.words, q.words) desc nulls last, e.created_at desc limit $2`,
    [query, limit],
  );
}

/** Answers one query, checked against its response schema: a row this build cannot read is a defect, said so. */
export async function answerQuery<N extends ControlName>(
  db: Database,
  name: N,
  request: ControlRequest<N>,
  as: string,
): Promise<ControlResponse<N>> {
  const handler: Handler<N> | undefined = handlers[name];
  if (handler === undefined) throw new MeshError("internal", `${name} is not answered from the rows alone.`);
  const parsed = control[name].response.safeParse(await handler(db, request, as));
  if (!parsed.success)
    throw new MeshError("internal", `The rows that answer ${name} are not what this build expects.`, {
      cause: parsed.error,
    });
  return parsed.data as ControlResponse<N>;
}
