-- Motions: proposals that bind the whole federation.
--
-- 1. Every actor is a member. The agents that have a node vote, and the commander with them where the change is
--    entrenched. Who owes a comment or a ballot is read here: no caller can leave anyone out.
-- 2. The hash of a motion binds its title, its text and its change; what it changes is not edited after it was opened.
-- 3. An accepted motion waits for a veto, and takes effect in the transaction that closes it. What does not apply any
--    more by then is rejected, with the reason; nothing is left waiting.

create or replace function federation.motion_sha256(p_title text, p_text text, p_change jsonb) returns text
language sql stable set search_path = federation, pg_temp as $$
  select encode(sha256(convert_to(jsonb_build_object('title', p_title, 'text', p_text, 'change', p_change)::text, 'UTF8')), 'hex')
$$;

-- The change of a motion, without what the nodes do not know of. @refuses one that does not apply now.
create or replace function federation.motion_change(p_kind text, p_change jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  fault text;
  v_scope text[];
begin
  case p_kind
    when 'amendment' then
      fault := amendment_fault(charter_in_force(), p_change);
      if fault is not null then
        perform refuse('amendments', fault);
      end if;
      return plain_amendment(p_change);
    when 'ratification' then
      if charter_ratified() then
        perform refuse('amendments', 'the charter has been ratified already');
      end if;
      if (p_change -> 'version') is distinct from to_jsonb((charter_in_force()).version) then
        perform refuse('amendments', format('version %s of the charter is in force', (charter_in_force()).version));
      end if;
      return jsonb_build_object('change', 'ratify', 'version', p_change -> 'version');
    when 'task' then
      if not is_text(p_change -> 'instructions', 65536) then
        perform fail('invalid_input', 'a task has instructions of at most 65536 characters');
      end if;
      if (p_change ->> 'taskKind') is null or p_change ->> 'taskKind' not in ('feature', 'fix', 'chore', 'study') then
        perform fail('invalid_input', 'a task is a feature, a fix, a chore or a study');
      end if;
      if not exists (select 1 from actors where name = p_change ->> 'assignee' and kind <> 'system' and role <> 'observer' and retired_at is null) then
        perform fail('not_found', format('there is no actor %s who could have the task; see: federation roster', p_change ->> 'assignee'));
      end if;
      if coalesce((p_change ->> 'priority')::int, 0) not between -10 and 10 or (p_change ->> 'dueInMs')::bigint not between 1000 and 2592000000 then
        perform fail('invalid_input', 'a priority is from -10 to 10, and a due time from 1 s to 30 days, or none');
      end if;
      v_scope := texts(p_change -> 'scope');
      fault := coalesce(scope_fault(v_scope), case when units(array_to_string(v_scope, '')) > 4096
        or exists (select 1 from unnest(v_scope) x where units(x) > 200) then 'a scope has at most 64 patterns of 200 characters' end);
      if fault is not null then
        perform fail('invalid_input', fault);
      end if;
      return jsonb_build_object('change', 'open_task', 'taskKind', p_change -> 'taskKind', 'assignee', p_change -> 'assignee',
        'instructions', p_change -> 'instructions', 'scope', to_jsonb(v_scope),
        'priority', coalesce((p_change ->> 'priority')::int, 0), 'dueInMs', (p_change ->> 'dueInMs')::bigint);
    when 'decision' then
      if coalesce(p_change, 'null') <> 'null' then
        perform fail('invalid_input', 'a decision has no change: what it says is its text');
      end if;
      return null;
    else
      perform fail('invalid_input', 'a motion is an amendment, a ratification, a decision or a task');
  end case;
end $$;

create or replace function federation.op_open_motion(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_id uuid := op ->> 'id';
  v_kind text := op ->> 'kind';
  v_change jsonb;
  v_motive text := coalesce(op ->> 'motive', '');
  entrenched boolean;
begin
  -- One author's motions one after the other: they are counted.
  perform 1 from actors where name = me and role <> 'observer' and kind <> 'system' for no key update;
  if not found then
    perform refuse('one-voice', 'observers do not act');
  end if;
  if conversation_is_mine(v_id, me, 'motion') then
    return jsonb_build_object('id', v_id);
  end if;
  if v_kind = 'ratification' then
    perform 1 from meta where key = 'lock_ratification' for update;
    perform 1 from actors where name = me and role in ('commander', 'lead');
    if not found then
      perform fail('forbidden', 'only the commander and the lead open the founding vote', '{"article": "amendments"}');
    end if;
    if exists (select 1 from missions m join proposals p on p.conversation = m.conversation
        where p.kind = 'ratification' and m.phase <> 'closed') then
      perform refuse('amendments', 'the founding vote is open already');
    end if;
  end if;
  if (select count(*) from missions m join conversations c on c.id = m.conversation
      where m.kind = 'motion' and m.phase <> 'closed' and c.created_by = me) >= 3 then
    perform refuse('budgets', 'three open motions of one author are enough');
  end if;
  if not is_text(op -> 'title', 200) or not is_text(op -> 'text', 65536) then
    perform fail('invalid_input', 'a motion has a title of at most 200 characters and a text of at most 65536');
  end if;
  v_change := motion_change(v_kind, op -> 'change');
  if v_kind = 'amendment' and not is_text(to_jsonb(v_motive), 4000) then
    perform refuse('amendments', 'an amendment names the incident that motivates it, in at most 4000 characters');
  end if;
  entrenched := is_entrenched(v_kind, v_change);
  insert into conversations (id, kind, title, created_by) values (v_id, 'motion', op ->> 'title', me);
  insert into members (conversation, actor, votes)
    select v_id, a.name, (a.kind = 'agent' and a.role <> 'observer' and exists (select 1 from nodes n where n.actor = a.name))
        or (entrenched and a.kind = 'human' and a.role = 'commander')
      from actors a where a.kind <> 'system' and a.retired_at is null;
  insert into missions (conversation, kind, objective, seed, phase, phase_no, round, phase_entered_at, phase_deadline, charter_version)
    values (v_id, 'motion', 'Decide on the motion: ' || (op ->> 'title'), hashtextextended(v_id::text, 0) & 2147483647, 'critique', 1, 1,
      clock_timestamp(), clock_timestamp(), (charter_in_force()).version);
  insert into proposals (id, conversation, round, author, title, body, text_sha256, kind, change, motive)
    values ((op ->> 'proposal')::uuid, v_id, 1, me, op ->> 'title', op ->> 'text', motion_sha256(op ->> 'title', op ->> 'text', v_change),
      v_kind, v_change, v_motive);
  perform emit('ProposalMade', me, v_id, op ->> 'proposal', jsonb_build_object('title', op ->> 'title', 'text', left(op ->> 'text', 2000),
    'kind', v_kind, 'change', v_change, 'motive', left(v_motive, 2000)));
  if v_kind = 'ratification' then
    perform begin_phase(v_id, 1, 'vote', 1, 'the charter was put to the vote', '[]');
  else
    perform begin_phase(v_id, 1, 'critique', 1, 'the motion was opened',
      (select coalesce(jsonb_agg(jsonb_build_object('actor', x.actor, 'duty', 'critique', 'subject', null) order by x.actor), '[]')
        from members x join actors a on a.name = x.actor
       where x.conversation = v_id and x.votes and a.kind = 'agent' and x.actor <> me));
  end if;
  perform post(gen_random_uuid(), v_id, me, 'propose', null, op ->> 'text', (op ->> 'proposal')::uuid, null);
  return jsonb_build_object('id', v_id);
end $$;

create or replace function federation.motion_proposal(p_conversation uuid) returns federation.proposals
language sql stable set search_path = federation, pg_temp as $$
  select p from proposals p where p.conversation = p_conversation limit 1
$$;

-- Whether a motion with these rows may go on to a phase.
create or replace function federation.motion_gate_met(m federation.missions, p_to text) returns boolean
language plpgsql stable set search_path = federation, pg_temp as $$
declare
  p proposals := motion_proposal(m.conversation);
  out boolean := p.state in ('vetoed', 'withdrawn');
begin
  return coalesce(case m.phase || ' to ' || p_to
    when 'critique to vote' then p.state = 'open'
    when 'critique to closed' then out
    when 'vote to veto' then p.state = 'accepted'
    when 'vote to closed' then out or p.state = 'rejected'
    when 'veto to closed' then out or m.phase_deadline <= clock_timestamp()
    else false end, false);
end $$;

-- How a motion ends by its rows; one that no longer applies is still rejected when it is enacted.
create or replace function federation.motion_outcome(m federation.missions) returns text
language sql stable set search_path = federation, pg_temp as $$
  select case
    when p.state in ('vetoed', 'withdrawn') then p.state
    when p.state = 'accepted' and m.phase = 'veto' then 'enacted'
    else 'rejected' end
  from proposals p where p.conversation = m.conversation limit 1
$$;

-- Gives an accepted motion its effect; null, or why it has none any more. Then the motion is rejected.
create or replace function federation.enact_motion(p_conversation uuid) returns text
language plpgsql set search_path = federation, pg_temp as $$
declare
  p proposals := motion_proposal(p_conversation);
  fault text;
begin
  begin
    case p.kind
      when 'task' then
        perform create_errand(p.author, p.change || jsonb_build_object('op', 'open_task', 'id', gen_random_uuid(), 'task', gen_random_uuid(),
          'title', p.title, 'needs', '[]'::jsonb, 'proposal', p.id));
      when 'decision' then
        perform emit('DecisionRecorded', p.author, p.conversation, p.id::text, jsonb_build_object('title', p.title, 'text', left(p.body, 2000)));
        perform notice(p.conversation, null, format('It is decided: %s', p.title));
      else
        fault := enact_charter(p);
        if fault is null then
          perform notice(p.conversation, null, format('Version %s of the charter is in force: %s', (charter_in_force()).version, p.title));
        end if;
    end case;
  exception
    -- What these rows make impossible would be impossible at every further try. A lost connection, a deadlock and the
    -- like are none of these: the move is made again.
    when sqlstate 'FD000' or data_exception or integrity_constraint_violation then
      fault := sqlerrm;
  end;
  if fault is not null then
    perform decide_proposal(p.id, 'rejected', null, jsonb_build_object('why', fault));
  end if;
  return fault;
end $$;

create or replace function federation.op_withdraw_proposal(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  p proposals := lock_proposal((op ->> 'proposal')::uuid);
  m missions;
begin
  select * into m from missions where conversation = p.conversation;
  if p.author <> me then
    perform refuse('amendments', 'only its author withdraws a proposal');
  end if;
  if p.state not in ('open', 'voting') or m.phase = 'closed' then
    perform refuse('amendments', format('a proposal that is %s cannot be withdrawn', p.state));
  end if;
  perform decide_proposal(p.id, 'withdrawn', me, jsonb_build_object('reason', op ->> 'reason'));
  perform relieve_of_proposal(m, p.id);
  return '{}';
end $$;

-- Nothing is due any more for a proposal that is out: in a motion, which has no other, nothing at all.
create or replace function federation.relieve_of_proposal(m federation.missions, p_proposal uuid) returns void
language sql set search_path = federation, pg_temp as $$
  update obligations set state = 'cancelled', closed_at = clock_timestamp()
   where conversation = m.conversation and state = 'open'
     and (m.kind = 'motion' or subject = p_proposal or subject in (select id from tasks where proposal = p_proposal))
$$;

-- The whole federation as its gate sees it: where motions and errands are opened. With the proposal an errand comes from,
-- or else with the founding votes.
create or replace function federation.assembly_view(p_proposal uuid) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  select jsonb_build_object(
    'id', '00000000-0000-4000-8000-000000000000', 'kind', 'assembly', 'objective', 'The whole federation', 'createdBy', 'federation', 'seed', 0,
    'phase', 'propose', 'phaseNo', 1, 'round', 1, 'phaseEnteredAt', iso(clock_timestamp()), 'phaseDeadline', null, 'overdue', false,
    'outcome', null, 'report', null, 'charterVersion', v.version, 'parameters', v.parameters, 'articlesOff', v.off,
    'repository', null, 'ageMs', 0, 'heldScopes', held_scopes(), 'tokens', 0,
    'members', (select coalesce(jsonb_agg(jsonb_build_object('actor', a.name, 'kind', a.kind, 'role', a.role,
        'votes', a.kind = 'agent' and a.role <> 'observer' and exists (select 1 from nodes n where n.actor = a.name),
        'online', is_online(a.name),
        'talked', 0, 'turns', 0) order by a.name), '[]')
      from actors a where a.kind <> 'system' and a.retired_at is null),
    'obligations', '[]'::jsonb,
    'proposals', (select coalesce(jsonb_agg(proposal_json(p) order by p.created_at, p.id), '[]') from proposals p
      where p.id = p_proposal or (p_proposal is null and p.kind = 'ratification')),
    'tasks', '[]'::jsonb)
  from (select * from charter_versions order by version desc limit 1) v
$$;
