-- What holds for every task: what it needs, the pool, leases, whose duty it is, taking over, evidence.
--
-- 1. A task changes hands with its duty: the phase waits for whoever has it.
-- 2. Duties that carry rights are opened for those alone to whom they belong.
-- 3. Locks are taken in one order: paths, mission, task, conversation, then the rest.

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
-- A motion has at least the time of the charter that was shipped: shorter phases, voted for once, would let no later motion
-- find its quorum, and so could never be undone.
create or replace function federation.phase_time(m federation.missions) returns interval
language sql stable set search_path = federation, pg_temp as $$
  select greatest(make_interval(secs => (case m.phase when 'veto' then law -> 'human-veto' ->> 'windowMs'
      else law -> 'quorum-and-deadline' -> 'phaseDeadlineMs' ->> m.phase end)::numeric / 1000.0),
    (select coalesce(t.due_at - clock_timestamp(), task_time()) from tasks t
      where m.kind = 'errand' and m.phase = 'implement' and t.conversation = m.conversation),
    (select make_interval(secs => (v.parameters -> 'quorum-and-deadline' -> 'phaseDeadlineMs' ->> m.phase)::numeric / 1000.0)
      from charter_versions v where m.kind = 'motion' order by v.version limit 1))
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
      where h.actor = p_actor and hosting_is_live(h) and p.lease_until > clock_timestamp())
$$;

-- The duty to implement goes with the task; null: nobody has it.
create or replace function federation.pass_duty(t federation.tasks, p_to text) returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  phase_now int := (select phase_no from missions where conversation = t.conversation);
begin
  -- Before the duties, as every writer does: who ends a turn has spoken first.
  perform 1 from conversations where id = t.conversation for no key update;
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

-- Who assigns and reports: the lead; where there is none, the first agent.
create or replace function federation.work_owner(p_conversation uuid) returns text
language sql stable set search_path = federation, pg_temp as $$
  select x.actor::text from members x join actors a on a.name = x.actor
   where x.conversation = p_conversation and a.kind <> 'system' and (a.role = 'lead' or (a.kind = 'agent' and a.role <> 'observer'))
   order by a.role <> 'lead', x.actor limit 1
$$;

-- Whose duty something in a phase may be: some duties carry rights, and no caller gives them to whom they do not belong.
create or replace function federation.may_owe(p_conversation uuid, duty jsonb) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select coalesce(case duty ->> 'duty'
    -- The lead; where there is none, the first agent.
    when 'assign' then duty ->> 'actor' = work_owner(p_conversation)
    when 'report' then duty ->> 'actor' = work_owner(p_conversation)
    when 'implement' then exists (select 1 from tasks t
      where t.id = (duty ->> 'subject')::uuid and t.conversation = p_conversation and t.assignee = duty ->> 'actor')
    when 'review' then exists (select 1 from actors a where a.name = duty ->> 'actor' and a.kind = 'agent' and a.role <> 'observer')
      and duty ->> 'actor' is distinct from (select s.author::text from submissions s where s.task = (duty ->> 'subject')::uuid
        order by s.submitted_at desc limit 1)
    when 'vote' then exists (select 1 from electorates e join proposals p on p.id = e.proposal
      where e.proposal = (duty ->> 'subject')::uuid and e.voter = duty ->> 'actor' and p.conversation = p_conversation)
    -- Of the lead, in the last round of a mission: a motion is decided by its vote alone.
    when 'adopt' then exists (select 1 from missions m join actors a on a.name = duty ->> 'actor' and a.role = 'lead'
      where m.conversation = p_conversation and m.kind = 'mission'
        and m.round >= (parameters() -> 'propose-before-implement' ->> 'maxRounds')::int)
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
