-- Path patterns of tasks: the language of core/tasks/path-scope.ts, in SQL.
--
-- 1. Both say the same of every pattern and every pair; a test holds them against each other.
-- 2. Whether two patterns have a path in common is exact: where both can be anything between two places, only what is
--    before the first and after the last of these decides.
-- 3. Two live claims never overlap in their paths: who makes a claim with paths live does it under one lock, which is
--    taken before any row.

create or replace function federation.texts(list jsonb) returns text[]
language sql immutable set search_path = federation, pg_temp as $$
  select coalesce(array_agg(x), '{}') from jsonb_array_elements_text(case when jsonb_typeof(list) = 'array' then list else '[]' end) x
$$;

-- What is wrong with a scope, or null. The language is that of core/tasks/path-scope.ts.
create or replace function federation.scope_fault(p_scope text[]) returns text
language sql immutable set search_path = federation, pg_temp as $$
  select coalesce(
    case when cardinality(p_scope) > 64 then 'a scope has at most 64 patterns' end,
    case when length(array_to_string(p_scope, '')) > 4096 then 'a scope has at most 4096 characters in all' end,
    (select format('%s is no path pattern: relative, segments between /, no wildcards but * within and ** as a segment', to_json(left(p, 80)))
       from unnest(p_scope) p
      where coalesce(length(p), 0) not between 1 and 200 or p !~ '\S' or p ~ '[\u0001-\u001f\u007f-\u009f\\?{}]' or p ~ '[][]' or p ~ '^!'
         or p ~ '^/|/$|//' or p ~ '(^|/)\.\.?(/|$)'
         or exists (select 1 from unnest(string_to_array(p, '/')) s where s <> '**' and s like '%**%')
      limit 1))
$$;

-- Whether two segments of patterns have a name in common. Where both have a wildcard, what is before the first and after
-- the last decides: between them anything can stand.
create or replace function federation.segments_meet(a text, b text) returns boolean
language sql immutable set search_path = federation, pg_temp as $$
  select case
    when strpos(a, '*') = 0 and strpos(b, '*') = 0 then a = b
    when strpos(a, '*') = 0 then a like like_of(b)
    when strpos(b, '*') = 0 then b like like_of(a)
    else starts_with(split_part(a, '*', 1), split_part(b, '*', 1)) or starts_with(split_part(b, '*', 1), split_part(a, '*', 1)) end
    and (strpos(a, '*') = 0 or strpos(b, '*') = 0
      or starts_with(reverse(split_part(a, '*', -1)), reverse(split_part(b, '*', -1)))
      or starts_with(reverse(split_part(b, '*', -1)), reverse(split_part(a, '*', -1))))
$$;

create or replace function federation.like_of(segment text) returns text
language sql immutable set search_path = federation, pg_temp as $$
  select replace(replace(replace(segment, '%', '\%'), '_', '\_'), '*', '%')
$$;

-- The segments of a pattern; at the end ** stands for what is below a folder, not for the folder's own name.
create or replace function federation.segments_of(p_pattern text) returns text[]
language sql immutable set search_path = federation, pg_temp as $$
  select string_to_array(p_pattern, '/') || case when p_pattern ~ '(^|/)\*\*$' then array['*'] else '{}'::text[] end
$$;

-- Whether a path can match both patterns.
create or replace function federation.patterns_meet(p_a text, p_b text) returns boolean
language plpgsql immutable set search_path = federation, pg_temp as $$
declare
  a text[] := segments_of(p_a);
  b text[] := segments_of(p_b);
  n int;
  m int;
  -- reached[j]: the first i segments of a, and the first j of b, can be read alike.
  reached boolean[];
  below boolean[];
begin
  if '**' = any (b) and not '**' = any (a) then
    return patterns_meet(p_b, p_a);
  end if;
  n := cardinality(a);
  m := cardinality(b);
  if not '**' = any (a) then
    return n = m and not exists (select 1 from generate_series(1, n) i where not segments_meet(a[i], b[i]));
  end if;
  if '**' = any (b) then
    -- Between the first run and the last anything can stand, as within a segment.
    for i in 1 .. least(array_position(a, '**'), array_position(b, '**')) - 1 loop
      if not segments_meet(a[i], b[i]) then
        return false;
      end if;
    end loop;
    for i in 0 .. least(n - (array_positions(a, '**'))[cardinality(array_positions(a, '**'))],
                        m - (array_positions(b, '**'))[cardinality(array_positions(b, '**'))]) - 1 loop
      if not segments_meet(a[n - i], b[m - i]) then
        return false;
      end if;
    end loop;
    return true;
  end if;
  reached := array_fill(false, array[m + 1]);
  reached[1] := true;
  for i in 1 .. n loop
    below := array_fill(false, array[m + 1]);
    for j in 1 .. m + 1 loop
      if a[i] = '**' then
        below[j] := reached[j] or (j > 1 and below[j - 1]);
      elsif j > 1 and reached[j - 1] then
        below[j] := segments_meet(a[i], b[j - 1]);
      end if;
    end loop;
    reached := below;
  end loop;
  return reached[m + 1];
end $$;

-- A task without patterns has reserved no path, and overlaps with nobody.
create or replace function federation.scopes_overlap(a text[], b text[]) returns boolean
language sql immutable set search_path = federation, pg_temp as $$
  select exists (select 1 from unnest(a) x, unnest(b) y where patterns_meet(x, y))
$$;

-- Taken before the row of a task with paths whose claim may become live.
create or replace function federation.lock_paths(p_task uuid) returns void
language plpgsql set search_path = federation, pg_temp as $$
begin
  perform 1 from tasks where id = p_task and cardinality(scope) > 0;
  if found then
    -- A row, and no advisory lock: those any login could hold.
    perform 1 from meta where key = 'lock_paths' for update;
  end if;
end $$;
