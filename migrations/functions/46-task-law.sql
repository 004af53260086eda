-- What holds for every task: paths, needs, leases, evidence, taking over, and what the reconciler does with what is overdue.
--
-- 1. Two live claims never overlap in their paths: who makes a claim with paths live does it under one lock, which is
--    taken before any row.
-- 2. A task changes hands with its duty: the phase waits for whoever has it.
-- 3. What nobody works on any more is given on by a rule, with its reason in the task's history.
-- 4. Locks are taken in one order: paths, mission, task, conversation, then the rest.

create or replace function federation.texts(list jsonb) returns text[]
language sql immutable set search_path = federation, pg_temp as $$
  select coalesce(array_agg(x), '{}') from jsonb_array_elements_text(case when jsonb_typeof(list) = 'array' then list else '[]' end) x
$$;

-- What is wrong with a scope, or null. The language is that of core/tasks/path-scope.ts.
create or replace function federation.scope_fault(p_scope text[]) returns text
language sql immutable set search_path = federation, pg_temp as $$
  select coalesce(
    case when cardinality(p_scope) > 64 then 'a scope has at most 64 patterns' end,
    case when length(array_to_string(p_scope, '')) > 4096 then 'a scope has at most 4096 characters in all' end,
    (select format('%s is no path pattern: relative, segments between /, no wildcards but * within and ** as a segment', to_json(left(p, 80)))
       from unnest(p_scope) p
      where coalesce(length(p), 0) not between 1 and 200 or p !~ '\S' or p ~ '[\u0001-\u001f\u007f-\u009f\\?{}]' or p ~ '[][]' or p ~ '^!'
         or p ~ '^/|/$|//' or p ~ '(^|/)\.\.?(/|$)'
         or exists (select 1 from unnest(string_to_array(p, '/')) s where s <> '**' and s like '%**%')
      limit 1))
$$;

-- Whether two segments of patterns have a name in common. Where both have a wildcard, what is before the first and after
-- the last decides: between them anything can stand.
create or replace function federation.segments_meet(a text, b text) returns boolean
language sql immutable set search_path = federation, pg_temp as $$
  select case
    when strpos(a, '*') = 0 and strpos(b, '*') = 0 then a = b
    when strpos(a, '*') = 0 then a like like_of(b)
    when strpos(b, '*') = 0 then b like like_of(a)
    else starts_with(split_part(a, '*', 1), split_part(b, '*', 1)) or starts_with(split_part(b, '*', 1), split_part(a, '*', 1)) end
    and (strpos(a, '*') = 0 or strpos(b, '*') = 0
      or starts_with(reverse(split_part(a, '*', -1)), reverse(split_part(b, '*', -1)))
      or starts_with(reverse(split_part(b, '*', -1)), reverse(split_part(a, '*', -1))))
$$;

create or replace function federation.like_of(segment text) returns text
language sql immutable set search_path = federation, pg_temp as $$
  select replace(replace(replace(segment, '%', '\%'), '_', '\_'), '*', '%')
$$;

-- The segments of a pattern; at the end ** stands for what is below a folder, not for the folder's own name.
create or replace function federation.segments_of(p_pattern text) returns text[]
language sql immutable set search_path = federation, pg_temp as $$
  select string_to_array(p_pattern, '/') || case when p_pattern ~ '(^|/)\*\*$' then array['*'] else '{}'::text[] end
$$;

-- Whether a path can match both patterns.
create or replace function federation.patterns_meet(p_a text, p_b text) returns boolean
language plpgsql immutable set search_path = federation, pg_temp as $$
declare
  a text[] := segments_of(p_a);
  b text[] := segments_of(p_b);
  n int;
  m int;
  -- reached[j]: the first i segments of a, and the first j of b, can be read alike.
  reached boolean[];
  below boolean[];
begin
  if '**' = any (b) and not '**' = any (a) then
    return patterns_meet(p_b, p_a);
  end if;
  n := cardinality(a);
  m := cardinality(b);
  if not '**' = any (a) then
    return n = m and not exists (select 1 from generate_series(1, n) i where not segments_meet(a[i], b[i]));
  end if;
  if '**' = any (b) then
    -- Between the first run and the last anything can stand, as within a segment.
    for i in 1 .. least(array_position(a, '**'), array_position(b, '**')) - 1 loop
      if not segments_meet(a[i], b[i]) then
        return false;
      end if;
    end loop;
    for i in 0 .. least(n - (array_positions(a, '**'))[cardinality(array_positions(a, '**'))],
                        m - (array_positions(b, '**'))[cardinality(array_positions(b, '**'))]) - 1 loop
      if not segments_meet(a[n - i], b[m - i]) then
        return false;
      end if;
    end loop;
    return true;
  end if;
  reached := array_fill(false, array[m + 1]);
  reached[1] := true;
  for i in 1 .. n loop
    below := array_fill(false, array[m + 1]);
    for j in 1 .. m + 1 loop
      if a[i] = '**' then
        below[j] := reached[j] or (j > 1 and below[j - 1]);
      elsif j > 1 and reached[j - 1] then
        below[j] := segments_meet(a[i], b[j - 1]);
      end if;
    end loop;
    reached := below;
  end loop;
  return reached[m + 1];
end $$;

-- A task without patterns has reserved no path, and overlaps with nobody.
create or replace function federation.scopes_overlap(a text[], b text[]) returns boolean
language sql immutable set search_path = federation, pg_temp as $$
  select exists (select 1 from unnest(a) x, unnest(b) y where patterns_meet(x, y))
$$;

-- Taken before the row of a task with paths whose claim may become live.
create or replace function federation.lock_paths(p_task uuid) returns void
language plpgsql set search_path = federation, pg_temp as $$
begin
  perform 1 from tasks where id = p_task and cardinality(scope) > 0;
  if found then
    perform pg_advisory_xact_lock(hashtextextended('federation.paths', 0));
  end if;
end $$;

-- Whether it will never be accepted: it ended otherwise, or its mission did.
create or replace function federation.never_accepted(t federation.tasks) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select t.state in ('rejected', 'cancelled')
    or (t.state <> 'accepted' and exists (select 1 from missions m where m.conversation = t.conversation and m.phase = 'closed'))
$$;

-- Why nobody may claim this task now because of tasks elsewhere, or null.
create or replace function federation.blocked(t federation.tasks) returns text
language sql stable set search_path = federation, pg_temp as $$
  select coalesce(
    (select format('it waits for the task "%s"', x.title) from task_needs n join tasks x on x.id = n.needs
      where n.task = t.id and x.state <> 'accepted' order by x.created_at, x.id limit 1),
    (select format('its paths overlap with those of a task that %s holds', x.holder) from tasks x
      where cardinality(t.scope) > 0 and x.id <> t.id and x.state = 'claimed' and x.lease_until > clock_timestamp()
        and cardinality(x.scope) > 0 and scopes_overlap(t.scope, x.scope) order by x.created_at, x.id limit 1))
$$;

-- Whether it lies in the open pool.
create or replace function federation.in_pool(t federation.tasks) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select t.pool and t.assignee is null and t.state in ('approved', 'released', 'expired')
    and (parameters() -> 'explicit-assignment' ->> 'pool')::boolean
$$;

-- How long a claim of this actor lasts: no daemon's timer renews that of a person.
create or replace function federation.lease_of(p_actor text) returns interval
language sql stable set search_path = federation, pg_temp as $$
  select make_interval(secs => (parameters() -> 'leases-and-hand-back'
      ->> case when a.kind = 'agent' then 'leaseMs' else 'humanLeaseMs' end)::numeric / 1000.0)
    from actors a where a.name = p_actor
$$;

create or replace function federation.task_time() returns interval
language sql stable set search_path = federation, pg_temp as $$
  select make_interval(secs => (parameters() -> 'budgets' ->> 'wallMsPerTask')::numeric / 1000.0)
$$;

-- How long a phase lasts. An errand has the time of its task, which waits in the pool or for other tasks, if that is longer.
create or replace function federation.phase_time(m federation.missions) returns interval
language sql stable set search_path = federation, pg_temp as $$
  select greatest(make_interval(secs => (case m.phase when 'veto' then law -> 'human-veto' ->> 'windowMs'
      else law -> 'quorum-and-deadline' -> 'phaseDeadlineMs' ->> m.phase end)::numeric / 1000.0),
    (select coalesce(t.due_at - clock_timestamp(), task_time()) from tasks t
      where m.kind = 'errand' and m.phase = 'implement' and t.conversation = m.conversation))
  from parameters() law
$$;

-- How long an assigned task waits for its claim. A person has at least as long as their claim would last.
create or replace function federation.claim_within(p_actor text) returns interval
language sql stable set search_path = federation, pg_temp as $$
  select greatest(make_interval(secs => (parameters() -> 'explicit-assignment' ->> 'claimWithinMs')::numeric / 1000.0),
    (select lease_of(name) from actors where name = p_actor and kind <> 'agent'))
$$;

create or replace function federation.is_online(p_actor text) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select exists (select 1 from presence where actor = p_actor and lease_until > clock_timestamp())
    or exists (select 1 from hosting h join presence p on p.actor = h.host
      where h.actor = p_actor and h.lease_until > clock_timestamp() and p.lease_until > clock_timestamp())
$$;

-- The duty to implement goes with the task; null: nobody has it.
create or replace function federation.pass_duty(t federation.tasks, p_to text) returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  phase_now int := (select phase_no from missions where conversation = t.conversation);
begin
  update obligations set state = 'cancelled', closed_at = clock_timestamp()
    where conversation = t.conversation and duty = 'implement' and subject = t.id and state = 'open' and actor is distinct from p_to;
  if p_to is null then
    return;
  end if;
  -- Who had it before in this phase, and has it again, begins anew.
  update obligations set state = 'open', closed_at = null, turns_used = 0, not_before = '-infinity'
    where conversation = t.conversation and phase_no = phase_now and actor = p_to and duty = 'implement' and subject = t.id
      and state <> 'open';
  perform open_duty(t.conversation, phase_now, jsonb_build_object('actor', p_to, 'duty', 'implement', 'subject', t.id));
end $$;

-- Whose duty something in a phase may be: some duties carry rights, and no caller gives them to whom they do not belong.
create or replace function federation.may_owe(p_conversation uuid, duty jsonb) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select coalesce(case duty ->> 'duty'
    -- The lead; where there is none, the first agent.
    when 'assign' then duty ->> 'actor' = (
      select x.actor::text from members x join actors a on a.name = x.actor
       where x.conversation = p_conversation and a.kind <> 'system' and (a.role = 'lead' or (a.kind = 'agent' and a.role <> 'observer'))
       order by a.role <> 'lead', x.actor limit 1)
    when 'implement' then exists (select 1 from tasks t
      where t.id = (duty ->> 'subject')::uuid and t.conversation = p_conversation and t.assignee = duty ->> 'actor')
    when 'review' then exists (select 1 from actors a where a.name = duty ->> 'actor' and a.kind = 'agent' and a.role <> 'observer')
      and duty ->> 'actor' is distinct from (select s.author::text from submissions s where s.task = (duty ->> 'subject')::uuid
        order by s.submitted_at desc limit 1)
    else true end, false)
$$;

-- The mission's row, for a change that also moves its deadline; taken before that of the task.
create or replace function federation.lock_mission_of(p_task uuid) returns void
language plpgsql set search_path = federation, pg_temp as $$
begin
  perform 1 from missions m join tasks x on x.conversation = m.conversation where x.id = p_task for update of m;
end $$;

create or replace function federation.op_take_over_task(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  t tasks;
  why text;
begin
  perform lock_paths((op ->> 'task')::uuid);
  perform lock_mission_of((op ->> 'task')::uuid);
  t := lock_task((op ->> 'task')::uuid);
  perform require_member(t.conversation, me);
  perform 1 from actors where name = me and kind = 'human' and role <> 'observer';
  if not found then
    perform refuse('explicit-assignment', 'only a human takes a task over');
  end if;
  perform 1 from missions where conversation = t.conversation and phase = 'implement';
  if not found then
    perform refuse('propose-before-implement', 'a task is taken over in the phase implement');
  end if;
  if t.state not in ('assigned', 'claimed') or t.assignee = me then
    perform refuse('explicit-assignment', 'this task is with nobody it could be taken from');
  end if;
  why := blocked(t);
  if why is not null then
    perform refuse('claim-before-code', why);
  end if;
  update tasks set state = 'claimed', holder = me, assignee = me, taken_from = nullif(coalesce(t.taken_from, t.assignee), me),
      fence = fence + 1, lease_until = clock_timestamp() + lease_of(me), first_claimed_at = coalesce(first_claimed_at, clock_timestamp()),
      due_at = coalesce(due_at, clock_timestamp() + task_time())
    where id = t.id;
  perform task_moved(t.id, me, t.state, 'claimed', format('taken over from %s: %s', t.assignee, op ->> 'reason'));
  -- The phase waits for a person as long as their claim lasts.
  update missions set phase_deadline = greatest(phase_deadline, clock_timestamp() + lease_of(me)) where conversation = t.conversation;
  perform pass_duty(t, me);
  return jsonb_build_object('claimed', true, 'holder', me, 'fence', t.fence + 1);
end $$;

create or replace function federation.op_give_back_task(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  t tasks;
begin
  perform lock_mission_of((op ->> 'task')::uuid);
  t := held(me, op);
  if t.taken_from is null then
    perform refuse('explicit-assignment', 'this task was taken from nobody; hand it back instead');
  end if;
  perform return_task(t, me, format('given back to %s: %s', t.taken_from, op ->> 'reason'));
  return jsonb_build_object('fence', t.fence + 1);
end $$;

-- Back to whom it was taken from, who claims it again. The fence rises: what the one who had it still writes is refused.
create or replace function federation.return_task(t federation.tasks, p_by text, p_reason text) returns void
language plpgsql set search_path = federation, pg_temp as $$
begin
  update tasks set state = 'assigned', assignee = t.taken_from, holder = null, taken_from = null, lease_until = null,
      fence = fence + 1, assigned_at = clock_timestamp()
    where id = t.id;
  perform task_moved(t.id, p_by, t.state, 'assigned', p_reason);
  update missions set phase_deadline = clock_timestamp() + phase_time(missions) where conversation = t.conversation;
  perform pass_duty(t, t.taken_from);
end $$;

-- The evidence a submission names. While the article is in force there must be enough of it, and it must exist.
create or replace function federation.evidence_of(t federation.tasks, op jsonb) returns text[]
language plpgsql set search_path = federation, pg_temp as $$
declare
  named text[] := (select coalesce(array_agg(distinct e), '{}') from unnest(texts(op -> 'evidence')) e);
  least_many int := (parameters() -> 'truthful-completion' ->> 'minEvidence')::int;
  strange text;
begin
  select e into strange from unnest(named) e
    where e !~ '^((proposal|message|episode):[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|file:\S{1,200}|commit:[0-9a-f]{40,64})$'
    limit 1;
  if strange is not null or cardinality(named) > 16 then
    perform fail('invalid_input', coalesce(format('%s is no evidence: name it as proposal:ID, message:ID, episode:ID, file:PATH or commit:SHA',
      to_json(left(strange, 80))), 'a result names at most 16 pieces of evidence'));
  end if;
  if not article_on('truthful-completion') then
    return named;
  end if;
  if cardinality(named) < least_many then
    perform refuse('truthful-completion', format('a result names at least %s piece(s) of evidence', least_many));
  end if;
  select e into strange from unnest(named) e where not case split_part(e, ':', 1)
      when 'proposal' then exists (select 1 from proposals p where p.id = substr(e, 10)::uuid
        and (p.conversation = t.conversation or p.id = t.proposal))
      when 'message' then exists (select 1 from messages g where g.id = substr(e, 9)::uuid and g.conversation = t.conversation)
      when 'episode' then exists (select 1 from episodes y where y.id = substr(e, 9)::uuid and y.conversation = t.conversation)
      when 'file' then exists (select 1 from jsonb_array_elements(op -> 'files') f where f ->> 'path' = substr(e, 6))
      else true end
    limit 1;
  if strange is not null then
    perform refuse('truthful-completion', format('there is no %s here that a result could rest on', left(strange, 80)));
  end if;
  return named;
end $$;

-- Lets go of a task that its holder or assignee does not work on: it goes where somebody can take it up. Its mission and
-- the task are locked.
create or replace function federation.let_go(t federation.tasks, p_reason text) returns void
language plpgsql set search_path = federation, pg_temp as $$
begin
  if t.taken_from is not null then
    perform return_task(t, 'federation', p_reason || format('; it goes back to %s', t.taken_from));
    return;
  end if;
  update tasks set state = 'released', holder = null, lease_until = null, assignee = case when pool then null else assignee end
    where id = t.id;
  perform task_moved(t.id, 'federation', t.state, 'released', p_reason);
  perform pass_duty(t, null);
  if t.pool then
    perform notice(t.conversation, null, format('The task is in the pool again: %s.', p_reason));
  end if;
end $$;

-- Moves every task that is overdue, on the database's clock; answers the missions touched.
create or replace function federation.reconcile_tasks() returns uuid[]
language plpgsql set search_path = federation, pg_temp as $$
declare
  touched uuid[] := '{}';
  t tasks;
  v_now timestamptz := clock_timestamp();
begin
  for t in select x.* from tasks x join missions q on q.conversation = x.conversation
      where q.phase = 'implement' and x.state in ('approved', 'assigned', 'claimed', 'released')
        and (x.due_at <= v_now or (x.state = 'claimed' and x.lease_until <= v_now)
          or (x.state = 'assigned' and greatest(x.assigned_at, q.phase_entered_at) + claim_within(x.assignee) <= v_now)
          or exists (select 1 from task_needs n join tasks y on y.id = n.needs where n.task = x.id and never_accepted(y)))
      order by x.created_at, x.id for update of q, x skip locked loop
    touched := touched || t.conversation;
    if exists (select 1 from task_needs n join tasks y on y.id = n.needs where n.task = t.id and never_accepted(y)) and t.state <> 'claimed' then
      update tasks set state = 'cancelled', holder = null, lease_until = null where id = t.id;
      perform task_moved(t.id, 'federation', t.state, 'cancelled', 'a task that it needs was not accepted');
      perform pass_duty(t, null);
    elsif t.due_at <= v_now then
      -- The fence rises: whoever still works on it is told so by the next write.
      update tasks set state = 'expired', holder = null, lease_until = null, taken_from = null, fence = fence + 1,
          assignee = case when pool then null else assignee end
        where id = t.id;
      perform task_moved(t.id, 'federation', t.state, 'expired', format('it was due at %s%s', iso(t.due_at),
        coalesce(' and was not submitted by ' || t.holder, '')));
      perform pass_duty(t, null);
    elsif t.state = 'claimed' and t.taken_from is null and not t.pool and is_online(t.holder) then
      update tasks set state = 'assigned', holder = null, lease_until = null, assigned_at = v_now where id = t.id;
      perform task_moved(t.id, 'federation', 'claimed', 'assigned', format('the lease of %s ran out', t.holder));
    elsif t.state = 'claimed' then
      perform let_go(t, format('the lease of %s ran out%s', t.holder, case when is_online(t.holder) then '' else ', who is offline' end));
    elsif t.state = 'assigned' and blocked(t) is not null then
      -- It could not be claimed: the time for it begins when it can.
      update tasks set assigned_at = v_now where id = t.id;
    elsif t.state = 'assigned' then
      perform let_go(t, format('%s did not claim it in time%s', t.assignee, case when is_online(t.assignee) then '' else ', and is offline' end));
    end if;
  end loop;
  return touched;
end $$;

create or replace function federation.op_pause_node(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
begin
  perform pausing(me, op ->> 'node');
  update nodes set paused_at = clock_timestamp(), paused_by = me, pause_reason = left(op ->> 'reason', 2000)
    where actor = op ->> 'node' and paused_at is null;
  if found then
    perform emit('NodePaused', me, null, op ->> 'node', jsonb_build_object('node', op ->> 'node', 'reason', left(op ->> 'reason', 2000)));
  end if;
  return '{}';
end $$;

create or replace function federation.op_resume_node(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
begin
  perform pausing(me, op ->> 'node');
  update nodes set paused_at = null, paused_by = null, pause_reason = null where actor = op ->> 'node' and paused_at is not null;
  if found then
    perform emit('NodeResumed', me, null, op ->> 'node', jsonb_build_object('node', op ->> 'node'));
  end if;
  return '{}';
end $$;

create or replace function federation.pausing(me text, p_node text) returns void
language plpgsql set search_path = federation, pg_temp as $$
begin
  perform 1 from actors where name = me and kind = 'human' and role = 'commander';
  if not found then
    perform fail('forbidden', 'only the commander pauses and resumes nodes');
  end if;
  perform 1 from nodes where actor = p_node;
  if not found then
    perform fail('not_found', format('there is no node %s; see: federation roster', p_node));
  end if;
end $$;
