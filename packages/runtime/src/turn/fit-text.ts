/** Counts or estimates the tokens of a text. */
export type CountTokens = (text: string) => number;

/** Characters of English prose per token, on the careful side. */
export const CHARS_PER_TOKEN = 3.6;

/** An estimate that needs no model: ASCII by the average, anything else at its worst, a token per byte. */
export function estimator(charsPerToken: number): CountTokens {
  return (text) => {
    const bytes = utf8Bytes(text);
    const ascii = countAscii(text);
    return Math.ceil(ascii / charsPerToken + (bytes - ascii));
  };
}

/** Bytes of a text in UTF-8: no tokenizer makes more tokens of it than that. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is four bytes: two per half.
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
  }
  return bytes;
}

function countAscii(text: string): number {
  let ascii = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x80) ascii++;
  return ascii;
}

const CUT = " ...";

/** The first sentences of a text that fit, else its first words, with a mark where something was left out. */
export function fitText(text: string, maxTokens: number, count: CountTokens): string {
  // Nothing beyond this can fit: it keeps the work in bounds for a text of any length.
  const head = text.slice(0, Math.max(0, Math.floor(maxTokens * 16)));
  if (head.length === text.length && count(text) <= maxTokens) return text;
  const bySentence = longestPrefix(head.split(/(?<=[.!?])(?=\s)|(?<=\n)/), maxTokens, count);
  if (bySentence !== "") return bySentence;
  return longestPrefix(head.split(/(?<=\s)/), maxTokens, count) || CUT.trim();
}

function longestPrefix(parts: readonly string[], maxTokens: number, count: CountTokens): string {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (count(parts.slice(0, middle).join("") + CUT) <= maxTokens) low = middle;
    else high = middle - 1;
  }
  const prefix = parts.slice(0, low).join("").trimEnd();
  return prefix === "" ? "" : prefix + CUT;
}
