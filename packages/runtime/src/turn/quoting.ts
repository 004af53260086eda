/**
 * What others wrote, as data inside a prompt.
 *
 * 1. A quoted text is one JSON string on one line, in which `<` and `>` and every control, format and separator
 *    character are escapes: it can neither end its string, nor its line, nor close the fence, nor spell a marker of a
 *    chat template.
 * 2. The fence carries a nonce of the prompt, made after the text was written.
 * 3. Who wrote a text is said by the label, and the label comes from the rows.
 */
export interface QuotedLine {
  /** Sender and role from the rows, or what the text is. */
  readonly label: string;
  readonly text: string;
}

const UNSAFE = /[<>\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** A text as one JSON string that is inert in a prompt; `JSON.parse` gives it back. */
export function encodeText(text: string): string {
  // JSON's own short escapes come first (\n, \", \\), so no raw control character is left but those it knows not.
  return JSON.stringify(text).replace(UNSAFE, (c) =>
    Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""),
  );
}

export const fenceOpen = (nonce: string): string => `<<data ${nonce}`;
export const fenceClose = (nonce: string): string => `data ${nonce}>>`;

export function quoteLine(line: QuotedLine): string {
  return `${line.label}: ${encodeText(line.text)}`;
}

/** Lines as one fenced block. */
export function quoteBlock(nonce: string, lines: readonly string[]): string {
  return [fenceOpen(nonce), ...lines, fenceClose(nonce)].join("\n");
}
