-- Missions, phases, duties and votes.
--
-- 1. A phase changes by compare-and-set on phase_no, along a lawful edge, and only when its duties are closed, its
--    deadline has passed, or the decided proposal was vetoed.
-- 2. An electorate is read once, when the ballots open. A ballot is final; one per voter; none after the close.
-- 3. A vote closes when nobody is left to be waited for, or at its deadline; who is missing abstains, on record. The
--    duty to vote opens here for the whole electorate: no caller can leave a voter out.
-- 4. How a mission ended follows from its rows; a caller that claims another outcome is refused.
-- 5. Locks are taken in one order: mission, task, conversation, then the rest.

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
    perform fail('conflict', format('the duty %s is not that of %s', duty ->> 'duty', duty ->> 'actor'));
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
      select p.id, m.actor from proposals p join members m on m.conversation = p.conversation
       where p.conversation = p_conversation and p.state = 'open' and m.votes;
    update proposals set state = 'voting', voting_opened_at = v_now where conversation = p_conversation and state = 'open';
  end if;
  for duty in select * from jsonb_array_elements(p_duties) loop
    perform open_duty(p_conversation, p_phase_no, duty);
  end loop;
  for duty in
    select jsonb_build_object('actor', e.voter, 'duty', 'vote', 'subject', p.id)
      from electorates e join proposals p on p.id = e.proposal
     where p_phase = 'vote' and p.conversation = p_conversation and p.state = 'voting' order by p.created_at, p.id, e.voter
  loop
    perform open_duty(p_conversation, p_phase_no, duty);
  end loop;
  perform emit('PhaseEntered', null, p_conversation, p_phase,
    jsonb_build_object('phase', p_phase, 'phaseNo', p_phase_no, 'round', p_round, 'reason', p_reason));
end $$;

create or replace function federation.op_start_mission(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_id uuid := op ->> 'id';
  unknown text;
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
  perform require_scope(texts(op -> 'scope'));
  insert into conversations (id, kind, title, created_by) values (v_id, 'mission', left(op ->> 'objective', 4000), me);
  insert into members (conversation, actor, votes)
    select v_id, m ->> 'actor', (m ->> 'votes')::boolean from jsonb_array_elements(op -> 'members') m;
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
    when 'review to synthesise' then decided
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

create or replace function federation.op_enter_phase(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  m missions := movable((op ->> 'conversation')::uuid, (op ->> 'fromPhaseNo')::int);
  to_phase text := op ->> 'phase';
  v_outcome text;
  v_reason text := op ->> 'reason';
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
  v_outcome := outcome_of(m, task);
  vetoed := v_outcome = 'vetoed' and m.phase in ('assign', 'implement', 'review', 'synthesise')
    or m.kind = 'motion' and v_outcome in ('vetoed', 'withdrawn');
  if has_open_duty(m.conversation, m.phase_no) and m.phase_deadline > clock_timestamp() and not (vetoed and to_phase = 'closed') then
    perform fail('conflict', format('duties of the phase %s are still open', m.phase));
  end if;
  if not gate_met(m, task, to_phase, (op ->> 'round')::int) then
    perform fail('conflict', format('the gate from %s to %s is not met', m.phase, to_phase));
  end if;
  if to_phase = 'closed' and op ->> 'outcome' is distinct from v_outcome then
    perform fail('conflict', format('the outcome of this mission is %s', v_outcome));
  end if;
  if to_phase = 'closed' and v_outcome = 'enacted' then
    v_reason := enact_motion(m.conversation);
    v_outcome := case when v_reason is null then 'enacted' else 'rejected' end;
    v_reason := coalesce('it no longer applies: ' || v_reason, op ->> 'reason');
  end if;
  update obligations set state = 'expired', closed_at = clock_timestamp()
    where conversation = m.conversation and phase_no = m.phase_no and state = 'open';
  update mission_phases set left_at = clock_timestamp() where conversation = m.conversation and phase_no = m.phase_no;
  if m.phase = 'implement' and to_phase = 'assign' then
    update tasks set state = 'released', holder = null, taken_from = null, lease_until = null, reassignments = reassignments + 1
      where id = task.id;
    if task.state <> 'released' then
      perform task_moved(task.id, 'federation', task.state, 'released', op ->> 'reason');
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
    perform begin_phase(m.conversation, m.phase_no + 1, to_phase, (op ->> 'round')::int, op ->> 'reason', op -> 'duties');
    perform notice(m.conversation, null, format('The phase %s begins: %s.', to_phase, op ->> 'reason'));
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

create or replace function federation.decide_proposal(p_proposal uuid, p_state text, p_actor text, p_data jsonb) returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  p proposals;
  v_task uuid;
begin
  update proposals set state = p_state, decided_at = clock_timestamp() where id = p_proposal returning * into p;
  perform emit('ProposalDecided', p_actor, p.conversation, p.id::text,
    jsonb_build_object('state', p_state, 'title', p.title) || p_data);
  if p.kind = 'plan' and p_state in ('accepted', 'adopted') then
    insert into tasks (conversation, proposal, title, instructions, state, scope)
      values (p.conversation, p.id, p.title, p.body, 'approved', (select scope from missions where conversation = p.conversation))
      returning id into v_task;
    perform task_moved(v_task, coalesce(p_actor, 'federation'), null, 'approved', 'its proposal was ' || p_state);
  end if;
end $$;

create or replace function federation.op_tally(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  m missions := movable((op ->> 'conversation')::uuid, (op ->> 'phaseNo')::int);
  law jsonb := parameters() -> case m.kind when 'motion' then 'amendments' else 'quorum-and-deadline' end;
  by_another boolean := article_on('no-self-dealing');
  counted record;
  winner uuid;
begin
  if m.conversation is null or m.phase <> 'vote'
     or not exists (select 1 from proposals where conversation = m.conversation and state = 'voting') then
    return '{"moved": false}';
  end if;
  perform require_member(m.conversation, me);
  if has_open_duty(m.conversation, m.phase_no, 'vote') and m.phase_deadline > clock_timestamp() then
    perform fail('conflict', 'the vote is still open');
  end if;
  with missing as (
    insert into ballots (proposal, voter, choice, reason, by_deadline)
      select e.proposal, e.voter, 'abstain', 'no ballot was cast before the vote closed', true
        from electorates e join proposals p on p.id = e.proposal
       where p.conversation = m.conversation and p.state = 'voting'
         and not exists (select 1 from ballots b where b.proposal = e.proposal and b.voter = e.voter)
      returning proposal, voter)
  insert into decisions (conversation, phase_no, actor, head, origin, note)
    select m.conversation, m.phase_no, voter, jsonb_build_object('kind', 'vote', 'proposal', proposal, 'choice', 'abstain'),
      'deadline', 'abstained because no ballot was cast in time' from missing;
  update obligations set state = 'expired', closed_at = clock_timestamp()
    where conversation = m.conversation and phase_no = m.phase_no and duty = 'vote' and state = 'open';
  for counted in
    select p.id, c.yes, c.no, c.abstain, w.why
      from proposals p
      cross join lateral (
        select count(*) as electorate, count(*) filter (where b.choice = 'yes') as yes, count(*) filter (where b.choice = 'no') as no,
            count(*) filter (where b.choice = 'abstain') as abstain,
            count(*) filter (where b.choice = 'yes' and b.voter <> p.author) as yes_of_others,
            count(*) filter (where b.choice = 'yes' and a.kind = 'human' and a.role = 'commander') as yes_of_commanders
          from electorates e join actors a on a.name = e.voter left join ballots b on b.proposal = e.proposal and b.voter = e.voter
         where e.proposal = p.id) c
      cross join lateral (
        select case
          when c.yes + c.no < ceil((law ->> 'quorum')::numeric * c.electorate) then 'too few voted yes or no'
          when c.yes = 0 or c.yes <= (law ->> 'threshold')::numeric * (c.yes + c.no) then 'it found no majority'
          when by_another and c.electorate > 1 and c.yes_of_others = 0 then 'nobody but its author voted for it'
          when c.yes_of_commanders = 0 and is_entrenched(p.kind, p.change) then 'it needs the yes of the commander'
          end as why) w
     where p.conversation = m.conversation and p.state = 'voting'
     -- What can be accepted first; of these the one with most yes, and of these the earliest.
     order by w.why is not null, c.yes desc, p.created_at, p.id
  loop
    if counted.why is null and winner is null then
      winner := counted.id;
    end if;
    perform decide_proposal(counted.id, case when counted.id = winner then 'accepted' else 'rejected' end, null,
      jsonb_strip_nulls(jsonb_build_object('yes', counted.yes, 'no', counted.no, 'abstain', counted.abstain,
        'why', case when counted.id is distinct from winner then coalesce(counted.why, 'another found more yes') end)));
  end loop;
  return '{"moved": true}';
end $$;

create or replace function federation.op_propose(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  m missions;
begin
  select * into m from missions where conversation = (op ->> 'conversation')::uuid for share;
  if m.conversation is null then
    perform fail('not_found', format('there is no mission %s', op ->> 'conversation'));
  end if;
  perform require_member(m.conversation, me);
  if m.phase <> 'propose' then
    perform refuse('propose-before-implement', format('nothing is proposed in the phase %s', m.phase));
  end if;
  if m.phase_deadline <= clock_timestamp() then
    perform refuse('quorum-and-deadline', 'the deadline of this phase has passed');
  end if;
  if (select count(*) from proposals where conversation = m.conversation and round = m.round and author = me) >= 3 then
    perform refuse('budgets', 'three proposals in one round are enough');
  end if;
  insert into proposals (id, conversation, round, author, title, body, text_sha256)
    values ((op ->> 'id')::uuid, m.conversation, m.round, me, op ->> 'title', op ->> 'text',
      encode(sha256(convert_to(op ->> 'text', 'UTF8')), 'hex'));
  perform emit('ProposalMade', me, m.conversation, op ->> 'id',
    jsonb_build_object('title', op ->> 'title', 'text', left(op ->> 'text', 2000)));
  return jsonb_build_object('id', op ->> 'id');
end $$;

create or replace function federation.op_cast_ballot(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  p proposals;
  m missions;
begin
  select * into p from proposals where id = (op ->> 'proposal')::uuid;
  if p.id is null then
    perform fail('not_found', format('there is no proposal %s', op ->> 'proposal'));
  end if;
  -- Shared with other voters, exclusive with the tally.
  select * into m from missions where conversation = p.conversation for share;
  select * into p from proposals where id = p.id;
  if p.state <> 'voting' then
    perform refuse('one-ballot', format('no vote is open on this proposal (it is %s)', p.state));
  end if;
  if m.phase_deadline <= clock_timestamp() then
    perform refuse('quorum-and-deadline', 'the deadline of this vote has passed');
  end if;
  perform 1 from electorates where proposal = p.id and voter = me;
  if not found then
    perform refuse('one-ballot', format('%s is not in the electorate of this proposal', me));
  end if;
  if p.text_sha256 is distinct from op ->> 'textSha256' then
    perform fail('conflict', 'this ballot was meant for another text of the proposal; read it again');
  end if;
  insert into ballots (proposal, voter, choice, reason) values (p.id, me, op ->> 'choice', op ->> 'reason')
    on conflict do nothing;
  if not found then
    perform refuse('one-ballot', format('%s has already voted on this proposal, and a ballot is final', me));
  end if;
  perform emit('BallotCast', me, p.conversation, p.id::text,
    jsonb_build_object('choice', op ->> 'choice', 'reason', left(op ->> 'reason', 2000), 'title', p.title));
  return '{}';
end $$;

-- Cancels what is still to be done; with a proposal only what came from it.
create or replace function federation.cancel_tasks(p_conversation uuid, p_proposal uuid, p_actor text, p_spare text[], p_reason text)
returns void language plpgsql set search_path = federation, pg_temp as $$
declare
  t tasks;
begin
  for t in select * from tasks where conversation = p_conversation and (p_proposal is null or proposal = p_proposal)
      and state <> 'cancelled' and state <> all (p_spare) for update loop
    update tasks set state = 'cancelled', holder = null, lease_until = null where id = t.id;
    perform task_moved(t.id, p_actor, t.state, 'cancelled', p_reason);
  end loop;
end $$;

create or replace function federation.op_veto(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  p proposals;
  m missions;
begin
  perform 1 from actors where name = me and kind = 'human';
  if not found then
    perform refuse('human-veto', 'only a human has a veto');
  end if;
  select x.* into m from missions x join proposals q on q.conversation = x.conversation
    where q.id = (op ->> 'proposal')::uuid for update of x;
  perform 1 from conversations where id = m.conversation for no key update;
  select * into p from proposals where id = (op ->> 'proposal')::uuid;
  if p.id is null then
    perform fail('not_found', format('there is no proposal %s', op ->> 'proposal'));
  end if;
  perform require_member(p.conversation, me);
  if m.phase = 'closed' then
    perform refuse('human-veto', 'the mission is closed');
  end if;
  if p.state in ('rejected', 'vetoed', 'withdrawn') then
    perform refuse('human-veto', format('this proposal is already %s', p.state));
  end if;
  perform decide_proposal(p.id, 'vetoed', me, jsonb_build_object('reason', op ->> 'reason'));
  perform relieve_of_proposal(m, p.id);
  perform cancel_tasks(p.conversation, p.id, me, array['accepted', 'rejected'], 'its proposal was vetoed');
  perform cancel_errands_of(p.id, me, 'its proposal was vetoed');
  return '{}';
end $$;

create or replace function federation.op_adopt(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  p proposals;
  m missions;
begin
  select * into p from proposals where id = (op ->> 'proposal')::uuid;
  if p.id is null then
    perform fail('not_found', format('there is no proposal %s', op ->> 'proposal'));
  end if;
  select * into m from missions where conversation = p.conversation for update;
  select * into p from proposals where id = p.id;
  perform 1 from obligations where conversation = m.conversation and phase_no = m.phase_no and actor = me
    and duty = 'adopt' and state = 'open';
  if not found or p.state <> 'rejected' or p.round <> m.round or m.phase <> 'vote'
     or exists (select 1 from proposals where conversation = m.conversation and state in ('accepted', 'adopted')) then
    perform refuse('last-round', 'a proposal is adopted only by the lead, after the last round failed');
  end if;
  if not article_on('last-round') then
    perform refuse('last-round', 'the article that lets the lead adopt a proposal is switched off');
  end if;
  if p.author = me and article_on('no-self-dealing') then
    perform refuse('no-self-dealing', 'nobody adopts their own proposal');
  end if;
  perform decide_proposal(p.id, 'adopted', me, jsonb_build_object('reason', op ->> 'reason'));
  return '{}';
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
