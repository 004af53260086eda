-- Actors without a daemon: how they come and go, and who speaks for them.
--
-- 1. The commander adds and retires them. A name that was used is never given again.
-- 2. A daemon hosts an external actor whose live token a client of it presented: no token, no hosting, and with the end of
--    the token at once no voice. The newest host wins, and the one before it learns so when it renews.
-- 3. Who hosts an actor speaks for it while the lease lasts, within the actor's rights and the scopes of the tokens that
--    were shown there: never for an actor with a daemon.

-- What its host may do for the actor: what the live tokens allow that were shown there.
create or replace function federation.hosting_scopes(h federation.hosting) returns text[]
language sql stable set search_path = federation, pg_temp as $$
  select coalesce(array_agg(distinct s), '{}') from credentials c join actors a on a.name = c.actor cross join unnest(c.scopes) s
   where h.lease_until > clock_timestamp() and c.id = any (h.credentials) and c.actor = h.actor and a.kind = 'external' and token_is_live(c)
$$;

create or replace function federation.hosting_is_live(h federation.hosting) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select hosting_scopes(h) <> '{}'
$$;

create or replace function federation.hosts(p_node text, p_actor text) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select exists (select 1 from hosting h where h.actor = p_actor and h.host = p_node and hosting_is_live(h))
$$;

-- The external actors this node speaks for.
create or replace function federation.hosted_by(p_node text) returns setof text
language sql stable set search_path = federation, pg_temp as $$
  select h.actor::text from hosting h where h.host = p_node and hosting_is_live(h)
$$;

create or replace function federation.hosting_lease(p_ttl_ms int) returns timestamptz
language sql volatile set search_path = federation, pg_temp as $$
  select clock_timestamp() + make_interval(secs => least(greatest(coalesce(p_ttl_ms, 0), 1000), 60000) / 1000.0)
$$;

-- The actor of these tokens is hosted by `me` from now on. When one was just shown here, `me` is the newest host, and that
-- token is added; to renew, the tokens are all there are, and nobody who has the actor loses it.
create or replace function federation.take_hosting(me text, p_actor text, p_tokens uuid[], p_ttl_ms int, p_newest boolean) returns boolean
language plpgsql set search_path = federation, pg_temp as $$
declare
  was hosting;
  live uuid[];
begin
  -- Two hosts at once, one after the other; and a retirement waits, or is seen.
  perform 1 from actors where name = p_actor and kind = 'external' for no key update;
  if not found then
    return false;
  end if;
  select * into was from hosting where actor = p_actor;
  -- As they are now, with the lock.
  live := (select array_agg(c.id order by c.id) from credentials c where c.actor = p_actor and token_is_live(c) and c.id = any (p_tokens));
  if live is null or was.host <> me and hosting_is_live(was) and not p_newest then
    return false;
  end if;
  if p_newest and was.host = me then
    live := (select array_agg(c.id order by c.id) from credentials c
      where c.actor = p_actor and token_is_live(c) and c.id = any (live || was.credentials));
  end if;
  insert into hosting (actor, host, lease_until, credentials, since)
    values (p_actor, me, hosting_lease(p_ttl_ms), live, clock_timestamp())
    on conflict (actor) do update set host = excluded.host, lease_until = excluded.lease_until, credentials = excluded.credentials,
      since = case when hosting.host = excluded.host and hosting.lease_until > clock_timestamp() then hosting.since else excluded.since end;
  if was.host is distinct from me or not hosting_is_live(was) then
    perform emit('ActorHosted', p_actor, null, p_actor, jsonb_build_object('host', me));
  end if;
  return true;
end $$;

create or replace function federation.host_actor(ctx jsonb, p_credential text, p_ttl_ms int) returns void
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx - 'as');
  token credentials := token_of(p_credential);
begin
  if token.id is null or not take_hosting(me, token.actor, array[token.id], p_ttl_ms, true) then
    perform fail('unauthenticated', 'an external actor is hosted under a live token of its own', '{"article": "one-voice"}');
  end if;
end $$;

-- Answers the actors that are hosted here from now on: of the others another host has taken over, the token has ended, or
-- they were retired.
create or replace function federation.renew_hosting(ctx jsonb, p_credentials text[], p_ttl_ms int) returns jsonb
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx - 'as');
  guest record;
  hosted text[] := '{}';
begin
  if cardinality(p_credentials) > 2000 then
    perform fail('limit_exceeded', 'at most 2000 credentials are looked up at once');
  end if;
  -- In one order, for those who renew at the same time.
  for guest in select c.actor::text as name, array_agg(distinct c.id) as tokens
      from (select distinct unnest(p_credentials) as name) n cross join lateral token_of(n.name) c
      where c.id is not null group by c.actor order by c.actor loop
    if take_hosting(me, guest.name, guest.tokens, p_ttl_ms, false) then
      hosted := hosted || guest.name;
    end if;
  end loop;
  return to_jsonb(hosted);
end $$;

-- The row stays, for whoever still has a session of the actor to renew it.
create or replace function federation.end_hosting(ctx jsonb, p_actor text) returns void
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx - 'as');
begin
  update hosting set lease_until = clock_timestamp() where host = me and actor = p_actor and lease_until > clock_timestamp();
  if found then
    perform emit('HostingEnded', p_actor, null, p_actor, jsonb_build_object('host', me));
  end if;
end $$;

create or replace function federation.op_add_actor(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_name text := op ->> 'name';
  known actors;
begin
  if not is_commander(me) then
    perform fail('forbidden', 'only the commander adds actors', '{"article": "one-voice"}');
  end if;
  if v_name is null or v_name !~ '^[a-z0-9][a-z0-9-]{0,62}$' or v_name in ('all', 'me', 'nobody') then
    perform fail('invalid_input', 'an actor''s name has lower-case letters, digits and hyphens only, and is none of: all, me, nobody');
  end if;
  if coalesce(op ->> 'role', '') not in ('developer', 'analyst', 'observer') or length(op ->> 'description') > 600 then
    perform fail('invalid_input', 'an external actor is a developer, an analyst or an observer, described in at most 600 characters');
  end if;
  -- One commander's one after the other: they are counted.
  perform 1 from actors where name = me for no key update;
  select * into known from actors where name = v_name;
  if known.kind = 'external' and known.retired_at is null and known.role = op ->> 'role' then
    return jsonb_build_object('id', v_name);
  end if;
  if known.name is not null then
    perform fail('conflict', format('there is an actor %s already, or there was one; choose another name', v_name));
  end if;
  if (select count(*) from actors where kind = 'external' and retired_at is null) >= 200 then
    perform fail('limit_exceeded', 'there are 200 external actors; retire one first: federation actor retire');
  end if;
  insert into actors (name, kind, role, persona) values (v_name, 'external', op ->> 'role', jsonb_build_object('tendency', '',
    'description', coalesce(nullif(op ->> 'description', ''), format('You are %s, who speaks from outside, as a %s.', v_name, op ->> 'role'))));
  perform emit('ActorAdded', me, null, v_name, jsonb_build_object('kind', 'external', 'role', op ->> 'role'));
  return jsonb_build_object('id', v_name);
end $$;

create or replace function federation.op_retire_actor(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_name text := op ->> 'name';
  known actors;
  t tasks;
  question approvals;
begin
  if not is_commander(me) then
    perform fail('forbidden', 'only the commander retires actors', '{"article": "one-voice"}');
  end if;
  -- Its work before itself, as every writer does: missions, tasks, conversations, then the rest.
  for t in select x.* from tasks x join missions m on m.conversation = x.conversation
      join actors a on a.name = v_name and a.kind = 'external'
      where m.phase = 'implement' and v_name in (x.holder, x.assignee) and x.state in ('assigned', 'claimed')
      order by x.created_at, x.id for update of m, x loop
    perform let_go(t, format('%s was retired', v_name));
  end loop;
  select * into known from actors where name = v_name for no key update;
  if known.name is null then
    perform fail('not_found', format('there is no actor %s; see: federation roster', v_name));
  end if;
  if known.kind <> 'external' then
    perform fail('conflict', format('%s has a daemon of its own; only external actors are retired here', v_name));
  end if;
  if known.retired_at is not null then
    return '{}';
  end if;
  update actors set retired_at = clock_timestamp() where name = v_name;
  update credentials set revoked_at = clock_timestamp() where actor = v_name and revoked_at is null;
  update hosting set lease_until = least(lease_until, clock_timestamp()) where actor = v_name;
  update signing_keys set revoked_at = clock_timestamp() where actor = v_name and revoked_at is null;
  update obligations set state = 'cancelled', closed_at = clock_timestamp() where actor = v_name and state = 'open';
  for question in update approvals set state = 'withdrawn', closed_at = clock_timestamp()
      where asked_by = v_name and state = 'open' returning * loop
    perform emit('ApprovalWithdrawn', me, question.conversation, question.id::text,
      jsonb_build_object('whom', question.whom, 'question', left(question.question, 2000)));
    perform end_approval(question, 'rule', null);
  end loop;
  perform emit('ActorRetired', me, null, v_name, '{}');
  perform bury_for_retired();
  return '{}';
end $$;

-- Gives up what waits for who was retired, also what was on its way meanwhile, a part at a time: nobody stays for having
-- a full inbox. The reconcilers do the rest.
create or replace function federation.bury_for_retired() returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  d deliveries;
begin
  for d in select * from deliveries where state = 'due' and recipient in (select name from actors where retired_at is not null)
      order by conversation, seq limit 200 for update skip locked loop
    perform bury(d.message, d.recipient, format('%s was retired', d.recipient));
  end loop;
end $$;
