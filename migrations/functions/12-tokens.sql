-- Tokens and tickets: who may open a session.
--
-- 1. A secret is never here, and its hash is in no event and no outcome.
-- 2. What opens a session is decided here, on the database's clock: token_is_live is the only place.

create or replace function federation.token_is_live(c federation.credentials) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select c.revoked_at is null and (c.expires_at is null or c.expires_at > clock_timestamp())
     and exists (select 1 from actors a where a.name = c.actor and a.retired_at is null)
$$;

-- Whom a credential speaks for, under the name sessions know it by.
create or replace function federation.principal_json(c federation.credentials, p_credential text) returns jsonb
language sql stable set search_path = federation, pg_temp as $$
  select jsonb_build_object('actor', a.name, 'role', a.role, 'kind', a.kind, 'scopes', c.scopes, 'credential', p_credential)
    from actors a where a.name = c.actor
$$;

-- The live owner of a bearer token, by its hash: daemons may ask for one token at a time and cannot list them.
create or replace function federation.authenticate(p_token_sha256 text) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  select principal_json(c, 'bearer:' || encode(c.token_sha256, 'hex'))
    from credentials c where c.token_sha256 = decode(p_token_sha256, 'hex') and token_is_live(c)
$$;
