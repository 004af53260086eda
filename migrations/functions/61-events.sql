-- The event log: read in either direction, and counted.
--
-- 1. What is still being committed is left for the next reading: nothing is read at or above the oldest transaction under
--    way. So no cursor passes a late commit, and what was counted between two cursors is what reading from one to the
--    other yields.
-- 2. An event is seen when both the login and the actor it asks for may see it.
-- 3. A statement is put together from the conditions that were given, so that each has the plan that fits it. What was
--    given is a parameter of it, and never part of its text.

-- The last transaction whose events can all be read: a cursor at its end sees what is committed from now on.
create or replace function federation.events_end() returns text
language sql stable security definer set search_path = federation, pg_temp as $$
  select (pg_snapshot_xmin(pg_current_snapshot())::text::numeric - 1)::text
$$;

-- Letters as they stand in the text of a JSON value, where quotes and line ends are escaped.
create or replace function federation.json_letters(p_text text) returns text
language sql immutable set search_path = federation, pg_temp as $$
  select substr(j, 2, length(j) - 2) from (select to_jsonb(p_text)::text as j) x
$$;

-- The conditions of a reading: $1 the filter, $2 for whom, $3 the end.
create or replace function federation.event_conditions(p_filter jsonb, p_as text) returns text
language sql stable set search_path = federation, pg_temp as $$
  select concat_ws(' and ', 'e.xact <= $3',
    case when p_filter ? 'conversation' then 'e.conversation = ($1 ->> ''conversation'')::uuid' end,
    case when p_filter ? 'actor' then 'e.actor = $1 ->> ''actor''' end,
    case when p_filter ? 'kinds' then 'e.kind = any (texts($1 -> ''kinds''))' end,
    case when p_filter ? 'subject' then 'e.subject = $1 ->> ''subject''' end,
    -- Behind ***= a pattern is letters and nothing else.
    case when p_filter ? 'text' then '(concat_ws(E''\n'', e.kind, e.actor, e.subject) ~* (''***='' || ($1 ->> ''text''))'
      || ' or e.data::text ~* (''***='' || json_letters($1 ->> ''text'')))' end,
    case when not i_see_all() then '(e.conversation is null or e.conversation in (select my_conversations()))' end,
    case when p_as is not null and not exists (select 1 from actors where name = p_as and role = 'commander')
      then '(e.conversation is null or e.conversation in (select m.conversation from members m where m.actor = $2))' end)
$$;

-- A page, oldest first in either direction, and the cursor to go on with: forwards behind its last event, or, where nothing
-- more fits, at the end of the log, up to which all was looked through; backwards before its first event, or null where
-- nothing lies before it.
create or replace function federation.read_events(
  p_xact xid8, p_id bigint, p_backwards boolean, p_limit int, p_filter jsonb, p_as text
) returns jsonb
language plpgsql stable security definer set search_path = federation, pg_temp as $$
declare
  v_end xid8 := events_end()::xid8;
  many int := least(greatest(p_limit, 1), 1000);
  page jsonb;
  further boolean;
  edge jsonb;
begin
  execute 'select coalesce(jsonb_agg(jsonb_build_object(''xact'', e.xact::text, ''id'', e.id::text, ''at'', iso(e.at), ''kind'', e.kind,
      ''actor'', e.actor, ''conversation'', e.conversation, ''subject'', e.subject, ''data'', e.data) order by e.xact, e.id), ''[]'')
    from (select e.* from events e where ' || event_conditions(p_filter, p_as)
      || case when p_xact is null then '' when p_backwards then ' and (e.xact, e.id) < ($4, $5)' else ' and (e.xact, e.id) > ($4, $5)' end
      || case when p_backwards then ' order by e.xact desc, e.id desc' else ' order by e.xact, e.id' end || ' limit $6) e'
    into page using p_filter, p_as, v_end, p_xact, p_id, many + 1;
  further := jsonb_array_length(page) > many;
  if further then
    page := page - case when p_backwards then 0 else many end;
    edge := page -> case when p_backwards then 0 else -1 end;
  elsif not p_backwards then
    edge := case when p_xact > v_end then jsonb_build_object('xact', p_xact::text, 'id', p_id::text)
      else jsonb_build_object('xact', v_end::text, 'id', '9223372036854775807') end;
  end if;
  return jsonb_build_object('events', page, 'cursor', jsonb_build_object('xact', edge -> 'xact', 'id', edge -> 'id'));
end $$;

-- As builds ask that read the log forwards alone.
create or replace function federation.events_after(p_xact xid8, p_id bigint, p_limit int, p_conversation uuid, p_as text) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  select read_events(p_xact, p_id, false, p_limit,
    case when p_conversation is null then '{}' else jsonb_build_object('conversation', p_conversation) end, p_as) -> 'events'
$$;

-- How many events lie behind the first position (null: from the beginning) and not behind the second (null: the end).
create or replace function federation.count_events(
  p_xact xid8, p_id bigint, p_upto_xact xid8, p_upto_id bigint, p_filter jsonb, p_as text
) returns jsonb
language plpgsql stable security definer set search_path = federation, pg_temp as $$
declare
  v_end xid8 := events_end()::xid8;
  -- What lies behind the end can be counted by nobody yet.
  whole boolean := p_upto_xact is null or p_upto_xact > v_end;
  found_events bigint;
begin
  execute 'select count(*) from events e where ' || event_conditions(p_filter, p_as)
      || case when p_xact is null then '' else ' and (e.xact, e.id) > ($4, $5)' end
      || case when whole then '' else ' and (e.xact, e.id) <= ($6, $7)' end
    into found_events using p_filter, p_as, v_end, p_xact, p_id, p_upto_xact, p_upto_id;
  return jsonb_build_object('count', found_events, 'upTo', jsonb_build_object(
    'xact', case when whole then v_end else p_upto_xact end::text,
    'id', case when whole then '9223372036854775807' else p_upto_id::text end));
end $$;
