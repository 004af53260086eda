-- Refusals of the database. Class FD of SQLSTATE is ours; the adapter turns it into a MeshError of the same meaning.

create or replace function federation.fail(code text, message text, details jsonb default '{}')
returns void language plpgsql set search_path = federation, pg_temp as $$
declare
  state text := case code
    when 'invalid_input' then 'FD001' when 'unauthenticated' then 'FD002' when 'forbidden' then 'FD003'
    when 'refused' then 'FD004' when 'not_found' then 'FD005' when 'conflict' then 'FD006'
    when 'fenced' then 'FD007' when 'limit_exceeded' then 'FD008' else 'FD009' end;
begin
  raise exception using errcode = state, message = message, detail = details::text;
end $$;

-- A refusal by law names its article.
create or replace function federation.refuse(article text, message text)
returns void language plpgsql set search_path = federation, pg_temp as $$
begin
  perform fail('refused', message, jsonb_build_object('article', article));
end $$;

create or replace function federation.iso(t timestamptz) returns text language sql stable set search_path = pg_catalog as $$
  select to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

create or replace function federation.emit(kind text, actor text, conversation uuid, subject text, data jsonb)
returns void language sql set search_path = federation, pg_temp as $$
  insert into events (kind, actor, conversation, subject, data) values (kind, actor, conversation, subject, data)
$$;
