import { type Federation, type FederationOptions, startFederation } from "./federation-fixture.ts";

/** A federation with the rows it has after some weeks: 50 actors, 200 conversations, 10,000 turns, 100,000 events. */
export async function startLongLived(options: FederationOptions = {}): Promise<Federation> {
  const federation = await startFederation(options);
  await fill(federation);
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

async function fill(federation: Federation): Promise<void> {
  for (const sql of [
    `insert into federation.actors (name, kind, role, persona)
       select 'actor-' || n, 'agent', (array['lead', 'developer', 'analyst'])[1 + n % 3], '{"description": "You are one of many.", "tendency": ""}'
         from generate_series(1, 46) n`,
    `insert into federation.nodes (actor, login, version, started_at)
       select name, 'login-of-' || name, '0.1.0', clock_timestamp() from federation.actors where name like 'actor-%'`,
    `insert into federation.presence (actor, lease_until, seen_at, broker)
       select name, 'infinity', clock_timestamp(), 'publish connected, consume connected' from federation.actors where name like 'actor-%'`,
    // Every second conversation is a mission, and one mission in five is open.
    `insert into federation.conversations (id, kind, title, created_by, created_at, last_seq)
       select gen_random_uuid(), case n % 2 when 0 then 'mission' else 'thread' end, 'Conversation ' || n, 'actor-' || (1 + n % 46),
           clock_timestamp() - make_interval(hours => n), 20 from generate_series(1, 200) n`,
    `insert into federation.members (conversation, actor, votes)
       select c.id, a.name, false from federation.conversations c join federation.actors a on a.kind <> 'system'
        where c.title like 'Conversation %' and hashtext(c.id || a.name) % 4 = 0
       union select id, created_by, false from federation.conversations where title like 'Conversation %'`,
    `insert into federation.missions (conversation, objective, seed, phase, phase_no, round, phase_entered_at, phase_deadline, outcome, closed_at, charter_version, created_at)
       select id, title, 1, case when open then 'critique' else 'closed' end, 2, 1, created_at, case when open then 'infinity'::timestamptz end,
           case when not open then 'accepted' end, case when not open then created_at end, 0, created_at
         from (select *, substr(title, 14)::int % 10 = 0 as open from federation.conversations where kind = 'mission' and title like 'Conversation %') c`,
    `insert into federation.obligations (conversation, phase_no, actor, duty, max_turns)
       select m.conversation, 2, x.actor, 'critique', 5 from federation.missions m join federation.members x on x.conversation = m.conversation
        where m.phase = 'critique' and m.objective like 'Conversation %' and hashtext(m.conversation || x.actor) % 3 = 0`,
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
    await federation.owner(sql);
  // A part at a time: the logs of all databases of a server wait for its longest transaction.
  for (let part = 0; part < 20; part++)
    await federation.owner(
      `insert into federation.events (kind, actor, conversation, subject, data)
         select (array['MessageSent', 'DecisionMade', 'DutyOpened', 'TaskClaimed'])[1 + n % 4], 'actor-' || (1 + n % 46), c.id, gen_random_uuid()::text,
             jsonb_build_object('kind', 'say', 'to', 'all', 'seq', n, 'text', repeat('The relay doubles its pause after each failure, with jitter. ', 1 + n % 6))
           from generate_series(1 + 5000 * $1::int, 5000 + 5000 * $1::int) n join (select id, row_number() over (order by id) as place from federation.conversations
             where title like 'Conversation %') c on c.place = 1 + n % 200`,
      [part],
    );
  await federation.owner("analyze");
  await federation.logSettled();
}
