import type { Database } from "./connection.ts";
import { found, type Handlers, list } from "./query-parts.ts";

/** Queries about the charter, its versions, the motions and the verdicts. */
const version = `'version', version, 'sha256', sha256, 'how', how, 'adoptedBy', adopted_by, 'adoptedAt', federation.iso(adopted_at),
  'motive', motive, 'proposal', proposal`;

export const charterQueries = {
  ShowCharter: async (db, request) =>
    found(
      await list(
        db,
        `select jsonb_build_object(${version}, 'articles', articles, 'parameters', parameters, 'off', off, 'advisories', advisories) as j
         from federation.charter_versions where $1::int is null or version = $1 order by version desc limit 1`,
        [request.version ?? null],
      ),
      "version of the charter",
    ),
  ListCharterVersions: async (db, request) => ({
    versions: await list(
      db,
      `select jsonb_build_object(${version}) as j from federation.charter_versions v order by v.version desc limit $1`,
      [request.limit],
    ),
  }),
  ListMotions: async (db, request) => ({
    motions: await list(
      db,
      `select jsonb_build_object('id', m.conversation, 'kind', p.kind, 'title', p.title, 'author', p.author, 'proposal', p.id, 'state', p.state,
         'phase', m.phase, 'phaseDeadline', federation.iso(m.phase_deadline), 'outcome', m.outcome,
         'createdAt', federation.iso(m.created_at), 'closedAt', federation.iso(m.closed_at)) as j
       from federation.missions m join federation.proposals p on p.conversation = m.conversation
       where m.kind = 'motion' and (not $1 or m.phase <> 'closed') order by m.created_at desc limit $2`,
      [request.open, request.limit],
    ),
  }),
  ListVerdicts: async (db, request) => ({
    verdicts: await list(
      db,
      `select jsonb_build_object('id', v.id::text, 'at', federation.iso(v.at), 'conversation', v.conversation, 'actor', v.actor, 'action', v.action,
         'allowed', v.allowed, 'article', v.article, 'reason', v.reason, 'lawful', v.lawful, 'charterVersion', v.charter_version) as j
       from federation.verdicts v
       where ($1::uuid is null or v.conversation = $1) and ($2::text is null or v.actor = $2) and (not $3 or not v.allowed)
       order by v.id desc limit $4`,
      [request.conversation ?? null, request.actor ?? null, request.refused, request.limit],
    ),
  }),
  AuditVerdicts: async (db) => (await list(db, "select federation.audit_verdicts() as j", []))[0],
  ShowIncident: (db, { incident }) => (/^\d+$/.test(incident) ? refusedAction(db, incident) : troubleOf(db, incident)),
} satisfies Handlers<
  "ShowCharter" | "ListCharterVersions" | "ListMotions" | "ListVerdicts" | "AuditVerdicts" | "ShowIncident"
>;

async function refusedAction(db: Database, verdict: string): Promise<unknown> {
  return found(
    await list(
      db,
      `select jsonb_build_object('incident', v.id::text, 'kind', 'refused_action', 'at', federation.iso(v.at), 'actor', v.actor, 'text',
         format('On %s the article %s (charter version %s) refused "%s" to %s: %s.', left(federation.iso(v.at), 10), v.article, v.charter_version,
           v.action, v.actor, left(rtrim(v.reason, '.'), 600))) as j
       from federation.verdicts v where v.id = $1 and not v.allowed`,
      [verdict],
    ),
    "refused action",
  );
}

/** What last went wrong with a task: a result that was rejected, or a claim that ran out. */
async function troubleOf(db: Database, task: string): Promise<unknown> {
  return found(
    await list(
      db,
      `select jsonb_build_object('incident', $1::text, 'kind', x.kind, 'at', federation.iso(x.at), 'actor', x.actor, 'text', x.text) as j
       from (
         select 'rejected_result' as kind, s.reviewed_at as at, s.author as actor,
             format('On %s %s rejected the result of %s for the task "%s": %s', left(federation.iso(s.reviewed_at), 10), s.reviewer, s.author,
               left(t.title, 200), left(s.reason, 600)) as text
           from federation.submissions s join federation.tasks t on t.id = s.task where s.task = $1::uuid and s.state = 'rejected'
         union all
         select 'expired_claim', h.at, c.actor,
             format('On %s the claim of %s on the task "%s" ended: %s', left(federation.iso(h.at), 10), c.actor, left(t.title, 200), left(h.reason, 600))
           from federation.task_history h join federation.tasks t on t.id = h.task
           cross join lateral (select k.actor from federation.task_history k where k.task = h.task and k.id < h.id and k.to_state = 'claimed'
             order by k.id desc limit 1) c
          where h.task = $1::uuid and h.actor = 'federation' and h.from_state = 'claimed' and h.to_state in ('assigned', 'released', 'expired')
       ) x order by x.at desc limit 1`,
      [task],
    ),
    "task whose result was rejected or whose claim ran out",
  );
}
