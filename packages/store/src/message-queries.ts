import { found, type Handlers, list, visible, visibleIn } from "./query-parts.ts";

/** Queries about messages, how far they came, and the conversations they are in. */
export const messageQueries: Handlers<
  "ListInbox" | "ShowMessage" | "ListDeadLetters" | "ListConversation" | "ListConversations"
> = {
  ListInbox: async (db, request, as) => ({
    items: await list(
      db,
      `select federation.message_json(m) || jsonb_build_object('delivery', federation.delivery_json(d)) as j
       from federation.deliveries d join federation.messages m on m.id = d.message
       where d.recipient = $1 and (not $2 or d.state = 'due') order by m.created_at desc, m.seq desc limit $3`,
      [as, request.due, request.limit],
    ),
  }),
  ShowMessage: async (db, request, as) => ({
    message: found(
      await list(
        db,
        `select federation.message_json(m) as j from federation.messages m where m.id = $2 and ${visible}`,
        [as, request.message],
      ),
      "message",
    ),
    deliveries: await list(
      db,
      "select federation.delivery_json(d) as j from federation.deliveries d where d.message = $1 order by d.recipient",
      [request.message],
    ),
  }),
  ListDeadLetters: async (db, request, as) => ({
    deliveries: await list(
      db,
      `select federation.delivery_json(m) || jsonb_build_object('conversation', m.conversation, 'sender', g.sender, 'text', left(g.body, 200),
         'diedAt', federation.iso(m.dead_at)) as j
       from federation.deliveries m join federation.messages g on g.id = m.message
       where m.state = 'dead' and ${visible} order by m.dead_at desc limit $2`,
      [as, request.limit],
    ),
  }),
  ListConversation: async (db, { conversation, afterSeq, beforeSeq, limit }, as) => ({
    messages: await list(
      db,
      `select j from (
         select m.seq, federation.message_json(m) || jsonb_build_object('ladder', (
             select jsonb_build_object('recipients', count(*), 'sent', count(d.sent_at), 'received', count(d.received_at), 'read', count(d.read_at),
               'acted', count(d.acted_at), 'dead', count(d.dead_at)) from federation.deliveries d where d.message = m.id)) as j
         from federation.messages m
         where m.conversation = $2 and m.seq > $3 and ($4::bigint is null or m.seq < $4) and ${visible}
         order by m.seq ${beforeSeq === undefined ? "" : "desc"} limit $5) page
       order by seq`,
      [as, conversation, afterSeq, beforeSeq ?? null, limit],
    ),
  }),
  ListConversations: async (db, { kinds, conversation, mine, limit }, as) => ({
    conversations: await list(
      db,
      `select jsonb_build_object('id', c.id, 'kind', c.kind, 'title', c.title, 'createdBy', c.created_by, 'createdAt', federation.iso(c.created_at),
         'members', (select coalesce(jsonb_agg(x.actor order by x.actor), '[]') from federation.members x where x.conversation = c.id),
         'phase', s.phase, 'outcome', s.outcome, 'messages', c.last_seq, 'due', coalesce(d.due, 0),
         'last', case when g.id is not null then jsonb_build_object('sender', g.sender, 'text', left(g.body, 200), 'at', federation.iso(g.created_at)) end) as j
       from federation.conversations c
       left join federation.missions s on s.conversation = c.id
       left join federation.messages g on g.conversation = c.id and g.seq = c.last_seq
       left join (select conversation, count(*) as due from federation.deliveries where recipient = $1 and state = 'due' group by conversation) d
         on d.conversation = c.id
       where ${visibleIn("c.id")} and ($2::text[] is null or c.kind = any ($2)) and ($3::uuid is null or c.id = $3)
         and (not $4 or exists (select 1 from federation.members x where x.conversation = c.id and x.actor = $1))
       order by coalesce(g.created_at, c.created_at) desc, c.id limit $5`,
      [as, kinds ?? null, conversation ?? null, mine, limit],
    ),
  }),
};
