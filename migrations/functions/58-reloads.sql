-- Reloads: one replacement of a node's logic, on record with who asked and how it ended.
--
-- 1. A node has one open reload at a time; who asks meanwhile is told of that one.
-- 2. How it ended only the node itself says. One that it says nothing about within a minute is expired.
-- 3. A reload by a signal or a changed file was asked for by nobody, and is on record all the same.

create or replace function federation.reload_json(r federation.reloads) returns jsonb
language sql stable set search_path = federation, pg_temp as $$
  select jsonb_build_object('id', r.id, 'node', r.node, 'askedBy', r.asked_by, 'state', r.state, 'stage', r.stage, 'reason', r.reason,
    'tookMs', r.took_ms, 'askedAt', iso(r.asked_at), 'closedAt', iso(r.closed_at))
$$;

create or replace function federation.op_ask_reload(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_id uuid := op ->> 'id';
  v_node text := op ->> 'node';
  asker actors;
  known reloads;
begin
  select * into asker from actors where name = me;
  if asker.role = 'observer' then
    perform refuse('one-voice', 'observers do not act');
  end if;
  if v_node is distinct from me and not (asker.kind = 'human' and asker.role = 'commander') then
    perform fail('forbidden', format('%s reloads its own node; another one only the commander', me));
  end if;
  perform 1 from nodes n join actors x on x.name = n.actor where n.actor = v_node and x.retired_at is null;
  if not found then
    perform fail('not_found', format('there is no node %s; see: federation roster', v_node));
  end if;
  select * into known from reloads where id = v_id;
  if known.id is not null then
    if (known.node, known.asked_by) is distinct from (v_node::actor_name, me::actor_name) then
      perform fail('conflict', 'this reload id is taken; make a new one');
    end if;
    return jsonb_build_object('id', v_id);
  end if;
  perform expire_reloads(v_node);
  -- The index is what holds the first rule; a second one at the same time waits here for the first.
  insert into reloads (id, node, asked_by, deadline) values (v_id, v_node, me, clock_timestamp() + interval '1 minute')
    on conflict do nothing;
  if not found then
    select * into known from reloads where node = v_node and state = 'asked';
    if known.id is null then
      perform fail('conflict', format('a reload of %s ended just now; ask again', v_node));
    end if;
    return jsonb_build_object('id', known.id);
  end if;
  perform emit('NodeReloadAsked', me, null, v_id::text, jsonb_build_object('node', v_node));
  return jsonb_build_object('id', v_id);
end $$;

create or replace function federation.op_record_reload(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_id uuid := op ->> 'id';
  v_stage text := op ->> 'stage';
  v_reason text := left(coalesce(op ->> 'reason', ''), 2000);
  v_took int := (op ->> 'tookMs')::int;
  v_state text := case when op ->> 'stage' is null then 'reloaded' else 'failed' end;
  r reloads;
begin
  perform 1 from nodes where actor = me and login = session_user;
  if not found then
    perform refuse('one-voice', 'how a reload ended is said by the node itself');
  end if;
  if v_id is null or v_took >= 0 is not true
     or v_stage not in ('start', 'health', 'switch', 'probation', 'refused') then
    perform fail('invalid_input', 'a reload has an id, a time of at least 0 ms, and a stage where it failed');
  end if;
  perform 1 from reloads where id = v_id and node <> me;
  if found then
    perform refuse('one-voice', 'this is the reload of another node');
  end if;
  insert into reloads (id, node, state, stage, reason, took_ms, asked_at, deadline, closed_at)
    values (v_id, me, v_state, v_stage, v_reason, v_took, clock_timestamp() - make_interval(secs => v_took / 1000.0),
      clock_timestamp(), clock_timestamp())
    on conflict do nothing;
  if not found then
    select * into r from reloads where id = v_id and node = me for update;
    if r.state = v_state and r.stage is not distinct from v_stage then
      return jsonb_build_object('id', v_id);
    end if;
    if r.id is null or r.state not in ('asked', 'expired') then
      perform fail('conflict', 'the end of this reload is on record already');
    end if;
    -- Also one that was given up: what the node says about it is later, and better, knowledge.
    update reloads set state = v_state, stage = v_stage, reason = v_reason, took_ms = v_took, closed_at = clock_timestamp()
      where id = v_id;
  end if;
  perform emit(case v_state when 'reloaded' then 'NodeReloaded' else 'NodeReloadFailed' end, me, null, v_id::text,
    jsonb_build_object('node', me, 'tookMs', v_took) ||
      case v_state when 'reloaded' then '{}' else jsonb_build_object('stage', v_stage, 'reason', v_reason) end);
  return jsonb_build_object('id', v_id);
end $$;

-- Gives up reloads whose node has said nothing: of one node, or of all for null.
create or replace function federation.expire_reloads(p_node text) returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  r reloads;
begin
  for r in update reloads set state = 'expired', closed_at = clock_timestamp()
      where id in (select id from reloads where state = 'asked' and deadline <= clock_timestamp() and (p_node is null or node = p_node)
        order by deadline, id for update skip locked)
      returning * loop
    perform emit('NodeReloadExpired', null, null, r.id::text, jsonb_build_object('node', r.node));
  end loop;
end $$;
