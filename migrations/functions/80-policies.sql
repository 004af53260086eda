-- What a plain SELECT of a daemon's login shows. The doors run as the owner, whom policies do not bind.
--
-- 1. Messages, how far they came, questions to a person, turns, decisions, and what threads are about are seen by the members
--    of their conversation, and by the commander. That there is a mission, and what for, everybody sees.
-- 2. Each condition is evaluated once per statement, not once per row.
-- 3. What a turn's model was shown is seen by the turn's own actor and by the commander (51-turn-records.sql says why).

-- The group of all daemon logins; roles are shared by the databases of a server, so it may be there already.
do $$
begin
  create role federation_daemon nologin;
exception when duplicate_object or unique_violation then null;
end $$;

-- Conversations of the caller's actor and of the actors it hosts.
create or replace function federation.my_conversations() returns setof uuid
language sql stable security definer set search_path = federation, pg_temp as $$
  with mine as (
    select n.actor::text as name from nodes n where n.login = session_user
    union all
    select hosted_by(n.actor) from nodes n where n.login = session_user)
  -- Found by the index: every reading of a table that is kept from strangers begins with this one.
  select m.conversation from mine join members m on m.actor = mine.name
$$;

create or replace function federation.i_see_all() returns boolean
language sql stable security definer set search_path = federation, pg_temp as $$
  select exists (select 1 from nodes n join actors a on a.name = n.actor where n.login = session_user and a.role = 'commander')
$$;

create or replace function federation.my_actor() returns text
language sql stable security definer set search_path = federation, pg_temp as $$
  select actor::text from nodes where login = session_user
$$;

alter table federation.conversations enable row level security;
drop policy if exists members_read on federation.conversations;
create policy members_read on federation.conversations for select to federation_daemon
  using (kind <> 'thread' or (select federation.i_see_all()) or id in (select federation.my_conversations()));

alter table federation.messages enable row level security;
drop policy if exists members_read on federation.messages;
create policy members_read on federation.messages for select to federation_daemon
  using ((select federation.i_see_all()) or conversation in (select federation.my_conversations()));

alter table federation.deliveries enable row level security;
drop policy if exists members_read on federation.deliveries;
create policy members_read on federation.deliveries for select to federation_daemon
  using ((select federation.i_see_all()) or conversation in (select federation.my_conversations()));

alter table federation.approvals enable row level security;
drop policy if exists members_read on federation.approvals;
create policy members_read on federation.approvals for select to federation_daemon
  using ((select federation.i_see_all()) or conversation in (select federation.my_conversations()));

alter table federation.turns enable row level security;
drop policy if exists members_read on federation.turns;
create policy members_read on federation.turns for select to federation_daemon
  using ((select federation.i_see_all()) or conversation in (select federation.my_conversations()));

alter table federation.decisions enable row level security;
drop policy if exists members_read on federation.decisions;
create policy members_read on federation.decisions for select to federation_daemon
  using ((select federation.i_see_all()) or conversation in (select federation.my_conversations()));

alter table federation.turn_records enable row level security;
drop policy if exists own_read on federation.turn_records;
create policy own_read on federation.turn_records for select to federation_daemon
  using ((select federation.i_see_all()) or actor = (select federation.my_actor()));

alter table federation.system_prompts enable row level security;
drop policy if exists own_read on federation.system_prompts;
create policy own_read on federation.system_prompts for select to federation_daemon
  using (sha256 in (select r.system_prompt from federation.turn_records r));
