-- Messages, deliveries and the outbox.
--
-- 1. A message, its deliveries and its outbox rows are one transaction; recipients are read in it.
-- 2. The same id is the same message: a repeat by its sender answers with the stored row.
-- 3. A receipted outbox row is deleted and never published again; an unreceipted one comes back when its lease is over.

create or replace function federation.queue_of(p_actor text) returns text
language sql stable set search_path = federation, pg_temp as $$
  select coalesce(
    (select actor from nodes where actor = p_actor),
    (select h.host from hosting h where h.actor = p_actor and hosting_is_live(h)))
$$;

create or replace function federation.parameters() returns jsonb
language sql stable set search_path = federation, pg_temp as $$
  select parameters from charter_versions order by version desc limit 1
$$;

-- The one way a message comes to be: also for notices of the system.
create or replace function federation.post(
  p_id uuid, p_conversation uuid, p_sender text, p_kind text, p_recipient text, p_text text, p_about uuid, p_causation uuid
) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  next_seq bigint;
  v_hops int := 0;
  v_phase int;
  targets text[];
  busy text;
begin
  if p_causation is not null then
    select hops + 1 into v_hops from messages where id = p_causation and conversation = p_conversation;
    v_hops := coalesce(v_hops, 0);
  end if;
  update conversations set last_seq = last_seq + 1 where id = p_conversation returning last_seq into next_seq;
  if next_seq is null then
    perform fail('not_found', format('there is no conversation %s', p_conversation));
  end if;
  select phase_no into v_phase from missions where conversation = p_conversation;
  select array_agg(m.actor::text order by m.actor) into targets
    from members m join actors a on a.name = m.actor
   where m.conversation = p_conversation and m.actor <> p_sender and a.retired_at is null
     and (p_recipient is null or m.actor = p_recipient);
  if p_recipient is not null and targets is null then
    perform fail('not_found', format('%s is not in this conversation, or is no actor; see: federation roster', p_recipient));
  end if;
  targets := coalesce(targets, '{}');
  -- Of agents: what a person leaves unread must not stop the others.
  select d.recipient into busy from deliveries d join actors a on a.name = d.recipient and a.kind = 'agent'
    where d.recipient = any (targets) and d.state = 'due'
    group by d.recipient having count(*) > 10000 limit 1;
  -- A full inbox stops who fills it, not the mission: the runtime's own notices always go through.
  if busy is not null and p_sender <> 'federation' then
    perform fail('limit_exceeded', format('%s has more than 10000 messages waiting; try again later', busy));
  end if;
  insert into messages (id, conversation, seq, sender, kind, recipient, body, about, causation, hops, phase_no)
    values (p_id, p_conversation, next_seq, p_sender, p_kind, p_recipient, p_text, p_about, p_causation, v_hops, v_phase);
  insert into deliveries (message, recipient, conversation, seq)
    select p_id, r, p_conversation, next_seq from unnest(targets) r;
  insert into outbox (message, recipient, queue, conversation, seq)
    select p_id, r, queue_of(r), p_conversation, next_seq from unnest(targets) r where queue_of(r) is not null;
  if p_recipient is null then
    insert into outbox (message, recipient, queue, conversation, seq) values (p_id, null, null, p_conversation, next_seq);
  end if;
  perform pg_notify('federation_outbox', '');
  perform emit('MessageSent', p_sender, p_conversation, p_id::text,
    jsonb_build_object('kind', p_kind, 'to', coalesce(p_recipient, 'all'), 'seq', next_seq, 'text', left(p_text, 2000)));
  return jsonb_build_object('id', p_id, 'seq', next_seq, 'recipients', cardinality(targets));
end $$;

create or replace function federation.notice(p_conversation uuid, p_recipient text, p_text text) returns void
language sql set search_path = federation, pg_temp as $$
  select post(gen_random_uuid(), p_conversation, 'federation', 'notice', p_recipient, p_text, null, null)
$$;

create or replace function federation.require_member(p_conversation uuid, p_actor text) returns void
language plpgsql set search_path = federation, pg_temp as $$
begin
  perform 1 from members where conversation = p_conversation and actor = p_actor;
  if not found then
    perform 1 from conversations where id = p_conversation;
    if not found then
      perform fail('not_found', format('there is no conversation %s', p_conversation));
    end if;
    perform refuse('one-voice', format('%s is no member of this conversation', p_actor));
  end if;
end $$;

create or replace function federation.op_send_message(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_id uuid := op ->> 'id';
  v_conversation uuid := op ->> 'conversation';
  stored messages;
  max_hops int;
begin
  -- The row lock also makes a second call with the same id wait for the first.
  perform 1 from conversations where id = v_conversation for no key update;
  select * into stored from messages where id = v_id;
  if stored.id is not null then
    if stored.sender <> me or stored.conversation <> v_conversation then
      perform fail('conflict', 'this message id is taken; make a new one');
    end if;
    return jsonb_build_object('id', stored.id, 'seq', stored.seq,
      'recipients', (select count(*) from deliveries where message = stored.id));
  end if;
  perform require_member(v_conversation, me);
  if op ->> 'kind' = 'notice' then
    perform refuse('one-voice', 'notices are written by the runtime itself');
  end if;
  if op ->> 'causation' is not null then
    max_hops := (parameters() -> 'budgets' ->> 'maxHops')::int;
    perform 1 from messages where id = (op ->> 'causation')::uuid and hops + 1 > max_hops;
    if found then
      perform refuse('budgets', format('this chain of answers has reached its %s hops', max_hops));
    end if;
  end if;
  return post(v_id, v_conversation, me, op ->> 'kind', op ->> 'recipient', op ->> 'text',
    (op ->> 'about')::uuid, (op ->> 'causation')::uuid);
end $$;

-- Whether this actor has already made this conversation; another's id is taken.
create or replace function federation.conversation_is_mine(p_id uuid, me text, p_kind text) returns boolean
language plpgsql set search_path = federation, pg_temp as $$
declare
  c conversations;
begin
  -- The same id at the same time: the second waits for the first and finds its row.
  perform pg_advisory_xact_lock(hashtextextended(p_id::text, 0));
  select * into c from conversations where id = p_id;
  if c.id is null then
    return false;
  end if;
  if c.created_by <> me or c.kind <> p_kind then
    perform fail('conflict', 'this conversation id is taken; make a new one');
  end if;
  return true;
end $$;

create or replace function federation.op_start_thread(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_id uuid := op ->> 'id';
  unknown text;
begin
  if conversation_is_mine(v_id, me, 'thread') then
    return jsonb_build_object('id', v_id);
  end if;
  select m into unknown from jsonb_array_elements_text(op -> 'members') m
    where not exists (select 1 from actors a where a.name = m and a.kind <> 'system' and a.retired_at is null) limit 1;
  if unknown is not null then
    perform fail('not_found', format('there is no actor %s; see: federation roster', unknown));
  end if;
  insert into conversations (id, kind, title, created_by) values (v_id, 'thread', op ->> 'title', me);
  insert into members (conversation, actor)
    select v_id, m from (select jsonb_array_elements_text(op -> 'members') as m union select me) s;
  return jsonb_build_object('id', v_id);
end $$;

create or replace function federation.op_mark_read(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
begin
  -- What asks nothing of a person is dealt with by having been shown.
  update deliveries d set
      received_at = coalesce(received_at, clock_timestamp()),
      read_at = coalesce(read_at, clock_timestamp()),
      state = case when m.kind = 'ask' then d.state else 'done' end,
      acted_at = case when m.kind = 'ask' then d.acted_at else clock_timestamp() end,
      acted_by = case when m.kind = 'ask' then d.acted_by else 'rule' end
    from messages m
   where m.id = d.message and d.recipient = me and d.state = 'due'
     and d.message in (select x::uuid from jsonb_array_elements_text(op -> 'messages') x);
  return '{}';
end $$;

create or replace function federation.op_mark_acted(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
begin
  update deliveries set received_at = coalesce(received_at, clock_timestamp()), read_at = coalesce(read_at, clock_timestamp()),
      acted_at = clock_timestamp(), acted_by = 'human', state = 'done'
   where recipient = me and state = 'due' and message in (select x::uuid from jsonb_array_elements_text(op -> 'messages') x);
  perform 1 from deliveries where recipient = me and message in (select x::uuid from jsonb_array_elements_text(op -> 'messages') x);
  if not found then
    perform fail('not_found', 'no such message was delivered to you; see: federation inbox');
  end if;
  return '{}';
end $$;

create or replace function federation.op_redrive(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  d deliveries;
begin
  perform 1 from actors where name = me and role in ('commander', 'lead');
  if not found then
    perform fail('forbidden', 'only the commander and the lead redrive dead letters');
  end if;
  update deliveries set state = 'due', dead_at = null, attempts = 0, not_before = '-infinity', received_at = null
   where message = (op ->> 'message')::uuid and recipient = op ->> 'recipient' and state = 'dead' returning * into d;
  if d.message is null then
    perform fail('not_found', 'no dead letter of this message and recipient; see: federation dead-letter list');
  end if;
  if queue_of(d.recipient) is not null then
    insert into outbox (message, recipient, queue, conversation, seq)
      values (d.message, d.recipient, queue_of(d.recipient), d.conversation, d.seq);
    perform pg_notify('federation_outbox', '');
  end if;
  perform emit('DeliveryRedriven', me, d.conversation, d.message::text, jsonb_build_object('recipient', d.recipient));
  return '{}';
end $$;

-- Gives a delivery up: the sender is told, and a person can redrive it.
create or replace function federation.bury(p_message uuid, p_recipient text, p_reason text) returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  m messages;
begin
  update deliveries set state = 'dead', dead_at = clock_timestamp(), last_error = p_reason
    where message = p_message and recipient = p_recipient and state = 'due';
  if not found then
    return;
  end if;
  select * into m from messages where id = p_message;
  perform emit('DeliveryDied', p_recipient, m.conversation, m.id::text,
    jsonb_build_object('recipient', p_recipient, 'sender', m.sender, 'reason', p_reason));
  -- Who was retired cannot be told, and must not keep the letter alive.
  if m.sender <> 'federation' and exists (select 1 from actors where name = m.sender and retired_at is null) then
    perform notice(m.conversation, m.sender,
      format('Your message %s did not reach %s: %s', m.seq, p_recipient, p_reason));
  end if;
end $$;

create or replace function federation.lease_outbox(ctx jsonb, p_limit int) returns jsonb
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx);
  rows jsonb;
begin
  with free as materialized (
    select id from outbox where lease_until < clock_timestamp() order by id limit least(greatest(p_limit, 0), 256)
    for update skip locked),
  taken as (
    update outbox o set attempts = attempts + 1,
        lease_until = clock_timestamp() + least(interval '5 s' * (2 ^ least(attempts, 6)), interval '5 min')
      where id in (select id from free)
      returning o.id, o.message, o.conversation, o.seq, o.queue)
  select jsonb_agg(jsonb_build_object('id', id::text, 'message', message, 'conversation', conversation, 'seq', seq, 'queue', queue)
      order by id) into rows from taken;
  return coalesce(rows, '[]');
end $$;

create or replace function federation.complete_outbox(ctx jsonb, p_ids bigint[]) returns void
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx);
begin
  -- In the order in which recipients lock them: relay and recipient would deadlock otherwise.
  perform 1 from deliveries d join outbox o on o.message = d.message and o.recipient = d.recipient
    where o.id = any (p_ids) order by d.conversation, d.seq, d.recipient for update of d;
  -- Only what is under a lease can have been published.
  with gone as (delete from outbox where id = any (p_ids) and attempts > 0 returning message, recipient)
  update deliveries d set sent_at = coalesce(d.sent_at, clock_timestamp())
    from gone g where d.message = g.message and d.recipient = g.recipient;
end $$;

-- p_messages null: all that is due to me. Answers what had not been received before.
create or replace function federation.mark_received(ctx jsonb, p_messages uuid[]) returns jsonb
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx);
  rows jsonb;
begin
  with mine as (
    select d.message, d.recipient from deliveries d
     where d.state = 'due' and d.received_at is null
       -- As an array, so that only their own are looked through, and not what is due to everybody.
       and d.recipient = any (array(select me union all select hosted_by(me)))
       and (p_messages is null or d.message = any (p_messages))
     order by d.conversation, d.seq for update of d),
  marked as (
    update deliveries d set received_at = clock_timestamp() from mine
     where d.message = mine.message and d.recipient = mine.recipient
    returning d.message, d.conversation, d.seq)
  select jsonb_agg(jsonb_build_object('message', message, 'conversation', conversation) order by conversation, seq) into rows from marked;
  return coalesce(rows, '[]');
end $$;
