-- Turns laid open: what a model was shown, what it was about, and which decisions and verdicts belong to it.
-- Breaks: nothing. Oldest build still served: 0.1.0.
--
-- 1. What a model was shown is kept with its turn; the stable part once per content, so that the situations are what grows.
-- 2. A verdict names its turn beside what is sealed: no seal covers the name, and those of before come out as they did.

alter table federation.turns
  -- The duty it was about, also where it does not count as one of the duty's turns.
  add column obligation uuid references federation.obligations;
create index turns_started on federation.turns (started_at);
create index turns_ended on federation.turns (ended_at);
create index turns_obligation on federation.turns (obligation) where obligation is not null;

-- The stable head of prompts (charter and persona), once per content.
create table federation.system_prompts (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  text text not null check (octet_length(text) between 1 and 65536)
);

-- What the model of a turn was given, and what of its answers was thrown away.
create table federation.turn_records (
  turn uuid primary key references federation.turns,
  -- The turn's own: whose record it is to read.
  actor federation.actor_name not null references federation.actors,
  system_prompt text not null references federation.system_prompts,
  situation text not null check (octet_length(situation) between 1 and 262144),
  -- [{key, sentence}]: every action that was offered.
  offered jsonb not null check (jsonb_typeof(offered) = 'array' and jsonb_array_length(offered) <= 64),
  -- Messages of the conversation whose text was in it.
  read uuid[] not null check (cardinality(read) <= 512),
  rejected text[] not null check (cardinality(rejected) <= 16)
);
create index turn_records_system_prompt on federation.turn_records (system_prompt);

alter table federation.decisions add column turn uuid references federation.turns;
create index decisions_turn on federation.decisions (turn) where turn is not null;
create index decisions_actor on federation.decisions (actor, id);

alter table federation.verdicts add column turn uuid references federation.turns;
create index verdicts_turn on federation.verdicts (turn) where turn is not null;

-- The latest reload of each node is asked for with every roster.
create index reloads_node on federation.reloads (node, asked_at);
