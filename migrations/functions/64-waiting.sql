-- What waits for an actor, in one list: votes, other duties, questions with yes or no, questions, tasks, and what may still be
-- stopped.
--
-- 1. One thing is in it once: a task that is also a duty is the task, and a question of an approval is the approval.
-- 2. What nobody could do now does not wait for them: a task that waits for another one is left out.
-- 3. It is answered to the login of the actor, or of its host, alone.

create or replace function federation.waiting_for(p_as text) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  with me as (
    select a.name::text as name, a.kind = 'human' and a.role = 'commander' as vetoes from actors a
     where a.name = p_as and (a.name = (my_node()).actor or a.name in (select hosted_by((my_node()).actor)))),
  owed as (
    select o.*, m.phase_deadline from me join obligations o on o.actor = me.name and o.state = 'open'
      join missions m on m.conversation = o.conversation and m.phase_no = o.phase_no and m.phase <> 'closed'),
  work as (
    select t.*, t.state = 'claimed' as held,
        (select h.at from task_history h where h.task = t.id and h.to_state = t.state order by h.id desc limit 1) as since,
        (select h.actor::text from task_history h where h.task = t.id and h.to_state = 'assigned' order by h.id desc limit 1) as giver,
        least(m.phase_deadline, t.due_at, case when t.state = 'claimed' then t.lease_until
          else greatest(t.assigned_at, m.phase_entered_at) + claim_within(me.name) end) as until
      from me join tasks t on (t.state = 'assigned' and t.assignee = me.name and blocked(t) is null) or (t.state = 'claimed' and t.holder = me.name)
      join missions m on m.conversation = t.conversation and m.phase = 'implement'),
  due as (
    select g.* from me join deliveries d on d.recipient = me.name and d.state = 'due' join messages g on g.id = d.message),
  item as (
    select case o.duty when 'vote' then 'ballot' else 'duty' end as kind, case o.duty when 'vote' then o.subject else o.id end as id,
        false as optional, o.conversation, o.duty, o.subject,
        coalesce(p.author::text, case o.duty when 'review' then s.author::text end) as sender,
        coalesce(p.title, t.title) as text, o.opened_at as since, o.phase_deadline as deadline, null::bigint as fence
      from owed o left join proposals p on p.id = o.subject left join tasks t on t.id = o.subject
      left join lateral (select author from submissions where task = t.id order by submitted_at desc limit 1) s on true
     where o.duty <> 'implement' or not (o.subject in (select id from work) or t.state <> 'claimed' and blocked(t) is not null)
    union all
    select 'task', w.id, false, w.conversation, (select 'implement' from owed o where o.duty = 'implement' and o.subject = w.id limit 1),
        w.id, w.giver, w.title, coalesce(w.since, w.created_at), w.until, case when w.held then w.fence end
      from work w
    union all
    select 'approval', a.id, false, a.conversation, null, null, a.asked_by::text, a.question, a.created_at, a.deadline, null
      from me join approvals a on a.whom = me.name and a.state = 'open'
    union all
    select 'question', g.id, false, g.conversation, null, null, g.sender::text, g.body, g.created_at, null, null
      from due g where g.kind = 'ask' and not exists (select 1 from approvals a where a.id = g.id)
    union all
    select 'veto', p.id, true, p.conversation, null, p.id, p.author::text, p.title, m.phase_entered_at, m.phase_deadline, null
      from me join missions m on me.vetoes and m.kind = 'motion' and m.phase = 'veto'
      join proposals p on p.conversation = m.conversation and p.state = 'accepted')
  select jsonb_build_object(
    'items', coalesce((select jsonb_agg(j order by n) from (
      select row_number() over (order by i.optional, i.deadline nulls last, i.since, i.id) as n,
          jsonb_build_object('kind', i.kind, 'id', i.id, 'optional', i.optional, 'conversation', i.conversation, 'conversationKind', c.kind,
            'conversationTitle', left(c.title, 200), 'duty', i.duty, 'subject', i.subject, 'from', i.sender,
            'text', left(coalesce(i.text, c.title), 400), 'since', iso(i.since), 'deadline', iso(i.deadline), 'fence', i.fence) as j
        from item i join conversations c on c.id = i.conversation) x where n <= 500), '[]'),
    'unread', (select count(*) from due where kind <> 'ask'))
$$;
