-- The roster: who there is, and what each is doing, as rows and leases say.
--
-- 1. One statement, and of one moment. Nobody says what they are doing: it follows from what they hold and owe.
-- 2. What anybody spends, owes and holds is no secret. Where somebody talks in a thread, and to whom, is its members' to see.

-- Whether both the login and the actor it asks for may see what is said in a conversation.
create or replace function federation.may_see(p_as text, p_conversation uuid) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select (i_see_all() or p_conversation in (select my_conversations()))
    and (exists (select 1 from actors where name = p_as and role = 'commander')
      or exists (select 1 from members where conversation = p_conversation and actor = p_as))
$$;

-- For nobody: as builds ask that know no activities.
create or replace function federation.roster(p_as text default null) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  with spent as (
    select t.actor, sum(t.tokens_in) as tokens_in, sum(t.tokens_out) as tokens_out, max(t.ended_at) as ended_at,
        sum(t.tokens_out) filter (where t.model is not null and t.ended_at > clock_timestamp() - interval '5 minutes') as written,
        sum(extract(epoch from t.ended_at - t.started_at))
          filter (where t.model is not null and t.ended_at > clock_timestamp() - interval '5 minutes') as seconds
      from turns t group by t.actor),
  queued as (
    select coalesce(recipient, queue)::text as actor, count(*) as n from outbox group by 1),
  dead as (
    select recipient::text as actor, count(*) as n from deliveries where state = 'dead' group by 1),
  -- What an open phase waits for.
  owed as (
    select m.conversation, m.phase_no, m.phase_entered_at, array_agg(distinct o.actor::text order by o.actor::text) as owers
      from missions m join obligations o on o.conversation = m.conversation and o.phase_no = m.phase_no and o.state = 'open'
     where m.phase <> 'closed' group by m.conversation),
  waiting as (
    select x.actor::text as actor, w.conversation, w.owers, greatest(w.phase_entered_at, (select max(o.closed_at) from obligations o
        where o.conversation = w.conversation and o.phase_no = w.phase_no and o.actor = x.actor)) as since
      from owed w join members x on x.conversation = w.conversation where x.actor <> all (w.owers)
    union all
    select asked_by::text, conversation, array[whom::text], created_at from approvals where state = 'open'),
  known as (
    select a.name::text as actor, a.kind, a.role, a.persona, p.model, p.broker, p.lease_until, p.seen_at, is_online(a.name) as online,
        n.version, n.started_at, n.paused_at, n.pause_reason, s.tokens_in, s.tokens_out, s.ended_at, s.written, s.seconds,
        -- By it an actor has its colour: for good, whoever comes or leaves later.
        (select count(*) from actors b where b.kind <> 'system' and (b.created_at, b.name) < (a.created_at, a.name)) as ordinal,
        (select h.host::text from hosting h where h.actor = a.name and hosting_is_live(h)) as host
      from actors a left join presence p on p.actor = a.name left join nodes n on n.actor = a.name left join spent s on s.actor = a.name
     where a.kind <> 'system' and a.retired_at is null),
  doing as (
    select k.actor, d.* from known k cross join lateral (
      select 'away' as state, null::uuid as conversation, null as duty, null::uuid as task,
          case when k.lease_until <= clock_timestamp() then k.lease_until end as since, '{}'::text[] as waiting_for, 1 as place
        where not k.online
      union all
      select 'paused', null, null, null, k.paused_at, '{}', 2 where k.paused_at is not null
      union all
      (select 'thinking', t.conversation, f.duty, (select id from tasks where id = f.subject), t.started_at, '{}', 3
        from turns t left join lateral (
          select o.duty, o.subject from obligations o join missions m on m.conversation = o.conversation and m.phase_no = o.phase_no
           where o.actor = k.actor and o.conversation = t.conversation and o.state = 'open' order by o.ordinal limit 1) f on true
       -- One that was left and has nothing to be taken up for is nobody's: it ends with its time (50-turns.sql).
       where t.actor = k.actor and t.state = 'running' and (f.duty is not null or exists (select 1 from deliveries x
           where x.recipient = k.actor and x.conversation = t.conversation and x.state = 'due')) order by t.started_at desc limit 1)
      union all
      (select 'working', t.conversation, (select o.duty from obligations o join missions m on m.conversation = o.conversation
            and m.phase_no = o.phase_no where o.actor = k.actor and o.subject = t.id and o.state = 'open' limit 1),
          t.id, h.at, '{}', 4
        from tasks t left join lateral (
          select at from task_history where task = t.id and to_state = 'claimed' order by id desc limit 1) h on true
       where t.holder = k.actor and t.state = 'claimed' and t.lease_until > clock_timestamp() order by h.at desc nulls last limit 1)
      union all
      (select 'waiting', w.conversation, null, null, w.since, w.owers, 5 from waiting w where w.actor = k.actor order by w.since desc limit 1)
      union all
      select 'idle', null, null, null, k.ended_at, '{}', 6
      order by place limit 1) d),
  shown as (
    select d.*, c.title, case c.kind when 'thread' then may_see(p_as, c.id) else c.id is not null end as open from doing d left join conversations c on c.id = d.conversation)
  select coalesce(jsonb_agg(jsonb_build_object('actor', k.actor, 'kind', k.kind, 'role', k.role, 'ordinal', k.ordinal,
      'description', coalesce(k.persona ->> 'description', ''), 'online', k.online, 'model', k.model,
      'activity', jsonb_build_object('state', d.state, 'conversation', case when d.open then d.conversation end,
        'title', case when d.open then left(d.title, 200) end, 'duty', d.duty, 'task', d.task, 'since', iso(d.since),
        'waitingFor', case when d.open or d.conversation is null then d.waiting_for else '{}' end),
      'version', k.version, 'startedAt', iso(k.started_at), 'broker', k.broker, 'host', k.host,
      'queued', coalesce((select n from queued where actor = k.actor), 0),
      'due', (select count(*) from deliveries x where x.recipient = k.actor and x.state = 'due'),
      'dead', coalesce((select n from dead where actor = k.actor), 0),
      'tokensIn', coalesce(k.tokens_in, 0), 'tokensOut', coalesce(k.tokens_out, 0),
      'tokensPerSecond', round((k.written / nullif(k.seconds, 0))::numeric, 1),
      'lastReload', (select jsonb_build_object('state', r.state, 'at', iso(coalesce(r.closed_at, r.asked_at)), 'reason', r.reason)
        from reloads r where r.node = k.actor order by r.asked_at desc, r.id limit 1),
      'paused', k.paused_at is not null, 'pauseReason', k.pause_reason, 'lastSeenAt', iso(k.seen_at)) order by k.actor), '[]')
    from known k join shown d on d.actor = k.actor
$$;
