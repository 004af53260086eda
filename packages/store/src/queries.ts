import { type ControlName, type ControlRequest, type ControlResponse, control, MeshError } from "@federation/core";
import { charterQueries } from "./charter-queries.ts";
import type { Database } from "./connection.ts";
import { messageQueries } from "./message-queries.ts";
import { composeResult } from "./mission-result.ts";
import { found, type Handler, list, visible } from "./query-parts.ts";
import { turnQueries } from "./turn-queries.ts";
import { waitingQueries } from "./waiting-queries.ts";
import { workQueries } from "./work-queries.ts";

/** Queries of the control API, each one statement. */
const handlers: { readonly [N in ControlName]?: Handler<N> } = {
  ListRoster: async (db, _, as) => ({ actors: (await list(db, "select federation.roster($1) as j", [as]))[0] }),
  ...messageQueries,
  ListMissions: async (db, request) => ({
    missions: await list(
      db,
      `select jsonb_build_object('id', m.conversation, 'objective', m.objective, 'phase', m.phase, 'round', m.round, 'outcome', m.outcome,
         'createdBy', c.created_by, 'phaseDeadline', federation.iso(m.phase_deadline),
         'createdAt', federation.iso(m.created_at), 'closedAt', federation.iso(m.closed_at)) as j
       from federation.missions m join federation.conversations c on c.id = m.conversation
       where m.kind = 'mission' and (not $1 or m.phase <> 'closed') order by m.created_at desc limit $2`,
      [request.open, request.limit],
    ),
  }),
  ShowMission: async (db, request, as) => ({
    mission: found(await ofMission(db, "mission_view", request.mission, as), "mission"),
  }),
  ReportMission: async (db, request, as) =>
    composeResult(found(await ofMission(db, "mission_report", request.mission, as), "mission")),
  GetOverdue: async (db, request) => ({
    items: (
      await list(db, "select federation.overdue(make_interval(secs => $1::numeric / 1000)) as j", [request.graceMs])
    )[0],
  }),
  ...workQueries,
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
  ...turnQueries,
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
