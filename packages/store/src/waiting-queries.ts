import { type Handlers, list } from "./query-parts.ts";

/** What waits for an actor; questions to a person, and reloads. */
export const waitingQueries: Handlers<"ListWaiting" | "ListApprovals" | "ListReloads"> = {
  ListWaiting: async (db, _, as) => (await list(db, "select federation.waiting_for($1) as j", [as]))[0],
  ListApprovals: async (db, request, as) => ({
    approvals: await list(
      db,
      `select federation.approval_json(a) as j from federation.approvals a
       where case when $2::uuid is null
         then $1 = case $3 when 'of_me' then a.whom else a.asked_by end and (not $4 or a.state = 'open')
         else a.id = $2 and $1 in (a.whom, a.asked_by) end
       order by a.created_at desc, a.id limit $5`,
      [as, request.approval ?? null, request.asked, request.open, request.limit],
    ),
  }),
  ListReloads: async (db, request) => ({
    reloads: await list(
      db,
      `select federation.reload_json(r) as j from federation.reloads r
       where ($1::text is null or r.node = $1) and ($2::uuid is null or r.id = $2)
       order by r.asked_at desc, r.id limit $3`,
      [request.node ?? null, request.reload ?? null, request.limit],
    ),
  }),
};
