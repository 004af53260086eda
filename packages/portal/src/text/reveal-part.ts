/**
 * As much of an untrusted text as is shown at once: a text of a quarter of a megabyte is data, and no reason to stand
 * still.
 *
 * 1. What follows one another without a form is one mark that says how many there are.
 * 2. Bounded are the characters and the pieces: each piece is an element of the page.
 */
import { reveal } from "./reveal.ts";

export type Piece =
  | { readonly text: string }
  | { readonly marks: readonly string[]; readonly names: readonly string[]; readonly more: number };

export interface Part {
  readonly pieces: readonly Piece[];
  /** Characters that are not shown. */
  readonly rest: number;
}

/** Of a run of marks, how many are named. */
const namedMarks = 4;

export function revealPart(text: string, maxLength: number, maxPieces = 600): Part {
  const shown = text.slice(0, cutAt(text, maxLength));
  const pieces: Piece[] = [];
  let used = 0;
  for (const segment of reveal(shown)) {
    const last = pieces.at(-1);
    if ("text" in segment) {
      if (pieces.length >= maxPieces) break;
      pieces.push(segment);
      used += segment.text.length;
    } else if (last !== undefined && "marks" in last) {
      pieces[pieces.length - 1] = grown(last, segment.mark, segment.name);
      used += segment.length;
    } else {
      if (pieces.length >= maxPieces) break;
      pieces.push({ marks: [segment.mark], names: [segment.name], more: 0 });
      used += segment.length;
    }
  }
  return { pieces, rest: text.length - used };
}

function grown(run: Extract<Piece, { marks: readonly string[] }>, mark: string, name: string): Piece {
  return run.marks.length < namedMarks
    ? { marks: [...run.marks, mark], names: [...run.names, name], more: 0 }
    : { ...run, more: run.more + 1 };
}

function cutAt(text: string, max: number): number {
  if (text.length <= max) return text.length;
  // Not between the halves of a pair.
  return /[\uD800-\uDBFF]/.test(text.charAt(max - 1)) ? max - 1 : max;
}
