-- The charter as rows: what an amendment may change in a version, and how the next version comes to be.
--
-- 1. The newest version is in force. Versions are made one at a time, each from the one before it, and never changed.
-- 2. What a parameter may become is bounded by the JSON schema that was shipped with the articles.
-- 3. A version's hash is computed here, over articles, parameters, what is off and the advice.
-- 4. Of a change only what this build knows is kept: a change that a node could not read would stop it.

create or replace function federation.charter_sha256(p_articles jsonb, p_parameters jsonb, p_off text[], p_advisories jsonb) returns text
language sql stable set search_path = federation, pg_temp as $$
  select encode(sha256(convert_to(jsonb_build_object('articles', p_articles, 'parameters', p_parameters, 'off', to_jsonb(p_off),
    'advisories', p_advisories)::text, 'UTF8')), 'hex')
$$;

create or replace function federation.charter_in_force() returns federation.charter_versions
language sql stable set search_path = federation, pg_temp as $$
  select v from charter_versions v order by version desc limit 1
$$;

-- Whether an article is in force: it is there, and no vote has switched it off.
create or replace function federation.article_on(p_article text) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select coalesce((select parameters ? p_article and p_article <> all (off) from charter_versions order by version desc limit 1), false)
$$;

-- Whether a founding vote, or the commander after one that failed, has put the charter in force.
create or replace function federation.charter_ratified() returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select exists (select 1 from charter_versions v left join proposals p on p.id = v.proposal
    where v.how = 'commander' or p.kind = 'ratification')
$$;

-- Whether a value is allowed by a JSON schema. A keyword that is not known here allows nothing.
create or replace function federation.within(p_schema jsonb, p_value jsonb) returns boolean
language plpgsql immutable set search_path = federation, pg_temp as $$
declare
  kind text := jsonb_typeof(p_value);
  n numeric := case when jsonb_typeof(p_value) = 'number' then (p_value #>> '{}')::numeric end;
  keyword text;
  rule jsonb;
  holds boolean;
begin
  if p_value is null or jsonb_typeof(p_schema) is distinct from 'object' then
    return false;
  end if;
  for keyword, rule in select * from jsonb_each(p_schema) loop
    holds := case keyword
      when '$schema' then true
      when 'type' then case rule #>> '{}' when 'integer' then n % 1 = 0 else rule #>> '{}' = kind end
      when 'minimum' then n is null or n >= (rule #>> '{}')::numeric
      when 'maximum' then n is null or n <= (rule #>> '{}')::numeric
      when 'enum' then exists (select 1 from jsonb_array_elements(rule) e where e = p_value)
      when 'maxItems' then case when kind = 'array' then jsonb_array_length(p_value) <= (rule #>> '{}')::int else true end
      when 'items' then case when kind = 'array'
        then (select coalesce(bool_and(within(rule, e)), true) from jsonb_array_elements(p_value) e) else true end
      when 'properties' then case when kind = 'object'
        then (select coalesce(bool_and(within(p.value, p_value -> p.key)), true) from jsonb_each(rule) p where p_value ? p.key)
        else true end
      when 'required' then case when kind = 'object'
        then (select coalesce(bool_and(p_value ? k), true) from jsonb_array_elements_text(rule) k) else true end
      when 'additionalProperties' then case when kind = 'object' and rule = 'false'
        then (select coalesce(bool_and(p_schema -> 'properties' ? k), true) from jsonb_object_keys(p_value) k) else rule = 'false' end
      else false end;
    if holds is not true then
      return false;
    end if;
  end loop;
  return true;
end $$;

-- What the schema says of one parameter, for a person to read.
create or replace function federation.bounds_text(p_bounds jsonb, p_path text[]) returns text
language plpgsql immutable set search_path = federation, pg_temp as $$
declare
  s jsonb := p_bounds;
  step text;
begin
  foreach step in array p_path loop
    s := s -> 'properties' -> step;
  end loop;
  return case
    when s ? 'enum' then 'one of ' || (s ->> 'enum')
    when s ->> 'type' in ('integer', 'number') then format('%s from %s to %s',
      case s ->> 'type' when 'integer' then 'a whole number' else 'a number' end,
      coalesce(s ->> 'minimum', 'any'), coalesce(s ->> 'maximum', 'any'))
    when s ->> 'type' = 'boolean' then 'true or false'
    when s ->> 'type' = 'array' then format('a list of at most %s, each %s', coalesce(s ->> 'maxItems', 'any number'),
      coalesce('one of ' || (s -> 'items' ->> 'enum'), 'a ' || (s -> 'items' ->> 'type')))
    else 'another kind of value' end;
end $$;

-- Length as the nodes count it: in UTF-16 units.
create or replace function federation.units(p_text text) returns int
language sql immutable set search_path = federation, pg_temp as $$
  select length(p_text) + length(regexp_replace(p_text, '[^\U00010000-\U0010FFFF]', '', 'g'))
$$;

-- Whether this is text that the nodes can read: a string, not blank, and not too long.
create or replace function federation.is_text(p_text jsonb, p_max int) returns boolean
language sql immutable set search_path = federation, pg_temp as $$
  select case when jsonb_typeof(p_text) = 'string' then units(p_text #>> '{}') <= p_max
      and p_text #>> '{}' ~ '[^\u0009-\u000d\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]'
    else false end
$$;

-- Why an amendment does not apply to a version of the charter; null when it does.
create or replace function federation.amendment_fault(v federation.charter_versions, p_change jsonb) returns text
language plpgsql stable set search_path = federation, pg_temp as $$
declare
  v_article text := p_change ->> 'article';
  known jsonb;
  path text[];
begin
  if v_article is null or v_article !~ '^[a-z][a-z0-9-]{1,62}$' then
    return 'it names no article';
  end if;
  select a into known from jsonb_array_elements(v.articles) a where a ->> 'id' = v_article;
  case coalesce(p_change ->> 'change', '')
    when 'set_parameter' then
      path := array[v_article] || string_to_array(p_change ->> 'parameter', '.');
      if known is null then
        return format('there is no article %s', v_article);
      end if;
      if (p_change ->> 'parameter' ~ '^[a-zA-Z]+(\.[a-zA-Z]+)?$') is not true or v.parameters #> path is null
         or jsonb_typeof(v.parameters #> path) = 'object' then
        return format('the article %s has no parameter %s', v_article, p_change ->> 'parameter');
      end if;
      if v.parameters #> path = p_change -> 'value' then
        return format('%s is %s already', array_to_string(path, '.'), p_change ->> 'value');
      end if;
      if not within(v.bounds, jsonb_set(v.parameters, path, p_change -> 'value', false)) then
        return format('%s must be %s', array_to_string(path, '.'), bounds_text(v.bounds, path));
      end if;
    when 'switch_on', 'switch_off' then
      if (known -> 'optional') is distinct from 'true' then
        return format('the article %s is not optional', v_article);
      end if;
      if (v_article = any (v.off)) = (p_change ->> 'change' = 'switch_off') then
        return format('the article %s is %s already', v_article, case when v_article = any (v.off) then 'off' else 'in force' end);
      end if;
    when 'add_advisory' then
      if known is not null then
        return format('%s is an enforced article; name the advice otherwise', v_article);
      end if;
      if exists (select 1 from jsonb_array_elements(v.advisories) a where a ->> 'id' = v_article) then
        return format('there is advice named %s already; drop it first', v_article);
      end if;
      if jsonb_array_length(v.advisories) >= 32 then
        return 'there are 32 pieces of advice already; drop one first';
      end if;
      if not is_text(p_change -> 'title', 200) or not is_text(p_change -> 'text', 2000) then
        return 'advice has a title of at most 200 characters and a text of at most 2000';
      end if;
    when 'drop_advisory' then
      if not exists (select 1 from jsonb_array_elements(v.advisories) a where a ->> 'id' = v_article) then
        return format('there is no advice named %s', v_article);
      end if;
    else
      return 'it is no change of a kind that the charter knows';
  end case;
  return null;
end $$;

-- The change without what the nodes do not know of.
create or replace function federation.plain_amendment(p_change jsonb) returns jsonb
language sql immutable set search_path = federation, pg_temp as $$
  select coalesce(jsonb_object_agg(c.key, c.value), '{}') from jsonb_each(p_change) c
   where c.key in ('change', 'article')
      or c.key in ('parameter', 'value') and p_change ->> 'change' = 'set_parameter'
      or c.key in ('title', 'text') and p_change ->> 'change' = 'add_advisory'
$$;

-- Whether a change needs the commander's yes.
create or replace function federation.is_entrenched(p_kind text, p_change jsonb) returns boolean
language sql stable set search_path = federation, pg_temp as $$
  select p_kind = 'amendment' and exists (select 1 from jsonb_array_elements((charter_in_force()).articles) a
    where a ->> 'id' = p_change ->> 'article' and a -> 'entrenched' = 'true')
$$;

-- The next version; the caller holds the lock on the versions.
create or replace function federation.next_charter(
  p_from federation.charter_versions, p_parameters jsonb, p_off text[], p_advisories jsonb,
  p_how text, p_proposal uuid, p_motive text, p_by text
) returns int
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_off text[] := coalesce((select array_agg(x order by x) from unnest(p_off) x), '{}');
begin
  insert into charter_versions (version, articles, parameters, off, advisories, bounds, how, proposal, motive, adopted_by, sha256)
    values (p_from.version + 1, p_from.articles, p_parameters, v_off, p_advisories, p_from.bounds, p_how, p_proposal, p_motive, p_by,
      charter_sha256(p_from.articles, p_parameters, v_off, p_advisories));
  perform emit('CharterChanged', p_by, (select conversation from proposals where id = p_proposal), (p_from.version + 1)::text,
    jsonb_build_object('version', p_from.version + 1, 'how', p_how, 'proposal', p_proposal,
      'sha256', (select sha256 from charter_versions where version = p_from.version + 1)));
  return p_from.version + 1;
end $$;

-- Puts what was voted for in force. Answers why not, when it no longer applies to the version that is in force by now.
create or replace function federation.enact_charter(p federation.proposals) returns text
language plpgsql set search_path = federation, pg_temp as $$
declare
  v charter_versions;
  c jsonb := p.change;
  parameters jsonb;
  off text[];
  advisories jsonb;
  fault text;
begin
  lock table charter_versions in share row exclusive mode;
  v := charter_in_force();
  if p.kind = 'ratification' then
    if charter_ratified() then
      return 'the charter has been ratified already';
    end if;
    if (c ->> 'version')::int is distinct from v.version then
      return format('the vote was on version %s of the charter, and version %s is in force', c ->> 'version', v.version);
    end if;
    perform next_charter(v, v.parameters, v.off, v.advisories, 'vote', p.id, p.motive, p.author);
    return null;
  end if;
  fault := amendment_fault(v, c);
  if fault is not null then
    return fault;
  end if;
  parameters := case c ->> 'change' when 'set_parameter'
    then jsonb_set(v.parameters, array[c ->> 'article'] || string_to_array(c ->> 'parameter', '.'), c -> 'value', false)
    else v.parameters end;
  off := case c ->> 'change' when 'switch_off' then v.off || (c ->> 'article') when 'switch_on' then array_remove(v.off, c ->> 'article')
    else v.off end;
  advisories := case c ->> 'change'
    when 'add_advisory' then v.advisories || jsonb_build_array(jsonb_build_object('id', c -> 'article', 'title', c -> 'title', 'text', c -> 'text'))
    when 'drop_advisory' then (select coalesce(jsonb_agg(a.value order by a.ordinality), '[]')
      from jsonb_array_elements(v.advisories) with ordinality a where a.value ->> 'id' <> c ->> 'article')
    else v.advisories end;
  perform next_charter(v, parameters, off, advisories, 'vote', p.id, p.motive, p.author);
  return null;
end $$;

-- After a founding vote that found no majority the commander may put the charter in force, on record as such.
create or replace function federation.op_ratify_charter(me text, op jsonb) returns jsonb
language plpgsql set search_path = federation, pg_temp as $$
declare
  v charter_versions;
  v_version int;
begin
  perform 1 from actors where name = me and kind = 'human' and role = 'commander';
  if not found then
    perform refuse('amendments', 'only the commander adopts the charter without a vote');
  end if;
  if not is_text(op -> 'reason', 4000) then
    perform fail('invalid_input', 'the reason has from 1 to 4000 characters');
  end if;
  lock table charter_versions in share row exclusive mode;
  v := charter_in_force();
  if charter_ratified() then
    perform refuse('amendments', 'the charter has been ratified already');
  end if;
  if exists (select 1 from missions m join proposals p on p.conversation = m.conversation
      where p.kind = 'ratification' and m.phase <> 'closed') then
    perform refuse('amendments', 'the founding vote is still open');
  end if;
  -- A vote that was withdrawn or vetoed was not lost.
  if not exists (select 1 from missions m join proposals p on p.conversation = m.conversation
      where p.kind = 'ratification' and m.outcome = 'rejected') then
    perform refuse('amendments', 'the charter is put to the vote first; the commander adopts it when that vote has failed');
  end if;
  v_version := next_charter(v, v.parameters, v.off, v.advisories, 'commander', null, op ->> 'reason', me);
  return jsonb_build_object('id', v_version::text);
end $$;
