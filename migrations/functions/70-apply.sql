-- The one door for writes.
--
-- 1. Actor from the login, generation and epoch checked, before anything else.
-- 2. The outcome row is taken first: a second call under the same id waits for the first and answers with its results.
-- 3. All operations of a call, or none.

-- What the nodes could not read would stop them all: ids are UUIDs of RFC 9562, and a call has a size.
create or replace function federation.require_readable(ops jsonb) returns void
language plpgsql immutable set search_path = federation, pg_temp as $$
declare
  bad text;
begin
  if length(ops::text) > 8000000 then
    perform fail('limit_exceeded', 'a call is at most 8,000,000 characters long');
  end if;
  select kv.value into bad from jsonb_array_elements(ops) o,
      lateral (select * from jsonb_each_text(case when jsonb_typeof(o) = 'object' then o else '{}' end)
        union all select 'subject', d ->> 'subject' from jsonb_array_elements(case when jsonb_typeof(o -> 'duties') = 'array'
          then o -> 'duties' else '[]' end) d) kv
   where kv.key in ('id', 'task', 'proposal', 'subject') and kv.value is not null
     and kv.value !~* '^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' limit 1;
  if bad is not null then
    perform fail('invalid_input', format('"%s" is no UUID', left(bad, 60)));
  end if;
end $$;

create or replace function federation.apply(ctx jsonb, ops jsonb) returns jsonb
language plpgsql security definer set search_path = federation, pg_temp as $$
declare
  me text := writer(ctx);
  op jsonb;
  v_results jsonb := '[]';
  recorded jsonb;
begin
  if jsonb_typeof(ops) is distinct from 'array' or jsonb_array_length(ops) > 64 then
    perform fail('invalid_input', 'a call is a list of at most 64 operations');
  end if;
  insert into call_outcomes (actor, call_id, command) values (me, ctx ->> 'callId', ctx ->> 'command') on conflict do nothing;
  if not found then
    select o.results into recorded from call_outcomes o
      where actor = me and call_id = ctx ->> 'callId' and command = ctx ->> 'command';
    if not found then
      perform fail('conflict', 'this call id was used for another command; make a new one');
    end if;
    return jsonb_build_object('replayed', true, 'results', recorded);
  end if;
  perform require_readable(ops);
  if exists (select 1 from jsonb_array_elements(ops) o
      where o ->> 'op' in ('send_message', 'start_thread', 'propose', 'remember', 'report',
        'ask_approval', 'answer_approval', 'withdraw_approval'))
     and exists (select 1 from actors where name = me and role = 'observer') then
    perform refuse('one-voice', 'observers do not act');
  end if;
  for op in select * from jsonb_array_elements(ops) loop
    v_results := v_results || jsonb_build_array(case op ->> 'op'
      when 'send_message' then op_send_message(me, op)
      when 'start_thread' then op_start_thread(me, op)
      when 'start_mission' then op_start_mission(me, op)
      when 'enter_phase' then op_enter_phase(me, op)
      when 'open_duties' then op_open_duties(me, op)
      when 'tally' then op_tally(me, op)
      when 'propose' then op_propose(me, op)
      when 'cast_ballot' then op_cast_ballot(me, op)
      when 'veto' then op_veto(me, op)
      when 'adopt' then op_adopt(me, op)
      when 'assign_task' then op_assign_task(me, op)
      when 'claim_task' then op_claim_task(me, op)
      when 'renew_claim' then op_renew_claim(me, op)
      when 'submit_task' then op_submit_task(me, op)
      when 'review_task' then op_review_task(me, op)
      when 'hand_back_task' then op_hand_back_task(me, op)
      when 'take_over_task' then op_take_over_task(me, op)
      when 'give_back_task' then op_give_back_task(me, op)
      when 'open_task' then op_open_task(me, op)
      when 'open_motion' then op_open_motion(me, op)
      when 'withdraw_proposal' then op_withdraw_proposal(me, op)
      when 'ratify_charter' then op_ratify_charter(me, op)
      when 'pause_node' then op_pause_node(me, op)
      when 'resume_node' then op_resume_node(me, op)
      when 'add_signing_key' then op_add_signing_key(me, op)
      when 'revoke_signing_key' then op_revoke_signing_key(me, op)
      when 'add_actor' then op_add_actor(me, op)
      when 'retire_actor' then op_retire_actor(me, op)
      when 'issue_token' then op_issue_token(me, op)
      when 'revoke_token' then op_revoke_token(me, op)
      when 'issue_ticket' then op_issue_ticket(me, op)
      when 'renew_page_session' then op_renew_page_session(me, op)
      when 'end_page_session' then op_end_page_session(me, op)
      when 'record_git' then op_record_git(me, op)
      when 'ask_approval' then op_ask_approval(me, op)
      when 'answer_approval' then op_answer_approval(me, op)
      when 'withdraw_approval' then op_withdraw_approval(me, op)
      when 'ask_reload' then op_ask_reload(me, op)
      when 'record_reload' then op_record_reload(me, op)
      when 'report' then op_report(me, op)
      when 'remember' then op_remember(me, op)
      when 'close_obligation' then op_close_obligation(me, op)
      when 'redrive' then op_redrive(me, op)
      when 'mark_read' then op_mark_read(me, op)
      when 'mark_acted' then op_mark_acted(me, op)
      when 'record_decision' then op_record_decision(me, op)
      when 'record_verdict' then op_record_verdict(me, op)
      when 'finish_turn' then op_finish_turn(me, op)
    end);
    if v_results -> -1 = 'null' then
      perform fail('invalid_input', format('there is no operation %s', op ->> 'op'));
    end if;
  end loop;
  update call_outcomes o set results = v_results where actor = me and call_id = ctx ->> 'callId';
  return jsonb_build_object('replayed', false, 'results', v_results);
end $$;
