import { found, type Handlers, list, visible } from "./query-parts.ts";

/**
 * Queries about what models did: turns, decisions, costs.
 *
 * 1. Who may not see a conversation sees no turn and no decision of it.
 * 2. What a turn's model was shown is its own actor's to read, and the commander's: a prompt quotes what was said to that
 *    actor alone. For anybody else it is null, as where there is none.
 */
const turnSummary = `jsonb_build_object('id', m.id, 'actor', m.actor, 'conversation', m.conversation, 'step', m.step, 'attempts', m.attempts,
  'state', m.state, 'model', m.model, 'tokensIn', m.tokens_in, 'tokensOut', m.tokens_out, 'startedAt', federation.iso(m.started_at),
  'endedAt', federation.iso(m.ended_at), 'failure', m.failure, 'duty', o.duty, 'subject', o.subject, 'action', d.action, 'origin', d.origin) as j
  from federation.turns m left join federation.obligations o on o.id = m.obligation
  left join lateral (select x.head ->> 'kind' as action, x.origin from federation.decisions x where x.turn = m.id order by x.id limit 1) d on true`;

const decisionRecord = `jsonb_build_object('id', m.id::text, 'at', federation.iso(m.at), 'conversation', m.conversation, 'phaseNo', m.phase_no,
  'actor', m.actor, 'turn', m.turn, 'head', m.head, 'origin', m.origin, 'probabilities', m.probabilities, 'seed', m.seed,
  'rejectedAnswers', m.rejected_answers, 'note', m.note) as j from federation.decisions m`;

export const turnQueries: Handlers<"ListTurns" | "ShowTurn" | "ListDecisions" | "ListCosts" | "GetUsage"> = {
  ListTurns: async (db, request, as) => ({
    turns: await list(
      db,
      `select ${turnSummary}
       where ($2::uuid is null or m.conversation = $2) and ($3::text is null or m.actor = $3) and ($4::uuid is null or o.subject = $4)
         and ${visible} order by m.started_at desc, m.id limit $5`,
      [as, request.conversation ?? null, request.actor ?? null, request.subject ?? null, request.limit],
    ),
  }),
  ShowTurn: async (db, { turn }, as) =>
    found(
      await list(
        db,
        `select jsonb_build_object('turn', shown.j,
           'record', (select jsonb_build_object('system', p.text, 'situation', r.situation, 'offered', r.offered, 'read', r.read,
               'rejected', r.rejected)
             from federation.turn_records r join federation.system_prompts p on p.sha256 = r.system_prompt
             where r.turn = $2
               and (r.actor = $1 or exists (select 1 from federation.actors v where v.name = $1 and v.role = 'commander'))),
           'decisions', (select coalesce(jsonb_agg(x.j order by x.id), '[]') from (select m.id, ${decisionRecord} where m.turn = $2) x),
           'verdicts', (select coalesce(jsonb_agg(jsonb_build_object('action', v.action, 'allowed', v.allowed, 'article', v.article,
               'reason', v.reason, 'lawful', v.lawful) order by v.id), '[]')
             from federation.verdicts v where v.turn = $2)) as j
         from (select ${turnSummary} where m.id = $2 and ${visible}) shown`,
        [as, turn],
      ),
      "turn",
    ),
  ListDecisions: async (db, request, as) => ({
    decisions: await list(
      db,
      `select ${decisionRecord}
       where ($2::uuid is null or m.conversation = $2) and ($3::text is null or m.actor = $3) and ${visible}
       order by m.id desc limit $4`,
      [as, request.conversation ?? null, request.actor ?? null, request.limit],
    ),
  }),
  ListCosts: async (db, { by, withinMs, limit }, as) =>
    (await list(db, "select federation.costs($1, $2, $3, $4) as j", [by, withinMs ?? null, limit, as]))[0],
  GetUsage: async (db, { stepMs, steps }) =>
    (await list(db, "select federation.usage($1, $2) as j", [stepMs, steps]))[0],
};
