-- What models have cost, and when.
--
-- 1. What an actor spends is no secret: the roster shows it to everybody. Where it was spent is seen by who may see the
--    conversation.
-- 2. Budgets are those of the charter in force. They bind agents, in missions, motions and errands; a thread has none.

-- By actor, conversation or task, dearest first. How much of a budget is used: of a conversation the turns of the agent who
-- took most, of an agent in the open conversation where it is nearest to its end, of those that the asker may see.
create or replace function federation.costs(p_by text, p_within_ms bigint, p_limit int, p_as text) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  with mine as (
    select c.id, c.kind, c.title from conversations c
     where ((select i_see_all()) or c.id in (select my_conversations()))
       and ((select exists (select 1 from actors where name = p_as and role = 'commander'))
         or c.id in (select m.conversation from members m where m.actor = p_as))),
  turn as (
    select case p_by when 'actor' then t.actor::text when 'conversation' then t.conversation::text else o.subject::text end as id,
        t.state, t.tokens_in, t.tokens_out, extract(epoch from coalesce(t.ended_at, clock_timestamp()) - t.started_at) * 1000 as ms
      from turns t left join obligations o on o.id = t.obligation
     where (p_within_ms is null or t.started_at >= clock_timestamp() - make_interval(secs => p_within_ms / 1000.0))
       and (p_by = 'actor' or t.conversation in (select id from mine))
       and (p_by <> 'task' or o.subject in (select id from tasks))),
  spent as (
    select id, count(*) as turns, count(*) filter (where state = 'failed') as failed, sum(tokens_in) as tokens_in,
        sum(tokens_out) as tokens_out, round(sum(ms)) as ms
      from turn group by id),
  page as (
    select * from spent order by tokens_in + tokens_out desc, turns desc, id limit least(greatest(p_limit, 1), 500)),
  bounded as (
    select m.conversation, round(extract(epoch from coalesce(m.closed_at, clock_timestamp()) - m.created_at) * 1000) as age_ms,
        (select coalesce(sum(t.tokens_in::bigint + t.tokens_out), 0) from turns t where t.conversation = m.conversation) as tokens
      from missions m
     where case p_by when 'actor' then m.phase <> 'closed' and m.conversation in (select id from mine) when 'conversation' then m.conversation::text in (select id from page) else false end),
  taken as (
    select actor, conversation, count(*) as turns from turns where conversation in (select conversation from bounded) group by 1, 2),
  used as (
    select case p_by when 'actor' then x.actor::text else b.conversation::text end as id, b.conversation, u.name, u.used
      from bounded b join members x on x.conversation = b.conversation
      join actors a on a.name = x.actor and a.kind = 'agent' and a.retired_at is null
      left join taken n on n.conversation = b.conversation and n.actor = x.actor
      cross join lateral (values ('turnsPerConversation', coalesce(n.turns, 0)::numeric), ('tokensPerConversation', b.tokens::numeric),
        ('wallMsPerConversation', b.age_ms)) u (name, used)
    union all
    -- From its first claim until it was handed in, or given up.
    select t.id::text, t.conversation, 'wallMsPerTask', round(extract(epoch from case
          when t.state in ('approved', 'assigned', 'claimed', 'released') then clock_timestamp()
          else (select max(h.at) from task_history h where h.task = t.id and h.to_state in ('submitted', 'expired', 'cancelled')) end
        - t.first_claimed_at) * 1000)
      from tasks t where p_by = 'task' and t.id::text in (select id from page) and t.first_claimed_at is not null),
  nearest as (
    select distinct on (id, name) * from used order by id, name, used desc, conversation),
  budgets as (
    select id, jsonb_agg(jsonb_build_object('name', name, 'used', used, 'limit', (parameters() -> 'budgets' ->> name)::numeric,
        'conversation', conversation) order by name) as list
      from nearest group by id)
  select jsonb_build_object(
    'costs', coalesce((select jsonb_agg(jsonb_build_object('id', p.id, 'title', left(coalesce(c.title, t.title, p.id), 200),
          'kind', case p_by when 'conversation' then c.kind else p_by end, 'turns', p.turns, 'failedTurns', p.failed,
          'tokensIn', p.tokens_in, 'tokensOut', p.tokens_out, 'ms', p.ms, 'budgets', coalesce(b.list, '[]'))
        order by p.tokens_in + p.tokens_out desc, p.turns desc, p.id)
      from page p left join mine c on p_by = 'conversation' and c.id::text = p.id
        left join tasks t on p_by = 'task' and t.id::text = p.id left join budgets b on b.id = p.id), '[]'),
    'total', (select jsonb_build_object('turns', coalesce(sum(turns), 0), 'failedTurns', coalesce(sum(failed), 0),
        'tokensIn', coalesce(sum(tokens_in), 0), 'tokensOut', coalesce(sum(tokens_out), 0), 'ms', coalesce(sum(ms), 0)) from spent))
$$;

-- Tokens and turns by actor in equal steps, by when a turn ended. Steps begin where the clock divides by their length, so
-- that a later answer has the same ones; the last is the one under way.
create or replace function federation.usage(p_step_ms bigint, p_steps int) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  with grid as (
    select floor(extract(epoch from clock_timestamp()) * 1000 / p_step_ms)::bigint - least(greatest(p_steps, 1), 500) + 1 as first,
        least(greatest(p_steps, 1), 500) as steps),
  booked as (
    select t.actor, floor(extract(epoch from t.ended_at) * 1000 / p_step_ms)::bigint - g.first as step,
        sum(t.tokens_in) as tokens_in, sum(t.tokens_out) as tokens_out, count(*) as turns
      from grid g join turns t on t.ended_at >= to_timestamp(g.first * p_step_ms / 1000.0) group by 1, 2),
  filled as (
    select a.actor, n, coalesce(b.tokens_in, 0) as tokens_in, coalesce(b.tokens_out, 0) as tokens_out, coalesce(b.turns, 0) as turns
      from (select distinct actor from booked) a cross join grid g cross join lateral generate_series(0, g.steps - 1) n
      left join booked b on b.actor = a.actor and b.step = n)
  select jsonb_build_object('from', iso(to_timestamp(g.first * p_step_ms / 1000.0)), 'stepMs', p_step_ms, 'actors',
    coalesce((select jsonb_agg(jsonb_build_object('actor', actor, 'tokensIn', i, 'tokensOut', o, 'turns', t) order by actor) from (
      select actor, jsonb_agg(tokens_in order by n) as i, jsonb_agg(tokens_out order by n) as o, jsonb_agg(turns order by n) as t
        from filled group by actor) x), '[]'))
    from grid g
$$;
