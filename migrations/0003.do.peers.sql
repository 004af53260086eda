-- Peers from outside: tokens with scopes, tickets, actors without a daemon, approvals, reloads.
-- Breaks: nothing. Oldest build still served: 0.1.0.
--
-- 1. A secret is never here: tokens and tickets are kept as SHA-256.
-- 2. An approval and a reload have an owner and a deadline like every other waiting row.

alter table federation.credentials
  add column label text not null default '' check (length(label) <= 100),
  -- read: queries; act: commands; manage: tokens, actors, nodes.
  add column scopes text[] not null default '{read,act,manage}'
    check (cardinality(scopes) between 1 and 3 and scopes <@ array['read', 'act', 'manage']),
  add column issued_by federation.actor_name references federation.actors,
  -- The one that took its place when it was rotated.
  add column replaced_by uuid references federation.credentials;
create index credentials_actor on federation.credentials (actor);

-- A ticket opens one session of its issuer, once, for a client that can send no header.
create table federation.tickets (
  token_sha256 bytea primary key check (length(token_sha256) = 32),
  credential uuid not null references federation.credentials,
  -- The browser origin it is good for; none: a client that sends no origin.
  origin text check (length(origin) between 1 and 300),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at timestamptz
);

alter table federation.hosting
  -- The tokens that clients of the actor showed at this host: what it may do there, and with the last of them nothing.
  add column credentials uuid[] not null default '{}' check (cardinality(credentials) <= 100),
  add column since timestamptz not null default clock_timestamp();

-- A question to a person that is answered once, with yes or no.
create table federation.approvals (
  id uuid primary key,
  conversation uuid not null references federation.conversations,
  asked_by federation.actor_name not null references federation.actors,
  whom federation.actor_name not null references federation.actors,
  question text not null check (length(question) between 1 and 4000),
  state text not null default 'open' check (state in ('open', 'approved', 'denied', 'expired', 'withdrawn')),
  reason text not null default '' check (length(reason) <= 4000),
  created_at timestamptz not null default clock_timestamp(),
  deadline timestamptz not null,
  closed_at timestamptz,
  check ((state = 'open') = (closed_at is null)),
  check (asked_by <> whom)
);
create index approvals_open on federation.approvals (deadline) where state = 'open';
create index approvals_whom on federation.approvals (whom, created_at);

-- One replacement of a node's logic: who asked, and how it ended.
create table federation.reloads (
  id uuid primary key,
  node federation.actor_name not null references federation.nodes,
  -- Null: a signal or a changed file, at the machine itself.
  asked_by federation.actor_name references federation.actors,
  state text not null default 'asked' check (state in ('asked', 'reloaded', 'failed', 'expired')),
  -- Where it failed, and why.
  stage text check (stage in ('start', 'health', 'switch', 'probation', 'refused')),
  reason text not null default '' check (length(reason) <= 2000),
  took_ms int,
  asked_at timestamptz not null default clock_timestamp(),
  deadline timestamptz not null,
  closed_at timestamptz,
  check ((state = 'asked') = (closed_at is null)),
  check ((stage is not null) = (state = 'failed'))
);
create unique index reloads_asked on federation.reloads (node) where state = 'asked';
