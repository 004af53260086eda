import { MAX_SITUATION, MAX_SYSTEM_PROMPT, type TurnRecord } from "@federation/core";
import { utf8Bytes } from "./fit-text.ts";
import type { TurnPrompt } from "./turn-prompt.ts";

/**
 * What the model of a turn is given, as it goes on record. It is bounded here, as the database bounds it: no turn fails
 * because its prompt was long.
 */
export function turnRecord(
  { system, situation }: TurnPrompt,
  /** How the choice was asked for; null where there was nothing to choose. */
  ask: string | null,
  options: readonly { readonly id: string; readonly sentence: string }[],
): TurnRecord {
  return {
    system: cut(system, MAX_SYSTEM_PROMPT),
    situation: cut(ask === null ? situation.text : `${situation.text}\n${ask}`, MAX_SITUATION),
    offered: options.map(({ id, sentence }) => ({ key: cut(id, MAX_KEY), sentence: cut(sentence, MAX_SENTENCE) })),
    read: situation.messages.slice(-MAX_READ),
    rejected: [],
  };
}

const MAX_KEY = 200;
const MAX_SENTENCE = 1_000;
const MAX_READ = 512;

/** The beginning of a text, of at most so many bytes; half a character, which no row can hold, is a replacement character. */
function cut(text: string, maxBytes: number): string {
  const whole = text.toWellFormed();
  if (utf8Bytes(whole) <= maxBytes) return whole;
  // A UTF-16 unit is three bytes at most.
  return whole.slice(0, Math.floor(maxBytes / 3)).toWellFormed();
}
