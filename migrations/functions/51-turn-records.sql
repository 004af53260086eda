-- What the model of a turn was shown, kept with the turn.
--
-- 1. A prompt quotes messages, also what was said to this actor alone: the record is the turn's own actor's to read, and the
--    commander's. That there was a turn, what was decided in it and under which verdicts, the members of its conversation see.
-- 2. The stable part of a prompt is kept once, under the hash that is made of it here.
-- 3. Every text in it is bounded, and what it names is there: what no node could read would hide the turn from all.

create or replace function federation.keep_record(t federation.turns, p_record jsonb) returns void
language plpgsql set search_path = federation, pg_temp as $$
declare
  v_system text := p_record ->> 'system';
  v_sha256 text := encode(sha256(convert_to(v_system, 'UTF8')), 'hex');
  strange boolean;
begin
  select bool_or(octet_length(o ->> 'key') between 1 and 200 is not true or octet_length(o ->> 'sentence') between 1 and 1000 is not true)
    into strange from jsonb_array_elements(p_record -> 'offered') o;
  if strange or exists (select 1 from unnest(texts(p_record -> 'rejected')) r where octet_length(r) > 100) then
    perform fail('invalid_input', 'the record of a turn names what was offered by a key and a sentence');
  end if;
  insert into system_prompts (sha256, text) values (v_sha256, v_system) on conflict do nothing;
  insert into turn_records (turn, actor, system_prompt, situation, offered, read, rejected)
    values (t.id, t.actor, v_sha256, p_record ->> 'situation',
      (select coalesce(jsonb_agg(jsonb_build_object('key', o ->> 'key', 'sentence', o ->> 'sentence') order by n), '[]')
        from jsonb_array_elements(p_record -> 'offered') with ordinality x (o, n)),
      array(select m.id from messages m where m.conversation = t.conversation and m.id = any (texts(p_record -> 'read')::uuid[]) order by m.seq),
      texts(p_record -> 'rejected'));
end $$;
