/**
 * Untrusted text where only a string will do: the label of a choice, a name for a screen reader, the title of a page.
 *
 * 1. What one would not see is named in brackets, as it is where it is drawn; a run of it is one mark that says how many.
 * 2. Bounded: such a place shows a line, and nobody can scroll it.
 */
import { type Piece, revealPart } from "./reveal-part.ts";

export function plainly(text: string, maxLength = 300): string {
  const { pieces, rest } = revealPart(text, maxLength, 60);
  return pieces.map(asText).join("") + (rest > 0 ? "…" : "");
}

function asText(piece: Piece): string {
  if ("text" in piece) return piece.text;
  return piece.marks.map((it) => `[${it}]`).join("") + (piece.more > 0 ? `[+${piece.more} more]` : "");
}
