-- Verdicts, sealed into a chain of hashes off the control path.
--
-- 1. A seal covers, in the order of the log, every verdict after the last seal up to a bound below which no transaction
--    is under way: a late commit comes after it, never under it.
-- 2. A seal is sha256 over the seal before, what it says of itself, and each covered row: whatever is changed, removed
--    or put in below the last seal, the chain does not come out any more.
-- 3. One sealer at a time, and nobody waits for it: who finds another at work goes on.
-- 4. What the chain cannot show is that its end was cut off; who wants to know that keeps the head elsewhere.

create or replace function federation.verdict_bytes(v federation.verdicts) returns bytea
language sql stable set search_path = federation, pg_temp as $$
  select convert_to(jsonb_build_array(v.xact::text, v.id, v.conversation, v.actor, v.action, v.allowed, v.article, v.reason, v.lawful,
    v.charter_version, to_char(v.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))::text || E'\n', 'UTF8')
$$;

create or replace function federation.seal_sha256(p_before bytea, s federation.verdict_seals, p_rows bytea) returns bytea
language sql stable set search_path = federation, pg_temp as $$
  select sha256(p_before || convert_to(jsonb_build_array(s.n, s.upto_xact::text, s.upto_id, s.verdicts,
    to_char(s.sealed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))::text || E'\n', 'UTF8') || p_rows)
$$;

-- Where the log of verdicts is: the transaction's id, moved on by what a restored copy has behind it (log_epoch).
create or replace function federation.verdict_xact(p_xact xid8) returns xid8
language sql stable set search_path = federation, pg_temp as $$
  select (p_xact::text::numeric + coalesce((select value::numeric from meta where key = 'verdict_xact_base'), 0))::text::xid8
$$;

-- Makes at most one seal. Answers how many verdicts it covers. Few verdicts wait for more, for half the time they have.
create or replace function federation.seal_verdicts() returns int
language plpgsql set search_path = federation, pg_temp as $$
declare
  last verdict_seals;
  s verdict_seals;
  covered bytea;
  oldest timestamptz;
  patience interval := make_interval(secs => (parameters() -> 'audit' ->> 'sealWithinMs')::int / 2000.0);
begin
  -- A row, and no advisory lock: those any login could hold.
  perform 1 from meta where key = 'lock_seals' for update skip locked;
  if not found then
    return 0;
  end if;
  select * into last from verdict_seals order by n desc limit 1;
  with covered_rows as (
    select * from verdicts v
     where (v.xact, v.id) > (coalesce(last.upto_xact, '0'), coalesce(last.upto_id, 0))
       and v.xact < verdict_xact(pg_snapshot_xmin(pg_current_snapshot()))
     order by v.xact, v.id limit 1000)
  select count(*), min(at), string_agg(verdict_bytes(v), '' order by v.xact, v.id),
      (array_agg(v.xact order by v.xact desc, v.id desc))[1], (array_agg(v.id order by v.xact desc, v.id desc))[1]
    into s.verdicts, oldest, covered, s.upto_xact, s.upto_id from covered_rows v;
  if s.verdicts = 0 or (s.verdicts < 1000 and oldest > clock_timestamp() - patience) then
    return 0;
  end if;
  s.n := coalesce(last.n, 0) + 1;
  s.sealed_at := clock_timestamp();
  s.sha256 := seal_sha256(coalesce(last.sha256, '\x'), s, covered);
  insert into verdict_seals (n, upto_xact, upto_id, verdicts, sha256, sealed_at)
    values (s.n, s.upto_xact, s.upto_id, s.verdicts, s.sha256, s.sealed_at);
  return s.verdicts;
end $$;

-- Computes the whole chain again, at one moment. `brokenAt` is the first seal that does not come out.
create or replace function federation.audit_verdicts() returns jsonb
language plpgsql stable security definer set search_path = federation, pg_temp as $$
declare
  s verdict_seals;
  before verdict_seals;
  covered bytea;
  found_rows int;
  broken bigint;
  sealed bigint := 0;
  seals bigint := 0;
begin
  for s in select * from verdict_seals order by n loop
    seals := seals + 1;
    select count(*), coalesce(string_agg(verdict_bytes(v), '' order by v.xact, v.id), '') into found_rows, covered from verdicts v
     where (v.xact, v.id) > (coalesce(before.upto_xact, '0'), coalesce(before.upto_id, 0)) and (v.xact, v.id) <= (s.upto_xact, s.upto_id);
    if broken is null and (s.n <> seals or found_rows <> s.verdicts or s.sha256 <> seal_sha256(coalesce(before.sha256, '\x'), s, covered)) then
      broken := seals;
    end if;
    sealed := sealed + found_rows;
    before := s;
  end loop;
  return jsonb_build_object('seals', seals, 'sealed', sealed,
    'unsealed', (select count(*) from verdicts v where (v.xact, v.id) > (coalesce(before.upto_xact, '0'), coalesce(before.upto_id, 0))),
    'ok', broken is null, 'brokenAt', broken, 'head', encode(before.sha256, 'hex'));
end $$;
