-- Missions, their phases and duties.
--
-- 1. A phase changes by compare-and-set on phase_no, along a lawful edge, and only when its duties are closed, its
--    deadline has passed, or the decided proposal was vetoed.
-- 2. The duty to vote opens here for the whole electorate: no caller can leave a voter out.
-- 3. How a mission ended follows from its rows; a caller that claims another outcome is refused.
-- 4. Locks are taken in one order: mission, task, conversation, then the rest.

create or replace function federation.phase_edge(p_from text, p_to text) returns boolean
language sql immutable set search_path = federation, pg_temp as $$
  select case p_from
    when 'propose' then p_to in ('critique', 'propose', 'closed')
    when 'critique' then p_to in ('vote', 'closed')
    when 'vote' then p_to in ('assign', 'propose', 'veto', 'closed')
    when 'veto' then p_to = 'closed'
    when 'assign' then p_to in ('implement', 'closed')
    when 'implement' then p_to in ('review', 'assign', 'closed')
    when 'review' then p_to in ('synthesise', 'implement', 'closed')
    when 'synthesise' then p_to = 'closed'
    else false end
$$;

create or replace function federation.open_duty(p_conversation uuid, p_phase_no int, duty jsonb) returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  turns int := (parameters() -> 'duties-are-met' ->> 'turnsPerDuty')::int;
begin
  perform require_member(p_conversation, duty ->> 'actor');
  if not may_owe(p_conversation, duty) then
    perform fail('conflict', format('the duty %s is not that of %s', duty ->> 'duty', duty ->> 'actor'),
      jsonb_build_object('article', case duty ->> 'duty' when 'adopt' then 'last-round' when 'vote' then 'one-ballot'
        when 'review' then 'review-by-another' else 'explicit-assignment' end));
  end if;
  insert into obligations (conversation, phase_no, actor, duty, subject, max_turns)
    values (p_conversation, p_phase_no, duty ->> 'actor', duty ->> 'duty', (duty ->> 'subject')::uuid,
      turns + 2)
    on conflict do nothing;
  if found then
    perform emit('DutyOpened', duty ->> 'actor', p_conversation, duty ->> 'subject',
      jsonb_build_object('duty', duty ->> 'duty', 'phaseNo', p_phase_no));
  end if;
end $$;

-- From whom a talking phase of a mission is due: of those who build, else of every agent, a proposal; of the analysts,
-- else of every agent, a critique of what another proposed.
create or replace function federation.talkers(p_conversation uuid, p_phase text) returns setof text
language sql stable set search_path = federation, pg_temp as $$
  with able as (
    select x.actor::text as name, a.role from members x join actors a on a.name = x.actor join missions m on m.conversation = x.conversation
     where x.conversation = p_conversation and m.kind = 'mission' and a.kind = 'agent' and a.role <> 'observer' and a.retired_at is null
       and (p_phase = 'propose' or (p_phase = 'critique' and exists (
         select 1 from proposals p where p.conversation = p_conversation and p.state = 'open' and p.author <> x.actor))))
  select name from able where role = any (case p_phase when 'propose' then array['lead', 'developer'] else array['analyst'] end)
     or not exists (select 1 from able b where b.role = any (case p_phase when 'propose' then array['lead', 'developer'] else array['analyst'] end))
   order by name
$$;

-- Who makes a move says what is due; whom it is certainly due from, nobody can leave out.
create or replace function federation.open_forgotten_duties(p_conversation uuid, p_phase_no int, p_phase text) returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  task tasks;
  owner text;
begin
  if exists (select 1 from obligations where conversation = p_conversation and phase_no = p_phase_no) then
    return;
  end if;
  for owner in select talkers(p_conversation, p_phase) loop
    perform open_duty(p_conversation, p_phase_no, jsonb_build_object('actor', owner, 'duty', p_phase, 'subject', null));
  end loop;
  select * into task from tasks where conversation = p_conversation order by created_at desc, id desc limit 1;
  if task.id is null then
    return;
  end if;
  owner := case p_phase
    when 'assign' then work_owner(p_conversation)
    when 'implement' then case when blocked(task) is null then task.assignee end
    when 'review' then first_reviewer(p_conversation, task.id) end;
  if owner is not null then
    perform open_duty(p_conversation, p_phase_no, jsonb_build_object('actor', owner, 'duty', p_phase, 'subject', task.id));
  end if;
end $$;

create or replace function federation.begin_phase(p_conversation uuid, p_phase_no int, p_phase text, p_round int, p_reason text, p_duties jsonb)
returns void language plpgsql set search_path = federation, pg_temp as $$
declare
  v_now timestamptz := clock_timestamp();
  duty jsonb;
begin
  insert into mission_phases (conversation, phase_no, phase, round, reason, entered_at)
    values (p_conversation, p_phase_no, p_phase, p_round, p_reason, v_now);
  update missions set phase = p_phase, phase_no = p_phase_no, round = p_round, phase_entered_at = v_now
    where conversation = p_conversation;
  update missions set phase_deadline = v_now + phase_time(missions) where conversation = p_conversation;
  if p_phase = 'vote' then
    insert into electorates (proposal, voter)
      select p.id, m.actor from proposals p join members m on m.conversation = p.conversation join actors a on a.name = m.actor
       where p.conversation = p_conversation and p.state = 'open' and m.votes and a.kind <> 'external';
    update proposals set state = 'voting', voting_opened_at = v_now where conversation = p_conversation and state = 'open';
  end if;
  for duty in select * from jsonb_array_elements(p_duties) loop
    perform open_duty(p_conversation, p_phase_no, duty);
  end loop;
  perform open_forgotten_duties(p_conversation, p_phase_no, p_phase);
  for duty in
    select jsonb_build_object('actor', e.voter, 'duty', 'vote', 'subject', p.id)
      from electorates e join proposals p on p.id = e.proposal
     where p_phase = 'vote' and p.conversation = p_conversation and p.state = 'voting' order by p.created_at, p.id, e.voter
  loop
    perform open_duty(p_conversation, p_phase_no, duty);
  end loop;
  perform emit('PhaseEntered', null, p_conversation, p_phase,
    jsonb_build_object('kind', (select kind from missions where conversation = p_conversation), 'phase', p_phase,
      'phaseNo', p_phase_no, 'round', p_round, 'reason', p_reason));
end $$;

create or replace function federation.op_start_mission(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_id uuid := op ->> 'id';
  unknown text;
  packed text;
begin
  perform 1 from actors where name = me and role in ('commander', 'lead');
  if not found then
    perform fail('forbidden', 'only the commander and the lead start missions');
  end if;
  if conversation_is_mine(v_id, me, 'mission') then
    return jsonb_build_object('id', v_id);
  end if;
  select m ->> 'actor' into unknown from jsonb_array_elements(op -> 'members') m
    where not exists (select 1 from actors a where a.name = m ->> 'actor' and a.kind <> 'system' and a.retired_at is null) limit 1;
  if unknown is not null then
    perform fail('not_found', format('there is no actor %s; see: federation roster', unknown));
  end if;
  -- Who opens a mission does not choose who decides in it: agents vote, observers and external actors do not, and people
  -- say it for themselves. A daemon speaks for every external actor it hosts, and would have their ballots too.
  select a.name into packed from jsonb_array_elements(op -> 'members') m join actors a on a.name = m ->> 'actor'
    where (m ->> 'votes')::boolean is distinct from case when a.role = 'observer' or a.kind = 'external' then false when a.kind = 'agent' then true
      when a.kind = 'human' and a.name <> me then false else (m ->> 'votes')::boolean end limit 1;
  if packed is not null then
    perform refuse('one-ballot', format('whether %s votes is not for %s to choose', packed, me));
  end if;
  perform require_scope(texts(op -> 'scope'));
  if (op ->> 'seed')::numeric not between 0 and 2147483647 then
    perform fail('invalid_input', 'a seed is a whole number from 0 to 2147483647');
  end if;
  insert into conversations (id, kind, title, created_by) values (v_id, 'mission', left(op ->> 'objective', 4000), me);
  -- The commanders too, whom nobody keeps from their veto by leaving them out.
  insert into members (conversation, actor, votes)
    select v_id, m ->> 'actor', (m ->> 'votes')::boolean from jsonb_array_elements(op -> 'members') m
    union all
    select v_id, name, false from actors where kind = 'human' and role = 'commander' and retired_at is null
      and not op -> 'members' @> jsonb_build_array(jsonb_build_object('actor', name));
  insert into missions (conversation, objective, seed, repository, scope, phase, phase_no, round, phase_entered_at, phase_deadline, charter_version)
    values (v_id, op ->> 'objective', (op ->> 'seed')::bigint, op ->> 'repository', texts(op -> 'scope'),
      'propose', 1, 1, clock_timestamp(), clock_timestamp(), (select max(version) from charter_versions));
  perform emit('MissionStarted', me, v_id, v_id::text, jsonb_build_object('objective', op ->> 'objective'));
  perform begin_phase(v_id, 1, 'propose', 1, 'the mission was started', op -> 'duties');
  perform post(gen_random_uuid(), v_id, me, 'say', null, 'Our objective: ' || (op ->> 'objective'), null, null);
  return jsonb_build_object('id', v_id);
end $$;

-- Locks the mission for a move of the system; null when another node has already moved it on.
create or replace function federation.movable(p_conversation uuid, p_phase_no int) returns federation.missions
language plpgsql set search_path = federation, pg_temp as $$
declare m missions;
begin
  select * into m from missions where conversation = p_conversation for update;
  if m.conversation is null then
    perform fail('not_found', format('there is no mission %s', p_conversation));
  end if;
  if m.phase_no is distinct from p_phase_no or m.phase = 'closed' then
    return null;
  end if;
  perform 1 from conversations where id = p_conversation for no key update;
  return m;
end $$;

create or replace function federation.has_open_duty(p_conversation uuid, p_phase_no int, p_duty text default null) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select exists (select 1 from obligations where conversation = p_conversation and phase_no = p_phase_no
    and state = 'open' and (p_duty is null or duty = p_duty))
$$;

-- Whether a mission with these rows may go on to a phase. Every move of the deciders in core passes; what does not
-- follow from the rows fails.
create or replace function federation.gate_met(m federation.missions, task federation.tasks, p_to text, p_round int) returns boolean
language plpgsql stable set search_path = federation, pg_temp as $$
declare
  law jsonb := parameters();
  last_round boolean := m.round >= (law -> 'propose-before-implement' ->> 'maxRounds')::int;
  made boolean := exists (select 1 from proposals where conversation = m.conversation and round = m.round);
  live boolean := exists (select 1 from proposals where conversation = m.conversation and round = m.round and state <> 'vetoed');
  voting boolean := exists (select 1 from proposals where conversation = m.conversation and state = 'voting');
  decided boolean := exists (select 1 from proposals where conversation = m.conversation and state in ('accepted', 'adopted'));
  reassigned_out boolean := task.reassignments >= (law -> 'leases-and-hand-back' ->> 'maxReassignments')::int;
begin
  if p_round is distinct from m.round + (p_to = 'propose')::int then
    return false;
  end if;
  if m.kind <> 'mission' then
    return case m.kind when 'motion' then motion_gate_met(m, p_to) else errand_gate_met(m, task, p_to) end;
  end if;
  return coalesce(case m.phase || ' to ' || p_to
    when 'propose to critique' then made
    when 'propose to propose' then not made and not last_round
    when 'propose to closed' then case when made then not live else last_round end
    when 'critique to vote' then true
    when 'critique to closed' then made and not live
    when 'vote to assign' then decided and not voting
    when 'vote to propose' then not decided and not voting and live and not last_round
    when 'vote to closed' then not decided and not voting and (not live or (last_round and (m.phase_deadline <= clock_timestamp()
      or not article_on('last-round')
      or exists (select 1 from obligations where conversation = m.conversation and phase_no = m.phase_no and duty = 'adopt')
      or not exists (select 1 from members x join actors a on a.name = x.actor where x.conversation = m.conversation and a.role = 'lead'))))
    when 'assign to implement' then decided and task.state = 'assigned'
    when 'assign to closed' then not decided or task.state is distinct from 'assigned'
    when 'implement to review' then decided and task.state = 'submitted'
    when 'implement to assign' then decided and task.state <> 'submitted' and not reassigned_out
    when 'implement to closed' then not decided or (task.state <> 'submitted' and reassigned_out)
    when 'review to implement' then decided and task.state in ('claimed', 'assigned')
    when 'review to synthesise' then decided and (task.state in ('accepted', 'rejected', 'cancelled')
      or m.phase_deadline <= clock_timestamp() or first_reviewer(m.conversation, task.id) is null)
    when 'review to closed' then not decided
    when 'synthesise to closed' then true
    else false end, false);
end $$;

-- The one outcome these rows can have.
create or replace function federation.outcome_of(m federation.missions, task federation.tasks) returns text
language sql stable set search_path = federation, pg_temp as $$
  select case
    when m.kind = 'motion' then motion_outcome(m)
    when m.kind = 'errand' then errand_outcome(m, task)
    when m.phase in ('assign', 'implement', 'review', 'synthesise') and not exists (
      select 1 from proposals where conversation = m.conversation and state in ('accepted', 'adopted')) then 'vetoed'
    when m.phase in ('propose', 'critique', 'vote') then case
      when not exists (select 1 from proposals where conversation = m.conversation and round = m.round) then 'no_proposal'
      when exists (select 1 from proposals where conversation = m.conversation and round = m.round and state <> 'vetoed') then 'no_decision'
      else 'vetoed' end
    when m.phase = 'assign' then 'unassigned'
    when m.phase = 'implement' then 'not_done'
    when task.state = 'accepted' then 'accepted'
    else 'not_accepted' end
$$;

-- Why a phase is entered, as the runtime tells it to all: what core says (moveReasons), and none of a caller's own words.
create or replace function federation.move_reason(p_reason text, p_by text, p_assignee text) returns text
language sql immutable set search_path = federation, pg_temp as $$
  select case when p_reason in ('a proposal was decided', 'a result was submitted', 'every duty of the phase is closed',
      'every proposal was vetoed', 'everyone has commented', 'it found no majority',
      'it was accepted, and takes effect unless a human vetoes it', 'it was vetoed', 'its author withdrew it',
      'no proposal found a majority', 'no proposal found a majority and none was adopted', 'no proposal is left to criticise',
      'no proposal is left to wait for others', 'no result came in time', 'no result was submitted', 'nobody proposed anything',
      'nobody proposed anything in the last round', 'nobody vetoed it', 'the deadline passed', 'the decided proposal was vetoed',
      'the result was accepted', 'the result was not accepted', 'the result was not reviewed',
      'the result was rejected for the last time', 'the result was sent back', 'the task was assigned to nobody',
      'the task was released', 'assigned to ' || p_assignee) then p_reason
    else p_by || ' moved it on' end
$$;

create or replace function federation.op_enter_phase(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  m missions := movable((op ->> 'conversation')::uuid, (op ->> 'fromPhaseNo')::int);
  to_phase text := op ->> 'phase';
  v_outcome text;
  v_reason text;
  fault text;
  vetoed boolean;
  task tasks;
begin
  if m.conversation is null then
    return '{"moved": false}';
  end if;
  perform require_member(m.conversation, me);
  if phase_edge(m.phase, to_phase) is not true then
    perform fail('conflict', format('a mission does not go from %s to %s', m.phase, to_phase));
  end if;
  select * into task from tasks where conversation = m.conversation order by created_at desc, id desc limit 1;
  v_reason := move_reason(op ->> 'reason', me, task.assignee);
  v_outcome := outcome_of(m, task);
  vetoed := v_outcome = 'vetoed' and m.phase in ('assign', 'implement', 'review', 'synthesise')
    or m.kind = 'motion' and v_outcome in ('vetoed', 'withdrawn');
  if has_open_duty(m.conversation, m.phase_no) and m.phase_deadline > clock_timestamp() and not (vetoed and to_phase = 'closed') then
    perform fail('conflict', format('duties of the phase %s are still open', m.phase), '{"article": "quorum-and-deadline"}');
  end if;
  if not gate_met(m, task, to_phase, (op ->> 'round')::int) then
    perform fail('conflict', format('the gate from %s to %s is not met', m.phase, to_phase),
      jsonb_build_object('article', case m.phase when 'veto' then 'human-veto' else 'propose-before-implement' end));
  end if;
  if to_phase = 'closed' and op ->> 'outcome' is distinct from v_outcome then
    perform fail('conflict', format('the outcome of this mission is %s', v_outcome),
      jsonb_build_object('article', case m.kind when 'motion' then 'amendments' else 'quorum-and-deadline' end));
  end if;
  if to_phase = 'closed' and v_outcome = 'enacted' then
    fault := enact_motion(m.conversation);
    v_outcome := case when fault is null then 'enacted' else 'rejected' end;
    v_reason := coalesce('it no longer applies: ' || fault, v_reason);
  end if;
  update obligations set state = 'expired', closed_at = clock_timestamp()
    where conversation = m.conversation and phase_no = m.phase_no and state = 'open';
  update mission_phases set left_at = clock_timestamp() where conversation = m.conversation and phase_no = m.phase_no;
  if m.phase = 'implement' and to_phase = 'assign' then
    update tasks set state = 'released', holder = null, taken_from = null, lease_until = null, reassignments = reassignments + 1
      where id = task.id;
    if task.state <> 'released' then
      perform task_moved(task.id, 'federation', task.state, 'released', v_reason);
    end if;
  end if;
  if to_phase = 'closed' then
    insert into mission_phases (conversation, phase_no, phase, round, reason, entered_at)
      values (m.conversation, m.phase_no + 1, 'closed', m.round, v_reason, clock_timestamp());
    update missions set phase = 'closed', phase_no = phase_no + 1, phase_entered_at = clock_timestamp(), phase_deadline = null,
        outcome = v_outcome, closed_at = clock_timestamp()
      where conversation = m.conversation;
    perform cancel_tasks(m.conversation, null, 'federation', array['accepted', 'rejected', 'submitted'], 'the mission was closed');
    perform emit(initcap(m.kind) || 'Closed', null, m.conversation, m.conversation::text,
      jsonb_build_object('outcome', v_outcome, 'reason', v_reason));
    perform notice(m.conversation, null, format('The %s is closed: %s (%s).', m.kind, replace(v_outcome, '_', ' '), v_reason));
  else
    perform begin_phase(m.conversation, m.phase_no + 1, to_phase, (op ->> 'round')::int, v_reason, op -> 'duties');
    perform notice(m.conversation, null, format('The phase %s begins: %s.', to_phase, v_reason));
  end if;
  return '{"moved": true}';
end $$;

create or replace function federation.op_open_duties(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  m missions := movable((op ->> 'conversation')::uuid, (op ->> 'phaseNo')::int);
  duty jsonb;
begin
  if m.conversation is null then
    return '{"moved": false}';
  end if;
  perform require_member(m.conversation, me);
  if jsonb_array_length(op -> 'duties') > 64 then
    perform fail('limit_exceeded', 'at most 64 duties are opened at once');
  end if;
  for duty in select * from jsonb_array_elements(op -> 'duties') loop
    if not (case duty ->> 'duty'
        when 'advance' then m.kind = 'mission' and m.phase in ('propose', 'critique')
        when 'adopt' then m.phase = 'vote'
          and article_on('last-round')
          and m.round >= (parameters() -> 'propose-before-implement' ->> 'maxRounds')::int
          and not exists (select 1 from proposals where conversation = m.conversation and state in ('voting', 'accepted', 'adopted'))
          and exists (select 1 from actors where name = duty ->> 'actor' and role = 'lead')
        when 'review' then m.phase = 'review'
        else false end) then
      perform fail('conflict', format('the duty %s does not open in the phase %s', duty ->> 'duty', m.phase));
    end if;
    perform open_duty(m.conversation, m.phase_no, duty);
  end loop;
  -- The duty has no message of its own; its owner is woken like for one.
  insert into outbox (message, recipient, queue, conversation, seq)
    select m.conversation, null, queue_of(d ->> 'actor'), m.conversation, 0 from jsonb_array_elements(op -> 'duties') d
     where queue_of(d ->> 'actor') is not null;
  perform pg_notify('federation_outbox', '');
  return '{"moved": true}';
end $$;

create or replace function federation.op_close_obligation(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  o obligations;
begin
  update obligations set state = op ->> 'as', closed_at = clock_timestamp(), turns_used = turns_used + 1
    where id = (op ->> 'obligation')::uuid and actor = me and state = 'open' and op ->> 'as' in ('met', 'abstained')
    returning * into o;
  if o.id is null then
    perform fail('conflict', 'this duty is not yours or is no longer open');
  end if;
  perform emit('DutyClosed', me, o.conversation, o.subject::text, jsonb_build_object('duty', o.duty, 'as', o.state));
  return '{}';
end $$;

create or replace function federation.op_report(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
begin
  perform require_member((op ->> 'conversation')::uuid, me);
  perform 1 from obligations o join missions m on m.conversation = o.conversation and m.phase_no = o.phase_no
    where o.conversation = (op ->> 'conversation')::uuid and o.actor = me and o.duty = 'report'
      and o.state in ('open', 'met') and m.phase = 'synthesise';
  if not found then
    perform refuse('propose-before-implement', 'the report is written in the phase synthesise, by whom it is due from');
  end if;
  update missions set report = op ->> 'text' where conversation = (op ->> 'conversation')::uuid;
  perform emit('ReportWritten', me, (op ->> 'conversation')::uuid, null, jsonb_build_object('text', left(op ->> 'text', 2000)));
  return '{}';
end $$;
