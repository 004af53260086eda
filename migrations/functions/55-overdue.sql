-- What is overdue: every state that waits has an owner and a deadline, and here are those whose deadline has passed.
--
-- 1. After the reconciler and the movers have run nothing is in it. What stays in it nobody moves: that is a defect, or
--    every node that could move it is away.
-- 2. It reads rows alone, and calls no function of this schema: these are made again while it is there. A migration that
--    alters a column it reads drops it first.

drop view if exists federation.overdue;
create view federation.overdue as
with law as (
  select parameters from federation.charter_versions order by version desc limit 1),
-- Whom a phase waits for when nobody owes anything in it: as phaseOwner of core has it.
owners as (
  select m.conversation, coalesce((
      select x.actor::text from federation.members x join federation.actors a on a.name = x.actor
       where x.conversation = m.conversation and a.kind <> 'system'
         and (a.role in (o.role, 'lead') or (a.kind = 'agent' and a.role <> 'observer'))
       order by a.role <> o.role, a.role <> 'lead', x.actor limit 1), c.created_by::text) as owner
    from federation.missions m join federation.conversations c on c.id = m.conversation
    cross join lateral (select case m.phase when 'critique' then 'analyst' when 'review' then 'analyst' when 'implement' then 'developer'
      when 'veto' then 'commander' else 'lead' end as role) o
   where m.phase <> 'closed'),
online as (
  select actor from federation.presence where lease_until > clock_timestamp()),
waiting as (
  select 'phase' as kind, m.phase as subject, m.conversation, o.owner, m.phase_deadline as deadline
    from federation.missions m join owners o on o.conversation = m.conversation
  union all
  -- Nobody owes anything, and the phase goes on: some node has to move it. What waits for a person or the end of a window does not.
  select 'move', m.phase, m.conversation, o.owner, interval '1 minute' + coalesce((select max(closed_at) from federation.obligations d
      where d.conversation = m.conversation and d.phase_no = m.phase_no), m.phase_entered_at)
    from federation.missions m join owners o on o.conversation = m.conversation
   where m.phase <> 'veto' and (m.kind <> 'errand' or m.phase = 'assign') and not exists (select 1 from federation.obligations d
      where d.conversation = m.conversation and d.phase_no = m.phase_no and d.state = 'open')
  union all
  select 'duty', d.duty, d.conversation, d.actor::text,
      case when m.phase_no = d.phase_no and m.phase <> 'closed' then m.phase_deadline else coalesce(p.left_at, m.closed_at, d.opened_at) end
    from federation.obligations d join federation.missions m on m.conversation = d.conversation
    left join federation.mission_phases p on p.conversation = d.conversation and p.phase_no = d.phase_no
   where d.state = 'open'
  union all
  select 'proposal', p.id::text, p.conversation, coalesce(o.owner, p.author::text), coalesce(m.phase_deadline, m.closed_at)
    from federation.proposals p join federation.missions m on m.conversation = p.conversation
    left join owners o on o.conversation = m.conversation
   where p.state in ('open', 'voting')
  union all
  select 'unclaimed task', t.id::text, t.conversation, t.assignee::text, greatest(t.assigned_at, m.phase_entered_at)
      + greatest(make_interval(secs => (law.parameters -> 'explicit-assignment' ->> 'claimWithinMs')::numeric / 1000.0),
        case when a.kind <> 'agent' then make_interval(secs => (law.parameters -> 'leases-and-hand-back' ->> 'humanLeaseMs')::numeric / 1000.0) end)
    from law cross join federation.tasks t join federation.missions m on m.conversation = t.conversation
    left join federation.actors a on a.name = t.assignee
   where t.state = 'assigned' and m.phase = 'implement'
  union all
  select 'claim', t.id::text, t.conversation, t.holder::text, t.lease_until
    from federation.tasks t join federation.missions m on m.conversation = t.conversation
   where t.state = 'claimed' and m.phase = 'implement'
  union all
  select 'task past due', t.id::text, t.conversation, coalesce(t.holder::text, t.assignee::text, o.owner), t.due_at
    from federation.tasks t join federation.missions m on m.conversation = t.conversation join owners o on o.conversation = m.conversation
   where t.due_at is not null and t.state in ('approved', 'assigned', 'claimed', 'released') and m.phase = 'implement'
  union all
  -- A result with nobody to review it: it waits for a move, or for a person until the end of the phase.
  select 'unreviewed result', t.id::text, t.conversation, o.owner,
      case when m.phase = 'review' then m.phase_deadline else s.submitted_at + interval '1 minute' end
    from federation.tasks t join federation.missions m on m.conversation = t.conversation join owners o on o.conversation = m.conversation
    cross join lateral (select submitted_at from federation.submissions where task = t.id order by submitted_at desc limit 1) s
   where t.state = 'submitted' and not exists (select 1 from federation.obligations d
      where d.conversation = m.conversation and d.phase_no = m.phase_no and d.duty = 'review' and d.subject = t.id and d.state = 'open')
  union all
  -- Work that is neither done nor given up in a mission that is over.
  select 'task of a closed mission', t.id::text, t.conversation, coalesce(t.holder::text, t.assignee::text, 'federation'), m.closed_at
    from federation.tasks t join federation.missions m on m.conversation = t.conversation
   where m.phase = 'closed' and t.state in ('proposed', 'approved', 'assigned', 'claimed', 'released', 'expired')
  union all
  -- An agent that is there reads within minutes; a person, and a node that was paused, in their own time.
  select 'message', d.message::text, d.conversation, d.recipient::text, greatest(d.stored_at, d.not_before) + interval '10 minutes'
    from federation.deliveries d join federation.actors a on a.name = d.recipient join federation.nodes n on n.actor = d.recipient
   where d.state = 'due' and a.kind = 'agent' and n.paused_at is null and d.recipient in (select actor from online)
  union all
  select 'message', d.message::text, d.conversation, 'federation', greatest(d.stored_at, a.retired_at)
    from federation.deliveries d join federation.actors a on a.name = d.recipient
   where d.state = 'due' and a.retired_at is not null
  union all
  select 'wake-up', o.message::text, o.conversation, coalesce(o.queue::text, 'federation'),
      greatest(o.lease_until, o.created_at) + interval '5 minutes'
    from federation.outbox o
   where exists (select 1 from online)
  union all
  select 'approval', a.id::text, a.conversation, a.whom::text, a.deadline from federation.approvals a where a.state = 'open'
  union all
  select 'reload', r.id::text, null, r.node::text, r.deadline from federation.reloads r where r.state = 'asked'
  union all
  select 'turn', t.id::text, t.conversation, t.actor::text, t.started_at + interval '1 hour' from federation.turns t where t.state = 'running'
  union all
  select 'call without outcome', c.call_id, null, c.actor::text, c.at from federation.call_outcomes c where c.results is null)
select kind, subject, conversation, owner, deadline, clock_timestamp() - deadline as late
  from waiting where deadline <= clock_timestamp();

-- What a daemon may know of it: no words are in it, only who is waited for and since when.
create or replace function federation.overdue(p_grace interval) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'subject', subject, 'conversation', conversation, 'owner', owner,
      'deadline', iso(deadline), 'lateMs', round(extract(epoch from late) * 1000)) order by deadline, kind, subject), '[]')
    from (select * from overdue where late >= p_grace order by deadline, kind, subject limit 500) o
$$;
