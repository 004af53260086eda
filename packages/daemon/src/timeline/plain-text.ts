/**
 * Untrusted text, made fit for a terminal.
 *
 * 1. Nothing that comes out moves the cursor, colours, rings, links, or turns the direction of writing: escape
 *    sequences, control characters, bidirectional controls and invisible tags are gone.
 * 2. `oneLine` has no line break in any of Unicode's forms, so that no text can draw a line of its own.
 */
import { stripVTControlCharacters } from "node:util";

/** Control characters but tab and line feed. */
const controls = /[\p{Cc}--[\t\n]]/gv;
/** Marks, embeddings, overrides and isolates of direction; the byte order mark; tags; other invisible formatting. */
const invisible =
  /[\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;
const loneSurrogates = /\p{Cs}/gu;

export function plainText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replace(controls, "")
    .replace(invisible, "")
    .replace(loneSurrogates, "\uFFFD");
}

export function oneLine(text: string): string {
  return plainText(text).replace(/\s+/g, " ").trim();
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
/** What terminals draw two columns wide: East Asian scripts, full-width forms, emoji. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}|\uFE0F/u;

/** Columns that plain text takes on a terminal. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

/** Plain text cut to `columns`, with an ellipsis where something is missing. */
export function cutToColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = "";
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += wide.test(segment) ? 2 : 1;
    if (used > columns - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

export function padToColumns(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}
