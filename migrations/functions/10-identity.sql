-- Who is calling. The actor comes from the login, never from an argument.
--
-- 1. Generation: a newer daemon of the same actor fences the older one.
-- 2. Epoch: within a daemon, an impl below min_epoch is fenced. An impl opened beside another leaves min_epoch where it
--    is, so that both write, until one of them seals its epoch or opens anew.
-- 3. Writers take the node row FOR KEY SHARE and a take-over takes it FOR UPDATE: no write of the old generation can
--    commit after the take-over has.
-- 4. Who was retired has no voice, whatever its login still opens.

create or replace function federation.my_node() returns federation.nodes
language plpgsql stable security definer set search_path = federation, pg_temp as $$
declare mine nodes;
begin
  select * into mine from nodes where login = session_user;
  if mine.actor is null then
    perform fail('unauthenticated', format('the login %s belongs to no node; add it with: federation node add', session_user));
  end if;
  return mine;
end $$;

-- The acting actor of a write, after the fencing checks.
create or replace function federation.writer(ctx jsonb) returns text
language plpgsql set search_path = federation, pg_temp as $$
declare
  node nodes;
  hosted text := ctx ->> 'as';
begin
  select * into node from nodes where login = session_user for key share;
  if node.actor is null then
    perform fail('unauthenticated', format('the login %s belongs to no node; add it with: federation node add', session_user));
  end if;
  if (ctx ->> 'generation')::bigint is distinct from node.generation then
    perform fail('fenced', format('another daemon of %s has taken over (generation %s)', node.actor, node.generation),
      '{"article": "one-voice"}');
  end if;
  if (ctx ->> 'epoch')::bigint is null or (ctx ->> 'epoch')::bigint < node.min_epoch
     or (ctx ->> 'epoch')::bigint > node.impl_epoch then
    perform fail('fenced', format('a newer impl of %s has taken over (epoch %s)', node.actor, node.min_epoch),
      '{"article": "one-voice"}');
  end if;
  perform 1 from actors where name = node.actor and retired_at is null;
  if not found then
    perform fail('unauthenticated', format('%s has been retired', node.actor), '{"article": "one-voice"}');
  end if;
  if hosted is null or hosted = node.actor then
    return node.actor;
  end if;
  if not hosts(node.actor, hosted) then
    perform refuse('one-voice', format('%s does not host %s and cannot speak for it', node.actor, hosted));
  end if;
  perform 1 from hosting h where h.actor = hosted and hosting_scopes(h) && array['act', 'manage'];
  if not found then
    perform refuse('one-voice', format('%s showed no token at %s that lets it act', hosted, node.actor));
  end if;
  return hosted;
end $$;

-- A restored copy of the database is another history: its cursors must not be mixed with the old ones.
create or replace function federation.log_epoch() returns text
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  now_print text := (select system_identifier from pg_control_system())::text
    || '/' || (select timeline_id from pg_control_checkpoint())::text
    || '/' || (select oid from pg_database where datname = current_database())::text;
  was text := (select value from meta where key = 'fingerprint');
begin
  update meta set value = now_print where key = 'fingerprint' and value <> now_print;
  if found then
    update meta set value = gen_random_uuid()::text where key = 'log_epoch';
    if was <> '' then
      -- Another server counts its transactions from elsewhere: what was logged before is older than all of them.
      update events set xact = '3'::xid8;
      -- The sealed verdicts stay as they are: new ones are counted from behind them.
      insert into meta (key, value)
        select 'verdict_xact_base', greatest(max(xact)::text::numeric - pg_current_xact_id()::text::numeric + 1, 0)::text from verdicts
        on conflict (key) do update set value = excluded.value;
    end if;
  end if;
  return (select value from meta where key = 'log_epoch');
end $$;

create or replace function federation.open_node(p_instance uuid, p_take_over boolean, p_version text, p_beside boolean default false)
returns jsonb
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  node nodes;
  lease timestamptz;
begin
  select * into node from nodes where login = session_user for update;
  if node.actor is null then
    perform fail('unauthenticated', format('the login %s belongs to no node; add it with: federation node add', session_user));
  end if;
  if p_instance is null then
    perform fail('invalid_input', 'a daemon names its instance');
  end if;
  if p_beside and node.instance is distinct from p_instance then
    perform fail('fenced', format('another daemon of %s has taken over (generation %s): nothing of it may start beside',
      node.actor, node.generation), '{"article": "one-voice"}');
  end if;
  select lease_until into lease from presence where actor = node.actor;
  if node.instance is distinct from p_instance then
    if lease > clock_timestamp() and not p_take_over then
      return jsonb_build_object('outcome', 'occupied',
        'retryAfterMs', ceil(extract(epoch from lease - clock_timestamp()) * 1000));
    end if;
    node.generation := node.generation + 1;
  end if;
  update nodes set instance = p_instance, generation = node.generation, impl_epoch = impl_epoch + 1,
      min_epoch = case when p_beside then min_epoch else impl_epoch + 1 end, version = p_version, started_at = clock_timestamp()
    where actor = node.actor returning * into node;
  insert into presence (actor, lease_until, seen_at)
    values (node.actor, clock_timestamp() + interval '15 s', clock_timestamp())
    on conflict (actor) do update set lease_until = excluded.lease_until, seen_at = excluded.seen_at;
  perform emit('NodeStarted', node.actor, null, node.actor,
    jsonb_build_object('generation', node.generation, 'epoch', node.impl_epoch, 'version', p_version));
  return jsonb_build_object('outcome', 'opened', 'actor', node.actor, 'generation', node.generation,
    'epoch', node.impl_epoch, 'logEpoch', log_epoch());
end $$;

-- From now on no impl older than the caller writes. FOR UPDATE waits for the writes that are under way.
create or replace function federation.seal_epoch(ctx jsonb) returns void
language plpgsql security definer set search_path = federation, pg_temp as $$
begin
  perform 1 from nodes where login = session_user for update;
  perform writer(ctx - 'as');
  update nodes set min_epoch = (ctx ->> 'epoch')::bigint where login = session_user;
end $$;

create or replace function federation.renew_presence(ctx jsonb, p_model text, p_broker text, p_ttl_ms int) returns boolean
language plpgsql security definer set search_path = federation, pg_temp as $$
declare node nodes := my_node();
begin
  if node.generation is distinct from (ctx ->> 'generation')::bigint then
    return false;
  end if;
  update presence set lease_until = clock_timestamp() + make_interval(secs => least(greatest(p_ttl_ms, 0), 120000) / 1000.0),
      seen_at = clock_timestamp(), model = left(p_model, 200), broker = left(p_broker, 200)
    where actor = node.actor;
  return true;
end $$;

