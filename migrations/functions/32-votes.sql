-- Proposals and votes, of missions and of motions.
--
-- 1. An electorate is read once, when the ballots open: every agent of the mission that may act, and whoever else was
--    given a vote. A ballot is final; one per voter; none after the close.
-- 2. A vote closes when nobody is left to be waited for, or at its deadline; who is missing abstains, on record.
-- 3. Who proposed cannot alone accept, where that article is in force; what is entrenched needs the commander's yes.
-- 4. What was accepted takes effect with the count: a plan makes a task; a motion waits for its window (35-motions.sql).

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
  alone_by_choice text;
  counted record;
  winner uuid;
begin
  if m.conversation is null or m.phase <> 'vote'
     or not exists (select 1 from proposals where conversation = m.conversation and state = 'voting') then
    return '{"moved": false}';
  end if;
  perform require_member(m.conversation, me);
  if has_open_duty(m.conversation, m.phase_no, 'vote') and m.phase_deadline > clock_timestamp() then
    perform fail('conflict', 'the vote is still open', '{"article": "quorum-and-deadline"}');
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
  -- Where there is nobody else, an author decides alone; not in a mission that the author opened without the others.
  select c.created_by into alone_by_choice from conversations c where c.id = m.conversation and m.kind = 'mission' and exists (
    select 1 from actors a join nodes n on n.actor = a.name
     where a.kind = 'agent' and a.role <> 'observer' and a.retired_at is null and a.name <> c.created_by);
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
          when by_another and c.yes_of_others = 0 and (c.electorate > 1 or p.author is not distinct from alone_by_choice)
            then 'nobody but its author voted for it'
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

-- The proposal, with its mission locked: shared with other voters and exclusive with what decides, or exclusively, and
-- then the conversation too, in the order of every writer.
create or replace function federation.lock_proposal(p_proposal uuid, p_shared boolean default false) returns federation.proposals
language plpgsql set search_path = federation, pg_temp as $$
declare
  p proposals;
begin
  select * into p from proposals where id = p_proposal;
  if p.id is null then
    perform fail('not_found', format('there is no proposal %s', p_proposal));
  end if;
  if p_shared then
    perform 1 from missions where conversation = p.conversation for share;
  else
    perform 1 from missions where conversation = p.conversation for update;
    perform 1 from conversations where id = p.conversation for no key update;
  end if;
  -- As it is now that nobody else changes it.
  select * into p from proposals where id = p_proposal;
  return p;
end $$;

create or replace function federation.op_cast_ballot(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  p proposals := lock_proposal((op ->> 'proposal')::uuid, p_shared => true);
  m missions;
begin
  select * into m from missions where conversation = p.conversation;
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
    perform fail('conflict', 'this ballot was meant for another text of the proposal; read it again', '{"article": "one-ballot"}');
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
  perform 1 from actors where name = me and kind = 'human' and role <> 'observer';
  if not found then
    perform refuse('human-veto', 'only a human has a veto');
  end if;
  p := lock_proposal((op ->> 'proposal')::uuid);
  select * into m from missions where conversation = p.conversation;
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
  p proposals := lock_proposal((op ->> 'proposal')::uuid);
  m missions;
begin
  select * into m from missions where conversation = p.conversation;
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
