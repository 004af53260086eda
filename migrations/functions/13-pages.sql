-- Pages of browsers: how one stays let in after its ticket.
--
-- 1. A page makes each secret itself, in the place of the one before, and tells its hash alone.
-- 2. The one that was replaced is good until the current one is first used. Who shows an older one is not the page, or the
--    page is not alone: that ends it. The same is true of who came back by the replaced one and then renews with another
--    than the current one. Of a page's secrets the latest hundred are known: an older one is as one that nobody knows,
--    and ends nothing.
-- 3. A page is in one place: its latest return ends what it had open before.
-- 4. It comes back from the origin of its ticket, to a node that may serve its actor, while its token lives and it was not
--    away for long. What is asked otherwise changes nothing.
-- 5. What happens to a page happens in one order: its row is locked first.

-- The page that is open under this credential.
create or replace function federation.page_of(p_credential text) returns federation.page_sessions
language sql stable set search_path = federation, pg_temp as $$
  select p from page_sessions p where p.opening = named_opening(p_credential)
  union all
  select p from tickets t join page_sessions p on p.id = t.page
   where t.token_sha256 = named_hash(p_credential, 'ticket') and p.opening is null
$$;

create or replace function federation.page_json(p federation.page_sessions) returns jsonb
language sql stable set search_path = federation, pg_temp as $$
  select jsonb_build_object('id', p.id, 'actor', c.actor, 'origin', p.origin,
      'state', case when p.ended_at is not null or not token_is_live(c) then 'ended' when page_is_live(p) then 'live' else 'expired' end,
      'reason', case when p.ended_at is null and not token_is_live(c) then 'its token has ended' else p.reason end,
      'createdAt', iso(p.created_at), 'usedAt', iso(p.used_at),
      'expiresAt', iso(least(p.used_at + page_idle(), p.ended_at, c.expires_at, c.revoked_at)))
    from credentials c where c.id = p.credential
$$;

create or replace function federation.end_page(p_page uuid, p_by text, p_reason text) returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  ended record;
begin
  update page_sessions p set ended_at = clock_timestamp(), reason = p_reason from credentials c
    where p.id = p_page and p.ended_at is null and c.id = p.credential returning c.actor, p.origin into ended;
  if found then
    perform emit('PageSessionEnded', p_by, null, p_page::text,
      jsonb_build_object('actor', ended.actor, 'origin', ended.origin, 'reason', p_reason));
  end if;
end $$;

-- Lets a page back in by a secret; by the later of two, for one that does not know whether its last renewal came through.
-- Null when it is let in no more.
create or replace function federation.redeem_page_secret(ctx jsonb, p_sha256s text[], p_origin text) returns jsonb
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx - 'as');
  shown bytea[];
  pages uuid[];
  p page_sessions;
  c credentials;
  secret page_secrets;
begin
  if (cardinality(p_sha256s) between 1 and 2) is not true then
    perform fail('invalid_input', 'a page shows one secret, or two');
  end if;
  shown := (select array_agg(decode(s, 'hex')) from unnest(p_sha256s) s);
  pages := (select array_agg(distinct session) from page_secrets where sha256 = any (shown));
  if cardinality(pages) is distinct from 1 then
    return null;
  end if;
  select * into p from page_sessions where id = pages[1] for update;
  select * into c from credentials where id = p.credential;
  if not page_is_live(p) or not token_is_live(c) or p.origin is distinct from lower(p_origin)
     or c.actor <> me and not exists (select 1 from actors where name = c.actor and kind = 'external') then
    return null;
  end if;
  select * into secret from page_secrets s where s.session = p.id and s.sha256 = any (shown)
    order by array_position(array['current', 'replaced', 'spent'], s.state), s.n desc limit 1;
  if secret.state = 'spent' then
    perform end_page(p.id, null, 'a secret was shown that had been replaced');
    return null;
  end if;
  if secret.state = 'current' then
    update page_secrets set state = 'spent' where session = p.id and state = 'replaced';
  end if;
  update page_sessions set opening = gen_random_uuid(), behind = secret.state = 'replaced', used_at = clock_timestamp()
    where id = p.id returning * into p;
  return principal_json(c, 'page:' || p.opening);
end $$;

create or replace function federation.begin_page(me text, p_token uuid, p_ticket bytea, p_sha256 bytea) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  p page_sessions;
  other uuid;
begin
  -- Room for the new one: of the pages of this actor that which was used longest ago gives way.
  for other in select x.id from page_sessions x join credentials c on c.id = x.credential
      where c.actor = me and page_is_live(x) and token_is_live(c) order by x.used_at desc, x.id offset 19 loop
    perform end_page(other, me, 'it made room for a newer page');
  end loop;
  delete from page_sessions where id in (select id from page_sessions
    where coalesce(ended_at, used_at) < clock_timestamp() - interval '30 days' for update skip locked);
  insert into page_sessions (credential, origin) select p_token, t.origin from tickets t where t.token_sha256 = p_ticket returning * into p;
  update tickets set page = p.id where token_sha256 = p_ticket;
  perform add_page_secret(p.id, p_sha256);
  perform emit('PageSessionBegun', me, null, p.id::text, jsonb_build_object('origin', p.origin));
  return jsonb_build_object('page', page_json(p));
end $$;

create or replace function federation.add_page_secret(p_page uuid, p_sha256 bytea) returns void
language plpgsql set search_path = federation, pg_temp as $$
begin
  insert into page_secrets (session, sha256) values (p_page, p_sha256) on conflict do nothing;
  if not found then
    perform fail('conflict', 'there is such a secret already; make a new one');
  end if;
end $$;

create or replace function federation.op_renew_page_session(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_credential text := op ->> 'credential';
  v_sha256 bytea;
  token credentials;
  t tickets;
  p page_sessions;
begin
  if op ->> 'sha256' !~ '^[0-9a-f]{64}$' or op ->> 'sha256' is null then
    perform fail('invalid_input', 'a page''s secret has a SHA-256');
  end if;
  v_sha256 := decode(op ->> 'sha256', 'hex');
  p := page_of(v_credential);
  if p.id is null then
    -- Those of one actor wait for each other: a ticket begins one page, and the pages are counted.
    perform 1 from actors where name = me for no key update;
    select * into t from tickets where token_sha256 = named_hash(v_credential, 'ticket');
    p := page_of(v_credential);
  end if;
  select * into p from page_sessions where id = p.id for update;
  -- As it is now, with the lock.
  token := token_of(v_credential);
  if token.id is null or token.actor <> me or not token_is_live(token) or p.id is null and t.origin is null then
    perform refuse('one-voice', 'a page renews its session from where it is open: under the ticket of a page, or the secret by which it came back last');
  end if;
  if not may_manage(me, token.scopes) then
    perform refuse('one-voice', format('no token of %s that manages has the scopes of this one', me));
  end if;
  if p.id is null then
    return begin_page(me, token.id, t.token_sha256, v_sha256);
  end if;
  perform 1 from page_secrets where session = p.id and sha256 = v_sha256 and state = 'current';
  if not found then
    if p.behind then
      -- The current one is the page's next, and it would renew with that: here are two who hold the one before.
      perform end_page(p.id, null, 'it was renewed from two places');
      select * into p from page_sessions where id = p.id;
      return jsonb_build_object('page', page_json(p));
    end if;
    update page_secrets set state = 'spent' where session = p.id and state = 'replaced';
    update page_secrets set state = 'replaced' where session = p.id and state = 'current';
    perform add_page_secret(p.id, v_sha256);
    delete from page_secrets where sha256 in (select sha256 from page_secrets where session = p.id order by n desc offset 100);
  end if;
  update page_sessions set behind = false, used_at = clock_timestamp() where id = p.id returning * into p;
  return jsonb_build_object('page', page_json(p));
end $$;

create or replace function federation.op_end_page_session(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  owner text;
begin
  select c.actor into owner from page_sessions p join credentials c on c.id = p.credential
    where p.id = (op ->> 'id')::uuid and (c.actor = me or is_commander(me)) for update of p;
  if owner is null then
    perform fail('not_found', 'there is no such page of yours; see: federation page list');
  end if;
  perform end_page((op ->> 'id')::uuid, me, case when owner = me then 'by its own actor' else 'by the commander' end);
  return '{}';
end $$;

-- Of these credentials, those of pages are in use: what is open does not count as away. Told as often as one likes, it is
-- written once a minute.
create or replace function federation.keep_pages(ctx jsonb, p_credentials text[]) returns void
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx - 'as');
begin
  if cardinality(p_credentials) > 2000 then
    perform fail('limit_exceeded', 'at most 2000 credentials are looked up at once');
  end if;
  -- Whoever holds the row writes something later.
  update page_sessions set used_at = clock_timestamp() where id in (
    select p.id from page_sessions p join credentials c on c.id = p.credential
     where p.id in (select (page_of(name)).id from unnest(p_credentials) name)
       and page_is_live(p) and p.used_at < clock_timestamp() - interval '1 minute' and (c.actor = me or hosts(me, c.actor))
     for update of p skip locked);
end $$;

-- Pages of an actor, and all for the commander, latest used first, with the one whose credential it is that asks.
create or replace function federation.list_pages(p_as text, p_credential text, p_live boolean, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = federation, pg_temp as $$
declare
  me text := (my_node()).actor;
begin
  -- Nobody is not anybody: what is unknown is refused.
  if (p_as = me or hosts(me, p_as)) is not true then
    perform fail('forbidden', 'pages are listed by their own actor, and by the commander');
  end if;
  return jsonb_build_object('here', (select p.id from page_of(p_credential) p join credentials c on c.id = p.credential
        where c.actor = p_as),
    'sessions', (select coalesce(jsonb_agg(x.j order by x.used_at desc, x.id), '[]') from (
      select p.id, p.used_at, page_json(p) as j from page_sessions p join credentials c on c.id = p.credential
       where (c.actor = p_as or is_commander(p_as)) and (not p_live or page_is_live(p) and token_is_live(c))
       order by p.used_at desc, p.id limit p_limit) x));
end $$;
