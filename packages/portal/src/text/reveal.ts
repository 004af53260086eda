/**
 * Text of models and strangers, made fit to be shown: what would hide or turn it is made visible and named.
 *
 * 1. Nothing is taken away: what cannot be seen is shown as a mark with its name, so that two texts that look the same
 *    are the same.
 * 2. Control characters, escape sequences of terminals, marks that turn the direction of writing, and characters without
 *    a form are such. A line feed and a tab are not, nor is the joiner inside an emoji.
 */
/** `length`: of what the mark stands for, in the text. */
export type Segment =
  | { readonly text: string }
  | { readonly mark: string; readonly name: string; readonly length: number };

const names: ReadonlyMap<number, string> = new Map([
  [0x00ad, "soft hyphen"],
  [0x034f, "grapheme joiner"],
  [0x061c, "Arabic letter mark"],
  [0x115f, "Hangul filler"],
  [0x1160, "Hangul filler"],
  [0x17b4, "invisible vowel"],
  [0x17b5, "invisible vowel"],
  [0x180e, "vowel separator"],
  [0x200b, "zero-width space"],
  [0x200c, "zero-width non-joiner"],
  [0x200d, "zero-width joiner"],
  [0x200e, "left-to-right mark"],
  [0x200f, "right-to-left mark"],
  [0x2028, "line separator"],
  [0x2029, "paragraph separator"],
  [0x202a, "left-to-right embedding"],
  [0x202b, "right-to-left embedding"],
  [0x202c, "end of direction"],
  [0x202d, "left-to-right override"],
  [0x202e, "right-to-left override"],
  [0x2060, "word joiner"],
  [0x2061, "invisible function"],
  [0x2062, "invisible times"],
  [0x2063, "invisible separator"],
  [0x2064, "invisible plus"],
  [0x2066, "left-to-right isolate"],
  [0x2067, "right-to-left isolate"],
  [0x2068, "isolate"],
  [0x2069, "end of isolate"],
  [0x2800, "blank braille"],
  [0x3164, "Hangul filler"],
  [0xfeff, "byte order mark"],
  [0xffa0, "Hangul filler"],
]);

/** Without a form of their own: controls, format characters, separators of lines, and what Unicode says to ignore. */
const invisible =
  /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]--[\t\n\r\u200C\u200D\uFE00-\uFE0F\u{E0100}-\u{E01EF}\u0600-\u0605\u06DD\u08E2]]/v;
/** Joiners belong inside of emoji and of words in scripts that need them; anywhere else they only hide. */
const misplacedJoiner =
  /(?<!\p{Extended_Pictographic}\uFE0F?|\p{Emoji_Modifier}|[[\p{L}\p{M}]--[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]])[\u200C\u200D]|[\u200C\u200D](?!\p{Extended_Pictographic}|[[\p{L}\p{M}]--[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]])/v;
/** One chooses the form of the character before it; more of them carry what nobody is to see. */
const surplusSelector = /(?<=[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]|^)[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/v;
const loneReturn = /\r(?!\n)/v;
const deceptive = new RegExp(
  [invisible, misplacedJoiner, surplusSelector, loneReturn].map((it) => it.source).join("|"),
  "v",
);
const everyDeceptive = new RegExp(deceptive, "gv");

/** The text in pieces: as it is, and marks where something is that one would not see. */
export function reveal(text: string): readonly Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const match of text.matchAll(everyDeceptive)) {
    if (match.index > from) segments.push({ text: text.slice(from, match.index) });
    segments.push(markOf(match[0]));
    from = match.index + match[0].length;
  }
  if (from < text.length) segments.push({ text: text.slice(from) });
  return segments;
}

/** Whether anything in the text needs a mark. */
export function deceives(text: string): boolean {
  return deceptive.test(text);
}

function markOf(character: string): Segment {
  const code = character.codePointAt(0) ?? 0;
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  const { length } = character;
  if (code === 0x1b) return { mark: "ESC", name: `escape, ${hex}`, length };
  if (code >= 0xe0000 && code <= 0xe0fff) return { mark: hex, name: `invisible tag, ${hex}`, length };
  const name = names.get(code) ?? (code < 0xa0 ? "control character" : "invisible character");
  return { mark: hex, name: `${name}, ${hex}`, length };
}
