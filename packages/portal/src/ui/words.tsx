/** Words of models and strangers, as data: every character is there to be seen, and nothing in them does anything. */
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { type Piece, revealPart } from "../text/reveal-part.ts";

/** On one line, and cut: for lists. */
export function Line({ of, max = 300 }: { readonly of: string; readonly max?: number }) {
  const { pieces, rest } = useMemo(
    () => revealPart(of.slice(0, max + 1).replace(/[\r\n\t]+/g, " "), max, 40),
    [of, max],
  );
  return (
    <bdi class="line">
      {drawn(pieces)}
      {rest > 0 || of.length > max + 1 ? "…" : ""}
    </bdi>
  );
}

const step = 20_000;
const piecesAtOnce = 600;

/** Whole, with its lines; a long one in pieces. */
export function Words({ of, first = step }: { readonly of: string; readonly first?: number }) {
  const [times, setTimes] = useState(1);
  const { pieces, rest } = useMemo(
    () => revealPart(of, first + (times - 1) * step, times * piecesAtOnce),
    [of, first, times],
  );
  return (
    <div class="words" dir="auto">
      {drawn(pieces)}
      {rest === 0 ? null : (
        <p>
          <button type="button" class="button quiet" onClick={() => setTimes(times + 1)}>
            Show more ({rest.toLocaleString("en")} characters left)
          </button>
        </p>
      )}
    </div>
  );
}

/** Inside of something that bounds it already. */
export function Revealed({ text }: { readonly text: string }) {
  const { pieces, rest } = useMemo(() => revealPart(text, step, piecesAtOnce), [text]);
  return (
    <>
      {drawn(pieces)}
      {rest > 0 ? ` … (${rest.toLocaleString("en")} characters are not shown)` : ""}
    </>
  );
}

/** No component of its own: a list draws very many lines at once, and nearly all of them are text alone. */
function drawn(pieces: readonly Piece[]): ComponentChildren {
  return pieces.map((piece, index) => ("text" in piece ? piece.text : <Marks key={index} of={piece} />));
}

function Marks({ of }: { readonly of: Extract<Piece, { marks: readonly string[] }> }) {
  const more = of.more === 0 ? "" : ` and ${of.more.toLocaleString("en")} more`;
  return (
    <span class="hidden-character" title={`${of.names.join("; ")}${more}`}>
      <span class="visually-hidden">{`(${of.names.join("; ")}${more})`}</span>
      <span aria-hidden="true">
        {of.marks.join(" ")}
        {more}
      </span>
    </span>
  );
}
