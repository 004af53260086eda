import { type Federation, type FederationOptions, startFederation } from "./federation-fixture.ts";

/** A federation with the rows it has after some weeks: 50 actors, 200 conversations, 10,000 turns, 100,000 events. */
export async function startLongLived(options: FederationOptions = {}): Promise<Federation> {
  const federation = await startFederation(options);
  await fillLongLived(federation.owner, 46);
  await federation.logSettled();
  return {
    ...federation,
    async drop() {
      // They have no login, which dropping looks for, and nobody moves their missions.
      await federation.owner("delete from federation.presence where actor like 'actor-%'");
      await federation.owner("delete from federation.nodes where actor like 'actor-%'");
      await federation.drop({ leaves: ["move", "phase", "duty", "message"] });
    },
  };
}

/**
 * Puts the rows of some weeks into a database, as its owner: so many actors more, with nodes that are always there; and
 * what they did. Kinds and sizes of events are those that missions of a real mesh leave behind.
 */
export async function fillLongLived(owner: (sql: string) => Promise<unknown>, actors: number): Promise<void> {
  for (const sql of [
    `insert into federation.actors (name, kind, role, persona)
       select 'actor-' || n, 'agent', (array['lead', 'developer', 'analyst'])[1 + n % 3], '{"description": "You are one of many.", "tendency": ""}'
         from generate_series(1, ${actors}) n`,
    `insert into federation.nodes (actor, login, version, started_at)
       select name, 'login-of-' || name, '0.1.0', clock_timestamp() from federation.actors where name like 'actor-%'`,
    `insert into federation.presence (actor, lease_until, seen_at, broker)
       select name, 'infinity', clock_timestamp(), 'publish connected, consume connected' from federation.actors where name like 'actor-%'`,
    // Every second conversation is a mission, and one mission in five is open: half of these at its critique, half at work.
    `insert into federation.conversations (id, kind, title, created_by, created_at, last_seq)
       select gen_random_uuid(), case n % 2 when 0 then 'mission' else 'thread' end, 'Conversation ' || n, 'actor-' || (1 + n % ${actors}),
           clock_timestamp() - make_interval(hours => n), 20 from generate_series(1, 200) n`,
    `insert into federation.members (conversation, actor, votes)
       select c.id, a.name, false from federation.conversations c join federation.actors a on a.kind <> 'system'
        where c.title like 'Conversation %' and hashtext(c.id || a.name) % 4 = 0
       union select id, created_by, false from federation.conversations where title like 'Conversation %'`,
    `insert into federation.missions (conversation, objective, seed, phase, phase_no, round, phase_entered_at, phase_deadline, outcome, closed_at, charter_version, created_at)
       select id, title, 1, case when not open then 'closed' when n % 20 = 0 then 'implement' else 'critique' end, 2, 1, created_at,
           case when open then 'infinity'::timestamptz end, case when not open then 'accepted' end, case when not open then created_at end, 0, created_at
         from (select *, substr(title, 14)::int as n, substr(title, 14)::int % 10 = 0 as open from federation.conversations
           where kind = 'mission' and title like 'Conversation %') c`,
    `insert into federation.obligations (conversation, phase_no, actor, duty, max_turns)
       select m.conversation, 2, x.actor, m.phase, 5 from federation.missions m join federation.members x on x.conversation = m.conversation
        where m.phase in ('critique', 'implement') and m.objective like 'Conversation %' and hashtext(m.conversation || x.actor) % 3 = 0`,
    `insert into federation.proposals (id, conversation, round, author, title, body, text_sha256, state, created_at, voting_opened_at, decided_at)
       select gen_random_uuid(), m.conversation, 1, c.created_by, 'A bound for the pause, part ' || n,
           'Let the relay double its pause after each failure, with jitter, up to a bound.', encode(sha256('x'), 'hex'),
           case when m.phase = 'critique' then 'open' else (array['adopted', 'rejected'])[n] end, m.created_at,
           case when m.phase <> 'critique' then m.created_at end, case when m.phase <> 'critique' then m.created_at end
         from federation.missions m join federation.conversations c on c.id = m.conversation cross join generate_series(1, 2) n
        where m.objective like 'Conversation %'`,
    `with voters as (
       insert into federation.electorates (proposal, voter)
         select p.id, x.actor from federation.proposals p join federation.members x on x.conversation = p.conversation
          where p.decided_at is not null and p.title like 'A bound for the pause%' returning proposal, voter)
     insert into federation.ballots (proposal, voter, choice, reason)
       select proposal, voter, (array['yes', 'no', 'abstain'])[1 + abs(hashtext(proposal || voter)) % 3], 'It is bounded, and says when to stop.' from voters`,
    `insert into federation.tasks (conversation, title, instructions, state, assignee, holder, fence, lease_until, created_at, created_by)
       select m.conversation, 'Write part ' || n || ' of the policy down', 'One page, with the numbers.',
           case when m.phase = 'closed' then (array['accepted', 'accepted', 'rejected', 'cancelled'])[n] else (array['claimed', 'assigned', 'assigned', 'accepted'])[n] end,
           c.created_by, case when n < 3 then c.created_by end, 1, case when m.phase = 'implement' and n = 1 then 'infinity'::timestamptz end, m.created_at, c.created_by
         from federation.missions m join federation.conversations c on c.id = m.conversation cross join generate_series(1, 4) n
        where m.phase in ('closed', 'implement') and m.objective like 'Conversation %'`,
    `insert into federation.messages (id, conversation, seq, sender, kind, body, created_at)
       select gen_random_uuid(), c.id, n, c.created_by, case n % 10 when 0 then 'ask' else 'say' end,
           'The relay doubles its pause after each failure, with jitter, up to a bound.', c.created_at + make_interval(secs => n)
         from federation.conversations c cross join generate_series(1, 20) n where c.title like 'Conversation %'`,
    `insert into federation.deliveries (message, recipient, conversation, seq, state, stored_at, received_at, read_at, acted_at, acted_by)
       select m.id, x.actor, m.conversation, m.seq, case when m.seq < 18 then 'done' else 'due' end, m.created_at, m.created_at, m.created_at,
           case when m.seq < 18 then m.created_at end, case when m.seq < 18 then 'model' end
         from federation.messages m join federation.conversations c on c.id = m.conversation and c.title like 'Conversation %'
         join federation.members x on x.conversation = m.conversation and x.actor <> m.sender`,
    `insert into federation.turns (actor, conversation, step, state, model, tokens_in, tokens_out, started_at, ended_at)
       select x.actor, x.conversation, n, case n % 20 when 0 then 'failed' else 'done' end, 'tiny', 900, 60,
           c.created_at + make_interval(mins => n), c.created_at + make_interval(mins => n, secs => 20)
         from (select *, row_number() over () as place from federation.members) x join federation.conversations c on c.id = x.conversation
         cross join generate_series(1, 10) n where c.title like 'Conversation %' and x.place <= 1000`,
    `insert into federation.system_prompts (sha256, text) values (encode(sha256('x'), 'hex'), 'x')`,
    `insert into federation.turn_records (turn, actor, system_prompt, situation, offered, read, rejected)
       select id, actor, encode(sha256('x'), 'hex'), repeat('The team, the phase, and what was said lately. ', 25), '[{"key": "wait", "sentence": "I wait and say nothing now."}]', '{}', '{}'
         from federation.turns where model = 'tiny'`,
    `insert into federation.decisions (conversation, phase_no, actor, head, origin, probabilities, turn)
       select conversation, 1, actor, '{"kind": "wait"}', 'model', '{"wait": 0.7, "say": 0.3}', id from federation.turns where model = 'tiny'`,
  ])
    await owner(sql);
  // A part at a time: the logs of all databases of a server wait for its longest transaction.
  for (let from = 1; from < events; from += eventsAtOnce) await owner(eventsOfWeeks(actors, from));
  await owner("analyze");
}

const events = 100_000;
const eventsAtOnce = 5_000;

/** In shares like those of a mission: decisions and duties most of all, then talk, votes, tasks. One every ten seconds. */
const eventsOfWeeks = (actors: number, from: number): string => `
  insert into federation.events (at, kind, actor, conversation, subject, data)
    select clock_timestamp() - make_interval(secs => 10 * (${events} - n)), shape.kind,
        case when shape.kind = 'PhaseEntered' then null else 'actor-' || (1 + n % ${actors}) end, c.id, gen_random_uuid()::text, shape.data
      from generate_series(${from}, ${from + eventsAtOnce - 1}) n
      join (select id, row_number() over (order by id) as place from federation.conversations where title like 'Conversation %') c on c.place = 1 + n % 200
      cross join lateral (select repeat('The relay doubles its pause after each failure, with jitter. ', 1 + n % 6) as said, 'actor-' || (1 + n * 7 % ${actors}) as other) w
      cross join lateral (select kind, data from (values
        (0, 'MessageSent', jsonb_build_object('kind', (array['say', 'ask', 'critique'])[1 + n % 3], 'to', case n % 3 when 1 then w.other else 'all' end, 'seq', n, 'text', w.said)),
        (1, 'DecisionMade', jsonb_build_object('head', jsonb_build_object('kind', 'wait'), 'note', '', 'origin', 'model',
          'probabilities', jsonb_build_object('say', 0.2481, 'wait', 0.5101, 'ask:' || w.other, 0.1502, 'claim:' || c.id, 0.0916))),
        (2, 'DutyOpened', jsonb_build_object('duty', 'vote', 'phaseNo', 3)),
        (3, 'DutyClosed', jsonb_build_object('duty', 'vote', 'as', 'met')),
        (4, 'BallotCast', jsonb_build_object('title', 'A bound for the pause', 'choice', 'yes', 'reason', w.said)),
        (5, 'PhaseEntered', jsonb_build_object('kind', 'mission', 'phase', 'vote', 'round', 1, 'reason', 'every duty is met', 'phaseNo', 3)),
        (6, 'ProposalMade', jsonb_build_object('title', 'A bound for the pause', 'text', w.said)),
        (7, 'TaskClaimed', jsonb_build_object('title', 'Write the policy down', 'assignee', w.other, 'holder', w.other, 'fence', 1, 'from', 'assigned', 'reason', 'claimed')),
        (8, 'EpisodeRemembered', jsonb_build_object('text', left(w.said, 200)))
      ) as kinds (place, kind, data) where place = (array[0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 5, 6, 7, 8])[1 + (n + n / 200) % 20]) shape`;
