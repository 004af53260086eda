-- Tokens and tickets: who may open a session.
--
-- 1. A secret is never here, and its hash is in no event and no outcome.
-- 2. What opens a session, and keeps it open, is decided here, on the database's clock: token_is_live, and page_is_live for
--    a page, are the only places.
-- 3. A token is its actor's, or the commander's to end; the commander issues those of external actors too. Its host speaks
--    for an external actor: tokens and tickets of it only where a live token that was shown there manages, and with no
--    more scopes than that one has.
-- 4. A ticket is used once, within minutes, from the origin it was made for, at a node that may serve its actor.
-- 5. What a session knows its credential by cannot be guessed, and is told to nobody but the node where it was shown.

create or replace function federation.token_is_live(c federation.credentials) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select c.revoked_at is null and (c.expires_at is null or c.expires_at > clock_timestamp())
     and exists (select 1 from actors a where a.name = c.actor and a.retired_at is null)
$$;

-- How long a page may stay away.
create or replace function federation.page_idle() returns interval
language sql immutable set search_path = federation, pg_temp as $$ select interval '12 hours' $$;

-- Whether a page may come back and keep what it has open; beside it its token must be live.
create or replace function federation.page_is_live(p federation.page_sessions) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select p.ended_at is null and p.used_at > clock_timestamp() - page_idle()
$$;

-- Whom a credential speaks for, under the name sessions know it by.
create or replace function federation.principal_json(c federation.credentials, p_credential text) returns jsonb
language sql stable set search_path = federation, pg_temp as $$
  select jsonb_build_object('actor', a.name, 'role', a.role, 'kind', a.kind, 'scopes', c.scopes, 'credential', p_credential)
    from actors a where a.name = c.actor
$$;

-- What the name of a credential says: the hash after `bearer:` or `ticket:`, and the return that follows `page:`.
create or replace function federation.named_hash(p_credential text, p_kind text) returns bytea
language sql immutable set search_path = federation, pg_temp as $$
  select case when p_credential ~ ('^' || p_kind || ':[0-9a-f]{64}$') then decode(substr(p_credential, length(p_kind) + 2), 'hex') end
$$;

create or replace function federation.named_opening(p_credential text) returns uuid
language sql immutable set search_path = federation, pg_temp as $$
  select case when p_credential ~ '^page:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then substr(p_credential, 6)::uuid end
$$;

-- The token behind the name of a credential: of a bearer, of a ticket that was used, or of the latest return of a page. A
-- page that came back has left behind what its ticket opened.
create or replace function federation.token_of(p_credential text) returns federation.credentials
language sql stable set search_path = federation, pg_temp as $$
  select c from credentials c where c.token_sha256 = named_hash(p_credential, 'bearer')
  union all
  select c from tickets t join credentials c on c.id = t.credential left join page_sessions p on p.id = t.page
   where t.token_sha256 = named_hash(p_credential, 'ticket') and t.used_at is not null
     and (p.id is null or p.opening is null and page_is_live(p))
  union all
  select c from page_sessions p join credentials c on c.id = p.credential
   where p.opening = named_opening(p_credential) and page_is_live(p)
$$;

-- The live owner of a bearer token, by its hash: daemons may ask for one token at a time and cannot list them.
create or replace function federation.authenticate(p_token_sha256 text) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  select principal_json(c, 'bearer:' || encode(c.token_sha256, 'hex'))
    from credentials c where c.token_sha256 = decode(p_token_sha256, 'hex') and token_is_live(c)
$$;

-- Uses a ticket up. Null, and the ticket is as it was, when it is none, over, for another origin, or for another node.
create or replace function federation.redeem_ticket(ctx jsonb, p_token_sha256 text, p_origin text) returns jsonb
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx - 'as');
  c credentials;
begin
  update tickets t set used_at = clock_timestamp() from credentials k join actors a on a.name = k.actor
   where t.token_sha256 = decode(p_token_sha256, 'hex') and t.used_at is null and t.expires_at > clock_timestamp()
     and t.origin is not distinct from lower(p_origin) and k.id = t.credential and token_is_live(k)
     and (k.actor = me or a.kind = 'external')
  returning k.* into c;
  return case when c.id is not null then principal_json(c, 'ticket:' || p_token_sha256) end;
end $$;

-- Of these credentials, those that still open a session.
create or replace function federation.live_credentials(p_credentials text[]) returns jsonb
language plpgsql stable security definer set search_path = federation, pg_temp as $$
begin
  if cardinality(p_credentials) > 2000 then
    perform fail('limit_exceeded', 'at most 2000 credentials are looked up at once');
  end if;
  return (select coalesce(jsonb_agg(principal_json(c, name)), '[]')
    from (select distinct unnest(p_credentials) as name) n cross join lateral token_of(n.name) c
   where c.id is not null and token_is_live(c));
end $$;

create or replace function federation.is_commander(p_actor text) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select exists (select 1 from actors where name = p_actor and kind = 'human' and role = 'commander' and retired_at is null)
$$;

-- Whether an actor's own tokens may administer them: an external actor has no more rights than it was given tokens for.
create or replace function federation.may_manage(p_actor text, p_scopes text[]) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select not exists (select 1 from actors where name = p_actor and kind = 'external')
    or exists (select 1 from hosting h join credentials c on c.actor = h.actor and c.id = any (h.credentials)
      where h.actor = p_actor and token_is_live(c) and 'manage' = any (c.scopes) and p_scopes <@ c.scopes)
$$;

create or replace function federation.op_issue_token(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_id uuid := op ->> 'id';
  v_scopes text[] := texts(op -> 'scopes');
  v_grace numeric := coalesce((op ->> 'graceMs')::numeric, 0);
  owner actors;
  known credentials;
  was credentials;
begin
  -- Two for one actor wait for each other: they are counted.
  select * into owner from actors where name = op ->> 'actor' and kind <> 'system' and retired_at is null for no key update;
  if owner.name is distinct from me and not is_commander(me) then
    perform refuse('one-voice', format('%s gets its tokens from itself or from the commander', op ->> 'actor'));
  end if;
  if owner.name is null then
    perform fail('not_found', format('there is no actor %s; see: federation roster', op ->> 'actor'));
  end if;
  if owner.name <> me and owner.kind <> 'external' then
    perform refuse('one-voice', format('%s has a daemon of its own, and issues its tokens there', owner.name));
  end if;
  if v_id is null or op ->> 'sha256' !~ '^[0-9a-f]{64}$' or op ->> 'sha256' is null or length(op ->> 'label') > 100
     or cardinality(v_scopes) not between 1 and 3 or not v_scopes <@ array['read', 'act', 'manage']
     or (op ->> 'expiresInMs')::numeric not between 1000 and 34560000000
     or op ->> 'expiresInMs' is null and owner.kind = 'external' or v_grace not between 0 and 604800000 then
    perform fail('invalid_input', 'a token has an id, a SHA-256, a label of at most 100 characters, one to three of the scopes read, act and manage, '
      'and lasts from a second to 400 days; the one it replaces lives on for at most 7 days');
  end if;
  select * into known from credentials where id = v_id or token_sha256 = decode(op ->> 'sha256', 'hex') limit 1;
  if known.id is not null then
    if known.id = v_id and known.actor = owner.name and known.token_sha256 = decode(op ->> 'sha256', 'hex') then
      return jsonb_build_object('id', v_id);
    end if;
    perform fail('conflict', 'there is such a token already; make a new one');
  end if;
  if owner.name = me and not may_manage(me, v_scopes) then
    perform refuse('one-voice', format('no token of %s that manages has the scopes %s, and it gives none that it has not', me,
      array_to_string(v_scopes, ', ')));
  end if;
  if op ->> 'replaces' is not null then
    select * into was from credentials where id = (op ->> 'replaces')::uuid and actor = owner.name;
    if was.id is null then
      perform fail('not_found', format('%s has no such token; see: federation token list', owner.name));
    end if;
    if not token_is_live(was) or was.replaced_by is not null then
      perform fail('conflict', 'the token to be replaced has ended, or was replaced');
    end if;
    if v_grace = 0 then
      update credentials set revoked_at = clock_timestamp() where id = was.id;
    end if;
  end if;
  if (select count(*) from credentials c where c.actor = owner.name and token_is_live(c)) >= 20 then
    perform fail('limit_exceeded', format('%s has 20 live tokens; revoke one first: federation token list', owner.name));
  end if;
  insert into credentials (id, actor, token_sha256, label, scopes, issued_by, expires_at)
    values (v_id, owner.name, decode(op ->> 'sha256', 'hex'), coalesce(op ->> 'label', ''), v_scopes, me,
      clock_timestamp() + make_interval(secs => (op ->> 'expiresInMs')::numeric / 1000.0));
  update credentials set replaced_by = v_id,
      expires_at = least(expires_at, clock_timestamp() + make_interval(secs => v_grace / 1000.0))
    where id = was.id;
  perform emit('TokenIssued', me, null, v_id::text, jsonb_build_object('actor', owner.name, 'scopes', v_scopes,
    'expiresAt', (select iso(expires_at) from credentials where id = v_id), 'replaces', was.id));
  return jsonb_build_object('id', v_id);
end $$;

create or replace function federation.op_revoke_token(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  known credentials;
begin
  select * into known from credentials where id = (op ->> 'id')::uuid and (actor = me or is_commander(me));
  if known.id is null then
    perform fail('not_found', 'there is no such token of yours; see: federation token list');
  end if;
  if not may_manage(me, '{}') then
    perform refuse('one-voice', format('no token of %s manages; the commander ends its tokens', me));
  end if;
  update credentials set revoked_at = clock_timestamp() where id = known.id and revoked_at is null;
  if found then
    perform emit('TokenRevoked', me, null, known.id::text, jsonb_build_object('actor', known.actor));
  end if;
  return '{}';
end $$;

create or replace function federation.op_issue_ticket(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  token credentials := token_of(op ->> 'credential');
  v_lasts numeric := coalesce((op ->> 'lastsMs')::numeric, 60000);
  until timestamptz;
begin
  if token.id is null or token.actor <> me or not token_is_live(token) then
    perform refuse('one-voice', format('a ticket of %s is issued under a live token of its own', me));
  end if;
  if not may_manage(me, token.scopes) then
    perform refuse('one-voice', format('no token of %s that manages has the scopes of this one', me));
  end if;
  if op ->> 'sha256' !~ '^[0-9a-f]{64}$' or op ->> 'sha256' is null or length(op ->> 'origin') not between 1 and 300
     or v_lasts not between 10000 and 900000 then
    perform fail('invalid_input', 'a ticket has a SHA-256, an origin of at most 300 characters or none, and lasts from 10 seconds to 15 minutes');
  end if;
  until := clock_timestamp() + make_interval(secs => v_lasts / 1000.0);
  perform 1 from actors where name = me for no key update;
  -- What was never used, and what a session of a month ago was opened with.
  delete from tickets t using credentials c where c.id = t.credential and c.actor = me
    and (t.used_at is null and t.expires_at < clock_timestamp() or t.used_at < clock_timestamp() - interval '30 days');
  if (select count(*) from tickets t join credentials c on c.id = t.credential where c.actor = me and t.used_at is null) >= 20 then
    perform fail('limit_exceeded', format('%s has 20 tickets that are not used yet; they end by themselves within 15 minutes', me));
  end if;
  insert into tickets (token_sha256, credential, origin, expires_at)
    values (decode(op ->> 'sha256', 'hex'), token.id, lower(op ->> 'origin'), until) on conflict do nothing;
  if not found then
    perform fail('conflict', 'there is such a ticket already; make a new one');
  end if;
  perform emit('TicketIssued', me, null, token.id::text, jsonb_build_object('origin', lower(op ->> 'origin')));
  return jsonb_build_object('expiresAt', iso(until));
end $$;

-- Tokens as their owner may see them, newest first: for the caller's own daemon or an actor it hosts, and all for the commander.
create or replace function federation.list_tokens(p_actor text, p_as text, p_live boolean) returns jsonb
language plpgsql stable security definer set search_path = federation, pg_temp as $$
declare
  me text := (my_node()).actor;
begin
  -- Nobody is not anybody: what is unknown is refused.
  if (p_as = me or hosts(me, p_as)) is not true or p_actor is distinct from p_as and not is_commander(p_as) then
    perform fail('forbidden', 'tokens are listed by their own actor, and by the commander');
  end if;
  return (select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'actor', c.actor, 'label', c.label, 'scopes', c.scopes,
      'state', case when token_is_live(c) then 'live' when c.revoked_at is null and c.expires_at <= clock_timestamp() then 'expired' else 'revoked' end,
      'issuedBy', c.issued_by, 'createdAt', iso(c.created_at), 'expiresAt', iso(c.expires_at), 'revokedAt', iso(c.revoked_at),
      'replacedBy', c.replaced_by) order by c.created_at desc, c.id), '[]')
    from (select * from credentials k where (p_actor is null or k.actor = p_actor) and (not p_live or token_is_live(k))
      order by k.created_at desc, k.id limit 1000) c);
end $$;
