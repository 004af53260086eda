-- Pausing: a paused node takes no turn; it delivers, answers calls, and its duties run into their deadlines, on record.

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
