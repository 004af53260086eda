import { z } from "zod";

/**
 * Text as it may enter the mesh: bounded, and storable as PostgreSQL text.
 *
 * 1. No NUL (PostgreSQL cannot hold it) and no lone surrogate (it has no UTF-8 form).
 * 2. Every length is bounded here, before anything reads the text.
 */
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Characters of one message, critique, submission summary or report. */
export const MAX_TEXT = 65_536;
/** Characters of a title. */
export const MAX_TITLE = 200;
/** Characters of one submitted file. */
export const MAX_FILE = 262_144;
/** Bytes of the stable part of a turn's prompt on record, and of the situation. */
export const MAX_SYSTEM_PROMPT = 65_536;
export const MAX_SITUATION = 262_144;
/** Files of one submission. */
export const MAX_FILES = 16;

/** Non-empty text of at most `max` characters, without NUL and lone surrogates. */
export function textSchema(max: number): z.ZodType<string, string> {
  return z
    .string()
    .min(1, "must not be empty")
    .max(max, `must have at most ${max} characters`)
    .refine((text) => !text.includes("\0"), "must not contain NUL characters")
    .refine((text) => !LONE_SURROGATE.test(text), "must not contain lone surrogates")
    .refine((text) => text.trim().length > 0, "must not be blank");
}

/**
 * Depth of nesting in JSON text, found without parsing it: a parser may recurse, this does not. Every frame passes through
 * here, and most of it is text: strings are leapt over.
 */
export function jsonDepth(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < json.length; i++) {
    switch (json.charCodeAt(i)) {
      case quote:
        i = endOfString(json, i);
        break;
      case openBrace:
      case openBracket:
        depth += 1;
        if (depth > deepest) deepest = depth;
        break;
      case closeBrace:
      case closeBracket:
        depth -= 1;
    }
  }
  return deepest;
}

const [quote, backslash, openBrace, openBracket, closeBrace, closeBracket] = [0x22, 0x5c, 0x7b, 0x5b, 0x7d, 0x5d];

/** Where the string ends that begins at `from`: at a quote before which no odd number of backslashes stands. */
function endOfString(json: string, from: number): number {
  for (let i = from; ; ) {
    i = json.indexOf('"', i + 1);
    if (i === -1) return json.length;
    let before = i;
    while (json.charCodeAt(before - 1) === backslash) before -= 1;
    if ((i - before) % 2 === 0) return i;
  }
}

/** Deepest nesting of JSON that any edge of the mesh accepts. */
export const MAX_JSON_DEPTH = 32;
