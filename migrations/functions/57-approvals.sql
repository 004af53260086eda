-- Approvals: a question to a person that is answered once, with yes or no, before its deadline.
--
-- 1. Only a person can be asked, and only they answer. Asker and asked are members of the conversation.
-- 2. The deadline is one of the database's clock. What nobody answered in time is expired by the reconciler: it is a no.
-- 3. The question is a message under the approval's own id; its end, whatever it is, ends that message, and an answer or
--    an expiry is told to the asker in the same transaction.

create or replace function federation.approval_json(a federation.approvals) returns jsonb
language sql stable set search_path = federation, pg_temp as $$
  select jsonb_build_object('id', a.id, 'conversation', a.conversation, 'askedBy', a.asked_by, 'whom', a.whom, 'question', a.question,
    'state', a.state, 'reason', a.reason, 'createdAt', iso(a.created_at), 'deadline', iso(a.deadline), 'closedAt', iso(a.closed_at))
$$;

create or replace function federation.op_ask_approval(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_id uuid := op ->> 'id';
  v_conversation uuid := op ->> 'conversation';
  v_whom text := op ->> 'whom';
  v_question text := op ->> 'question';
  known approvals;
  v_deadline timestamptz;
begin
  -- One question of an asker at a time: a repeat finds the first, and nobody has more open than are counted below.
  -- A row, and no advisory lock: those any login could hold.
  perform 1 from actors where name = me for no key update;
  select * into known from approvals where id = v_id;
  if known.id is not null then
    if (known.asked_by, known.conversation, known.whom, known.question) is distinct from (me, v_conversation, v_whom, v_question) then
      perform fail('conflict', 'this approval id is taken; make a new one');
    end if;
    return jsonb_build_object('id', v_id);
  end if;
  if v_id is null or (op ->> 'dueInMs')::numeric between 10000 and 604800000 is not true
     or length(v_question) between 1 and 4000 is not true then
    perform fail('invalid_input', 'an approval has an id, a question of 1 to 4000 characters, and a due time of 10 s to 7 days');
  end if;
  perform require_member(v_conversation, me);
  perform 1 from actors where name = v_whom and kind <> 'system' and retired_at is null;
  if not found then
    perform fail('not_found', format('there is no actor %s; see: federation roster', v_whom));
  end if;
  perform 1 from actors where name = v_whom and kind = 'human' and role <> 'observer';
  if not found then
    perform fail('invalid_input', format('%s is nobody to approve: a person who takes part is asked', v_whom));
  end if;
  if v_whom = me then
    perform refuse('one-voice', 'nobody asks themselves');
  end if;
  perform 1 from members where conversation = v_conversation and actor = v_whom;
  if not found then
    perform refuse('one-voice', format('%s is no member of this conversation; without one, a thread with them is opened', v_whom));
  end if;
  if (select count(*) from approvals where asked_by = me and whom = v_whom and state = 'open') >= 20 then
    perform fail('limit_exceeded', format('%s has 20 open questions of %s; wait for an answer, or withdraw one', v_whom, me));
  end if;
  insert into approvals (id, conversation, asked_by, whom, question, deadline)
    values (v_id, v_conversation, me, v_whom, v_question,
      clock_timestamp() + make_interval(secs => (op ->> 'dueInMs')::numeric / 1000.0))
    returning deadline into v_deadline;
  perform post(v_id, v_conversation, me, 'ask', v_whom,
    format(E'%s\n\n(Wanted by %s: a yes or no, in answer to approval %s.)', v_question, iso(v_deadline), v_id), null, null);
  perform emit('ApprovalAsked', me, v_conversation, v_id::text,
    jsonb_build_object('whom', v_whom, 'question', left(v_question, 2000), 'deadline', iso(v_deadline)));
  return jsonb_build_object('id', v_id);
end $$;

-- What a question's end does: the message that asked it waits no more, and who asked is told. The approval is locked.
create or replace function federation.end_approval(a federation.approvals, p_by text, p_text text) returns void
language plpgsql set search_path = federation, pg_temp as $$
begin
  update deliveries set state = 'done', acted_at = clock_timestamp(), received_at = coalesce(received_at, clock_timestamp()),
      read_at = case when p_by = 'human' then coalesce(read_at, clock_timestamp()) else read_at end, acted_by = p_by
    where message = a.id and recipient = a.whom and state = 'due';
  -- Who has left cannot be told, and must not hold up the others.
  perform 1 from members m join actors x on x.name = m.actor
    where m.conversation = a.conversation and m.actor = a.asked_by and x.retired_at is null;
  if not found or p_text is null then
    return;
  end if;
  if p_by = 'human' then
    perform post(gen_random_uuid(), a.conversation, a.whom, 'say', a.asked_by, p_text, a.id, a.id);
  else
    perform notice(a.conversation, a.asked_by, p_text);
  end if;
end $$;

create or replace function federation.op_answer_approval(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  a approvals;
  v_state text := case op -> 'approve' when 'true' then 'approved' when 'false' then 'denied' end;
  v_reason text := coalesce(op ->> 'reason', '');
begin
  if v_state is null or length(v_reason) > 4000 then
    perform fail('invalid_input', 'an answer is a yes or no, with a reason of at most 4000 characters');
  end if;
  -- Whether it is mine to answer is asked before its row is locked.
  a := readable_approval(me, (op ->> 'approval')::uuid);
  if a.whom <> me then
    perform refuse('one-voice', format('%s was asked, and nobody else answers', a.whom));
  end if;
  select * into a from approvals where id = a.id for update;
  if a.state = v_state then
    return jsonb_build_object('id', a.id);
  end if;
  if a.state <> 'open' then
    perform fail('conflict', format('this question is no longer open: it was %s', a.state));
  end if;
  if a.deadline <= clock_timestamp() then
    perform fail('conflict', 'the time for an answer is over: it counts as a no');
  end if;
  update approvals set state = v_state, reason = v_reason, closed_at = clock_timestamp() where id = a.id;
  perform emit('ApprovalAnswered', me, a.conversation, a.id::text,
    jsonb_build_object('askedBy', a.asked_by, 'approve', v_state = 'approved', 'question', left(a.question, 2000), 'reason', left(v_reason, 2000)));
  perform end_approval(a, 'human', format('%s, to approval %s: %s', case v_state when 'approved' then 'Yes' else 'No' end, a.id, a.question)
    || case v_reason when '' then '' else E'\n\nReason: ' || v_reason end);
  return jsonb_build_object('id', a.id);
end $$;

create or replace function federation.op_withdraw_approval(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  a approvals := readable_approval(me, (op ->> 'approval')::uuid);
begin
  if a.asked_by <> me then
    perform refuse('one-voice', format('%s asked this, and nobody else takes it back', a.asked_by));
  end if;
  select * into a from approvals where id = a.id for update;
  if a.state = 'withdrawn' then
    return '{}';
  end if;
  if a.state <> 'open' then
    perform fail('conflict', format('this question is no longer open: it was %s', a.state));
  end if;
  update approvals set state = 'withdrawn', closed_at = clock_timestamp() where id = a.id;
  perform emit('ApprovalWithdrawn', me, a.conversation, a.id::text, jsonb_build_object('whom', a.whom, 'question', left(a.question, 2000)));
  perform end_approval(a, 'rule', null);
  return '{}';
end $$;

-- What one may not see is as if it were not there.
create or replace function federation.readable_approval(me text, p_id uuid) returns federation.approvals
language plpgsql stable set search_path = federation, pg_temp as $$
declare
  a approvals;
begin
  select x.* into a from approvals x join members m on m.conversation = x.conversation and m.actor = me where x.id = p_id;
  if a.id is null then
    perform fail('not_found', 'there is no such approval; see: federation approval list');
  end if;
  return a;
end $$;

create or replace function federation.reconcile_approvals() returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  a approvals;
begin
  for a in update approvals set state = 'expired', closed_at = clock_timestamp()
      where id in (select id from approvals where state = 'open' and deadline <= clock_timestamp()
        order by deadline, id limit 200 for update skip locked)
      returning * loop
    perform emit('ApprovalExpired', null, a.conversation, a.id::text,
      jsonb_build_object('askedBy', a.asked_by, 'whom', a.whom, 'question', left(a.question, 2000)));
    perform end_approval(a, 'rule', format('%s did not answer approval %s in time, which counts as a no: %s', a.whom, a.id, a.question));
  end loop;
end $$;
