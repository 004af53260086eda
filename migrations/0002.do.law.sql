-- The Charter as executable law: motions, errands, amendments, evidence, sealed verdicts, signing keys.
-- Breaks: builds that do not know the four new articles. Oldest build still served: 0.1.0 (none of them was released).
--
-- 1. A motion and an errand are rows of `missions`: they share its phases, duties, deadlines and reconciler.
-- 2. What was sealed is not changed: a seal covers verdicts in log order and the seal before it.

alter table federation.conversations
  drop constraint conversations_kind_check,
  add constraint conversations_kind_check check (kind in ('thread', 'mission', 'motion', 'errand'));

alter table federation.missions
  add column kind text not null default 'mission' check (kind in ('mission', 'motion', 'errand')),
  -- The repository its result is committed to, by the name nodes know it under, and the paths it may touch.
  add column repository text check (repository ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  add column scope text[] not null default '{}' check (cardinality(scope) <= 64),
  drop constraint missions_phase_check,
  add constraint missions_phase_check check (phase in
    ('propose', 'critique', 'vote', 'veto', 'assign', 'implement', 'review', 'synthesise', 'closed')),
  drop constraint missions_outcome_check,
  add constraint missions_outcome_check check (outcome in
    ('accepted', 'not_accepted', 'not_done', 'no_proposal', 'no_decision', 'unassigned', 'vetoed', 'enacted', 'rejected', 'withdrawn'));

alter table federation.charter_versions
  -- Optional articles that are not in force.
  add column off text[] not null default '{}',
  -- Not enforced, shown to models and people: [{id, title, text}].
  add column advisories jsonb not null default '[]',
  -- JSON schema of the parameters, from the build that shipped the articles: what an amendment may set.
  add column bounds jsonb not null default '{}',
  add column how text not null default 'shipped' check (how in ('shipped', 'vote', 'commander')),
  add column proposal uuid references federation.proposals,
  add column motive text not null default '' check (length(motive) <= 4000);

alter table federation.proposals
  add column kind text not null default 'plan' check (kind in ('plan', 'amendment', 'ratification', 'decision', 'task')),
  add column change jsonb,
  add column motive text not null default '' check (length(motive) <= 4000),
  drop constraint proposals_state_check,
  add constraint proposals_state_check check (state in ('open', 'voting', 'accepted', 'rejected', 'adopted', 'vetoed', 'withdrawn')),
  add constraint proposals_change_check check ((change is not null) = (kind in ('amendment', 'ratification', 'task')));

alter table federation.tasks
  add column kind text not null default 'feature' check (kind in ('feature', 'fix', 'chore', 'study')),
  add column priority int not null default 0 check (priority between -10 and 10),
  add column due_at timestamptz,
  -- Path patterns the holder may write; none: any.
  add column scope text[] not null default '{}' check (cardinality(scope) <= 64),
  add column pool boolean not null default false,
  add column created_by federation.actor_name references federation.actors,
  -- Whom a human took it over from, while they have it.
  add column taken_from federation.actor_name references federation.actors,
  add column assigned_at timestamptz,
  add column first_claimed_at timestamptz;

-- A task is claimed when what it needs is accepted.
create table federation.task_needs (
  task uuid not null references federation.tasks,
  needs uuid not null references federation.tasks,
  primary key (task, needs),
  check (task <> needs)
);

alter table federation.submissions
  add column evidence text[] not null default '{}' check (cardinality(evidence) <= 16),
  -- The commit that holds its files, once there is one.
  add column commit text check (commit ~ '^[0-9a-f]{40,64}$');

-- A paused node takes no turn; it delivers, and answers calls.
alter table federation.nodes
  add column paused_at timestamptz,
  add column paused_by federation.actor_name references federation.actors,
  add column pause_reason text check (length(pause_reason) <= 2000),
  add constraint nodes_pause_check check ((paused_at is null) = (paused_by is null));

-- In the order of the log, so that a late commit is never left out of the chain.
alter table federation.verdicts add column xact xid8 not null default pg_current_xact_id();
create index verdicts_log on federation.verdicts (xact, id);

create table federation.verdict_seals (
  n bigint primary key,
  -- The last verdict it covers.
  upto_xact xid8 not null,
  upto_id bigint not null,
  verdicts int not null check (verdicts > 0),
  -- sha256 over the seal before and the covered rows.
  sha256 bytea not null check (length(sha256) = 32),
  sealed_at timestamptz not null default clock_timestamp()
);

-- SSH keys that sign an actor's commits.
create table federation.signing_keys (
  fingerprint text primary key check (length(fingerprint) between 8 and 200),
  actor federation.actor_name not null references federation.actors,
  public_key text not null unique check (length(public_key) between 32 and 4000),
  created_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz
);
create index signing_keys_actor on federation.signing_keys (actor);

create table federation.git_records (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  recorded_by federation.actor_name not null references federation.actors,
  -- Whose signature it is about; null when there are several, or none that is known.
  actor federation.actor_name references federation.actors,
  kind text not null check (kind in ('human_merge', 'push_accepted', 'push_refused')),
  commit text check (commit ~ '^[0-9a-f]{40,64}$'),
  ref text not null check (length(ref) <= 400),
  reason text not null check (length(reason) <= 4000)
);


-- Locked as rows by what must happen one at a time: a login that writes no table cannot lock them.
insert into federation.meta (key, value) values ('lock_seals', ''), ('lock_paths', ''), ('lock_ratification', '');

-- For what the reconciler and the overdue view look for.
create index proposals_voting on federation.proposals (conversation) where state in ('open', 'voting');
create index proposals_ratification on federation.proposals (conversation) where kind = 'ratification';
create index tasks_open on federation.tasks (conversation)
  where state in ('proposed', 'approved', 'assigned', 'claimed', 'submitted', 'released', 'expired');
create index call_outcomes_unended on federation.call_outcomes (at) where results is null;
