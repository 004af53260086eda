-- Pages of browsers: let in by a ticket, and back again by secrets that follow one another.
-- Breaks: nothing. Oldest build still served: 0.1.0.
--
-- 1. A secret is never here, only its SHA-256.
-- 2. Of a page's secrets one is current, at most one is the one that it replaced, and all others are spent.

create table federation.page_sessions (
  id uuid primary key default gen_random_uuid(),
  -- The token that its ticket was issued under: it lives no longer.
  credential uuid not null references federation.credentials,
  origin text not null check (length(origin) between 1 and 300),
  -- Names its latest return, to the node where that was; null: it has what its ticket opened.
  opening uuid unique,
  -- It returned by the secret that had been replaced, while the current one was not used yet.
  behind boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  used_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  -- Why it ended.
  reason text not null default '' check (length(reason) <= 200),
  check ((ended_at is null) = (reason = '')),
  check (not behind or opening is not null)
);
create index page_sessions_credential on federation.page_sessions (credential);

create table federation.page_secrets (
  sha256 bytea primary key check (length(sha256) = 32),
  session uuid not null references federation.page_sessions on delete cascade,
  -- Later is greater.
  n bigint generated always as identity,
  state text not null default 'current' check (state in ('current', 'replaced', 'spent'))
);
create unique index page_secrets_current on federation.page_secrets (session) where state = 'current';
create unique index page_secrets_replaced on federation.page_secrets (session) where state = 'replaced';
create index page_secrets_session on federation.page_secrets (session, n);

-- The page that the session of a ticket became. It goes with the page: what it opened is over then.
alter table federation.tickets add column page uuid references federation.page_sessions on delete cascade;
create index tickets_page on federation.tickets (page);
