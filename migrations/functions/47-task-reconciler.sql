-- What the reconciler does with tasks that nobody works on any more: given on by a rule, with its reason in their history.

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
