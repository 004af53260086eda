-- Tasks: assignment, the one claim, fence and lease.
--
-- 1. A claim is one update under the task's lock; exactly one caller wins, and the others learn who did.
-- 2. Every later write of the holder carries the fence; another fence, holder or a lease that has run out: fenced.
-- 3. Leases and deadlines are on the database's clock.

create or replace function federation.task_moved(p_task uuid, p_actor text, p_from text, p_to text, p_reason text) returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  t tasks;
begin
  select * into t from tasks where id = p_task;
  insert into task_history (task, actor, from_state, to_state, fence, reason)
    values (p_task, p_actor, p_from, p_to, t.fence, left(p_reason, 2000));
  perform emit('Task' || initcap(p_to), p_actor, t.conversation, p_task::text,
    jsonb_build_object('title', t.title, 'assignee', t.assignee, 'holder', t.holder, 'fence', t.fence, 'from', p_from, 'reason', left(p_reason, 2000)));
end $$;

create or replace function federation.lock_task(p_task uuid) returns federation.tasks
language plpgsql set search_path = federation, pg_temp as $$
declare
  t tasks;
begin
  -- The mission before the task, as every writer does: one order of locks, no deadlock.
  perform 1 from missions m join tasks x on x.conversation = m.conversation where x.id = p_task for share of m;
  select * into t from tasks where id = p_task for update;
  if t.id is null then
    perform fail('not_found', format('there is no task %s', p_task));
  end if;
  return t;
end $$;

-- What somebody with the right to do so has done in an agent's place is no longer due from that agent.
create or replace function federation.relieve(p_conversation uuid, p_duty text, p_subject uuid, me text) returns void
language sql set search_path = federation, pg_temp as $$
  -- Before the duties, as every writer does: who ends a turn has spoken first.
  select 1 from conversations where id = p_conversation for no key update;
  update obligations set state = 'cancelled', closed_at = clock_timestamp()
   where conversation = p_conversation and duty = p_duty and subject = p_subject and state = 'open' and actor <> me
$$;

create or replace function federation.op_assign_task(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  t tasks := lock_task((op ->> 'task')::uuid);
begin
  perform require_member(t.conversation, me);
  perform require_member(t.conversation, op ->> 'assignee');
  perform 1 from actors where name = me and role in ('lead', 'commander');
  if not found then
    perform 1 from obligations where conversation = t.conversation and actor = me and duty = 'assign' and subject = t.id
      and state in ('open', 'met');
    if not found then
      perform refuse('explicit-assignment', 'only the lead assigns tasks');
    end if;
  end if;
  perform 1 from missions where conversation = t.conversation and phase = 'assign';
  if not found or t.state not in ('approved', 'released', 'expired') then
    perform refuse('explicit-assignment', format('a task that is %s is not waiting for an assignment', t.state));
  end if;
  perform 1 from actors a join missions m on m.conversation = t.conversation
    where a.name = op ->> 'assignee' and a.retired_at is null and (a.role in ('developer', 'analyst') or m.kind = 'errand' and a.role <> 'observer');
  if not found then
    perform refuse('explicit-assignment', format('%s cannot be given this task', op ->> 'assignee'));
  end if;
  -- Assigned again after its time was over, its time begins anew.
  update tasks set state = 'assigned', assignee = op ->> 'assignee', instructions = op ->> 'instructions', holder = null,
      taken_from = null, pool = false, assigned_at = clock_timestamp(),
      first_claimed_at = case when due_at > clock_timestamp() then first_claimed_at end,
      due_at = case when due_at > clock_timestamp() then due_at end
    where id = t.id;
  perform task_moved(t.id, me, t.state, 'assigned', op ->> 'instructions');
  perform relieve(t.conversation, 'assign', t.id, me);
  return '{}';
end $$;

create or replace function federation.op_claim_task(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  t tasks;
  pooled boolean;
  why text;
begin
  perform lock_paths((op ->> 'task')::uuid);
  t := lock_task((op ->> 'task')::uuid);
  perform require_member(t.conversation, me);
  pooled := in_pool(t);
  if t.assignee is distinct from me and not pooled and not (t.pool and t.holder is not null) then
    perform refuse('explicit-assignment', coalesce(format('this task is assigned to %s', t.assignee), 'this task is assigned to nobody'));
  end if;
  if not (pooled or (t.assignee is not distinct from me and (t.state = 'assigned' or (t.state = 'claimed' and t.lease_until <= clock_timestamp())))) then
    if t.holder is null then
      perform refuse('claim-before-code', format('a task that is %s cannot be claimed', t.state));
    end if;
    return jsonb_build_object('claimed', false, 'holder', t.holder, 'fence', t.fence);
  end if;
  perform 1 from missions where conversation = t.conversation and phase = 'implement';
  if not found then
    perform refuse('propose-before-implement', 'a task is claimed in the phase implement');
  end if;
  perform 1 from actors where name = me and role <> 'observer';
  if not found then
    perform refuse('one-voice', 'observers do not act');
  end if;
  why := blocked(t);
  if why is not null then
    perform refuse('claim-before-code', why);
  end if;
  update tasks set state = 'claimed', holder = me, assignee = me, fence = fence + 1, lease_until = clock_timestamp() + lease_of(me),
      first_claimed_at = case when due_at > clock_timestamp() then coalesce(first_claimed_at, clock_timestamp()) else clock_timestamp() end,
      due_at = case when due_at > clock_timestamp() then due_at else clock_timestamp() + task_time() end
    where id = t.id;
  perform task_moved(t.id, me, t.state, 'claimed', case when pooled then 'claimed from the pool' else 'claimed by its assignee' end);
  if pooled then
    perform pass_duty(t, me);
  end if;
  return jsonb_build_object('claimed', true, 'holder', me, 'fence', t.fence + 1);
end $$;

-- The task, when `me` still holds it under this fence; otherwise fenced.
create or replace function federation.held(me text, op jsonb) returns federation.tasks
language plpgsql set search_path = federation, pg_temp as $$
declare
  t tasks := lock_task((op ->> 'task')::uuid);
begin
  if t.state <> 'claimed' or t.holder is distinct from me or t.fence is distinct from (op ->> 'fence')::bigint
     or t.lease_until <= clock_timestamp() then
    perform fail('fenced', format('%s does not hold this task under fence %s (it is %s, holder %s, fence %s)',
      me, op ->> 'fence', t.state, coalesce(t.holder, 'nobody'), t.fence),
      jsonb_build_object('article', 'claim-before-code', 'holder', t.holder, 'fence', t.fence));
  end if;
  return t;
end $$;

create or replace function federation.op_renew_claim(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  t tasks := held(me, op);
begin
  update tasks set lease_until = clock_timestamp() + lease_of(me) where id = t.id;
  return jsonb_build_object('fence', t.fence);
end $$;

create or replace function federation.op_submit_task(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  t tasks := held(me, op);
begin
  if jsonb_array_length(op -> 'files') > 16 then
    perform fail('limit_exceeded', 'a submission has at most 16 files');
  end if;
  insert into submissions (id, task, fence, author, summary, evidence, commit)
    select (op ->> 'id')::uuid, t.id, t.fence, me, op ->> 'summary', named,
        (select substr(e, 8) from unnest(named) e where e like 'commit:%' limit 1)
      from evidence_of(t, op) named;
  insert into files (sha256, content)
    select distinct encode(sha256(convert_to(f ->> 'content', 'UTF8')), 'hex'), f ->> 'content'
      from jsonb_array_elements(op -> 'files') f
    on conflict do nothing;
  insert into submission_files (submission, path, sha256)
    select (op ->> 'id')::uuid, f ->> 'path', encode(sha256(convert_to(f ->> 'content', 'UTF8')), 'hex')
      from jsonb_array_elements(op -> 'files') f;
  update tasks set state = 'submitted', lease_until = null where id = t.id;
  perform task_moved(t.id, me, t.state, 'submitted', op ->> 'summary');
  return jsonb_build_object('id', op ->> 'id');
end $$;

create or replace function federation.op_review_task(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  t tasks;
  s submissions;
  law jsonb := parameters();
  next_state text;
begin
  perform lock_paths((op ->> 'task')::uuid);
  t := lock_task((op ->> 'task')::uuid);
  if jsonb_typeof(op -> 'accept') is distinct from 'boolean' then
    perform fail('invalid_input', 'a review accepts or rejects: accept is true or false');
  end if;
  perform require_member(t.conversation, me);
  select * into s from submissions where id = (op ->> 'submission')::uuid and task = t.id;
  if s.id is null or s.state <> 'open' or t.state <> 'submitted' then
    perform fail('conflict', 'this result is no longer waiting for a review');
  end if;
  perform 1 from missions where conversation = t.conversation and phase = 'review';
  if not found then
    perform refuse('propose-before-implement', 'a result is reviewed in the phase review');
  end if;
  if s.author = me then
    perform refuse('review-by-another', 'nobody reviews their own result');
  end if;
  perform 1 from actors where name = me and kind = 'human' and role <> 'observer';
  if not found then
    perform 1 from obligations o join missions m on m.conversation = o.conversation and m.phase_no = o.phase_no
      where o.conversation = t.conversation and o.actor = me and o.duty = 'review' and o.subject = t.id and o.state in ('open', 'met');
    if not found then
      perform refuse('review-by-another', format('the review of this result is not due from %s', me));
    end if;
  end if;
  next_state := case
    when (op ->> 'accept')::boolean then 'accepted'
    when t.reworks >= (law -> 'review-by-another' ->> 'maxReworks')::int then 'rejected'
    -- Another has its paths by now: the author claims it again when they are free.
    when blocked(t) is not null then 'assigned'
    else 'claimed' end;
  update submissions set state = case when (op ->> 'accept')::boolean then 'accepted' else 'rejected' end,
      reviewer = me, reason = op ->> 'reason', reviewed_at = clock_timestamp()
    where id = s.id;
  -- Sent back, the author goes on under a new fence and a fresh lease.
  update tasks set state = next_state,
      reworks = reworks + case when next_state in ('claimed', 'assigned') then 1 else 0 end,
      fence = fence + case when next_state in ('claimed', 'assigned') then 1 else 0 end,
      holder = case when next_state <> 'assigned' then holder end,
      assigned_at = case when next_state = 'assigned' then clock_timestamp() else assigned_at end,
      lease_until = case when next_state = 'claimed' then clock_timestamp() + lease_of(t.holder) end
    where id = t.id;
  perform task_moved(t.id, me, 'submitted', next_state, op ->> 'reason');
  perform relieve(t.conversation, 'review', t.id, me);
  return '{}';
end $$;

create or replace function federation.op_hand_back_task(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  t tasks := held(me, op);
begin
  if t.reassignments >= (parameters() -> 'leases-and-hand-back' ->> 'maxReassignments')::int then
    perform refuse('leases-and-hand-back', 'this task has changed hands as often as the charter allows');
  end if;
  update tasks set state = 'released', holder = null, lease_until = null, taken_from = null,
      assignee = case when pool then null else assignee end
    where id = t.id;
  perform task_moved(t.id, me, t.state, 'released', op ->> 'reason');
  return '{}';
end $$;
