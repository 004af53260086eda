-- Turns of models, the record of decisions and verdicts, memory, and what waits for whom.
--
-- 1. A turn's attempt is counted in a transaction of its own before anything can crash in it; after five attempts the
--    deliveries behind it are dead letters.
-- 2. A turn ends once: its effects, its marks and its tokens are one transaction.
-- 3. A verdict is on record in the name of its actor, where its daemon may look, and under a law that there is.

create or replace function federation.begin_turn(ctx jsonb, p_conversation uuid) returns jsonb
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx);
  t turns;
  d deliveries;
begin
  perform require_member(p_conversation, me);
  perform 1 from nodes where actor = me and paused_at is not null;
  if found then
    perform fail('conflict', 'this node is paused, and takes no turn; the commander resumes it');
  end if;
  -- Two beginnings at once are one turn, begun twice.
  perform 1 from members where conversation = p_conversation and actor = me for no key update;
  update turns set attempts = attempts + 1 where actor = me and conversation = p_conversation and state = 'running' returning * into t;
  if t.id is null then
    insert into turns (actor, conversation, step)
      values (me, p_conversation, 1 + (select count(*) from turns where actor = me and conversation = p_conversation))
      returning * into t;
  end if;
  for d in
    update deliveries set attempts = attempts + 1
     where recipient = me and conversation = p_conversation and state = 'due' and not_before <= clock_timestamp()
    returning *
  loop
    if d.attempts > 5 then
      perform bury(d.message, me, format('five attempts to read it failed, the last with: %s', coalesce(d.last_error, 'a crash')));
    end if;
  end loop;
  return jsonb_build_object('turn', t.id, 'attempt', t.attempts, 'step', t.step);
end $$;

-- A turn that is left in good order, for whoever has the loops next, was no failed attempt: however often the logic is
-- replaced under it, nothing of it becomes a dead letter.
create or replace function federation.leave_turn(ctx jsonb, p_turn uuid) returns void
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx);
  t turns;
begin
  update turns set attempts = attempts - 1 where id = p_turn and actor = me and state = 'running' and attempts > 0
    returning * into t;
  update deliveries set attempts = attempts - 1
    where recipient = me and conversation = t.conversation and state = 'due' and attempts > 0;
end $$;

-- The turn that a decision or a verdict says it belongs to: of its actor, there, and under way. Null: of none.
create or replace function federation.turn_under_way(me text, op jsonb) returns uuid
language plpgsql stable set search_path = federation, pg_temp as $$
declare
  v_turn uuid := op ->> 'turn';
begin
  perform 1 from turns where id = v_turn and actor = me and conversation = (op ->> 'conversation')::uuid and state = 'running';
  if v_turn is not null and not found then
    perform fail('conflict', 'this turn is not under way');
  end if;
  return v_turn;
end $$;

create or replace function federation.op_finish_turn(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  t turns;
  failed boolean := op ->> 'failure' is not null;
  o obligations;
  d deliveries;
begin
  update turns set state = case when failed then 'failed' else 'done' end, ended_at = clock_timestamp(),
      obligation = (select x.id from obligations x where x.id = coalesce(op ->> 'about', op ->> 'obligation')::uuid
        and x.actor = me and x.conversation = turns.conversation),
      model = op ->> 'model', tokens_in = least(greatest((op ->> 'tokensIn')::bigint, 0), 10000000),
      tokens_out = least(greatest((op ->> 'tokensOut')::bigint, 0), 10000000),
      failure = left(op ->> 'failure', 2000)
    where id = (op ->> 'turn')::uuid and actor = me and state = 'running' returning * into t;
  if t.id is null then
    perform fail('conflict', 'this turn is not under way');
  end if;
  if failed then
    update deliveries set last_error = left(op ->> 'failure', 500),
        not_before = clock_timestamp() + least(interval '2 s' * (2 ^ least(attempts, 8)), interval '5 min')
      where recipient = me and conversation = t.conversation and state = 'due';
    for d in select * from deliveries where recipient = me and conversation = t.conversation and state = 'due' and attempts >= 5
        order by seq loop
      perform bury(d.message, me, format('five attempts to read it failed, the last with: %s', d.last_error));
    end loop;
    update obligations set not_before = clock_timestamp() + interval '3 s'
      where actor = me and conversation = t.conversation and state = 'open';
    perform emit('TurnFailed', me, t.conversation, t.id::text, jsonb_build_object('reason', left(op ->> 'failure', 500)));
    if jsonb_typeof(op -> 'record') = 'object' then
      perform keep_record(t, op -> 'record');
    end if;
    return '{}';
  end if;
  update deliveries set state = 'done', acted_at = clock_timestamp(),
      received_at = coalesce(received_at, clock_timestamp()),
      read_at = case when (op ->> 'read')::boolean then coalesce(read_at, clock_timestamp()) else read_at end,
      acted_by = case when (op ->> 'read')::boolean then 'model' else 'rule' end
    where recipient = me and state = 'due' and conversation = t.conversation
      and message in (select x::uuid from jsonb_array_elements_text(op -> 'deliveries') x);
  -- What this turn had no room to read has not failed.
  update deliveries set attempts = 0 where recipient = me and state = 'due' and conversation = t.conversation and attempts > 0;
  -- What this turn did not get to was not tried: a backlog read in many turns is no backlog of failures.
  update deliveries set attempts = greatest(attempts - t.attempts, 0)
    where recipient = me and state = 'due' and conversation = t.conversation;
  -- While its task waits for others, a duty costs nothing.
  if op ->> 'obligation' is not null and not exists (
      select 1 from obligations x join tasks k on k.id = x.subject where x.id = (op ->> 'obligation')::uuid
        and x.duty = 'implement' and k.state <> 'claimed' and blocked(k) is not null) then
    update obligations set turns_used = turns_used + 1,
        state = case when turns_used + 1 >= max_turns then 'expired' else 'open' end,
        closed_at = case when turns_used + 1 >= max_turns then clock_timestamp() end
      where id = (op ->> 'obligation')::uuid and actor = me and state = 'open' returning * into o;
    if o.state = 'expired' then
      insert into decisions (conversation, phase_no, actor, head, origin, note, turn)
        values (o.conversation, o.phase_no, me, jsonb_build_object('kind', 'abstain', 'obligation', o.id), 'rule',
          format('no contribution to the duty "%s" in %s turns', o.duty, o.turns_used), t.id);
      perform emit('DutyClosed', me, o.conversation, o.subject::text, jsonb_build_object('duty', o.duty, 'as', 'expired'));
    end if;
  end if;
  -- Last: whoever waits for the same system prompt of another turn holds nothing that this one still needs.
  if jsonb_typeof(op -> 'record') = 'object' then
    perform keep_record(t, op -> 'record');
  end if;
  return '{}';
end $$;

create or replace function federation.op_record_decision(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
begin
  perform require_member((op ->> 'conversation')::uuid, me);
  if length((op -> 'head')::text) > 8000 or length((op -> 'probabilities')::text) > 64000 then
    perform fail('limit_exceeded', 'a decision on record is too long');
  end if;
  -- Read again by every node: what none of them could read would hide all decisions behind it.
  if jsonb_typeof(op -> 'head' -> 'kind') is distinct from 'string' or (op ->> 'seed')::numeric not between -9007199254740991 and 9007199254740991
     or exists (select 1 from jsonb_each(case jsonb_typeof(op -> 'probabilities') when 'object' then op -> 'probabilities' else '{}' end)
       where jsonb_typeof(value) <> 'number') then
    perform fail('invalid_input', 'a decision has a head with a kind, numbers as probabilities, and a whole number as its seed');
  end if;
  insert into decisions (conversation, phase_no, actor, head, origin, probabilities, seed, rejected_answers, note, turn)
    values ((op ->> 'conversation')::uuid, (op ->> 'phaseNo')::int, me, op -> 'head', op ->> 'origin',
      case when jsonb_typeof(op -> 'probabilities') = 'object' then op -> 'probabilities' end,
      (op ->> 'seed')::bigint, coalesce((op ->> 'rejectedAnswers')::int, 0), left(coalesce(op ->> 'note', ''), 2000),
      turn_under_way(me, op));
  perform emit('DecisionMade', me, (op ->> 'conversation')::uuid, op -> 'head' ->> 'kind',
    jsonb_build_object('head', op -> 'head', 'origin', op ->> 'origin', 'probabilities', op -> 'probabilities', 'note', left(op ->> 'note', 2000)));
  return '{}';
end $$;

create or replace function federation.op_record_verdict(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
begin
  if op ->> 'conversation' is not null and not i_see_all() and not exists (
      select 1 from members m where m.conversation = (op ->> 'conversation')::uuid and m.actor in (me, (my_node()).actor)) then
    perform refuse('one-voice', format('%s is no member of this conversation', me));
  end if;
  perform 1 from charter_versions v where v.version = (op ->> 'charterVersion')::int and (op ->> 'article' is null
    or v.articles @> jsonb_build_array(jsonb_build_object('id', op ->> 'article')));
  if not found then
    perform fail('invalid_input', 'a verdict names a version of the charter, and an article of it', '{"article": "audit"}');
  end if;
  insert into verdicts (conversation, actor, action, allowed, article, reason, lawful, charter_version, xact, turn)
    values ((op ->> 'conversation')::uuid, me, op ->> 'action', (op ->> 'allowed')::boolean, op ->> 'article',
      left(op ->> 'reason', 1000), left(op ->> 'lawful', 1000), (op ->> 'charterVersion')::int, verdict_xact(pg_current_xact_id()),
      turn_under_way(me, op));
  if not (op ->> 'allowed')::boolean then
    perform emit('ActionRefused', me, (op ->> 'conversation')::uuid, op ->> 'action',
  jsonb_build_object('article', op ->> 'article', 'reason', left(op ->> 'reason', 1000), 'lawful', left(op ->> 'lawful', 1000)));
  end if;
  return '{}';
end $$;

create or replace function federation.op_remember(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
begin
  if op ->> 'conversation' is not null then
    perform require_member((op ->> 'conversation')::uuid, me);
  end if;
  insert into episodes (id, actor, conversation, body, source)
    values ((op ->> 'id')::uuid, me, (op ->> 'conversation')::uuid, op ->> 'text', op ->> 'source')
    on conflict do nothing;
  if found then
    perform emit('EpisodeRemembered', me, (op ->> 'conversation')::uuid, op ->> 'id', jsonb_build_object('text', op ->> 'text'));
  elsif not exists (select 1 from episodes where id = (op ->> 'id')::uuid and actor = me) then
    perform fail('conflict', 'this episode id is taken; make a new one');
  end if;
  return jsonb_build_object('id', op ->> 'id');
end $$;

-- One cheap look at what waits for the caller's daemon. A paused node has no turns to take; a duty whose task waits for
-- others has none either. The priority is that of the most urgent task a duty there is about.
create or replace function federation.work() returns jsonb
language plpgsql stable security definer set search_path = federation, pg_temp as $$
declare
  node nodes := my_node();
  me text := node.actor;
begin
  return jsonb_build_object(
    'outboxDue', (select count(*) from (select 1 from outbox where lease_until < clock_timestamp() limit 256) o),
    'unreceived', (select count(*) from deliveries where state = 'due' and received_at is null
      and recipient in (select me union all select hosted_by(me))),
    'conversations', coalesce((select jsonb_agg(jsonb_build_object('conversation', c, 'duty', d, 'priority', p) order by d desc, p desc, c) from (
        select c, bool_or(d) as d, coalesce(max(p) filter (where d), 0) as p from (
          select conversation as c, false as d, 0 as p from deliveries
           where recipient = me and state = 'due' and not_before <= clock_timestamp()
          union all
          select o.conversation, true, coalesce(t.priority, 0) from obligations o
            join missions m on m.conversation = o.conversation and m.phase_no = o.phase_no
            left join tasks t on t.id = o.subject
           where o.actor = me and o.state = 'open' and o.not_before <= clock_timestamp()
             and not (o.duty = 'implement' and t.state <> 'claimed' and blocked(t) is not null)) w
         where node.paused_at is null group by c) x), '[]'),
    'movable', coalesce((select jsonb_agg(m.conversation) from missions m join members x on x.conversation = m.conversation and x.actor = me
        where m.phase <> 'closed' and (m.phase_deadline <= clock_timestamp() or (not has_open_duty(m.conversation, m.phase_no)
          -- A motion that was accepted waits for its window to end, unless it is out; a task for who claims it from the pool, or
          -- for those that it needs.
          and (m.phase <> 'veto' or (motion_proposal(m.conversation)).state <> 'accepted')
          and not exists (select 1 from tasks t where m.phase = 'implement' and t.conversation = m.conversation
            and (in_pool(t) or (t.state = 'assigned' and blocked(t) is not null)))))), '[]'),
    'reload', (select r.id from reloads r where r.node = me and r.state = 'asked' and r.deadline > clock_timestamp() order by r.asked_at, r.id limit 1),
    -- What a person holds is not renewed by a timer.
    'claims', coalesce((select jsonb_agg(jsonb_build_object('task', t.id, 'conversation', t.conversation, 'fence', t.fence,
          'leaseMs', round(extract(epoch from lease_of(me)) * 1000), 'leftMs', round(extract(epoch from t.lease_until - clock_timestamp()) * 1000)))
        from tasks t join actors a on a.name = t.holder
        where t.holder = me and t.state = 'claimed' and t.lease_until > clock_timestamp() and a.kind = 'agent'), '[]'));
end $$;

-- Longer than any turn whose node lives: a model has five minutes for an answer, and a turn asks a few times.
create or replace function federation.turn_time() returns interval 
language sql immutable set search_path = pg_catalog as $$ select interval '1 hour' $$;

-- Moves what is overdue. Anyone may ask; the database checks the condition on its own clock.
create or replace function federation.reconcile(ctx jsonb) returns jsonb
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx);
  touched uuid[] := '{}';
  m missions;
  o obligations;
  u turns;
begin
  for m in select * from missions where phase <> 'closed' and phase_deadline <= clock_timestamp() for update skip locked loop
    touched := touched || m.conversation;
    for o in update obligations set state = 'expired', closed_at = clock_timestamp()
        where conversation = m.conversation and phase_no = m.phase_no and state = 'open' returning * loop
      insert into decisions (conversation, phase_no, actor, head, origin, note)
        select o.conversation, o.phase_no, o.actor, jsonb_build_object('kind', 'abstain', 'obligation', o.id), 'deadline',
          format('the deadline of the phase passed over the duty "%s"', o.duty) where o.duty <> 'vote';
      perform emit('DutyClosed', o.actor, o.conversation, o.subject::text, jsonb_build_object('duty', o.duty, 'as', 'expired'));
    end loop;
  end loop;
  touched := touched || reconcile_tasks();
  perform reconcile_approvals();
  perform bury_for_retired();
  perform expire_reloads(null);
  -- A turn that nobody ended: its node is gone, or hangs. What it would still write is refused.
  for u in update turns set state = 'failed', ended_at = clock_timestamp(), failure = 'it was not ended in time'
      where id in (select id from turns where state = 'running' and started_at < clock_timestamp() - turn_time() for update skip locked)
      returning * loop
    perform emit('TurnFailed', u.actor, u.conversation, u.id::text, jsonb_build_object('reason', u.failure));
  end loop;
  -- A repeat of a call comes within minutes; a week is kept.
  delete from call_outcomes where (actor, call_id) in (
    select actor, call_id from call_outcomes where at < clock_timestamp() - interval '7 days' limit 200 for update skip locked);
  perform seal_verdicts();
  return to_jsonb(touched);
end $$;
