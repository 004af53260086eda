-- Keys that sign commits, and what git asks about claims.
--
-- 1. An actor registers and revokes its own keys, an external one only where a token that manages was shown: a key lives
--    longer than the token. A human commander does so for anyone. A key is one actor's for ever: revoked, it is not given
--    to another.
-- 2. Who held a fence is read from the rows, never from what a commit says.

create or replace function federation.may_keep_keys_of(me text, p_actor text) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select me = p_actor and may_manage(me, '{}') or is_commander(me)
$$;

create or replace function federation.op_add_signing_key(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  known signing_keys;
begin
  if not may_keep_keys_of(me, op ->> 'actor') then
    perform refuse('one-voice', format('%s cannot register a key for %s', me, op ->> 'actor'));
  end if;
  perform 1 from actors where name = op ->> 'actor' and kind <> 'system' and retired_at is null;
  if not found then
    perform fail('not_found', format('there is no actor %s; see: federation roster', op ->> 'actor'));
  end if;
  insert into signing_keys (fingerprint, actor, public_key) values (op ->> 'fingerprint', op ->> 'actor', op ->> 'publicKey')
    on conflict do nothing;
  if not found then
    select * into known from signing_keys where fingerprint = op ->> 'fingerprint' or public_key = op ->> 'publicKey' limit 1;
    if known.actor <> op ->> 'actor' then
      perform refuse('one-voice', format('this key is registered for %s', known.actor));
    end if;
    if known.revoked_at is not null then
      perform fail('conflict', 'this key was revoked; make a new one');
    end if;
    return jsonb_build_object('id', known.fingerprint);
  end if;
  perform emit('SigningKeyAdded', me, null, op ->> 'fingerprint', jsonb_build_object('actor', op ->> 'actor'));
  return jsonb_build_object('id', op ->> 'fingerprint');
end $$;

create or replace function federation.op_revoke_signing_key(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  known signing_keys;
begin
  select * into known from signing_keys where fingerprint = op ->> 'fingerprint';
  if known.fingerprint is null then
    perform fail('not_found', 'there is no such key; see: federation key list');
  end if;
  if not may_keep_keys_of(me, known.actor) then
    perform refuse('one-voice', format('%s cannot revoke a key of %s', me, known.actor));
  end if;
  update signing_keys set revoked_at = clock_timestamp() where fingerprint = known.fingerprint and revoked_at is null;
  if found then
    perform emit('SigningKeyRevoked', me, null, known.fingerprint, jsonb_build_object('actor', known.actor));
  end if;
  return '{}';
end $$;

create or replace function federation.op_record_git(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  entry jsonb;
begin
  if jsonb_array_length(op -> 'entries') > 200 then
    perform fail('limit_exceeded', 'at most 200 entries are recorded at once');
  end if;
  for entry in select * from jsonb_array_elements(op -> 'entries') loop
    perform 1 from actors where name = entry ->> 'actor';
    if not found and entry ->> 'actor' is not null then
      perform fail('not_found', format('there is no actor %s', entry ->> 'actor'));
    end if;
    insert into git_records (recorded_by, actor, kind, commit, ref, reason)
      values (me, entry ->> 'actor', entry ->> 'kind', entry ->> 'commit', entry ->> 'ref', entry ->> 'reason');
    perform emit(case entry ->> 'kind' when 'human_merge' then 'HumanMerged' when 'push_accepted' then 'PushAccepted' else 'PushRefused' end,
      me, null, entry ->> 'ref',
      jsonb_build_object('commit', entry ->> 'commit', 'reason', left(entry ->> 'reason', 2000), 'signer', entry ->> 'actor'));
  end loop;
  return '{}';
end $$;

-- How a claim stands: live, finished (its result waits or is accepted, or went back to the same holder, who goes on
-- lawfully under the next fence), or ended.
create or replace function federation.claim_state(t federation.tasks, p_fence bigint) returns text
language plpgsql stable set search_path = federation, pg_temp as $$
declare
  result submissions;
begin
  if t.fence = p_fence and t.state = 'claimed' then
    return case when t.lease_until > clock_timestamp() then 'live' else 'ended' end;
  end if;
  select * into result from submissions where task = t.id and fence = p_fence order by submitted_at desc limit 1;
  if result.id is null or t.state = 'cancelled' then
    return 'ended';
  end if;
  if result.state <> 'rejected' then
    return 'finished';
  end if;
  -- Sent back, its author goes on under the next fence.
  return case when p_fence < t.fence and claim_holder(t, p_fence + 1) = result.author
      and claim_state(t, p_fence + 1) <> 'ended' then 'finished' else 'ended' end;
end $$;

create or replace function federation.claim_holder(t federation.tasks, p_fence bigint) returns text
language sql stable set search_path = federation, pg_temp as $$
  select case when t.fence = p_fence and t.state in ('claimed', 'submitted', 'accepted') then t.holder else coalesce(
    (select s.author from submissions s where s.task = t.id and s.fence = p_fence limit 1),
    (select h.actor from task_history h where h.task = t.id and h.fence = p_fence and h.to_state = 'claimed'
      and h.from_state is distinct from 'submitted' order by h.id desc limit 1),
    -- Sent back under this fence and never submitted again.
    (select s.author from submissions s where s.task = t.id and s.fence = p_fence - 1 and s.state = 'rejected' limit 1)) end
$$;

-- The claim of a task under one fence; null when there never was one.
create or replace function federation.claim_json(p_task uuid, p_fence bigint) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  select jsonb_build_object('task', t.id, 'fence', p_fence, 'title', t.title, 'holder', claim_holder(t, p_fence), 'scope', t.scope,
      'state', claim_state(t, p_fence),
      'standing', case
        when t.fence > p_fence and claim_state(t, p_fence) = 'ended' then 'another claim came after it'
        when t.state = 'claimed' and t.lease_until <= clock_timestamp() then 'the lease ran out'
        when t.state = 'claimed' then 'held until ' || iso(t.lease_until)
        when t.state in ('submitted', 'accepted') then t.state
        else t.state || coalesce(': ' || (select left(h.reason, 200) from task_history h where h.task = t.id order by h.id desc limit 1), '') end,
      'commit', (select s.commit from submissions s where s.task = t.id and s.fence = p_fence order by s.submitted_at desc limit 1))
    from tasks t where t.id = p_task and p_fence between 1 and t.fence and claim_holder(t, p_fence) is not null
$$;

create or replace function federation.live_claims(p_actor text) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  select coalesce(jsonb_agg(claim_json(t.id, t.fence) order by
      (select max(h.id) from task_history h where h.task = t.id and h.to_state = 'claimed')), '[]')
    from tasks t where t.holder = p_actor and t.state = 'claimed' and t.lease_until > clock_timestamp()
$$;

create or replace function federation.signing_keys_json() returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('fingerprint', k.fingerprint, 'actor', k.actor, 'kind', a.kind, 'role', a.role,
      'publicKey', k.public_key, 'createdAt', iso(k.created_at), 'revokedAt', iso(k.revoked_at)) order by k.created_at, k.fingerprint), '[]')
    from signing_keys k join actors a on a.name = k.actor
$$;
