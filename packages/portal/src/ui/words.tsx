/** Words of models and strangers, as data: every character is there to be seen, and nothing in them does anything. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { deceives, reveal } from "../text/reveal.ts";
import { cut } from "../text/segments.ts";

/** On one line, and cut: for lists. */
export function Line({ of, max = 300 }: { readonly of: string; readonly max?: number }) {
  const { shown, rest } = cut(of, max);
  return (
    <bdi class="line">
      {revealed(shown.replace(/[\r\n\t]+/g, " "))}
      {rest > 0 ? "…" : ""}
    </bdi>
  );
}

const step = 20_000;

/** Whole, with its lines; a long one in pieces. */
export function Words({ of, first = step }: { readonly of: string; readonly first?: number }) {
  const [max, setMax] = useState(first);
  const { shown, rest } = cut(of, max);
  return (
    <div class="words" dir="auto">
      <Revealed text={shown} />
      <More rest={rest} onMore={() => setMax(max + step)} />
    </div>
  );
}

export function More({ rest, onMore }: { readonly rest: number; readonly onMore: () => void }) {
  if (rest === 0) return null;
  return (
    <p>
      <button type="button" class="button quiet" onClick={onMore}>
        Show more ({rest.toLocaleString("en")} characters left)
      </button>
    </p>
  );
}

export function Revealed({ text }: { readonly text: string }) {
  return <>{revealed(text)}</>;
}

/** Most of what is said hides nothing, and is text alone. */
function revealed(text: string): ComponentChildren {
  if (!deceives(text)) return text;
  return reveal(text).map((it, index) =>
    "text" in it ? (
      it.text
    ) : (
      <span key={index} class="hidden-character" title={it.name}>
        <span class="visually-hidden">{`(${it.name})`}</span>
        <span aria-hidden="true">{it.mark}</span>
      </span>
    ),
  );
}
