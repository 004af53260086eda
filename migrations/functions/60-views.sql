-- Snapshots for deciders, prompts and reports: one statement each, so that all of it is of one moment.

create or replace function federation.proposal_json(p federation.proposals) returns jsonb
language sql stable set search_path = federation, pg_temp as $$
  select jsonb_build_object('id', p.id, 'kind', p.kind, 'change', p.change, 'motive', p.motive, 'author', p.author, 'round', p.round, 'title', p.title, 'text', p.body,
    'textSha256', p.text_sha256, 'state', p.state,
    'electorate', coalesce((select jsonb_agg(e.voter order by e.voter) from electorates e where e.proposal = p.id), '[]'),
    'ballots', coalesce((select jsonb_agg(jsonb_build_object('voter', b.voter, 'choice', b.choice, 'reason', b.reason,
      'byDeadline', b.by_deadline, 'castAt', iso(b.cast_at)) order by b.cast_at, b.voter) from ballots b where b.proposal = p.id), '[]'))
$$;

create or replace function federation.submission_json(s federation.submissions) returns jsonb
language sql stable set search_path = federation, pg_temp as $$
  select jsonb_build_object('id', s.id, 'author', s.author, 'summary', s.summary, 'evidence', s.evidence, 'commit', s.commit, 'state', s.state,
    'reviewer', s.reviewer, 'reason', s.reason,
    'files', coalesce((select jsonb_agg(jsonb_build_object('path', f.path, 'sha256', f.sha256, 'content', c.content) order by f.path)
      from submission_files f join files c on c.sha256 = f.sha256 where f.submission = s.id), '[]'))
$$;

create or replace function federation.task_json(t federation.tasks) returns jsonb
language sql stable set search_path = federation, pg_temp as $$
  select jsonb_build_object('id', t.id, 'proposal', t.proposal, 'title', t.title, 'instructions', t.instructions,
    'kind', t.kind, 'priority', t.priority, 'dueAt', iso(t.due_at), 'overdue', coalesce(t.due_at <= clock_timestamp(), false),
    'scope', t.scope, 'pool', t.pool, 'takenFrom', t.taken_from,
    'needs', coalesce((select jsonb_agg(n.needs order by n.needs) from task_needs n join tasks x on x.id = n.needs
      where n.task = t.id and x.state <> 'accepted'), '[]'),
    'state', t.state, 'assignee', t.assignee, 'holder', t.holder, 'fence', t.fence,
    'leaseLive', coalesce(t.lease_until > clock_timestamp(), false), 'reworks', t.reworks, 'reassignments', t.reassignments,
    'submission', (select submission_json(s) from submissions s where s.task = t.id order by s.submitted_at desc limit 1))
$$;

-- Live claims with a path scope, of all missions: what a further claim must not overlap.
create or replace function federation.held_scopes() returns jsonb
language sql stable set search_path = federation, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('task', id, 'holder', holder, 'scope', scope) order by id), '[]')
    from tasks where state = 'claimed' and lease_until > clock_timestamp() and cardinality(scope) > 0
$$;

create or replace function federation.mission_view(p_conversation uuid) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  select jsonb_build_object(
    'id', m.conversation, 'kind', m.kind, 'repository', m.repository, 'objective', m.objective, 'createdBy', c.created_by, 'seed', m.seed,
    'phase', m.phase, 'phaseNo', m.phase_no, 'round', m.round,
    'phaseEnteredAt', iso(m.phase_entered_at), 'phaseDeadline', iso(m.phase_deadline),
    'overdue', coalesce(m.phase_deadline <= clock_timestamp(), false),
    'outcome', m.outcome, 'report', m.report,
    'charterVersion', v.version, 'parameters', v.parameters, 'articlesOff', v.off,
    'ageMs', round(extract(epoch from clock_timestamp() - m.created_at) * 1000),
    'heldScopes', held_scopes(),
    'tokens', (select coalesce(sum(tokens_in::bigint + tokens_out), 0) from turns where conversation = m.conversation),
    'members', (select coalesce(jsonb_agg(jsonb_build_object('actor', x.actor, 'kind', a.kind, 'role', a.role, 'votes', x.votes and a.kind <> 'external',
        'online', is_online(x.actor),
        'talked', (select count(*) from messages g where g.conversation = m.conversation and g.sender = x.actor
          and g.phase_no = m.phase_no and g.kind in ('say', 'ask') and g.about is null),
        'turns', (select count(*) from turns t where t.actor = x.actor and t.conversation = m.conversation)) order by x.actor), '[]')
      from members x join actors a on a.name = x.actor
        -- Who was taken out of the federation is given nothing any more.
       where x.conversation = m.conversation and (a.kind <> 'external' or a.retired_at is null)),
    'obligations', (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'actor', o.actor, 'duty', o.duty, 'subject', o.subject,
        'state', o.state, 'turnsUsed', o.turns_used, 'maxTurns', o.max_turns) order by o.ordinal), '[]')
      from obligations o where o.conversation = m.conversation and o.phase_no = m.phase_no),
    'proposals', (select coalesce(jsonb_agg(proposal_json(p) order by p.created_at, p.id), '[]') from proposals p where p.conversation = m.conversation),
    'tasks', (select coalesce(jsonb_agg(task_json(t) order by t.created_at, t.id), '[]') from tasks t where t.conversation = m.conversation))
  from missions m
  join conversations c on c.id = m.conversation
  cross join lateral (select * from charter_versions order by version desc limit 1) v
  where m.conversation = p_conversation and (i_see_all() or m.conversation in (select my_conversations()))
$$;

create or replace function federation.delivery_json(d federation.deliveries) returns jsonb
language sql stable set search_path = federation, pg_temp as $$
  select jsonb_build_object('message', d.message, 'recipient', d.recipient, 'state', d.state, 'storedAt', iso(d.stored_at),
    'sentAt', iso(d.sent_at), 'receivedAt', iso(d.received_at), 'readAt', iso(d.read_at), 'actedAt', iso(d.acted_at),
    'attempts', d.attempts, 'lastError', d.last_error)
$$;

create or replace function federation.message_json(m federation.messages) returns jsonb
language sql stable set search_path = federation, pg_temp as $$
  select jsonb_build_object('id', m.id, 'conversation', m.conversation, 'seq', m.seq, 'sender', m.sender, 'kind', m.kind,
    'recipient', m.recipient, 'text', m.body, 'hops', m.hops, 'createdAt', iso(m.created_at))
$$;

create or replace function federation.mission_report(p_conversation uuid) returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  with m as (select * from missions where conversation = p_conversation
         and (i_see_all() or conversation in (select my_conversations()))),
  d as (select * from deliveries where conversation = p_conversation),
  s as (select s.* from submissions s join tasks t on t.id = s.task where t.conversation = p_conversation
        order by (s.state = 'accepted') desc, s.submitted_at desc limit 1)
  select jsonb_build_object(
    'mission', m.conversation, 'objective', m.objective, 'outcome', m.outcome,
    'report', m.report,
    'submission', (select submission_json(s) from s),
    'phases', (select jsonb_agg(jsonb_build_object('name', phase, 'round', round, 'enteredAt', iso(entered_at), 'leftAt', iso(left_at),
        'reason', reason) order by phase_no) from mission_phases where conversation = p_conversation),
    'proposals', (select coalesce(jsonb_agg(proposal_json(p) order by p.created_at, p.id), '[]') from proposals p where p.conversation = p_conversation),
    'tasks', (select coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'title', t.title, 'assignee', t.assignee,
        'claimedBy', (select h.actor from task_history h where h.task = t.id and h.to_state = 'claimed' and h.from_state <> 'submitted' order by h.id desc limit 1),
        'fence', t.fence, 'state', t.state) order by t.created_at), '[]') from tasks t where t.conversation = p_conversation),
    'critiques', (select coalesce(jsonb_agg(jsonb_build_object('author', sender, 'about', about, 'text', body) order by seq), '[]')
      from messages where conversation = p_conversation and kind = 'critique'),
    'messages', (select count(*) from messages where conversation = p_conversation),
    'deliveries', jsonb_build_object(
      'stored', (select count(*) from d), 'sent', (select count(*) from d where sent_at is not null),
      'received', (select count(*) from d where received_at is not null), 'read', (select count(*) from d where read_at is not null),
      'acted', (select count(*) from d where acted_at is not null), 'dead', (select count(*) from d where state = 'dead'),
      'open', (select coalesce(jsonb_agg(jsonb_build_object('message', d.message, 'recipient', d.recipient, 'why',
          case when d.state = 'dead' then d.last_error
            when a.kind = 'human' then 'waits for the human to read it'
            when d.attempts > 0 then 'a turn on it is under way or failed: ' || coalesce(d.last_error, 'under way')
            else 'not read yet' end) order by d.seq), '[]')
        from d join actors a on a.name = d.recipient where d.acted_at is null)),
    'overdue', (select coalesce(jsonb_agg(jsonb_build_object('kind', o.kind, 'subject', o.subject, 'owner', o.owner) order by o.deadline, o.kind, o.subject), '[]')
      from overdue o where o.conversation = p_conversation),
    'verdicts', (select jsonb_build_object('allowed', count(*) filter (where allowed), 'refused', count(*) filter (where not allowed))
      from verdicts where conversation = p_conversation),
    'decisions', (select jsonb_build_object('byModel', count(*) filter (where origin = 'model'), 'byDeadline', count(*) filter (where origin = 'deadline'),
        'byRule', count(*) filter (where origin = 'rule'), 'byHuman', count(*) filter (where origin = 'human'))
      from decisions where conversation = p_conversation),
    'tokens', (select coalesce(jsonb_object_agg(actor, jsonb_build_object('in', i, 'out', o)), '{}') from (
        select t.actor, sum(t.tokens_in) i, sum(t.tokens_out) o from turns t where t.conversation = p_conversation group by t.actor) x),
    'models', (select coalesce(jsonb_agg(distinct model), '[]') from turns where conversation = p_conversation and model is not null),
    'durationMs', round(extract(epoch from coalesce(m.closed_at, clock_timestamp()) - m.created_at) * 1000))
  from m
$$;

create or replace function federation.mesh_counts() returns jsonb
language sql stable security definer set search_path = federation, pg_temp as $$
  select jsonb_build_object(
    'actors', (select count(*) from actors where kind <> 'system' and retired_at is null),
    'online', (select count(*) from actors where kind <> 'system' and retired_at is null and is_online(name)),
    'openMissions', (select count(*) from missions where phase <> 'closed' and kind = 'mission'),
    'outbox', (select count(*) from outbox),
    'outboxOldestMs', (select coalesce(round(extract(epoch from clock_timestamp() - min(created_at)) * 1000), 0) from outbox),
    'due', (select count(*) from deliveries where state = 'due'),
    'dead', (select count(*) from deliveries where state = 'dead'),
    'paused', (select coalesce(jsonb_agg(actor order by actor), '[]') from nodes where paused_at is not null),
    'charterVersion', (select coalesce(max(version), 0) from charter_versions),
    'now', iso(clock_timestamp()))
$$;
