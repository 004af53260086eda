-- Errands: one task that needs no proposal of its own.
--
-- 1. An errand is a row of `missions` with one task; it goes assign, implement, review, closed, and begins in implement.
-- 2. Everyone who may act is a member: whoever can be given the task, take it from the pool, or review it.
-- 3. How it may move and how it ended follows from its rows.

create or replace function federation.errand_gate_met(m federation.missions, task federation.tasks, p_to text) returns boolean
language plpgsql stable set search_path = federation, pg_temp as $$
declare
  reassigned_out boolean := task.reassignments >= (parameters() -> 'leases-and-hand-back' ->> 'maxReassignments')::int;
  late boolean := m.phase_deadline <= clock_timestamp();
begin
  return coalesce(case m.phase || ' to ' || p_to
    when 'assign to implement' then task.state = 'assigned'
    when 'assign to closed' then task.state <> 'assigned' and (late or task.state = 'cancelled'
      or exists (select 1 from obligations o where o.conversation = m.conversation and o.phase_no = m.phase_no and o.duty = 'assign')
      or not exists (select 1 from members x join actors a on a.name = x.actor where x.conversation = m.conversation and a.kind = 'human'))
    when 'implement to review' then task.state = 'submitted'
    when 'implement to assign' then task.state not in ('submitted', 'cancelled') and not reassigned_out
      and (late or not in_pool(task))
    when 'implement to closed' then task.state = 'cancelled'
      or (task.state <> 'submitted' and reassigned_out and (late or not in_pool(task)))
    when 'review to implement' then task.state in ('claimed', 'assigned')
    when 'review to closed' then task.state in ('accepted', 'rejected', 'cancelled')
      or (task.state = 'submitted' and (late or not reviewable(m, task)))
    else false end, false);
end $$;

-- The next agent to be asked for a review in this phase: an analyst, the lead, a developer; not the author, nobody twice.
create or replace function federation.first_reviewer(p_conversation uuid, p_task uuid) returns text
language sql stable set search_path = federation, pg_temp as $$
  select x.actor::text from members x join actors a on a.name = x.actor join missions m on m.conversation = x.conversation
   where x.conversation = p_conversation and a.kind = 'agent' and a.role in ('analyst', 'lead', 'developer') and a.retired_at is null
     and x.actor is distinct from (select s.author from submissions s where s.task = p_task order by s.submitted_at desc limit 1)
     and not exists (select 1 from obligations o where o.conversation = p_conversation and o.phase_no = m.phase_no
       and o.duty = 'review' and o.subject = p_task and o.actor = x.actor)
   order by array_position(array['analyst', 'lead', 'developer'], a.role), x.actor limit 1
$$;

-- Whether somebody could still review it: an agent who was not asked, or a person.
create or replace function federation.reviewable(m federation.missions, task federation.tasks) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select first_reviewer(m.conversation, task.id) is not null or exists (
    select 1 from members x join actors a on a.name = x.actor
     where x.conversation = m.conversation and a.kind = 'human' and a.retired_at is null
       and a.name is distinct from (select s.author from submissions s where s.task = task.id order by s.submitted_at desc limit 1))
$$;

create or replace function federation.errand_outcome(m federation.missions, task federation.tasks) returns text
language sql stable set search_path = federation, pg_temp as $$
  select case
    when m.phase = 'assign' then 'unassigned'
    when m.phase = 'implement' then 'not_done'
    when task.state = 'accepted' then 'accepted'
    else 'not_accepted' end
$$;

-- Path patterns that a task may be bound to.
create or replace function federation.require_scope(p_scope text[]) returns void
language plpgsql stable set search_path = federation, pg_temp as $$
declare
  most int := (parameters() -> 'claim-before-code' ->> 'maxScopePatterns')::int;
  why text := scope_fault(p_scope);
begin
  if why is not null then
    perform fail('invalid_input', why);
  end if;
  if cardinality(p_scope) > most then
    perform refuse('claim-before-code', format('a task is bound to at most %s path patterns', most));
  end if;
end $$;

-- Opens an errand for `creator`, who is allowed to: op_open_task asks that of a call, the vote of a motion. All other law
-- about opening a task holds here.
create or replace function federation.create_errand(creator text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  law jsonb := parameters();
  v_id uuid := op ->> 'id';
  v_task uuid := op ->> 'task';
  v_kind text := op ->> 'taskKind';
  v_assignee text := op ->> 'assignee';
  v_proposal uuid := op ->> 'proposal';
  v_scope text[] := texts(op -> 'scope');
  v_needs uuid[] := texts(op -> 'needs')::uuid[];
  v_state text := case when op ->> 'assignee' is null then 'approved' else 'assigned' end;
  why text;
begin
  if conversation_is_mine(v_id, creator, 'errand') then
    return jsonb_build_object('id', v_id, 'task', (select id from tasks where conversation = v_id));
  end if;
  if v_task is null or length(coalesce(op ->> 'title', '')) not between 1 and 200
     or (op ->> 'dueInMs')::numeric not between 1000 and 2592000000 then
    perform fail('invalid_input', 'a task has an id, a title of 1 to 200 characters, and a due time of 1 s to 30 days or none');
  end if;
  if law -> 'propose-before-implement' -> 'kindsNeedingProposal' ? v_kind or v_proposal is not null then
    -- A veto of it waits for this, or this for the veto.
    perform 1 from missions m join proposals p on p.conversation = m.conversation where p.id = v_proposal for share of m;
    -- A change of the charter decides nothing about work.
    perform 1 from proposals where id = v_proposal and state in ('accepted', 'adopted') and kind not in ('amendment', 'ratification');
    if not found then
      perform refuse('propose-before-implement', format('a task of the kind %s is opened only for an accepted proposal', v_kind));
    end if;
  end if;
  if v_assignee is null and not (law -> 'explicit-assignment' ->> 'pool')::boolean then
    perform refuse('explicit-assignment', 'there is no open pool: a task is opened for somebody');
  end if;
  if v_assignee is not null then
    perform 1 from actors where name = v_assignee and kind <> 'system' and retired_at is null;
    if not found then
      perform fail('not_found', format('there is no actor %s; see: federation roster', v_assignee));
    end if;
    perform 1 from actors where name = v_assignee and role <> 'observer';
    if not found then
      perform refuse('explicit-assignment', format('%s observes, and is given no task', v_assignee));
    end if;
  end if;
  perform require_scope(v_scope);
  -- No cycle can come about: what a task needs is said once, when it is opened, and is there before it.
  if v_task = any (v_needs) then
    perform refuse('claim-before-code', 'a task cannot wait for itself');
  end if;
  if cardinality(v_needs) > 16 then
    perform fail('limit_exceeded', 'a task needs at most 16 others');
  end if;
  select case when t.id is null then 'there is no task ' || n
      when never_accepted(t) then format('the task %s will not be accepted any more', n) end into why
    from unnest(v_needs) n left join tasks t on t.id = n where t.id is null or never_accepted(t) limit 1;
  if why is not null then
    perform fail('not_found', why || '; see: federation task list');
  end if;

  insert into conversations (id, kind, title, created_by) values (v_id, 'errand', op ->> 'title', creator);
  insert into members (conversation, actor)
    select v_id, name from actors where kind in ('agent', 'human', 'external') and role <> 'observer' and retired_at is null
    union select v_id, creator;
  insert into missions (conversation, kind, objective, seed, phase, phase_no, round, phase_entered_at, phase_deadline, charter_version)
    values (v_id, 'errand', op ->> 'title', abs(hashtext(v_id::text)::bigint), 'implement', 1, 1, clock_timestamp(), clock_timestamp(),
      (select max(version) from charter_versions));
  insert into tasks (id, conversation, proposal, title, instructions, kind, state, assignee, pool, scope, priority, due_at, created_by, assigned_at)
    values (v_task, v_id, v_proposal, op ->> 'title', coalesce(op ->> 'instructions', ''), v_kind, v_state, v_assignee,
      v_assignee is null, v_scope, coalesce((op ->> 'priority')::int, 0),
      clock_timestamp() + make_interval(secs => (op ->> 'dueInMs')::numeric / 1000.0), creator,
      case when v_assignee is not null then clock_timestamp() end);
  insert into task_needs (task, needs) select distinct v_task, n from unnest(v_needs) n;
  perform emit('ErrandOpened', creator, v_id, v_task::text,
    jsonb_build_object('title', op ->> 'title', 'kind', v_kind, 'assignee', v_assignee, 'pool', v_assignee is null));
  perform task_moved(v_task, creator, null, v_state, case when v_assignee is null then 'opened for whoever claims it first'
    else 'opened for ' || v_assignee end);
  perform begin_phase(v_id, 1, 'implement', 1, 'the task was opened', case when v_assignee is null then '[]'
    else jsonb_build_array(jsonb_build_object('actor', v_assignee, 'duty', 'implement', 'subject', v_task)) end);
  perform post(gen_random_uuid(), v_id, creator, 'say', null,
    left(format('A task for %s: %s. %s', coalesce(v_assignee, 'whoever claims it first'), op ->> 'title', op ->> 'instructions'), 65536),
    v_task, null);
  return jsonb_build_object('id', v_id, 'task', v_task);
end $$;

create or replace function federation.op_open_task(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
begin
  perform 1 from actors where name = me and (role = 'lead' or (kind = 'human' and role <> 'observer'));
  if not found then
    perform refuse('explicit-assignment', 'only the lead and the commander open tasks');
  end if;
  return create_errand(me, op);
end $$;

-- What was opened for a proposal that is out stops, wherever it is.
create or replace function federation.cancel_errands_of(p_proposal uuid, p_by text, p_reason text) returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  m missions;
begin
  for m in select x.* from missions x join tasks t on t.conversation = x.conversation
      where t.proposal = p_proposal and x.kind = 'errand' and x.phase <> 'closed' order by x.conversation for update of x loop
    perform cancel_tasks(m.conversation, p_proposal, p_by, array['accepted', 'rejected'], p_reason);
    update obligations set state = 'cancelled', closed_at = clock_timestamp() where conversation = m.conversation and state = 'open';
  end loop;
end $$;
