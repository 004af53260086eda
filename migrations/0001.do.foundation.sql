-- The tables of the Federation.
-- Breaks: nothing (first migration). Oldest build still served: 0.1.0.
--
-- 1. No login but the owner writes a table; daemons write through the functions under functions/.
-- 2. Every row that waits for somebody has an owner and a deadline.
-- 3. deliveries (the inbox) and outbox are two tables: one deadlocks under load.
-- 4. A conversation's row lock is the order of its messages: seq order is commit order, without gaps.

create schema if not exists federation;

create domain federation.actor_name as text check (value ~ '^[a-z0-9][a-z0-9-]{0,62}$');

-- Facts about this database: log_epoch, fingerprint, oldest_build.
create table federation.meta (
  key text primary key,
  value text not null
);

create table federation.actors (
  name federation.actor_name primary key,
  kind text not null check (kind in ('agent', 'human', 'external', 'system')),
  role text not null check (role in ('lead', 'developer', 'analyst', 'commander', 'observer')),
  persona jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  retired_at timestamptz
);

-- One daemon per actor that has one. `login` is the database login the actor is taken from.
create table federation.nodes (
  actor federation.actor_name primary key references federation.actors,
  login text not null unique,
  instance uuid,
  generation bigint not null default 0,
  impl_epoch bigint not null default 0,
  min_epoch bigint not null default 0,
  version text,
  started_at timestamptz
);

-- Kept apart from nodes: renewed every few seconds, while nodes is the row that fencing locks.
create table federation.presence (
  actor federation.actor_name primary key references federation.actors,
  lease_until timestamptz not null,
  seen_at timestamptz not null,
  model text,
  broker text
);

create table federation.credentials (
  id uuid primary key default gen_random_uuid(),
  actor federation.actor_name not null references federation.actors,
  token_sha256 bytea not null unique check (length(token_sha256) = 32),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz
);

-- An actor without a daemon speaks through the daemon its client is connected to, while the lease lasts.
create table federation.hosting (
  actor federation.actor_name primary key references federation.actors,
  host federation.actor_name not null references federation.nodes,
  lease_until timestamptz not null
);

create table federation.charter_versions (
  version int primary key,
  articles jsonb not null,
  parameters jsonb not null,
  sha256 text not null,
  adopted_by text not null,
  adopted_at timestamptz not null default clock_timestamp()
);

create table federation.conversations (
  id uuid primary key,
  kind text not null check (kind in ('thread', 'mission')),
  title text not null check (length(title) between 1 and 4000),
  created_by federation.actor_name not null references federation.actors,
  created_at timestamptz not null default clock_timestamp(),
  last_seq bigint not null default 0
);

create table federation.members (
  conversation uuid not null references federation.conversations,
  actor federation.actor_name not null references federation.actors,
  votes boolean not null default false,
  joined_at timestamptz not null default clock_timestamp(),
  primary key (conversation, actor)
);
create index members_actor on federation.members (actor);

create table federation.missions (
  conversation uuid primary key references federation.conversations,
  objective text not null check (length(objective) between 1 and 4000),
  seed bigint not null,
  phase text not null check (phase in ('propose', 'critique', 'vote', 'assign', 'implement', 'review', 'synthesise', 'closed')),
  phase_no int not null,
  round int not null,
  phase_entered_at timestamptz not null,
  phase_deadline timestamptz,
  outcome text check (outcome in ('accepted', 'not_accepted', 'not_done', 'no_proposal', 'no_decision', 'unassigned', 'vetoed')),
  report text check (length(report) between 1 and 65536),
  charter_version int not null references federation.charter_versions,
  created_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,
  check ((phase = 'closed') = (outcome is not null)),
  check ((phase = 'closed') = (closed_at is not null)),
  check ((phase = 'closed') = (phase_deadline is null))
);
create index missions_open on federation.missions (phase_deadline) where phase <> 'closed';

create table federation.mission_phases (
  conversation uuid not null references federation.missions,
  phase_no int not null,
  phase text not null,
  round int not null,
  reason text not null,
  entered_at timestamptz not null,
  left_at timestamptz,
  primary key (conversation, phase_no)
);

-- What an actor owes in a phase entry, with its deadline: the phase's.
create table federation.obligations (
  id uuid primary key default gen_random_uuid(),
  ordinal bigint generated always as identity,
  conversation uuid not null references federation.missions,
  phase_no int not null,
  actor federation.actor_name not null references federation.actors,
  duty text not null check (duty in ('propose', 'critique', 'vote', 'adopt', 'assign', 'implement', 'review', 'report', 'advance')),
  subject uuid,
  state text not null default 'open' check (state in ('open', 'met', 'abstained', 'expired', 'cancelled')),
  turns_used int not null default 0,
  max_turns int not null,
  not_before timestamptz not null default '-infinity',
  opened_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,
  unique nulls not distinct (conversation, phase_no, actor, duty, subject),
  check ((state = 'open') = (closed_at is null))
);
create index obligations_open on federation.obligations (actor, conversation) where state = 'open';

create table federation.messages (
  id uuid primary key,
  conversation uuid not null references federation.conversations,
  seq bigint not null,
  sender federation.actor_name not null references federation.actors,
  kind text not null check (kind in ('say', 'ask', 'propose', 'critique', 'report', 'notice')),
  -- Null: everyone in the conversation.
  recipient federation.actor_name references federation.actors,
  body text not null check (length(body) between 1 and 65536),
  about uuid,
  causation uuid,
  hops int not null default 0,
  phase_no int,
  created_at timestamptz not null default clock_timestamp(),
  unique (conversation, seq)
);
-- Free talk of an actor in a phase: what the talk budget counts.
create index messages_talk on federation.messages (conversation, sender, phase_no) where kind in ('say', 'ask') and about is null;

-- One message to one recipient: the inbox, and the five marks of the ladder (stored is created_at).
create table federation.deliveries (
  message uuid not null references federation.messages,
  recipient federation.actor_name not null references federation.actors,
  conversation uuid not null,
  seq bigint not null,
  state text not null default 'due' check (state in ('due', 'done', 'dead')),
  stored_at timestamptz not null default clock_timestamp(),
  sent_at timestamptz,
  received_at timestamptz,
  read_at timestamptz,
  acted_at timestamptz,
  -- Who says that it was acted on: a model's turn, a human, or a rule (nothing was asked of the recipient).
  acted_by text check (acted_by in ('model', 'human', 'rule')),
  attempts int not null default 0,
  not_before timestamptz not null default '-infinity',
  last_error text,
  dead_at timestamptz,
  primary key (message, recipient),
  check ((state = 'done') = (acted_at is not null)),
  check ((state = 'dead') = (dead_at is not null))
);
create index deliveries_due on federation.deliveries (recipient, conversation, seq) where state = 'due';
create index deliveries_conversation on federation.deliveries (conversation);
create index deliveries_dead on federation.deliveries (dead_at) where state = 'dead';

-- Wake-ups still to be published. Deleted on the broker's receipt.
create table federation.outbox (
  id bigint generated always as identity primary key,
  message uuid not null,
  recipient federation.actor_name,
  -- Whose queue; null: the broadcast topic.
  queue federation.actor_name,
  conversation uuid not null,
  seq bigint not null,
  attempts int not null default 0,
  lease_until timestamptz not null default '-infinity',
  created_at timestamptz not null default clock_timestamp()
);

create table federation.proposals (
  id uuid primary key,
  conversation uuid not null references federation.missions,
  round int not null,
  author federation.actor_name not null references federation.actors,
  title text not null check (length(title) between 1 and 200),
  body text not null check (length(body) between 1 and 65536),
  text_sha256 text not null,
  state text not null default 'open' check (state in ('open', 'voting', 'accepted', 'rejected', 'adopted', 'vetoed')),
  created_at timestamptz not null default clock_timestamp(),
  voting_opened_at timestamptz,
  decided_at timestamptz
);
create index proposals_conversation on federation.proposals (conversation, created_at);

-- Who may vote on a proposal: read from the members when its ballots opened, never changed after.
create table federation.electorates (
  proposal uuid not null references federation.proposals,
  voter federation.actor_name not null references federation.actors,
  primary key (proposal, voter)
);

create table federation.ballots (
  proposal uuid not null,
  voter federation.actor_name not null,
  choice text not null check (choice in ('yes', 'no', 'abstain')),
  reason text not null check (length(reason) <= 65536),
  by_deadline boolean not null default false,
  cast_at timestamptz not null default clock_timestamp(),
  primary key (proposal, voter),
  foreign key (proposal, voter) references federation.electorates
);

create table federation.tasks (
  id uuid primary key default gen_random_uuid(),
  conversation uuid not null references federation.missions,
  proposal uuid references federation.proposals,
  title text not null,
  instructions text not null check (length(instructions) <= 65536),
  state text not null check (state in ('proposed', 'approved', 'assigned', 'claimed', 'submitted', 'accepted', 'rejected', 'released', 'expired', 'cancelled')),
  assignee federation.actor_name references federation.actors,
  holder federation.actor_name references federation.actors,
  -- Raised by every claim; every later write of the holder must carry it.
  fence bigint not null default 0,
  lease_until timestamptz,
  reworks int not null default 0,
  reassignments int not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  check ((state = 'claimed') = (lease_until is not null)),
  check (state <> 'claimed' or holder is not null)
);
create index tasks_conversation on federation.tasks (conversation, created_at);
create index tasks_claimed on federation.tasks (lease_until) where state = 'claimed';

create table federation.task_history (
  id bigint generated always as identity primary key,
  task uuid not null references federation.tasks,
  actor federation.actor_name not null,
  from_state text,
  to_state text not null,
  fence bigint not null,
  reason text not null,
  at timestamptz not null default clock_timestamp()
);
create index task_history_task on federation.task_history (task, id);

create table federation.submissions (
  id uuid primary key,
  task uuid not null references federation.tasks,
  fence bigint not null,
  author federation.actor_name not null references federation.actors,
  summary text not null check (length(summary) between 1 and 65536),
  state text not null default 'open' check (state in ('open', 'accepted', 'rejected')),
  reviewer federation.actor_name references federation.actors,
  reason text check (length(reason) <= 65536),
  submitted_at timestamptz not null default clock_timestamp(),
  reviewed_at timestamptz
);
create index submissions_task on federation.submissions (task, submitted_at);

-- Content of submitted files, once per content.
create table federation.files (
  sha256 text primary key,
  content text not null check (length(content) between 1 and 262144)
);

create table federation.submission_files (
  submission uuid not null references federation.submissions,
  path text not null check (
    path ~ '^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*){0,8}$'
    and length(path) <= 200 and path !~* '(^|/)\.git(/|$)'
  ),
  sha256 text not null references federation.files,
  primary key (submission, path)
);

create table federation.episodes (
  id uuid primary key,
  actor federation.actor_name not null references federation.actors,
  conversation uuid references federation.conversations,
  body text not null check (length(body) between 1 and 2000),
  -- Where it came from: `turn` of a model, or `human`. Memory is quoted as data, never as authority.
  source text not null check (length(source) between 1 and 200),
  created_at timestamptz not null default clock_timestamp(),
  words tsvector generated always as (to_tsvector('english', body)) stored
);
create index episodes_words on federation.episodes using gin (words);

create table federation.turns (
  id uuid primary key default gen_random_uuid(),
  actor federation.actor_name not null references federation.actors,
  conversation uuid not null references federation.conversations,
  step int not null,
  attempts int not null default 1,
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  model text,
  tokens_in int not null default 0,
  tokens_out int not null default 0,
  failure text,
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  unique (actor, conversation, step),
  check ((state = 'running') = (ended_at is null))
);
create unique index turns_running on federation.turns (actor, conversation) where state = 'running';
create index turns_conversation on federation.turns (conversation);

create table federation.decisions (
  id bigint generated always as identity primary key,
  conversation uuid not null references federation.conversations,
  phase_no int not null,
  actor federation.actor_name not null references federation.actors,
  head jsonb not null,
  origin text not null check (origin in ('model', 'deadline', 'rule', 'human')),
  probabilities jsonb,
  seed bigint,
  rejected_answers int not null default 0,
  note text not null default '',
  at timestamptz not null default clock_timestamp()
);
create index decisions_conversation on federation.decisions (conversation, id);

create table federation.verdicts (
  id bigint generated always as identity primary key,
  conversation uuid references federation.conversations,
  actor federation.actor_name not null references federation.actors,
  action text not null,
  allowed boolean not null,
  article text,
  reason text not null,
  lawful text not null,
  charter_version int not null,
  at timestamptz not null default clock_timestamp(),
  check (allowed = (article is null))
);
create index verdicts_conversation on federation.verdicts (conversation, id);

-- The recorded outcome of each mutating call: a repeat answers with it and changes nothing.
create table federation.call_outcomes (
  actor federation.actor_name not null references federation.actors,
  call_id text not null check (length(call_id) between 1 and 200),
  command text not null,
  results jsonb,
  at timestamptz not null default clock_timestamp(),
  primary key (actor, call_id)
);
create index call_outcomes_at on federation.call_outcomes (at);

-- The append-only log. Readers order by (xact, id) and stop below the oldest running transaction, so that a late
-- commit is never skipped.
create table federation.events (
  id bigint generated always as identity,
  xact xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  kind text not null,
  actor federation.actor_name,
  conversation uuid,
  subject text,
  data jsonb not null default '{}',
  primary key (xact, id)
);
create index events_conversation on federation.events (conversation, xact, id);

insert into federation.meta (key, value)
values ('log_epoch', gen_random_uuid()::text), ('fingerprint', ''), ('oldest_build', '0.1.0');

insert into federation.actors (name, kind, role, persona)
values ('federation', 'system', 'observer', '{"description": "The runtime itself.", "tendency": ""}');
